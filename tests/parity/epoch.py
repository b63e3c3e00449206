#!/usr/bin/python3
"""epoch.py -- a child trained for one epoch of CIFAR-10 by `snas train` and by PyTorch, same settings, a seed a run.

usage: epoch.py DATA RESULTS [--by snas pytorch] [--seeds 1 2 3] [--snas PROGRAM] [--images N]

DATA is the folder of the binary batches. Every run that RESULTS (a JSON object a line) lacks is made and appended, so
the script may be stopped and called again. Then it prints a table: the seeds, means with their standard errors, and how
far the means are apart in standard errors. Exit code 1 when that is more than three. One thread.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time

import torch
import torch.nn.functional as F

import pictures
from network import Network

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GENOTYPE, CHANNELS, CELLS, BATCH = "SNAS_mild", 16, 8, 64
RATE, MOMENTUM, DECAY, CLIP = 0.025, 0.9, 3e-4, 5.0
FIGURES = {"train_loss": "training loss", "test_accuracy": "test accuracy"}
MOST = 3.0  # standard errors that the means may be apart


def by_snas(a, seed):
    config = {
        "seed": seed, "data": {"dataset": "cifar10", "path": os.path.abspath(a.data), "crop_pad": 4, "flip": True},
        "train": {
            "channels": CHANNELS, "cells": CELLS, "epochs": 1, "batch": BATCH, "cutout": 0, "drop_path": 0,
            "auxiliary": 0, "label_smoothing": 0, "train_images": a.images,
            "weights": {"rate": RATE, "schedule": "constant", "momentum": MOMENTUM, "decay": DECAY, "clip": CLIP}
        }
    }
    with tempfile.TemporaryDirectory() as folder:
        path, out = os.path.join(folder, "config.json"), os.path.join(folder, "run")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)
        subprocess.run([a.snas, "train", path, "--genotype", GENOTYPE, "--out", out, "--threads", "1"], check=True,
                       stdout=subprocess.DEVNULL)
        with open(os.path.join(out, "metrics.jsonl"), encoding="utf-8") as file:
            row = json.loads(file.readline())
    return {k: row[k] for k in FIGURES}


def by_pytorch(a, seed):
    found = json.loads(
        subprocess.run([a.snas, "info", "genotype", GENOTYPE], check=True, capture_output=True, text=True).stdout)
    torch.manual_seed(seed)
    dice = torch.Generator().manual_seed(seed)
    net = Network(CHANNELS, CELLS, 10, child=found, pool_norm=found["pool_bn"])
    descent = torch.optim.SGD(net.parameters(), RATE, MOMENTUM, weight_decay=DECAY)
    raw, labels = pictures.load(a.data)
    order, total = torch.randperm(len(labels), generator=dice)[:a.images or None], 0.0
    for chosen in order.split(BATCH):
        descent.zero_grad()
        loss = F.cross_entropy(net(pictures.normalised(pictures.augmented(raw[chosen], dice))), labels[chosen])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        descent.step()
        total += loss.item() * len(chosen)
    net.eval()
    raw, labels = pictures.load(a.data, test=True)
    with torch.no_grad():
        right = sum(
            int((net(pictures.normalised(x)).argmax(1) == y).sum()) for x, y in zip(raw.split(250), labels.split(250)))
    return {"train_loss": total / len(order), "test_accuracy": right / len(labels)}


SIDES = {"snas": by_snas, "pytorch": by_pytorch}


def statistics(values):
    """Mean and standard error."""
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum(
        (v - mean)**2 for v in values) / (len(values) - 1) / len(values)) if len(values) > 1 else math.nan


def print_table(rows):
    worst = 0.0
    for figure, brief in FIGURES.items():
        both = {by: [r[figure] for r in rows if r["by"] == by] for by in SIDES}
        (a, ea), (b, eb) = (statistics(both[by] or [math.nan]) for by in SIDES)
        apart = abs(a - b) / math.hypot(ea, eb) if math.hypot(ea, eb) > 0 else math.nan
        for by, values in both.items():
            mean, error = statistics(values or [math.nan])
            print(f"| {brief} | {by} | {', '.join(f'{v:.4f}' for v in values)} | {mean:.4f} | {error:.4f} |")
        print(f"{brief}: the means differ by {a - b:+.4f}, {apart:.2f} standard errors")
        worst = max(worst, apart)
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("results")
    parser.add_argument("--by", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--snas", metavar="PROGRAM", default=os.path.join(ROOT, "build/release/snas"))
    parser.add_argument("--images", metavar="N", type=int, default=0, help="training pictures; 0: all")
    a = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    if os.path.exists(a.results):
        with open(a.results, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
    for seed in a.seeds:
        for by in a.by:
            if any((r["by"], r["seed"]) == (by, seed) for r in rows):
                continue
            started = time.process_time()
            rows.append({"by": by, "seed": seed, **SIDES[by](a, seed), "seconds": round(time.process_time() - started)})
            with open(a.results, "a", encoding="utf-8") as file:
                file.write(json.dumps(rows[-1]) + "\n")
    return 0 if print_table(sorted(rows, key=lambda r: r["seed"])) <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
