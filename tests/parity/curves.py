#!/usr/bin/env python3
"""curves.py -- the first steps of `snas train` and of PyTorch on the same batches, the two losses side by side.

usage: curves.py CONFIG GENOTYPE [--steps N] [--set KEY=VALUE]... [--data FOLDER] [--out FILE] [--every K] [--threads T]

CONFIG and GENOTYPE are those of `snas train`, on CIFAR-10. snas takes a step, whose checkpoint PyTorch starts from:
weights and momentum. Then both go on, PyTorch with batches made here by the rules of src/data: the order and every
crop, flip and hole follow from the seed. Loss, label smoothing, auxiliary classifier, clipping, rate and decay are the
config's. FILE gets a line of JSON a step; every K-th step is printed. Single precision on both sides: the curves part
as rounding grows. PyTorch runs in channels last, its faster layout; only its steps are timed, not the making of its
batches.
"""
import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import numpy
import torch
import torch.nn.functional as F

import pictures
from network import Network, load_tensors

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHUFFLE, AUGMENT = 6, 7  # streams, include/snas/base/rng.h
INTERRUPTED = 130


class Dice:
    """Philox 4x32-10 at (seed, stream, step), word by word, as src/base/rng.c."""

    def __init__(self, seed, stream, step, ahead=8):
        self.at, self.ahead = (seed, stream, step), ahead
        self.block, self.words = 0, []

    def more(self):
        seed, stream, step = self.at
        n = numpy.arange(self.block, self.block + self.ahead, dtype=numpy.uint64)
        low = numpy.uint64(0xFFFFFFFF)
        x = [
            n & low,
            numpy.full_like(n, step & 0xFFFFFFFF),
            numpy.full_like(n, step >> 32),
            numpy.uint64(stream) + (n >> numpy.uint64(32) << numpy.uint64(16))
        ]
        k0, k1 = seed & 0xFFFFFFFF, seed >> 32
        for _ in range(10):
            a, b = numpy.uint64(0xD2511F53) * x[0], numpy.uint64(0xCD9E8D57) * x[2]
            x = [
                b >> numpy.uint64(32) ^ x[1] ^ numpy.uint64(k0), b & low,
                a >> numpy.uint64(32) ^ x[3] ^ numpy.uint64(k1), a & low
            ]
            k0, k1 = k0 + 0x9E3779B9 & 0xFFFFFFFF, k1 + 0xBB67AE85 & 0xFFFFFFFF
        self.block += self.ahead
        self.words = numpy.stack(x, 1).reshape(-1).tolist()[::-1]

    def below(self, n):
        while True:
            if not self.words:
                self.more()
            product = self.words.pop() * n
            if product & 0xFFFFFFFF >= (1 << 32) % n:
                return product >> 32


def order_of(seed, epoch, count):
    """Fisher and Yates."""
    dice, items = Dice(seed, SHUFFLE, epoch, 4096), list(range(count))
    for i in range(count - 1, 0, -1):
        j = dice.below(i + 1)
        items[i], items[j] = items[j], items[i]
    return items


def picture(config, raw, epoch, position):
    """Crop, flip, normalise, cutout; raw [3, S, S] bytes."""
    data, hole, side = config["data"], config["train"]["cutout"], raw.shape[1]
    dice, pad = Dice(config["seed"], AUGMENT, (epoch << 32) + position), config["data"]["crop_pad"]
    if pad > 0:
        top, left = dice.below(2 * pad + 1), dice.below(2 * pad + 1)
        raw = F.pad(raw, (pad, pad, pad, pad))[:, top:top + side, left:left + side]
    if data["flip"] and dice.below(2) == 1:
        raw = raw.flip(2)
    x = pictures.normalised(raw[None])[0]
    if hole > 0:
        y, z = dice.below(side) - hole // 2, dice.below(side) - hole // 2
        x[:, max(y, 0):max(y + hole, 0), max(z, 0):max(z + hole, 0)] = 0
    return x


class Batches:
    """Batch number `step` of the run."""

    def __init__(self, config, folder):
        self.config, self.epoch, self.order = config, -1, []
        self.raw, self.labels = pictures.load(folder)

    def take(self, step):
        size, count = self.config["train"]["batch"], len(self.labels)
        epoch, b = divmod(step, (count + size - 1) // size)
        if epoch != self.epoch:
            self.epoch, self.order = epoch, order_of(self.config["seed"], epoch, count)
        chosen = self.order[b * size:(b + 1) * size]
        return torch.stack([picture(self.config, self.raw[i], epoch, b * size + n)
                            for n, i in enumerate(chosen)]), self.labels[chosen]


def rate_of(weights, step, per_epoch):
    """Of the first epoch: the warm-up, or the first rate."""
    if weights["warmup"] > 0:
        return weights["rate"] * (step + 1) / (weights["warmup"] * per_epoch)
    return weights["rate"]


def restore(path, net, descent):
    """Weights and momentum of a checkpoint."""
    tensors, _ = load_tensors(path)
    net.load_state_dict({n[len("model."):]: t for n, t in tensors.items() if n.startswith("model.")})
    known, flat, at = dict(net.named_parameters()), tensors["optim.w.momentum"], 0
    for name in (n[len("model."):] for n in tensors if n.startswith("model.")):
        if name in known:
            p = known[name]
            descent.state[p]["momentum_buffer"] = flat[at:at + p.numel()].reshape(p.shape).clone()
            at += p.numel()
    assert at == len(flat)


def by_pytorch(a, config, genotype, checkpoint):
    """(losses of steps 2 to N, seconds of them)."""
    train, w = config["train"], config["train"]["weights"]
    net = Network(train["channels"], train["cells"], 10, child=genotype, pool_norm=genotype["pool_bn"],
                  auxiliary=train["auxiliary"] > 0)
    net.to(memory_format=torch.channels_last)
    spared = [p for p in net.parameters() if p.dim() == 1 and not w["decay_norms_and_biases"]]
    others = [p for p in net.parameters() if all(p is not q for q in spared)]
    descent = torch.optim.SGD([{"params": others, "weight_decay": w["decay"]}, {"params": spared, "weight_decay": 0.0}],
                              w["rate"], w["momentum"], nesterov=w["nesterov"])
    restore(checkpoint, net, descent)
    batches, losses, seconds = Batches(config, a.data), [], 0.0
    per_epoch = (len(batches.labels) + train["batch"] - 1) // train["batch"]
    if a.steps > per_epoch:
        sys.exit(f"curves: {a.steps} steps are more than the {per_epoch} of an epoch")
    for step in range(1, a.steps):
        x, y = batches.take(step)
        started = time.time()
        said = net(x.contiguous(memory_format=torch.channels_last))
        heads = [(1.0, said)] if torch.is_tensor(said) else [(1.0, said[0]), (train["auxiliary"], said[1])]
        loss = sum(share * F.cross_entropy(h, y, label_smoothing=train["label_smoothing"]) for share, h in heads)
        descent.zero_grad()
        loss.backward()
        if w["clip"] > 0:
            torch.nn.utils.clip_grad_norm_(net.parameters(), w["clip"])
        for group in descent.param_groups:
            group["lr"] = rate_of(w, step, per_epoch)
        descent.step()
        losses.append(loss.item())
        seconds += time.time() - started
        print(f"\rPyTorch: step {step + 1} of {a.steps}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return losses, seconds


def by_snas(a, sets, folder):
    """(checkpoint after the first step, losses of all steps, seconds of all but the first)."""
    run, losses = os.path.join(folder, "run"), os.path.join(folder, "losses")
    common = ["--threads", str(a.threads), "--losses", losses, "-q"]
    first = [a.snas, "train", a.config, *sets, "--genotype", a.genotype, "--out", run, "--stop-after", "1", *common]
    rest = [a.snas, "train", "--resume", run, "--stop-after", str(a.steps - 1), *common]
    checkpoint = os.path.join(run, "checkpoints/step-00000001.safetensors")
    for arguments in (first, rest):
        started = time.time()
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        if done.returncode not in (0, INTERRUPTED):
            sys.exit(f"curves: {done.stderr.strip()}")
        if arguments is first:
            shutil.copyfile(checkpoint, os.path.join(folder, "first"))  # the run removes it in time
    seconds = time.time() - started
    with open(losses, encoding="utf-8") as file:
        return os.path.join(folder, "first"), [json.loads(line)["loss"] for line in file], seconds


def settings(a):
    sets = [word for s in a.set for word in ("--set", s)]
    sets += ["--set", f"data.path={os.path.abspath(a.data)}"]
    config = json.loads(
        subprocess.run([a.snas, "-q", "config", "check", a.config, *sets], check=True, capture_output=True,
                       text=True).stdout)
    train = config["train"]
    still = train["drop_path"] == 0 or train["drop_path_ramp"]  # none in the first epoch
    if config["data"]["dataset"] != "cifar10" or not still or train["micro_batch"] or train["train_images"]:
        sys.exit("curves: wants cifar10 whole, no drop path in the first epoch, and batches in one part")
    return config, sets


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("genotype")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[])
    parser.add_argument("--data", metavar="FOLDER", default=os.environ.get("SNAS_DATA", "data"))
    parser.add_argument("--out", metavar="FILE")
    parser.add_argument("--every", metavar="K", type=int, default=20)
    parser.add_argument("--threads", metavar="T", type=int, default=1)
    parser.add_argument("--snas", metavar="PROGRAM", default=os.path.join(ROOT, "build/release/snas"))
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    config, sets = settings(a)
    genotype = json.loads(
        subprocess.run([a.snas, "info", "genotype", a.genotype], check=True, capture_output=True, text=True).stdout)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, ours, our_seconds = by_snas(a, sets, folder)
        theirs, their_seconds = by_pytorch(a, config, genotype, checkpoint)
    rows = list(zip(range(2, a.steps + 1), ours[1:], theirs))
    print("| step | snas | PyTorch | difference |\n|---|---|---|---|")
    for step, x, y in rows:
        if step == 2 or step % a.every == 0:
            print(f"| {step} | {x:.6f} | {y:.6f} | {x - y:+.1e} |")
    means = [sum(r[i] for r in rows) / len(rows) for i in (1, 2)]
    print(f"mean of steps 2 to {a.steps}: snas {means[0]:.6f}, PyTorch {means[1]:.6f}; largest difference "
          f"{max(abs(x - y) for _, x, y in rows):.1e}")
    for name, seconds, who in (("snas", our_seconds, resource.RUSAGE_CHILDREN),
                               ("PyTorch", their_seconds, resource.RUSAGE_SELF)):
        print(f"{name}: {len(rows) * config['train']['batch'] / seconds:.1f} images/s, {seconds:.0f} s, "
              f"{resource.getrusage(who).ru_maxrss // 1024} MiB at most")
    if a.out:
        with open(a.out, "w", encoding="utf-8") as file:
            file.writelines(json.dumps({"step": s, "snas": x, "pytorch": y}) + "\n" for s, x, y in rows)


if __name__ == "__main__":
    main()
