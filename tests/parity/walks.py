"""walks.py -- the networks of the cases, each one walk over pictures [N, C, H, W] in PyTorch.

The walk asks a `Store` for every parameter by its name; on the first walk the store makes it, later walks get the same
numbers in double or single precision.
"""
import collections
import math

import torch
import torch.nn.functional as F

import philox

# A candidate: its steps in order, and elements of memory moved an output element at stride 1 and 2.
CANDIDATES = {
    "none": ([], (0, 0)),
    "max_pool_3x3": (["max", "pool_norm"], (2, 5)),
    "avg_pool_3x3": (["avg", "pool_norm"], (2, 5)),
    "skip_connect": (["skip"], (2, 9)),
    "sep_conv_3x3": (["relu", "dw3", "pw", "norm", "relu", "dw3/1", "pw", "norm"], (8, 11)),
    "sep_conv_5x5": (["relu", "dw5", "pw", "norm", "relu", "dw5/1", "pw", "norm"], (8, 11)),
    "dil_conv_3x3": (["relu", "dw3x2", "pw", "norm"], (4, 7)),
    "dil_conv_5x5": (["relu", "dw5x2", "pw", "norm"], (4, 7)),
    "nor_conv_1x1": (["relu", "conv1", "norm"], (2, 5)),
    "nor_conv_3x3": (["relu", "conv3", "norm"], (2, 5)),
    "bare_avg_pool_3x3": (["avg"], (2, 5)),
}
NAMES = list(CANDIDATES)[:8]
Space = collections.namedtuple("Space", "names edges types")  # an edge: (source state, node), in order
SPACES = {
    "darts": Space(NAMES, [(j, i) for i in range(4) for j in range(2 + i)], ("normal", "reduce")),
    "nas-bench-201": Space(["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "bare_avg_pool_3x3"],
                           [(j, i) for i in range(3) for j in range(1 + i)], ("cell",)),
}
TYPES = SPACES["darts"].types


def space_of(spec):
    return SPACES[spec.get("space", "darts")]


class Store:
    """Parameters by name, in one number type, and which of them a walk has asked for; running statistics, which go on
    from walk to walk (None: they stay); masks of drop path; which candidates of a mixed edge run (methods.py)."""

    def __init__(self, dtype, known=None):
        self.dtype, self.known, self.values, self.running = dtype, known, {}, {}
        self.masks, self.path, self.touched = None, None, {}

    def drop_path(self, probability, place, count):
        """From here on edges are masked by the numbers at place = (seed, step)."""
        self.masks = (1 - probability, philox.uniforms(place[0], philox.DROP_PATH, place[1]),
                      count) if probability > 0 else None

    def mask(self):
        """The next edge's mask [N, 1, 1, 1]: 1 / keep with probability keep, else 0; None: no drop path."""
        if self.masks is None:
            return None
        keep, numbers, count = self.masks
        return torch.tensor([1 / keep if next(numbers) < keep else 0.0 for _ in range(count)],
                            dtype=self.dtype).view(-1, 1, 1, 1)

    def get(self, name, shape, low, high):
        if name not in self.values:
            made = self.known[name] if self.known is not None else short(low + (high - low) * torch.rand(shape))
            self.values[name] = made.to(self.dtype, copy=True).requires_grad_()
        self.touched[name] = True
        return self.values[name]

    def conv(self, x, name, out, kernel, **window):
        inside = x.shape[1] // window.get("groups", 1)
        bound = 1 / math.sqrt(inside * kernel * kernel)
        return F.conv2d(x, self.get(f"{name}.weight", (out, inside, kernel, kernel), -bound, bound), **window)

    def norm(self, x, name, affine):
        c = x.shape[1]
        gamma = self.get(f"{name}.weight", (c,), 0.5, 1.5) if affine else None
        beta = self.get(f"{name}.bias", (c,), -0.3, 0.3) if affine else None
        mean, var = None, None
        if self.running is not None:
            mean = self.running.setdefault(f"{name}.running_mean", torch.zeros(c, dtype=self.dtype))
            var = self.running.setdefault(f"{name}.running_var", torch.ones(c, dtype=self.dtype))
        return F.batch_norm(x, mean, var, gamma, beta, training=True, momentum=0.1, eps=1e-5)


def short(t):
    """Numbers of eight bits: a golden file then packs well."""
    mantissa, exponent = torch.frexp(t)
    return torch.ldexp(torch.round(mantissa * 256) / 256, exponent)


def halved(store, x, prefix, out, affine):
    """Factorized reduction: two 1x1 convolutions that see alternate pixels."""
    r = torch.relu(x)
    parts = [store.conv(v, f"{prefix}.conv_{i}", out // 2, 1, stride=2) for i, v in ((1, r), (2, r[:, :, 1:, 1:]))]
    return store.norm(torch.cat(parts, 1), f"{prefix}.bn", affine)


def candidate(store, name, prefix, x, stride, affine, pool_norm):
    c, start = x.shape[1], x
    for place, step in enumerate(CANDIDATES[name][0]):
        here = f"{prefix}.op.{place}"
        if step == "relu":
            x = torch.relu(x)
        elif step == "norm" or (step == "pool_norm" and pool_norm):
            x = store.norm(x, here, affine)
        elif step == "pw":
            x = store.conv(x, here, c, 1)
        elif step == "max":
            x = F.max_pool2d(x, 3, stride, 1)
        elif step == "avg":
            x = F.avg_pool2d(x, 3, stride, 1, count_include_pad=False)
        elif step == "skip":
            return start if stride == 1 else halved(store, x, prefix, c, affine)
        elif step.startswith("conv"):
            x = store.conv(x, here, c, int(step[4]), stride=stride, padding=int(step[4]) // 2)
        elif step.startswith("dw"):
            kernel, spread = int(step[2]), 2 if step.endswith("x2") else 1
            x = store.conv(x, here, c, kernel, stride=1 if step.endswith("/1") else stride,
                           padding=spread * (kernel // 2), dilation=spread, groups=c)
    return x


def mixed(store, prefix, names, x, stride, z):
    """The candidates of a supernet's edge one by one, weighted and under one mask. Of one path only the drawn one runs;
    the others may add their bare weights."""
    mask, drawn = store.mask(), None if store.path is None else int(z.argmax())
    for k, name in enumerate(names):
        if drawn is not None and k != drawn:
            y = z[k] if store.path == "numbers" else None
        elif name != "none":
            y = z[k] * candidate(store, name, f"{prefix}._ops.{k}", x, stride, False, True)
        else:
            y = None
        if y is not None:
            yield y if mask is None else mask * y


def chosen(store, prefix, name, x, stride, pool_norm):
    """The operation of a child's edge, masked unless it is `none` or the identity: none or one."""
    if name != "none":
        mask = store.mask() if name != "skip_connect" or stride == 2 else None
        y = candidate(store, name, prefix, x, stride, True, pool_norm)
        yield y if mask is None else mask * y


def cell(store, index, inputs, place, spec, z):
    affine = spec["genotype"] is not None
    pool_norm = not (affine and spec["no_pool_bn"])
    kind, c, after_reduction = place
    states = []
    for i, x in enumerate(inputs):
        prefix = f"cells.{index}.preprocess{i}"
        if i == 0 and after_reduction:
            states.append(halved(store, x, prefix, c, affine))
        else:
            y = store.conv(torch.relu(x), f"{prefix}.op.1", c, 1)
            states.append(store.norm(y, f"{prefix}.op.2", affine))
    side, edge = states[0].shape[2] // (2 if kind == "reduce" else 1), 0
    for node in range(4):
        total = torch.zeros(states[0].shape[0], c, side, side, dtype=store.dtype)
        genes = spec["genotype"][kind][node] if affine else [(None, j) for j in range(2 + node)]
        for name, j in genes:
            stride = 2 if kind == "reduce" and j < 2 else 1
            prefix = f"cells.{index}._ops.{edge}"
            for y in (mixed(store, prefix, NAMES, states[j], stride, z[kind][edge]) if name is None else
                      chosen(store, prefix, name, states[j], stride, pool_norm)):
                total = total + y
            edge += 1
        states.append(total)
    return torch.cat(states[2:], 1)


def bench_cell(store, index, x, z):
    """A cell of NAS-Bench-201's supernet."""
    states = [x] + [torch.zeros_like(x)] * 3
    space = SPACES["nas-bench-201"]
    for e, (j, i) in enumerate(space.edges):
        for y in mixed(store, f"cells.{index}._ops.{e}", space.names, states[j], 1, z["cell"][e]):
            states[i + 1] = states[i + 1] + y
    return states[3]


def block(store, index, x, c):
    """The residual block between two stages."""
    a = x
    for name, stride in (("conv_a", 2), ("conv_b", 1)):
        prefix = f"cells.{index}.{name}.op"
        a = store.norm(store.conv(torch.relu(a), f"{prefix}.1", c, 3, stride=stride, padding=1), f"{prefix}.2", True)
    return a + store.conv(F.avg_pool2d(x, 2), f"cells.{index}.downsample.1", c, 1)


def places(spec):
    """(type, channels, does a reduction stand before) of every cell; the type of a residual block is None."""
    at, c, out, before = {spec["cells"] // 3, 2 * spec["cells"] // 3}, spec["channels"], [], False
    names = ("normal", "reduce") if space_of(spec) is SPACES["darts"] else ("cell", None)
    for i in range(spec["cells"]):
        c *= 2 if i in at else 1
        out.append((names[i in at], c, before))
        before = i in at
    return out


def linear(store, name, features, classes):
    bound = 1 / math.sqrt(features.shape[1])
    return F.linear(features, store.get(f"{name}.weight", (classes, features.shape[1]), -bound, bound),
                    store.get(f"{name}.bias", (classes,), -bound, bound))


def auxiliary(store, x, classes):
    """The published head after cell 2L/3, on features of 8 x 8."""
    x = F.avg_pool2d(torch.relu(x), 5, 3)
    for place, width, kernel in ((2, 128, 1), (5, 768, 2)):
        prefix = "auxiliary_head.features"
        x = torch.relu(store.norm(store.conv(x, f"{prefix}.{place}", width, kernel), f"{prefix}.{place + 1}", True))
    return linear(store, "auxiliary_head.classifier", x.flatten(1), classes)


def walk(store, spec, images, z):
    """The logits, and those of the auxiliary classifier or None."""
    bench, head = space_of(spec) is not SPACES["darts"], None
    x = store.norm(store.conv(images, "stem.0", (1 if bench else 3) * spec["channels"], 3, padding=1), "stem.1", True)
    states = (x, x)
    for i, place in enumerate(places(spec)):
        if bench:
            made = block(store, i, states[1], place[1]) if place[0] is None else bench_cell(store, i, states[1], z)
        else:
            made = cell(store, i, states, place, spec, z)
        states = states[1], made
        if i == 2 * spec["cells"] // 3 and spec.get("auxiliary", 0) > 0:
            head = auxiliary(store, made, spec["classes"])
    last = torch.relu(store.norm(states[1], "lastact.0", True)) if bench else states[1]
    return linear(store, "classifier", last.mean((2, 3)), spec["classes"]), head
