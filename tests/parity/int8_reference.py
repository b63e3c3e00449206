"""int8_reference.py -- an exported C file of 8-bit numbers run by numpy, from the formulas of docs/formats.md.

The file is read for its numbers (arrays, the table of layers, the calls of NAME_predict) and not for its functions.
"""
import re

import numpy

ARRAY = re.compile(r"^static const (int8_t|output|term|layer) (\w+)\[\d+\] = \{(.*?)^\};", re.M | re.S)
TABLE = re.compile(r"static const int8_t numbers\[3\]\[256\] = \{(.*?)^    \};", re.M | re.S)
CALL = re.compile(r"^    (\w+)\(&layers\[(\d+)\](.*)\);$", re.M)
NAME = re.compile(r"/\* ([\w.]+), scale (\S+) to (\S+) \*/")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
WIDTHS = {"int8_t": 1, "output": 3, "term": 5, "layer": 16}
GEOMETRY = ("height width channels step zero to_height to_width to_channels to_step to_zero "
            "kernel stride pad dilation offset rectify").split()
SUM_BITS = 20


def whole(text):
    return numpy.array([int(number) for number in re.findall(r"-?\d+", COMMENT.sub("", text))], numpy.int64)


def half_away(x):
    """The nearest whole number, halves away from zero."""
    return numpy.sign(x) * numpy.floor(numpy.abs(x) + 0.5)


def multiplier_of(real):
    """(M, s) with real = M 2^(s - 31)."""
    fraction, exponent = numpy.frexp(real)
    m = int(half_away(fraction * 2.0**31))
    m, exponent = (m // 2, exponent + 1) if m == 2**31 else (m, exponent)
    return (0, 0) if exponent < -31 else (2**31 - 1, 30) if exponent > 30 else (m, int(exponent))


def scaled(x, m, s):
    """x M 2^(s - 31): to the nearest, halves up; then by the negative shift, halves away from zero."""
    x, m, s = numpy.broadcast_arrays(*(numpy.asarray(v, numpy.int64) for v in (x, m, s)))
    x = numpy.clip(x << numpy.maximum(s, 0), -2**31, 2**31 - 1)
    high = numpy.minimum((x * m + 2**30) >> 31, 2**31 - 1)
    right = numpy.maximum(-s, 0)
    return numpy.sign(high) * ((numpy.abs(high) + ((1 << right) >> 1)) >> right)


class Network:
    def __init__(self, text):
        self.arrays = {}
        for kind, name, body in ARRAY.findall(text):
            self.arrays[name] = whole(body).reshape(-1, WIDTHS[kind]) if WIDTHS[kind] > 1 else whole(body)
        self.layers = [dict(zip(GEOMETRY, map(int, row))) for row in self.arrays["layers"]]
        self.names = [(name, *(float(numpy.float32(scale)) for scale in scales))
                      for name, *scales in NAME.findall(text)]
        self.table = whole(TABLE.search(text)[1]).reshape(3, 256)
        self.calls = [(name, int(i), [word.strip() for word in rest.split(",")[1:]])
                      for name, i, rest in CALL.findall(text)]
        self.activations = numpy.zeros(1 << 20, numpy.int64)

    def place(self, word, pixels, logits):
        """(numbers, where they begin) of an argument."""
        if word in ("pixels", "logits"):
            return {"pixels": pixels, "logits": logits}[word], 0
        return self.activations, int(word.split("+")[1])

    def logits(self, picture):
        """int8 [classes] of a picture, uint8 [side, side, 3]."""
        pixels = numpy.stack([self.table[c][picture[:, :, c]] for c in range(3)], 2).ravel()
        logits = numpy.zeros(self.layers[-1]["to_channels"], numpy.int64)
        for name, i, words in self.calls:
            l = self.layers[i]
            if name == "clear":
                y, = words
            elif name == "node":
                _, y, _, terms, outputs = words
                sums = self.node(l, self.arrays[terms])
            else:
                x, y, *more = words
                arrays = [self.arrays.get(word, word) for word in more]
                outputs = more[-1]
                sums = getattr(self, name)(l, self.read(l, *self.place(x, pixels, logits)), *arrays[:-1])
            if name == "clear":
                q = numpy.full((l["to_height"], l["to_width"], l["to_channels"]), l["to_zero"])
            else:
                bias, m, s = self.arrays[outputs].T
                assert numpy.abs(sums + bias).max() < 2**31
                q = numpy.clip(scaled(sums + bias, m, s) + l["to_zero"], -128, 127)
            self.write(l, q, *self.place(y, pixels, logits))
        return logits.astype(numpy.int8)

    @staticmethod
    def index(height, width, channels, step, first):
        return first + numpy.arange(height * width).reshape(height, width, 1) * step + numpy.arange(channels)

    def read(self, l, numbers, first):
        x = numbers[self.index(l["height"], l["width"], l["channels"], l["step"], first)] - l["zero"]
        return numpy.maximum(x, 0) if l["rectify"] else x

    def write(self, l, q, numbers, first):
        numbers[self.index(l["to_height"], l["to_width"], l["to_channels"], l["to_step"], first)] = q

    @staticmethod
    def taps(l, x):
        """(numbers, is inside) of every tap: [to_height, to_width, channels], [to_height, to_width, 1]."""
        for a in range(l["kernel"]):
            for b in range(l["kernel"]):
                rows = numpy.arange(l["to_height"]) * l["stride"] - l["pad"] + a * l["dilation"] + l["offset"]
                columns = numpy.arange(l["to_width"]) * l["stride"] - l["pad"] + b * l["dilation"] + l["offset"]
                inside = ((rows >= 0) & (rows < l["height"]))[:, None] & ((columns >= 0) & (columns < l["width"]))
                found = x[rows.clip(0, l["height"] - 1)][:, columns.clip(0, l["width"] - 1)]
                yield found, inside[:, :, None]

    def convolve(self, l, x, weights):
        w = weights.reshape(l["to_channels"], -1, l["channels"])
        return sum((found * inside) @ w[:, tap].T for tap, (found, inside) in enumerate(self.taps(l, x)))

    def depthwise(self, l, x, weights):
        w = weights.reshape(-1, l["channels"])
        return sum(found * inside * w[tap] for tap, (found, inside) in enumerate(self.taps(l, x)))

    def pool(self, l, x, average, weights):
        taps = list(self.taps(l, x))
        if int(average) == 0:
            pooled = numpy.max([numpy.where(inside, found, -1000) for found, inside in taps], 0)
        else:
            count = sum(inside.astype(numpy.int64) for _, inside in taps)
            assert (int(average) % count == 0).all()
            pooled = sum(found * inside for found, inside in taps) * (int(average) // count)
        return pooled * weights

    @staticmethod
    def mean(l, x):
        return x.sum((0, 1), keepdims=True)

    def node(self, l, terms):
        total = 0
        for at, step, zero, m, s in terms.tolist():
            index = self.index(l["to_height"], l["to_width"], l["to_channels"], step, at)
            total = total + scaled((self.activations[index] - zero) << SUM_BITS, m, s)
        return total


def quantised(weight, bias, x_scale, y_scale):
    """(q, outputs) as they stand in the file of weights [channels, ...] and a bias, all in single precision."""
    w, b = weight.reshape(len(weight), -1).astype(numpy.float64), bias.astype(numpy.float64)
    scale = numpy.maximum(numpy.abs(w).max(1) / 127, numpy.abs(b) / x_scale / 2**30)
    q = numpy.clip(half_away(w / scale[:, None]), -127, 127)
    rows = [(half_away(b[c] / (x_scale * scale[c])), *multiplier_of(x_scale * scale[c] / y_scale))
            for c in range(len(w))]
    return q.astype(numpy.int64).reshape(weight.shape), numpy.array(rows, numpy.int64)
