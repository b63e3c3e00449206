#!/usr/bin/env python3
"""oracle.py -- a training step of a supernet or a child in PyTorch, written down as a case for `snas verify`.

usage: oracle.py CASE.safetensors[.gz] [--child FILE] [--channels C] ...      one case
       oracle.py --random N --seed S --into FOLDER                            N cases of any kind

A network is one walk over pictures [N, C, H, W]. The walk asks a `Store` for every parameter by its name; on the first
walk the store makes it, later walks get the same numbers in double or single precision. What a case file holds is said
in include/snas/judge/verify.h. A child file is JSON: {"normal": [[["sep_conv_3x3", 0], ...] a node, ...], "reduce":
...}.
"""
import argparse
import collections
import gzip
import json
import math
import os
import random
import struct

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
KEPT_BITS = 34  # of a golden number's 53: 3e-11, far below what `snas verify --double` allows
# What single precision may get wrong in a random case: all gradients as one, and one alone. Beyond it the network is a
# chaos (few pixels, many cells), or a gradient is zero but for rounding: then PyTorch's doubles are not certain either.
TOO_WILD = {"grad_all": 1e-3, "grad_max": 0.1}


def space_of(spec):
    return SPACES[spec.get("space", "darts")]


class Store:
    """Parameters by name, in one number type; running statistics as they stand after the walk; masks of drop path."""

    def __init__(self, dtype, known=None):
        self.dtype, self.known, self.values, self.running = dtype, known, {}, {}
        self.masks = None

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
        return self.values[name]

    def conv(self, x, name, out, kernel, **window):
        inside = x.shape[1] // window.get("groups", 1)
        bound = 1 / math.sqrt(inside * kernel * kernel)
        return F.conv2d(x, self.get(f"{name}.weight", (out, inside, kernel, kernel), -bound, bound), **window)

    def norm(self, x, name, affine):
        c = x.shape[1]
        mean, var = torch.zeros(c, dtype=self.dtype), torch.ones(c, dtype=self.dtype)
        gamma = self.get(f"{name}.weight", (c,), 0.5, 1.5) if affine else None
        beta = self.get(f"{name}.bias", (c,), -0.3, 0.3) if affine else None
        y = F.batch_norm(x, mean, var, gamma, beta, training=True, momentum=0.1, eps=1e-5)
        self.running.update({f"{name}.running_mean": mean, f"{name}.running_var": var})
        return y


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
    """The candidates of a supernet's edge one by one, weighted and under one mask."""
    mask = store.mask()
    for k, name in enumerate(names):
        if name != "none":
            y = z[k] * candidate(store, name, f"{prefix}._ops.{k}", x, stride, False, True)
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
    states = [x, 0, 0, 0]
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


def price(name, c, y, stride):
    """Size, FLOPs and memory access of a candidate with outputs [c, y, y]."""
    steps, traffic = CANDIDATES[name]
    size = sum(c * int(s[2]) ** 2 if s.startswith("dw") else c * c if s == "pw" else
               c * c * int(s[4]) ** 2 if s.startswith("conv") else 0 for s in steps)
    size += c * c if name == "skip_connect" and stride == 2 else 0
    area = y * y
    return size, size * area + (9 * area * c if "pool" in name else 0), traffic[stride - 1] * area * c + size


def cost_tables(spec):
    """(type, edge, [K, 3]) of every edge of every cell: size, FLOPs and memory access of its candidates."""
    space, side = space_of(spec), spec["image"]
    for kind, c, _ in places(spec):
        side //= 2 if kind in ("reduce", None) else 1
        for e, (source, _) in enumerate(space.edges if kind is not None else ()):
            stride = 2 if kind == "reduce" and source < 2 else 1
            yield kind, e, torch.tensor([price(n, c, side, stride) for n in space.names], dtype=torch.float64)


def edge_price(spec, costs):
    """r of an edge whose costs are (size, FLOPs, memory access)."""
    s, f, m = costs
    if spec["log_penalty"]:
        return sum(torch.log(t) for t in (s, f, m) if t > 1) / 3
    return 0.43 * (2 * s + f / 4000 + m / 100)


def cells_of(spec):
    """How many cells each type has."""
    return {t: sum(kind == t for kind, _, _ in places(spec)) for t in space_of(spec).types}


def resource(spec, z):
    """R = mean over the normal cells + mean over the reduction cells, of the sum over edges."""
    sums, counts = {t: 0.0 for t in space_of(spec).types}, cells_of(spec)
    for kind, e, table in cost_tables(spec):
        sums[kind] = sums[kind] + edge_price(spec, z[kind][e].double() @ table)
    return sum(sums[t] / counts[t] for t in sums)


def policy_gradient(spec, scores, logits, tau):
    """What has the gradient sum_e R_e d log p(z_e) / d logits: the reward of an edge times its log density, z held.

    scores: (logits + gumbel) / tau of each type. log z comes from them, since z itself underflows in float32.
    """
    space, counts, loss = space_of(spec), cells_of(spec), 0.0
    tables = list(cost_tables(spec))
    for t in space.types:
        log_z, a = torch.log_softmax(scores[t].detach().double(), 1), logits[t].double()
        z = log_z.exp()
        rewards = [0.0] * len(space.edges)
        mine = [table for kind, _, table in tables if kind == t]
        for cell_tables in (mine[i:i + len(space.edges)] for i in range(0, len(mine), len(space.edges))):
            mean = edge_price(spec, torch.cat(cell_tables).mean(0)) if spec.get("resource_baseline") else 0.0
            for e, table in enumerate(cell_tables):
                rewards[e] = rewards[e] + (edge_price(spec, z[e] @ table) - mean) / counts[t]
        # log p(z) up to what does not hang on the logits
        density = a.sum(1) - len(space.names) * torch.logsumexp(a - tau * log_z, 1)
        loss = loss + (torch.stack(rewards) * density).sum()
    return loss


def resource_term(spec, scores, logits, tau):
    """R as it is reported, and a number whose gradient is that of R by the method of the case."""
    method = spec.get("resource_method", "reparametrization")
    z = {t: torch.softmax(score, 1) for t, score in scores.items()}
    if method == "policy_gradient":
        return resource(spec, z), policy_gradient(spec, scores, logits, tau)
    R = resource(spec,
                 z if method == "reparametrization" else {t: torch.softmax(a.double(), 1) for t, a in logits.items()})
    return R, R


def step(spec, inputs, dtype, known=None):
    """One training step: parameters, and what follows from them and the inputs."""
    store, out, z, R = Store(dtype, known), {}, None, torch.zeros((), dtype=torch.float64)
    term = R
    if spec["genotype"] is None:
        space, arch, scores = space_of(spec), {}, {}
        for t in space.types:
            arch[t] = store.get(f"{t}_log_alpha", (len(space.edges), len(space.names)), 0.9, 1.1)
            scores[t] = (arch[t] + inputs[f"input.gumbel_{t}"].to(dtype)) / spec["temperature"]
        z = {t: torch.softmax(score, 1) for t, score in scores.items()}
        out.update({f"input.z_{t}": value for t, value in z.items()})
        R, term = resource_term(spec, scores, arch, spec["temperature"])
    logits, head = walk(store, spec, inputs["input.images"].to(dtype), z)
    loss = F.cross_entropy(logits, inputs["input.labels"])
    total = loss.double() + spec["resource_lambda"] * term
    total.backward()
    out.update({"expect.logits": logits, "expect.loss": loss, "expect.penalty": R, "expect.total": total})
    out.update({f"grad.{n}": p.grad for n, p in store.values.items() if p.grad is not None})
    out.update({f"after.{n}": v for n, v in store.running.items()})
    return {n: p.detach() for n, p in store.values.items()}, {n: v.detach() for n, v in out.items()}


def own_error(single, truth):
    """PyTorch's single precision against its double precision, by the measures of `snas verify`."""
    def gap(names, floor=0.0):
        a = torch.cat([single[n].double().flatten() for n in names])
        b = torch.cat([truth[n].flatten() for n in names])
        return float((a - b).norm() / (b.norm() + floor + 1e-30))

    gradients = [n for n in truth if n.startswith("grad.")]
    floor = 1e-5 * max(float(truth[n].norm()) for n in gradients)
    each = sorted(gap([n], floor) for n in gradients)
    return {
        "logits": gap(["expect.logits"]), "loss": gap(["expect.loss"]), "grad_median": each[len(each) // 2], "grad_max":
        each[-1], "grad_all": gap(gradients), "running": gap([n for n in truth if n.startswith("after.")])
    }


def make_case(spec, seed):
    """The tensors and the two metadata texts of one case."""
    torch.manual_seed(seed)
    n, side = spec["batch"], spec["image"]
    inputs = {"input.images": short(torch.randn(n, 3, side, side)),
              "input.labels": torch.randint(spec["classes"], (n,))}
    if spec["genotype"] is None:
        space = space_of(spec)
        for t in space.types:
            u = torch.rand(len(space.edges), len(space.names)).clamp(1e-7, 1 - 1e-7)
            inputs[f"input.gumbel_{t}"] = short(-torch.log(-torch.log(u)))
    known = step(spec, inputs, torch.float32)[0]
    _, truth = step(spec, inputs, torch.float64, known)
    _, single = step(spec, inputs, torch.float32, known)
    error = own_error(single, truth)
    return {**known, **inputs,
            **truth}, {"config": json.dumps(spec), "float32_error": json.dumps(error, allow_nan=False)}, error


def save(path, tensors, metadata):
    """safetensors; packed, with doubles cut to KEPT_BITS, when the name ends in .gz."""
    packed, header, blobs, at = path.endswith(".gz"), {"__metadata__": metadata}, [], 0
    for name, t in tensors.items():
        if packed and t.dtype == torch.float64 and name.startswith("grad."):
            mantissa, exponent = torch.frexp(t)
            t = torch.ldexp(torch.round(mantissa * 2.0 ** KEPT_BITS) * 2.0 ** -KEPT_BITS, exponent)
        data = t.contiguous().numpy().tobytes()
        dtype = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}[t.dtype]
        header[name] = {"dtype": dtype, "shape": list(t.shape), "data_offsets": [at, at + len(data)]}
        blobs.append(data)
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    content = struct.pack("<Q", len(text)) + text + b"".join(blobs)
    with open(path, "wb") as file:
        file.write(gzip.compress(content, 9, mtime=0) if packed else content)


def random_spec(dice):
    """Any network that `snas verify` promises, small enough for a second."""
    def random_cell():
        counts = [dice.choice([0, 1, 2, 2, 3]) for _ in range(4)]
        counts[3] = counts[3] or 1
        return [[[dice.choice(NAMES), dice.randrange(2 + i)] for _ in range(n)] for i, n in enumerate(counts)]

    child = dice.random() < 0.5
    cells, channels = dice.choice([3, 4, 5, 6, 8, 20]), dice.choice([4, 6, 8, 12])
    image = dice.choice([8, 12, 16, 20, 36])
    while cells * channels * image > 1000:
        cells, channels, image = max(3, cells - 1), max(4, channels - 2), max(8, image - 4)
    more = {} if child else {"space": dice.choice(list(SPACES)), "resource_baseline": dice.random() < 0.5,
                             "resource_method": dice.choice(["reparametrization", "discrete", "policy_gradient"])}
    return {"channels": channels, "cells": cells, "classes": dice.choice([2, 3, 10, 17]), "image": image,
            "batch": dice.choice([3, 4, 6, 8]), "temperature": dice.choice([5.0, 2.0, 1.0, 0.5, 0.1, 0.03]),
            "resource_lambda": dice.choice([0.0, 0.0015, 0.01]), "log_penalty": dice.random() < 0.5,
            "no_pool_bn": child and dice.random() < 0.5,
            "genotype": {t: random_cell() for t in TYPES} if child else None, **more}


def make_random(count, seed, folder):
    dice, made = random.Random(seed), 0
    os.makedirs(folder, exist_ok=True)
    while made < count:
        spec = random_spec(dice)
        tensors, metadata, error = make_case(spec, dice.randrange(1 << 30))
        if any(error[k] > most for k, most in TOO_WILD.items()):
            continue
        save(os.path.join(folder, f"random-{made:03d}.safetensors"), tensors, metadata)
        made += 1


def add_optional(parser):
    """Keys that a case of one step may have, too."""
    parser.add_argument("--space", choices=SPACES)
    parser.add_argument("--resource-method", choices=("reparametrization", "discrete", "policy_gradient"))
    parser.add_argument("--resource-baseline", action="store_const", const=True)


def optional(a):
    given = {k: getattr(a, k) for k in ("space", "resource_method", "resource_baseline")}
    return {k: v for k, v in given.items() if v is not None}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="?")
    parser.add_argument("--random", type=int, metavar="N")
    parser.add_argument("--into", metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", metavar="FILE")
    for key, value in (("channels", 4), ("cells", 3), ("classes", 5), ("image", 8), ("batch", 3)):
        parser.add_argument(f"--{key}", type=int, default=value)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--resource-lambda", type=float, default=0.01)
    parser.add_argument("--log-penalty", action="store_true")
    parser.add_argument("--no-pool-bn", action="store_true")
    add_optional(parser)
    a = parser.parse_args()
    torch.set_num_threads(1)
    if a.random is not None:
        make_random(a.random, a.seed, a.into or ".")
        return
    if a.case is None:
        parser.error("no CASE given")
    genotype = None
    if a.child:
        with open(a.child, encoding="utf-8") as file:
            genotype = json.load(file)
    keys = ("channels", "cells", "classes", "image", "batch", "temperature", "resource_lambda", "log_penalty",
            "no_pool_bn")
    spec = {**{k: getattr(a, k) for k in keys}, "genotype": genotype, **optional(a)}
    tensors, metadata, error = make_case(spec, a.seed)
    save(a.case, tensors, metadata)
    print(f"{a.case}: loss {float(tensors['expect.loss']):.9f}, " + ", ".join(f"{k} {v:.1e}" for k, v in error.items()))


if __name__ == "__main__":
    main()
