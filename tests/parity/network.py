"""network.py -- the supernet and the child as PyTorch modules; state_dict names are those of the published code.

A child is Network(child={"normal": [[("sep_conv_3x3", 0), ...] a node, ...], "reduce": ...}, pool_norm=...); without a
child it is the supernet, whose forward takes z = {"normal": [14, 8], "reduce": [14, 8]}. stem is "cifar" or "imagenet";
with auxiliary=True forward returns a second output in training. drop_path is the share of pictures for which an edge is
left out in training, the others scaled up, as the published supernet does it. Bench is NAS-Bench-201's network, child
or supernet, whose z has one key, "cell" [6, 5]. Also a reader and a writer of safetensors.
"""
import json
import struct

import numpy
import torch
from torch import nn

NAMES = [
    "none", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3",
    "dil_conv_5x5"
]
EDGES = [(j, i) for i in range(4) for j in range(2 + i)]  # (source state, node)
DTYPES = {"F32": numpy.float32, "F64": numpy.float64, "I64": numpy.int64}


class Block(nn.Module):
    """relu, convolution, norm under the name `op`; the same for every candidate that is a row of modules."""

    def __init__(self, *modules):
        super().__init__()
        self.op = nn.Sequential(*modules)

    def forward(self, x):
        return self.op(x)


class Halved(nn.Module):
    """Two 1x1 convolutions of stride 2, one pixel apart, side by side."""

    def __init__(self, c_in, c_out, affine):
        super().__init__()
        self.conv_1 = nn.Conv2d(c_in, c_out // 2, 1, 2, bias=False)
        self.conv_2 = nn.Conv2d(c_in, c_out // 2, 1, 2, bias=False)
        self.bn = nn.BatchNorm2d(c_out, affine=affine)

    def forward(self, x):
        x = torch.relu(x)
        return self.bn(torch.cat([self.conv_1(x), self.conv_2(x[:, :, 1:, 1:])], 1))


class Zero(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return 0 * x[:, :, ::self.stride, ::self.stride]


def unit(c, kernel, stride, spread, affine):
    """relu, depthwise, pointwise, norm."""
    pad = spread * (kernel // 2)
    return [
        nn.ReLU(),
        nn.Conv2d(c, c, kernel, stride, pad, spread, groups=c, bias=False),
        nn.Conv2d(c, c, 1, bias=False),
        nn.BatchNorm2d(c, affine=affine)
    ]


def candidate(name, c, stride, affine, pool_norm):
    if name == "none":
        return Zero(stride)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else Halved(c, c, affine)
    kernel = int(name[-1])
    if "pool" in name:
        pool = nn.MaxPool2d(kernel, stride, 1) if name.startswith("max") else nn.AvgPool2d(
            kernel, stride, 1, count_include_pad=False)
        return Block(pool, nn.BatchNorm2d(c, affine=affine)) if pool_norm else Block(pool)
    if name.startswith("dil"):
        return Block(*unit(c, kernel, stride, 2, affine))
    return Block(*unit(c, kernel, stride, 1, affine), *unit(c, kernel, 1, 1, affine))


class Path:
    """Weights [E, K]; of an edge only the candidate at `drawn` runs. bare: to its output the others add their own
    weights, as the published code of GDAS has it."""

    def __init__(self, weights, drawn, bare):
        self.weights, self.drawn, self.bare = weights, drawn, bare

    def __getitem__(self, e):
        return Path(self.weights[e], self.drawn[e], self.bare)


def weighted(ops, x, z):
    """The candidates of an edge, weighted: all, or of a path the drawn one."""
    if not isinstance(z, Path):
        return sum(w * op(x) for w, op in zip(z, ops))
    y = z.weights[z.drawn] * ops[z.drawn](x)
    return y + sum(w for k, w in enumerate(z.weights) if k != z.drawn) if z.bare else y


class Mixed(nn.Module):
    """The candidates of an edge."""

    def __init__(self, c, stride, affine):
        super().__init__()
        self._ops = nn.ModuleList(candidate(n, c, stride, affine, True) for n in NAMES)

    def forward(self, x, weights):
        return weighted(self._ops, x, weights)


class Cell(nn.Module):
    def __init__(self, kind, c_in, c, halved_before, child, pool_norm, affine, drop_path):
        super().__init__()
        self.kind, self.drop_path = kind, drop_path
        before = [Halved(c_in[0], c, affine)] if halved_before else []
        before += [
            Block(nn.ReLU(), nn.Conv2d(n, c, 1, bias=False), nn.BatchNorm2d(c, affine=affine))
            for n in c_in[len(before):]
        ]
        self.preprocess0, self.preprocess1 = before
        if child is None:
            self.edges = EDGES
            self._ops = nn.ModuleList(Mixed(c, self.stride(j), affine) for j, _ in EDGES)
        else:
            genes = [(name, j, i) for i, node in enumerate(child[kind]) for name, j in node]
            self.edges = [(j, i) for _, j, i in genes]
            self._ops = nn.ModuleList(candidate(n, c, self.stride(j), affine, pool_norm) for n, j, _ in genes)

    def stride(self, source):
        return 2 if self.kind == "reduce" and source < 2 else 1

    def edge(self, e, x, z):
        y = self._ops[e](x) if z is None else self._ops[e](x, z[self.kind][e])
        if self.training and self.drop_path > 0:
            keep = 1 - self.drop_path
            y.div_(keep).mul_(torch.empty(len(x), 1, 1, 1).bernoulli_(keep))
        return y

    def forward(self, s0, s1, z):
        states = [self.preprocess0(s0), self.preprocess1(s1)]
        n, c, h, w = states[0].shape
        half = 2 if self.kind == "reduce" else 1
        for node in range(4):
            parts = [self.edge(e, states[j], z) for e, (j, i) in enumerate(self.edges) if i == node]
            states.append(sum(parts) if parts else states[0].new_zeros(n, c, h // half, w // half))
        return torch.cat(states[2:], 1)


class Auxiliary(nn.Module):
    def __init__(self, c, classes, stem):
        super().__init__()
        second = [nn.BatchNorm2d(768)] if stem == "cifar" else []
        pool = nn.AvgPool2d(5, 3 if stem == "cifar" else 2, 0, count_include_pad=False)
        self.features = nn.Sequential(nn.ReLU(), pool, nn.Conv2d(c, 128, 1, bias=False), nn.BatchNorm2d(128), nn.ReLU(),
                                      nn.Conv2d(128, 768, 2, bias=False), *second, nn.ReLU())
        self.classifier = nn.Linear(768, classes)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class Network(nn.Module):

    def __init__(self, channels, cells, classes, child=None, pool_norm=True, affine=False, stem="cifar",
                 auxiliary=False, drop_path=0.0):
        super().__init__()
        affine = affine or child is not None
        c = channels
        if stem == "cifar":
            self.stem = nn.Sequential(nn.Conv2d(3, 3 * c, 3, 1, 1, bias=False), nn.BatchNorm2d(3 * c))
            widths = [3 * c, 3 * c]
        else:
            self.stem0 = nn.Sequential(nn.Conv2d(3, c // 2, 3, 2, 1, bias=False), nn.BatchNorm2d(c // 2), nn.ReLU(),
                                       nn.Conv2d(c // 2, c, 3, 2, 1, bias=False), nn.BatchNorm2d(c))
            self.stem1 = nn.Sequential(nn.ReLU(), nn.Conv2d(c, c, 3, 2, 1, bias=False), nn.BatchNorm2d(c))
            widths = [c, c]
        self.cells, halved, self.head_behind = nn.ModuleList(), stem == "imagenet", 2 * cells // 3
        for i in range(cells):
            reduces = i in (cells // 3, 2 * cells // 3)
            c *= 2 if reduces else 1
            self.cells.append(Cell("reduce" if reduces else "normal", widths, c, halved, child, pool_norm, affine,
                                   drop_path))
            widths, halved = [widths[1], 4 * c], reduces
            if auxiliary and i == self.head_behind:
                self.auxiliary_head = Auxiliary(4 * c, classes, stem)
        self.classifier = nn.Linear(4 * c, classes)
        if child is None:
            self.normal_log_alpha = nn.Parameter(torch.zeros(len(EDGES), len(NAMES)))
            self.reduce_log_alpha = nn.Parameter(torch.zeros(len(EDGES), len(NAMES)))

    def forward(self, x, z=None):
        if hasattr(self, "stem"):
            s0 = s1 = self.stem(x)
        else:
            s0 = self.stem0(x)
            s1 = self.stem1(s0)
        head = None
        for i, cell in enumerate(self.cells):
            s0, s1 = s1, cell(s0, s1, z)
            if i == self.head_behind and self.training and hasattr(self, "auxiliary_head"):
                head = self.auxiliary_head(s1)
        logits = self.classifier(s1.mean((2, 3)))
        return logits if head is None else (logits, head)


BENCH_NAMES = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
BENCH_EDGES = [(j, i) for i in range(3) for j in range(1 + i)]


def bench_candidate(name, c, affine):
    if name == "none":
        return Zero(1)
    if name == "skip_connect":
        return nn.Identity()
    if name == "avg_pool_3x3":
        return Block(nn.AvgPool2d(3, 1, 1, count_include_pad=False))
    kernel = int(name[-1])
    return Block(nn.ReLU(), nn.Conv2d(c, c, kernel, 1, kernel // 2, bias=False), nn.BatchNorm2d(c, affine=affine))


class BenchMixed(nn.Module):
    def __init__(self, c):
        super().__init__()
        self._ops = nn.ModuleList(bench_candidate(n, c, False) for n in BENCH_NAMES)

    def forward(self, x, weights):
        return weighted(self._ops, x, weights)


class BenchCell(nn.Module):
    def __init__(self, c, child):
        super().__init__()
        if child is None:
            self._ops = nn.ModuleList(BenchMixed(c) for _ in BENCH_EDGES)
        else:
            self.layers = nn.ModuleList(bench_candidate(name, c, True) for node in child["cell"] for name, _ in node)

    def forward(self, x, z):
        states = [x, 0, 0, 0]
        for e, (j, i) in enumerate(BENCH_EDGES):
            y = self.layers[e](states[j]) if z is None else self._ops[e](states[j], z["cell"][e])
            states[i + 1] = states[i + 1] + y
        return states[3]


class Residual(nn.Module):
    def __init__(self, c_in, c):
        super().__init__()

        def half(inside, stride):
            return Block(nn.ReLU(), nn.Conv2d(inside, c, 3, stride, 1, bias=False), nn.BatchNorm2d(c))
        self.conv_a, self.conv_b = half(c_in, 2), half(c, 1)
        self.downsample = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(c_in, c, 1, bias=False))

    def forward(self, x, z):
        return self.downsample(x) + self.conv_b(self.conv_a(x))


class Bench(nn.Module):
    def __init__(self, channels, cells, classes, child=None):
        super().__init__()
        c = channels
        self.stem = nn.Sequential(nn.Conv2d(3, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c))
        self.cells = nn.ModuleList()
        for i in range(cells):
            if i in (cells // 3, 2 * cells // 3):
                self.cells.append(Residual(c, 2 * c))
                c *= 2
            else:
                self.cells.append(BenchCell(c, child))
        self.lastact = nn.Sequential(nn.BatchNorm2d(c), nn.ReLU())
        self.classifier = nn.Linear(c, classes)
        if child is None:
            self.cell_log_alpha = nn.Parameter(torch.zeros(len(BENCH_EDGES), len(BENCH_NAMES)))

    def forward(self, x, z=None):
        x = self.stem(x)
        for cell in self.cells:
            x = cell(x, z)
        return self.classifier(self.lastact(x).mean((2, 3)))


def load_tensors(path):
    """({name: tensor}, {metadata})"""
    with open(path, "rb") as file:
        content = file.read()
    length = struct.unpack_from("<Q", content)[0]
    header, out = json.loads(content[8:8 + length]), {}
    metadata = header.pop("__metadata__", {})
    for name, entry in header.items():
        first, last = (8 + length + at for at in entry["data_offsets"])
        flat = numpy.frombuffer(content[first:last], DTYPES[entry["dtype"]])
        out[name] = torch.from_numpy(flat.copy().reshape(entry["shape"]))
    return out, metadata


def save_tensors(path, tensors):
    header, blobs, at = {}, [], 0
    for name, t in tensors.items():
        data = t.detach().contiguous().numpy().tobytes()
        dtype = next(k for k, v in DTYPES.items() if t.numpy().dtype == v)
        header[name] = {"dtype": dtype, "shape": list(t.shape), "data_offsets": [at, at + len(data)]}
        blobs.append(data)
        at += len(data)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def relative_distance(a, b):
    """|a - b| / |b|, all numbers as one vector, in double precision."""
    return float((a.double() - b.double()).norm() / b.double().norm())
