"""pictures.py -- CIFAR-10's binary batches as tensors, normalised as `snas` normalises them, and its crop and flip."""
import os

import numpy
import torch
import torch.nn.functional as F

MEAN = (0.49139968, 0.48215827, 0.44653124)
DEVIATION = (0.24703233, 0.24348505, 0.26158768)
RECORD = 3073  # bytes: a label, then 32 x 32 of red, of green, of blue


def parse(content):
    """(bytes [N, 3, 32, 32], labels [N]) of records."""
    raw = torch.from_numpy(numpy.frombuffer(content, numpy.uint8).reshape(-1, RECORD).copy())
    return raw[:, 1:].reshape(-1, 3, 32, 32), raw[:, 0].long()


def normalised(raw):
    mean, deviation = (torch.tensor(t).reshape(1, 3, 1, 1) for t in (MEAN, DEVIATION))
    return (raw.float() / 255 - mean) / deviation


def load(folder, test=False):
    """(bytes, labels) of the training or the test set; `folder` holds the batches, or a folder that does."""
    inner = os.path.join(folder, "cifar-10-batches-bin")
    folder = inner if os.path.isdir(inner) else folder
    names = ["test_batch.bin"] if test else [f"data_batch_{i}.bin" for i in range(1, 6)]
    content = b""
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            content += file.read()
    return parse(content)


def augmented(raw, dice, pad=4):
    """Every picture cropped at random from a black border of `pad`, and mirrored or not; `dice` is a
    torch.Generator."""
    n, side = raw.shape[0], raw.shape[2]
    wide = F.pad(raw, (pad, pad, pad, pad))
    out = torch.empty_like(raw)
    tops, lefts = torch.randint(2 * pad + 1, (2, n), generator=dice).tolist()
    for i, mirrored in enumerate(torch.randint(2, (n,), generator=dice).tolist()):
        part = wide[i, :, tops[i]:tops[i] + side, lefts[i]:lefts[i] + side]
        out[i] = part.flip(2) if mirrored else part
    return out
