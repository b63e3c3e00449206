"""trained.py -- files of weights as `snas train` writes them, of any cell, without a training; what the program says.

The weights are drawn and their running statistics moved by some pictures, so that no batch norm is the identity. All
networks see pictures of 32 x 32 in CIFAR-10's format.
"""
import json
import random

import torch

import pictures
from network import BENCH_NAMES, NAMES, load_tensors, save_tensors, snas_torch

SIDE, TEST = 32, 12  # pixels; test pictures
MEAN, DEVIATION = (0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)
CONFIG = {"data": {"dataset": "cifar10", "path": "data"}}


def random_cell(space, dice):
    """A genotype with an operation on every edge, none among them."""
    def cell(first, nodes, names):
        return [[(dice.choice(names), source) for source in range(first + node)] for node in range(nodes)]
    if space == "nas-bench-201":
        return {"space": space, "cell": cell(1, 3, BENCH_NAMES), "pool_bn": True}
    return {"space": space, "normal": cell(2, 4, NAMES), "reduce": cell(2, 4, NAMES), "pool_bn": dice.random() < 0.5}


def write_pictures(folder, dice):
    """CIFAR-10's files of noise; the test pictures, uint8 [TEST, 3, 32, 32]."""
    folder.mkdir()
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        content = b"".join(bytes([i % 10]) + dice.randbytes(3072) for i in range(TEST))
        (folder / f"{name}.bin").write_bytes(content)
    return pictures.parse(content)[0]


def write_weights(path, genotype, seed, **more):
    """The network whose weights stand in the file at `path`, in evaluation mode."""
    torch.manual_seed(seed)
    child = {"channels": 4, "cells": 5, "classes": 10, "side": SIDE, "shorter": SIDE, "orient": False, "stem": "cifar",
             "dataset": "made up", "mean": MEAN, "deviation": DEVIATION, "epoch": 1, "accuracy": 0.1, **more}
    net = snas_torch.Network({**child, **genotype})
    with torch.no_grad():
        for parameter in net.parameters():
            parameter += 0.2 * torch.randn_like(parameter)
        for _ in range(3):
            net(torch.randn(16, 3, SIDE, SIDE))
    save_tensors(path, net.state_dict(), {"format": "pt", "snas.child": json.dumps(child),
                                          "snas.genotype": json.dumps(genotype)})
    return net.eval()


def evaluated(test, name):
    """The logits of `snas eval` in the folder of `test`, an InFolder with write_pictures' in data."""
    test.snas("eval", name, "--config", "tiny.json", "--logits", "logits.safetensors", "--json")
    return load_tensors(test.folder / "logits.safetensors")[0]["logits"]


def cells(test, count, seed):
    """(name, genotype, stem) of all built-in architectures, then of `count` random cells of each space."""
    known = [line.split()[0] for line in test.snas("info", "genotype").stdout.splitlines() if line[:1].isalpha()]
    for i, name in enumerate(known):
        yield name, json.loads(test.snas("-q", "info", "genotype", name).stdout), ("cifar", "imagenet")[i % 2]
    dice = random.Random(seed)
    for i in range(count):
        for space in ("darts", "nas-bench-201"):
            yield f"{space} {i}", random_cell(space, dice), ("cifar", "imagenet")[i % 3 == 2]
