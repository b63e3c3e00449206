#!/usr/bin/python3
"""trajectory.py -- several training steps of a supernet or a child in PyTorch, written down as a case for `snas verify`.

usage: trajectory.py CASE.safetensors[.gz] --steps T [--data FOLDER] [--child FILE] [--channels C] ...

Every step has its own pictures (of CIFAR-10's training set with --data, of noise without) and, for a supernet, its own
noise. PyTorch takes the steps twice, in double and in single precision, with torch.optim: clip, SGD for the weights; clip,
Adam for the logits. The format is said in docs/formats.md. A child file is that of oracle.py, or what `snas info genotype`
prints; its pool_bn is heeded.
"""
import argparse
import json
import math

import torch
import torch.nn.functional as F

import pictures
from oracle import EDGES, NAMES, TYPES, Store, resource, save, short, step, walk

RATES = {"constant": lambda first, last, p: first, "cosine": lambda first, last, p: last + (first - last) * (1 + math.cos(math.pi * p)) / 2}


def take_pictures(spec, data, dice):
    """Pictures [T, N, 3, S, S] and labels [T, N]."""
    shape = spec["steps"], spec["batch"]
    if data is None:
        side = spec["image"]
        return short(torch.randn(*shape, 3, side, side, generator=dice)), torch.randint(spec["classes"], shape, generator=dice)
    raw, labels = pictures.load(data)
    chosen = torch.randperm(len(labels), generator=dice)[:shape[0] * shape[1]]
    return pictures.normalised(raw[chosen]).reshape(*shape, *raw.shape[1:]), labels[chosen].reshape(shape)


def take_inputs(spec, data, seed):
    dice = torch.Generator().manual_seed(seed)
    images, labels = take_pictures(spec, data, dice)
    inputs = {"input.images": images, "input.labels": labels}
    for t in TYPES if spec["genotype"] is None else ():
        u = torch.rand(spec["steps"], len(EDGES), len(NAMES), generator=dice).clamp(1e-7, 1 - 1e-7)
        inputs[f"input.gumbel_{t}"] = short(-torch.log(-torch.log(u)))
    return inputs


def fresh(known):
    """Weights as training starts from: norms that scale by 1 and shift by 0."""
    for name, value in known.items():
        if name.endswith(".weight") and value.dim() == 1:
            value.fill_(1.0)
        elif name.endswith(".bias") and not name.startswith("classifier"):
            value.zero_()
    return known


def optimisers(spec, values):
    """[(parameters, largest norm, torch.optim)]: of the weights, and of the logits when there are any."""
    logits = [p for n, p in values.items() if n.endswith("_log_alpha")]
    weights = [p for n, p in values.items() if not n.endswith("_log_alpha")]
    w, out = spec["weights"], []
    out.append((weights, w["clip"], torch.optim.SGD(weights, w["rate"], w["momentum"], weight_decay=w["decay"], nesterov=w["nesterov"])))
    if logits:
        a = spec["logits"]
        adam = torch.optim.Adam(logits, a["rate"], (a["beta1"], a["beta2"]), a["eps"], a["decay"])
        out.append((logits, a["clip"], adam))
    return out


def train(spec, inputs, known, dtype):
    """The losses of the steps, each before its own update."""
    values = {n: p.to(dtype, copy=True).requires_grad_() for n, p in known.items()}
    movers, w, losses = optimisers(spec, values), spec["weights"], []
    for t in range(spec["steps"]):
        store, z, R = Store(dtype), None, 0.0
        store.values = values
        if spec["genotype"] is None:
            z = {k: torch.softmax((values[f"{k}_log_alpha"] + inputs[f"input.gumbel_{k}"][t].to(dtype)) / spec["temperature"], 1)
                 for k in TYPES}
            R = resource(spec, z)
        loss = F.cross_entropy(walk(store, spec, inputs["input.images"][t].to(dtype), z), inputs["input.labels"][t])
        for p in values.values():
            p.grad = None
        (loss.double() + spec["resource_lambda"] * R).backward()
        movers[0][2].param_groups[0]["lr"] = RATES[w["schedule"]](w["rate"], w["rate_last"], t / spec["steps"])
        for parameters, clip, mover in movers:
            if clip > 0:
                torch.nn.utils.clip_grad_norm_(parameters, clip)
            mover.step()
        losses.append(loss.item())
    return torch.tensor(losses, dtype=torch.float64)


def make(spec, data, seed):
    torch.manual_seed(seed)
    inputs = take_inputs(spec, data, seed)
    first = {n: v[0] for n, v in inputs.items()}
    known = fresh(step(spec, first, torch.float32)[0])
    truth = train(spec, inputs, known, torch.float64)
    single = train(spec, inputs, known, torch.float32)
    return {**known, **inputs, "expect.losses": truth, "expect.losses_float32": single}


def read_child(path):
    with open(path, encoding="utf-8") as file:
        found = json.load(file)
    return {t: found[t] for t in TYPES}, found.get("pool_bn", True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--data", metavar="FOLDER")
    parser.add_argument("--child", metavar="FILE")
    parser.add_argument("--seed", type=int, default=1)
    for key, value in (("channels", 4), ("cells", 3), ("classes", 10), ("image", 32), ("batch", 32)):
        parser.add_argument(f"--{key}", type=int, default=value)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--resource-lambda", type=float, default=0.0015)
    parser.add_argument("--schedule", choices=RATES, default="constant")
    for key, value in (("rate", 0.025), ("rate-last", 0.001), ("momentum", 0.9), ("decay", 3e-4), ("clip", 5.0)):
        parser.add_argument(f"--{key}", type=float, default=value)
    parser.add_argument("--logit-rate", type=float, default=3e-4)
    return parser.parse_args()


def main():
    a = parse()
    torch.set_num_threads(1)
    child, pool_bn = read_child(a.child) if a.child else (None, True)
    spec = {k: getattr(a, k) for k in ("channels", "cells", "classes", "image", "batch", "steps", "temperature", "resource_lambda")}
    spec.update({"log_penalty": True, "no_pool_bn": not pool_bn, "genotype": child})
    spec["weights"] = {k: getattr(a, k) for k in ("rate", "rate_last", "schedule", "momentum", "decay", "clip")} | {"nesterov": False}
    spec["logits"] = {"rate": a.logit_rate, "beta1": 0.5, "beta2": 0.999, "eps": 1e-8, "decay": 1e-3, "clip": 10.0}
    tensors = make(spec, a.data, a.seed)
    save(a.case, tensors, {"config": json.dumps(spec)})
    gaps = (tensors["expect.losses"] - tensors["expect.losses_float32"]).abs()
    print(f"{a.case}: loss {float(tensors['expect.losses'][0]):.6f} to {float(tensors['expect.losses'][-1]):.6f}, "
          f"largest gap of single precision {float(gaps.max()):.1e}")


if __name__ == "__main__":
    main()
