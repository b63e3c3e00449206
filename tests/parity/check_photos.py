#!/usr/bin/env python3
"""check_photos.py -- a child with ImageNet's stem, trained on a folder of pictures, says in PyTorch what it says here.

$SNAS is the program. Pictures have the size that the network sees, so that no resizing stands between the two. Exits
with 77, which ctest takes for skipped, where PyTorch is not installed.
"""
import json
import random
import sys
import unittest

try:
    import torch
except ImportError:
    print("PyTorch is not installed")
    sys.exit(77)

from in_folder import InFolder, png
from network import Network, load_tensors, relative_distance, save_tensors

CLOSE = 1e-5  # relative, of all logits as one
SIDE, CLASSES, TRAIN, TEST = 64, ("ant", "bee", "cat"), 4, 3  # pictures a class
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CONFIG = {
    "data": {"dataset": "folder", "path": "photos",
             "photos": {"centre": 1.0, "brightness": 0, "contrast": 0, "saturation": 0, "hue": 0}},
    "train": {"stem": "imagenet", "side": SIDE, "channels": 4, "cells": 3, "epochs": 2, "batch": 6, "cutout": 0,
              "drop_path": 0},
}


def picture(label, dice):
    """Waves whose length is the class's, in noise."""
    out = bytearray()
    for i in range(SIDE * SIDE):
        level = 128 + (60 if i % SIDE // (2 + 3 * label) % 2 else -60)
        out += bytes(max(0, min(255, int(dice.gauss(level, 20)))) for _ in range(3))
    return bytes(out)


class Photos(InFolder, unittest.TestCase):
    config = CONFIG

    def setUp(self):
        super().setUp()
        dice, test = random.Random(1), []
        for part, count in (("train", TRAIN), ("val", TEST)):
            for label, name in enumerate(CLASSES):
                where = self.folder / "photos" / part / name
                where.mkdir(parents=True)
                for i in range(count):
                    pixels = picture(label, dice)
                    (where / f"{i}.png").write_bytes(png(SIDE, SIDE, pixels))
                    test += [pixels] if part == "val" else []
        raw = torch.tensor(list(b"".join(test)), dtype=torch.float32).reshape(-1, SIDE, SIDE, 3).permute(0, 3, 1, 2)
        mean, deviation = (torch.tensor(t).reshape(1, 3, 1, 1) for t in (MEAN, DEVIATION))
        self.test = (raw / 255 - mean) / deviation

    def network(self, name):
        found = json.loads(self.snas("info", "genotype", name).stdout)
        child = {kind: found[kind] for kind in ("normal", "reduce")}
        return Network(4, 3, len(CLASSES), child=child, pool_norm=found["pool_bn"], stem="imagenet").eval()

    def logits(self, *arguments):
        self.snas("eval", *arguments, "--logits", "logits.safetensors")
        return load_tensors(self.folder / "logits.safetensors")[0]["logits"]

    def test_a_child_trained_here_loads_there_and_says_the_same(self):
        for name in ("SNAS_mild", "DARTS_V2"):
            with self.subTest(name):
                self.snas("train", "tiny.json", "--genotype", name, "--out", name)
                net = self.network(name)
                net.load_state_dict(load_tensors(self.folder / name / "weights-last.safetensors")[0], strict=True)
                with torch.no_grad():
                    wanted = net(self.test)
                self.assertLess(relative_distance(self.logits(name, "--last"), wanted), CLOSE)
                first = json.loads(
                    self.snas("predict", f"{name}/weights-last.safetensors", "photos/val/ant/0.png", "--json").stdout)
                said = {p["name"]: p["probability"] for p in first["predictions"][0]["classes"]}
                for label, probability in zip(CLASSES, torch.softmax(wanted[0].double(), 0)):
                    self.assertAlmostEqual(said[label], float(probability), places=5)

    def test_a_state_dict_from_there_is_evaluated_here_to_the_same(self):
        torch.manual_seed(3)
        net = self.network("SNAS_mild")
        for parameter in net.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
        with torch.no_grad():
            net.train()(self.test)
            wanted = net.eval()(self.test)
        save_tensors(self.folder / "from.safetensors", net.state_dict())
        found = self.logits("from.safetensors", "--genotype", "SNAS_mild", "--config", "tiny.json")
        self.assertLess(relative_distance(found, wanted), CLOSE)


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
