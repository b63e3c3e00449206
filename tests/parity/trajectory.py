#!/usr/bin/python3
"""trajectory.py -- several training steps of a supernet or a child in PyTorch, as a case for `snas verify`.

usage: trajectory.py CASE.safetensors[.gz] --steps T [--data FOLDER] [--child FILE] [--channels C] ...

Every step has its own pictures (of CIFAR-10's training set with --data, of noise without) and, for a supernet, its own
noise. PyTorch takes the steps twice, in double and in single precision, with torch.optim: clip, SGD for the weights;
clip, Adam for the logits. The format is said in docs/formats.md. A child file is that of oracle.py, or what `snas info
genotype` prints; its pool_bn is heeded.
"""
import argparse
import json
import math

import torch
import torch.nn.functional as F

import methods
import pictures
from oracle import add_optional, first_parameters, optional, save
from walks import TYPES, Store, short, space_of, walk

RATES = {
    "constant": lambda first, last, p: first, "cosine": lambda first, last, p: last + (first - last) *
    (1 + math.cos(math.pi * p)) / 2
}
TEMPERATURES = {"constant": lambda first, last, p: first, "linear": lambda first, last, p: first + p * (last - first),
                "exponential": lambda first, last, p: first * (last / first) ** p}
REPEATED = 997  # numbers that an auxiliary classifier's large tensors repeat, so that the file packs well


def take_pictures(spec, data, dice):
    """Pictures [T, N, 3, S, S] and labels [T, N]."""
    shape = spec["steps"], spec["batch"]
    if data is None:
        side = spec["image"]
        return short(torch.randn(*shape, 3, side, side,
                                 generator=dice)), torch.randint(spec["classes"], shape, generator=dice)
    raw, labels = pictures.load(data)
    chosen = torch.randperm(len(labels), generator=dice)[:shape[0] * shape[1]]
    return pictures.normalised(raw[chosen]).reshape(*shape, *raw.shape[1:]), labels[chosen].reshape(shape)


def take_inputs(spec, data, seed):
    dice = torch.Generator().manual_seed(seed)
    inputs, space = {}, space_of(spec)
    supernet = spec["genotype"] is None
    halves = ("", "logit_") if supernet and methods.level_of(spec) in methods.TAKES_LOGIT_PICTURES else ("",)
    for half in halves:
        inputs[f"input.{half}images"], inputs[f"input.{half}labels"] = take_pictures(spec, data, dice)
        for t in space.types if supernet else ():
            u = torch.rand(spec["steps"], len(space.edges), len(space.names), generator=dice).clamp(1e-7, 1 - 1e-7)
            inputs[f"input.{half}gumbel_{t}"] = short(-torch.log(-torch.log(u)))
    return inputs


def fresh(known):
    """Weights as training starts from: norms that scale by 1 and shift by 0."""
    for name, value in known.items():
        if name.endswith(".weight") and value.dim() == 1:
            value.fill_(1.0)
        elif name.endswith(".bias") and not name.startswith("classifier"):
            value.zero_()
        elif name.startswith("auxiliary_head") and value.numel() > REPEATED:
            flat = value.flatten()
            value.copy_(flat[torch.arange(len(flat)) % REPEATED].view_as(value))
    return known


def epochs_of(spec):
    return -(-spec["steps"] // spec.get("steps_per_epoch", 1))


def temperature(spec, t):
    steps = (spec.get("temperature_epochs") or epochs_of(spec)) * spec.get("steps_per_epoch", 1)
    schedule = TEMPERATURES[spec.get("temperature_schedule", "constant")]
    return schedule(spec["temperature"], spec.get("temperature_last", spec["temperature"]), min(1.0, t / steps))


def drop_path(spec, epoch):
    share = spec.get("drop_path", 0.0)
    return share * epoch / epochs_of(spec) if spec.get("drop_path_ramp") else share


def rate(spec, t):
    w, each = spec["weights"], spec.get("steps_per_epoch", 1)
    epoch, warmup = t // each, w.get("warmup", 0)
    if epoch < warmup:
        return w["rate"] * (t + 1) / (warmup * each)
    return RATES[w["schedule"]](w["rate"], w["rate_last"], (epoch - warmup) / (epochs_of(spec) - warmup))


def child_loss(spec, inputs, store, t):
    """The loss of step t, part by part of the batch."""
    count, total = spec["batch"], 0.0
    parts = -(-count // (spec.get("micro_batch") or count))
    for p in range(parts):
        first, last = count * p // parts, count * (p + 1) // parts
        store.drop_path(drop_path(spec, t // spec.get("steps_per_epoch", 1)), (spec.get("seed", 0), t * parts + p),
                        last - first)
        labels = inputs["input.labels"][t, first:last]
        heads = walk(store, spec, inputs["input.images"][t, first:last].to(store.dtype), None)
        for logits, weight in zip(heads, (1.0, spec.get("auxiliary", 0.0))):
            if logits is not None:
                loss = F.cross_entropy(logits, labels, label_smoothing=spec.get("label_smoothing", 0.0))
                total = total + (weight * (last - first) / count) * loss
    return total


def train_supernet(spec, inputs, values, movers):
    """The losses of the steps, one by one."""
    search, each = methods.Search(spec, values), spec.get("steps_per_epoch", 1)
    search.movers = movers
    for t in range(spec["steps"]):
        set_rate(spec, movers, t)
        now = {n: v[t] for n, v in inputs.items()}
        moves = t // each >= spec["logits"].get("warmup", 0)
        yield search.step(now, t, temperature(spec, t), drop_path(spec, t // each), moves)["loss"].item()


def train_child(spec, inputs, values, movers):
    parameters, clip, mover = movers[0]
    for t in range(spec["steps"]):
        store = Store(parameters[0].dtype)
        store.values = values
        mover.zero_grad()
        loss = child_loss(spec, inputs, store, t)
        loss.backward()
        set_rate(spec, movers, t)
        if clip > 0:
            torch.nn.utils.clip_grad_norm_(parameters, clip)
        mover.step()
        yield loss.item()


def set_rate(spec, movers, t):
    for group in movers[0][2].param_groups:
        group["lr"] = rate(spec, t)


def train(spec, inputs, known, dtype):
    """The losses of the steps, each before its own update."""
    values = {n: p.to(dtype, copy=True).requires_grad_() for n, p in known.items()}
    movers = methods.optimisers(spec, values)
    losses = (train_supernet if spec["genotype"] is None else train_child)(spec, inputs, values, movers)
    return torch.tensor(list(losses), dtype=torch.float64)


def make(spec, data, seed):
    torch.manual_seed(seed)
    inputs = take_inputs(spec, data, seed)
    first = {n: v[0] for n, v in inputs.items()}
    known = fresh(first_parameters(spec, first)[0])
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
    add_optional(parser)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--resource-lambda", type=float, default=0.0015)
    parser.add_argument("--linear-penalty", action="store_true")
    parser.add_argument("--schedule", choices=RATES, default="constant")
    for key, value in (("rate", 0.025), ("rate-last", 0.001), ("momentum", 0.9), ("decay", 3e-4), ("clip", 5.0)):
        parser.add_argument(f"--{key}", type=float, default=value)
    parser.add_argument("--nesterov", action="store_true")
    for key, value in (("rate", 3e-4), ("eps", 1e-8), ("decay", 1e-3), ("clip", 10.0)):
        parser.add_argument(f"--logit-{key}", type=float, default=value)
    parser.add_argument("--temperature-schedule", choices=TEMPERATURES)
    for key in ("temperature-last", "drop-path", "label-smoothing", "auxiliary"):
        parser.add_argument(f"--{key}", type=float)
    for key in ("temperature-epochs", "steps-per-epoch", "micro-batch", "warmup", "logit-warmup", "mask-seed"):
        parser.add_argument(f"--{key}", type=int)
    parser.add_argument("--drop-path-ramp", action="store_const", const=True)
    parser.add_argument("--spare-norms-and-biases", action="store_const", const=False)
    return parser.parse_args()


OPTIONAL = ("temperature_schedule", "temperature_last", "temperature_epochs", "steps_per_epoch", "drop_path",
            "drop_path_ramp", "label_smoothing", "auxiliary", "micro_batch")


def given(values):
    return {k: v for k, v in values.items() if v is not None}


def main():
    a = parse()
    torch.set_num_threads(1)
    child, pool_bn = read_child(a.child) if a.child else (None, True)
    spec = {
        k: getattr(a, k)
        for k in ("channels", "cells", "classes", "image", "batch", "steps", "temperature", "resource_lambda")
    }
    spec.update({"log_penalty": not a.linear_penalty, "no_pool_bn": not pool_bn, "genotype": child, **optional(a)})
    spec.update(given({k: getattr(a, k) for k in OPTIONAL} | {"seed": a.mask_seed}))
    spec["weights"] = {
        k: getattr(a, k) for k in ("rate", "rate_last", "schedule", "momentum", "decay", "clip", "nesterov")
    }
    spec["weights"].update(given({"warmup": a.warmup, "decay_norms_and_biases": a.spare_norms_and_biases}))
    spec["logits"] = {
        "rate": a.logit_rate, "beta1": 0.5, "beta2": 0.999, "eps": a.logit_eps, "decay": a.logit_decay,
        "clip": a.logit_clip
    }
    spec["logits"].update(given({"warmup": a.logit_warmup}))
    tensors = make(spec, a.data, a.seed)
    save(a.case, tensors, {"config": json.dumps(spec)})
    gaps = (tensors["expect.losses"] - tensors["expect.losses_float32"]).abs()
    print(f"{a.case}: loss {float(tensors['expect.losses'][0]):.6f} to {float(tensors['expect.losses'][-1]):.6f}, "
          f"largest gap of single precision {float(gaps.max()):.1e}")


if __name__ == "__main__":
    main()
