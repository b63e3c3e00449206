#!/usr/bin/python3
"""check_search_steps.py -- the steps that bench-peer times (search_steps.py) are those of the oracle (methods.py).

Both take one step of every method in double precision, from the same weights, pictures and noise, without the resource
term: weights and logits have to move alike. Exit code 77 without PyTorch.
"""
import importlib.util
import sys

if importlib.util.find_spec("torch") is None:
    print("PyTorch is not installed (python3-torch)")
    sys.exit(77)

import torch

import methods
import network
import oracle
import search_steps

STEPS = [("snas", "concrete", "single"), ("snas", "concrete", "bilevel"),
         ("straight-through", "straight-through", "bilevel"), ("straight-through", "gdas", "bilevel"),
         ("dsnas", "single-path", "single"), ("darts", "attention", "bilevel-second-order"),
         ("reinforce", "categorical", "reward"), ("random", "uniform", "weights")]
MOVES = {"weights": {"rate": 0.025, "momentum": 0.9, "decay": 3e-4, "clip": 5.0, "nesterov": False},
         "logits": {"rate": 3e-4, "beta1": 0.5, "beta2": 0.999, "eps": 1e-8, "decay": 1e-3, "clip": 10.0}}


def peer_step(spec, inputs, known):
    """What the peer's step adds to each parameter."""
    net = (network.Network if spec["space"] == "darts" else network.Bench)(spec["channels"], spec["cells"],
                                                                            spec["classes"]).double()
    net.load_state_dict({**net.state_dict(), **known})
    before = {n: p.detach().clone() for n, p in net.named_parameters()}

    def data(half):
        prefix = "input." if half == "train" else "input.logit_"
        return inputs[f"{prefix}images"].double(), inputs[f"{prefix}labels"]

    step = search_steps.SearchStep(spec, net, net, data)
    step.prices = {t: 0 * p.double() for t, p in step.prices.items()}
    draws = ["input.logit_gumbel_"] * (spec["level"] in ("bilevel", "reward")) + ["input.gumbel_"] * 5
    names = iter([prefix + t for prefix in draws for t in step.logits])
    step.relaxed = lambda p: torch.softmax(p + inputs[next(names)].double(), 1)
    step.take()
    return {n: p.detach() - before[n] for n, p in net.named_parameters()}


def gap(space, method, estimator, level):
    """The largest relative distance of what the two steps add to a parameter."""
    torch.manual_seed(5)
    spec = {"channels": 4, "cells": 4, "classes": 5, "image": 8, "batch": 4, "temperature": 1.0, "genotype": None,
            "resource_lambda": 0.0, "log_penalty": True, "no_pool_bn": False, "resource_method": "discrete",
            "space": space, "method": method, "estimator": estimator, "level": level, **MOVES}
    inputs = oracle.make_inputs(spec)
    known, rest = oracle.first_parameters(spec, inputs)
    truth, _ = oracle.step(spec, inputs, torch.float64, known, rest)
    found = peer_step(spec, inputs, known)
    return max(float((found[n] - truth[f"change.{n}"]).norm() / (truth[f"change.{n}"].norm() + 1e-6)) for n in found)


def main():
    torch.set_num_threads(1)
    assert {method for method, _, _ in STEPS} == set(methods.METHODS)
    faults = 0
    for step in STEPS:
        for space in ("nas-bench-201", "darts"):
            error = gap(space, *step)
            good = error < 1e-10
            faults += not good
            print(f"{' '.join(step)}, {space}: {error:.1e}{'' if good else ', too far'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
