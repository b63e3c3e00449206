"""network.py -- the supernet and the child as PyTorch modules; state_dict names are those of the published code.

Children are those of scripts/snas_torch.py, which comes with the program: Network(child={"normal": [[("sep_conv_3x3",
0), ...] a node, ...], "reduce": ...}, pool_norm=...). Without a child it is the supernet, the same network with all
candidates on every edge, whose forward takes z = {"normal": [14, 8], "reduce": [14, 8]}. stem is "cifar" or "imagenet";
with auxiliary=True forward returns a second output in training. drop_path is the share of pictures for which a
supernet's edge is left out in training, the others scaled up, as the published code does it. Bench is NAS-Bench-201's
network, child or supernet, whose z has one key, "cell" [6, 5]. Also a writer of safetensors.
"""
import json
import pathlib
import struct
import sys

import numpy
import torch
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import snas_torch
from snas_torch import read as load_tensors

NAMES = [
    "none", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3",
    "dil_conv_5x5"
]
EDGES = [(j, i) for i in range(4) for j in range(2 + i)]  # (source state, node)
BENCH_NAMES = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
BENCH_EDGES = [(j, i) for i in range(3) for j in range(1 + i)]
DTYPES = {"F32": numpy.float32, "F64": numpy.float64, "I64": numpy.int64}


class Zero(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return 0 * x[:, :, ::self.stride, ::self.stride]


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

    def __init__(self, names, *which):
        super().__init__()
        self._ops = nn.ModuleList(
            Zero(which[1]) if name == "none" else snas_torch.operation(name, *which) for name in names)

    def forward(self, x, weights):
        return weighted(self._ops, x, weights)


class SuperCell(snas_torch.Cell):
    def operation(self, names, c, stride):
        return Mixed(names, c, stride, self.pool_bn, self.affine)

    def edge(self, e, x, z):
        y = super().edge(e, x, z[self.kind][e])
        if self.training and self.drop_path > 0:
            keep = 1 - self.drop_path
            y.div_(keep).mul_(torch.empty(len(x), 1, 1, 1).bernoulli_(keep))
        return y


class Supernet(snas_torch.Network):
    cell = SuperCell

    def __init__(self, description, names, drop_path=0.0):
        """names: the candidates of every edge"""
        kinds = ("normal", "reduce") if description["space"] == "darts" else ("cell", )
        first, nodes = (2, 4) if description["space"] == "darts" else (1, 3)
        every = [[(names, source) for source in range(first + node)] for node in range(nodes)]
        super().__init__({**description, **{kind: every for kind in kinds}, "edges": "_ops"})
        for cell in self.cells:
            cell.drop_path = drop_path
        for kind in kinds:
            alpha = nn.Parameter(torch.zeros(sum(map(len, every)), len(names)))
            self.register_parameter(f"{kind}_log_alpha", alpha)


def Network(channels, cells, classes, child=None, pool_norm=True, affine=False, stem="cifar", auxiliary=False,
            drop_path=0.0):
    description = {"space": "darts", "channels": channels, "cells": cells, "classes": classes, "pool_bn": pool_norm,
                   "stem": stem, "auxiliary": auxiliary}
    if child is None:
        return Supernet({**description, "affine": affine}, NAMES, drop_path)
    return snas_torch.Network({**description, **{kind: child[kind] for kind in ("normal", "reduce")}})


def Bench(channels, cells, classes, child=None):
    description = {"space": "nas-bench-201", "channels": channels, "cells": cells, "classes": classes, "stem": "cifar"}
    if child is None:
        return Supernet({**description, "affine": False}, BENCH_NAMES)
    return snas_torch.Network({**description, "cell": child["cell"]})


def save_tensors(path, tensors, metadata=None):
    header, blobs, at = {"__metadata__": metadata} if metadata else {}, [], 0
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
