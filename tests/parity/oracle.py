#!/usr/bin/env python3
"""oracle.py -- a training step of a supernet or a child in PyTorch, written down as a case for `snas verify`.

usage: oracle.py CASE.safetensors[.gz] [--child FILE] [--channels C] ...      one case
       oracle.py --random N --seed S --into FOLDER                            N cases of any kind

walks.py has the networks, costs.py the resource term, methods.py the steps of a search. What a case file holds is said
in include/snas/judge/verify.h. A child file is JSON: {"normal": [[["sep_conv_3x3", 0], ...] a node, ...], "reduce":
...}.
"""
import argparse
import gzip
import json
import os
import random
import struct

import torch
import torch.nn.functional as F

import methods
from walks import NAMES, SPACES, TYPES, Store, short, space_of, walk

KEPT_BITS = 34  # of a golden number's 53: 3e-11, far below what `snas verify --double` allows
# What PyTorch's single precision may get wrong in a random case: the logits, all gradients as one, and one alone.
# Beyond it the network is a chaos (few pixels, many cells, one path): roundings grow until a relu's kink is crossed in
# one program and not in the other. Or a gradient is zero but for rounding: then PyTorch's
# doubles are not certain either.
TOO_WILD = {"logits": 2e-5, "grad_all": 3e-4, "grad_max": 0.1}


def first_parameters(spec, inputs):
    """The parameters of a network, drawn on a walk in which everything runs; its running statistics at rest."""
    store, z = Store(torch.float32), None
    if spec["genotype"] is None:
        space, reach = space_of(spec), (0.0, 2.0) if "method" in spec else (0.9, 1.1)
        for t in space.types:
            store.get(f"{t}_log_alpha", (len(space.edges), len(space.names)), *reach)
        z = {t: torch.full((len(space.edges), len(space.names)), 0.1) for t in space.types}
    with torch.no_grad():
        walk(store, spec, inputs["input.images"].float(), z)
    rest = {n: torch.ones_like(v) if n.endswith("var") else torch.zeros_like(v) for n, v in store.running.items()}
    return {n: p.detach() for n, p in store.values.items()}, rest


def child_step(spec, inputs, dtype, known):
    """What follows from the parameters and the inputs of a child."""
    store = Store(dtype, known)
    logits, _ = walk(store, spec, inputs["input.images"].to(dtype), None)
    loss = F.cross_entropy(logits, inputs["input.labels"])
    loss.backward()
    out = {"expect.logits": logits, "expect.loss": loss, "expect.penalty": torch.zeros((), dtype=torch.float64)}
    out.update({f"grad.{n}": p.grad for n, p in store.values.items() if p.grad is not None})
    return {**out, **{f"after.{n}": v for n, v in store.running.items()}}


def take(search, inputs, momentum):
    """A step of a search, its optimisers and what it keeps as the inputs say."""
    for n, p in search.weights().items() if search.movers else ():
        search.movers[0][2].state[p]["momentum_buffer"] = momentum[n].clone()
    if "input.estimator_state" in inputs:
        search.state = inputs["input.estimator_state"].clone()
    return search.step(inputs)


def supernet_step(spec, inputs, dtype, known, rest):
    """What follows from the parameters and the inputs of a supernet, by the method of the case."""
    values = {n: p.to(dtype, copy=True).requires_grad_() for n, p in known.items()}
    search = methods.Search(spec, values, {n: v.to(dtype, copy=True) for n, v in rest.items()})
    search.movers = methods.optimisers(spec, values) if "weights" in spec else []
    momentum = {n: inputs.get(f"input.momentum.{n}", torch.zeros_like(p)).to(dtype)
                for n, p in search.weights().items()}
    before, told = {n: p.detach().clone() for n, p in values.items()}, take(search, inputs, momentum)
    out = {f"expect.{k}": told[k] for k in ("logits", "loss", "penalty")}
    out.update({f"input.z_{t}": z for t, z in told["z"].items()})
    out.update({f"grad.{n}": g for n, g in search.weight_grad.items()})
    out.update({f"grad.{t}_log_alpha": g for t, g in (search.alpha_grad or {}).items()})
    out.update({f"after.{n}": v for n, v in search.running.items()})
    if search.movers:
        buffers = search.movers[0][2].state
        out.update({f"change.{n}": p.detach() - before[n] for n, p in values.items()})
        out.update({f"momentum.{n}": buffers[p]["momentum_buffer"] for n, p in search.weights().items()})
    if methods.estimator_of(spec) == "categorical":
        start = inputs.get("input.estimator_state", torch.zeros(2, dtype=torch.float64))
        out["change.estimator_state"] = search.state - start
    return out, search.ran


def step(spec, inputs, dtype, known, rest):
    """What follows from a training step, and the parameters of what ran."""
    out, ran = (child_step(spec, inputs, dtype, known), known) if spec["genotype"] is not None else \
        supernet_step(spec, inputs, dtype, known, rest)
    return {n: v.detach() for n, v in out.items()}, ran


def own_error(single, truth):
    """PyTorch's single precision against its double precision, by the measures of `snas verify`."""
    def gap(names, floor=0.0):
        a = torch.cat([single[n].double().flatten() for n in names])
        b = torch.cat([truth[n].flatten() for n in names])
        return float((a - b).norm() / (b.norm() + floor + 1e-30))

    gradients = [n for n in truth if n.startswith("grad.")]
    floor = 1e-5 * max(float(truth[n].norm()) for n in gradients)
    each = sorted(gap([n], floor) for n in gradients)
    moved = {what: [n for n in truth if n.startswith(f"{what}.") and not n.endswith(("_log_alpha", "_state"))]
             for what in ("change", "momentum")}
    moved["z"] = [n for n in truth if n.startswith("input.z_")]  # under logits that have moved, of two levels
    moves = {what: gap(names) for what, names in moved.items() if names}
    return {
        "logits": gap(["expect.logits"]), "loss": gap(["expect.loss"]), "grad_median": each[len(each) // 2], "grad_max":
        each[-1], "grad_all": gap(gradients), "running": gap([n for n in truth if n.startswith("after.")]), **moves
    }


def noise(space):
    u = torch.rand(len(space.edges), len(space.names)).clamp(1e-7, 1 - 1e-7)
    return short(-torch.log(-torch.log(u)))


def pictures_of(spec, prefix):
    n, side = spec["batch"], spec["image"]
    return {f"input.{prefix}images": short(torch.randn(n, 3, side, side)),
            f"input.{prefix}labels": torch.randint(spec["classes"], (n,))}


def make_inputs(spec):
    inputs, space = pictures_of(spec, ""), space_of(spec)
    if spec["genotype"] is not None:
        return inputs
    inputs.update({f"input.gumbel_{t}": noise(space) for t in space.types})
    if methods.level_of(spec) in methods.TAKES_LOGIT_PICTURES:
        inputs.update(pictures_of(spec, "logit_"))
        inputs.update({f"input.logit_gumbel_{t}": noise(space) for t in space.types})
    return inputs


def add_past(spec, inputs, known):
    """What a step that is not the first finds: momentum, and the rewards of the steps before."""
    if "weights" in spec:
        inputs.update({f"input.momentum.{n}": short(0.1 * torch.randn(p.shape)) for n, p in known.items()
                       if not n.endswith("_log_alpha")})
    if methods.estimator_of(spec) == "categorical":
        inputs["input.estimator_state"] = short(torch.tensor([0.1, 0.4])).double()


def thin(known, inputs, truth, ran):
    """The tensors of a golden case of moves: of every third weight; what did not run is all alike, of few momentum."""
    weights = [n for n in known if not n.endswith("_log_alpha")]
    for i, n in enumerate(weights):
        idle = n not in ran
        for what, kept in (("change", i % 3 == 0), ("momentum", i % 3 == 1 and not (idle and i % 7))):
            if not kept:
                truth.pop(f"{what}.{n}", None)
        if idle:
            known[n].fill_(0.5)
        if idle and f"momentum.{n}" not in truth:
            inputs.pop(f"input.momentum.{n}")


def make_case(spec, seed, past=False, golden=False):
    """The tensors and the two metadata texts of one case."""
    torch.manual_seed(seed)
    inputs = make_inputs(spec)
    known, rest = first_parameters(spec, inputs)
    if past:
        add_past(spec, inputs, known)
    truth, ran = step(spec, inputs, torch.float64, known, rest)
    single, _ = step(spec, inputs, torch.float32, known, rest)
    error = own_error(single, truth)
    if golden:
        thin(known, inputs, truth, ran)
    return {**known, **inputs,
            **truth}, {"config": json.dumps(spec), "float32_error": json.dumps(error, allow_nan=False)}, error


def save(path, tensors, metadata):
    """safetensors; packed, with doubles cut to KEPT_BITS, when the name ends in .gz."""
    packed, header, blobs, at = path.endswith(".gz"), {"__metadata__": metadata}, [], 0
    for name, t in tensors.items():
        if packed and t.dtype == torch.float64 and name.startswith(("grad.", "change.", "momentum.")):
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

    child = dice.random() < 0.3
    cells, channels, image = dice.choice([3, 4, 5, 6, 8, 20]), dice.choice([4, 6, 8, 12]), dice.choice([8, 12, 16, 20,
                                                                                                      36])
    while cells * channels * image > 1000:
        cells, channels, image = max(3, cells - 1), max(4, channels - 2), max(8, image - 4)
    more = {} if child else random_search(dice)
    return {
        "channels": channels, "cells": cells, "classes": dice.choice([2, 3, 10, 17]), "image": image, "batch":
        dice.choice([3, 4, 6, 8]), "temperature": dice.choice([5.0, 2.0, 1.0, 0.5, 0.1, 0.03]), "resource_lambda":
        dice.choice([0.0, 0.0015, 0.01]), "log_penalty": dice.random() < 0.5, "no_pool_bn": child
        and dice.random() < 0.5, "genotype": {t: random_cell() for t in TYPES} if child else None, **more
    }


def random_search(dice):
    """Space, method, estimator, level, and how weights and logits move."""
    method = dice.choice(list(methods.METHODS))
    estimators, levels, resource_methods = methods.METHODS[method]
    return {
        "space": dice.choice(list(SPACES)), "method": method, "estimator": dice.choice(estimators),
        "level": dice.choice(levels), "resource_method": dice.choice(resource_methods),
        "resource_baseline": dice.random() < 0.5, "reward_measure": dice.choice(["accuracy", "loss"]),
        "reward_baseline_decay": dice.choice([0.9, 0.5]), "reward_entropy": dice.choice([0.0, 0.1]),
        "drop_path": dice.choice([0.0, 0.0, 0.3]), "seed": dice.randrange(1 << 40),
        "weights": {"rate": dice.choice([0.025, 0.1]), "momentum": 0.9, "decay": dice.choice([0.0, 3e-4, 0.1]),
                    "clip": dice.choice([0.0, 5.0, 0.5]), "nesterov": dice.random() < 0.3},
        # an eps that rounding does not reach: else Adam makes the sign of a gradient that is nearly zero a whole step,
        # and the second half of a step is another in any program's single precision
        "logits": {"rate": 0.02, "beta1": 0.5, "beta2": 0.999, "eps": 1e-3, "decay": 1e-3,
                   "clip": dice.choice([0.0, 10.0, 0.05])}
    }


def make_random(count, seed, folder):
    dice, made = random.Random(seed), 0
    os.makedirs(folder, exist_ok=True)
    while made < count:
        spec = random_spec(dice)
        tensors, metadata, error = make_case(spec, dice.randrange(1 << 30), past=dice.random() < 0.7)
        if any(not error[k] <= most for k, most in TOO_WILD.items()):
            continue
        save(os.path.join(folder, f"random-{made:03d}.safetensors"), tensors, metadata)
        made += 1


KEYS = {  # that a case of a supernet may have, too
    "space": SPACES, "method": methods.METHODS, "estimator": methods.ESTIMATORS, "level": methods.LEVELS,
    "resource_method": ("reparametrization", "discrete", "policy_gradient"), "reward_measure": ("accuracy", "loss")
}


def add_optional(parser):
    for key, choices in KEYS.items():
        parser.add_argument(f"--{key.replace('_', '-')}", choices=choices)
    parser.add_argument("--reward-entropy", type=float)
    parser.add_argument("--resource-baseline", action="store_const", const=True)


def optional(a):
    given = {k: getattr(a, k) for k in (*KEYS, "reward_entropy", "resource_baseline")}
    return {k: v for k, v in given.items() if v is not None}


# How the golden cases of methods move: by a clip that bites, decay and momentum.
MOVES = {"weights": {"rate": 0.1, "momentum": 0.9, "decay": 0.01, "clip": 2.0, "nesterov": False},
         "logits": {"rate": 0.02, "beta1": 0.5, "beta2": 0.999, "eps": 1e-8, "decay": 0.001, "clip": 0.5}}


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
    parser.add_argument("--drop-path", type=float, default=0.0)
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
    if a.drop_path > 0:
        spec.update({"drop_path": a.drop_path, "seed": a.seed})
    if a.method:
        spec.update(MOVES)
    tensors, metadata, error = make_case(spec, a.seed, past=bool(a.method), golden=bool(a.method))
    save(a.case, tensors, metadata)
    print(f"{a.case}: loss {float(tensors['expect.loss']):.9f}, " + ", ".join(f"{k} {v:.1e}" for k, v in error.items()))


if __name__ == "__main__":
    main()
