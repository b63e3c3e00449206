#!/usr/bin/python3
"""The space nas-bench-201: its lines, and the accuracies that are known of its cells; $SNAS is the program."""
import json
import unittest

from in_folder import InFolder

# 40 pictures to train on and 20 held out: three steps an epoch.
CONFIG = {
    "seed": 3,
    "keep_checkpoints": 1,
    "data": {"dataset": "synthetic", "crop_pad": 2, "synthetic": {"train": 80, "test": 40, "side": 8}},
    "search": {"space": "nas-bench-201", "channels": 2, "cells": 3, "epochs": 2, "batch": 16, "train_images": 40,
               "validation_images": 20},
    "train": {"channels": 2, "cells": 3, "epochs": 1, "batch": 32, "cutout": 2, "drop_path": 0},
}
ARCH_11 = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|"




class Bench(InFolder):
    config = CONFIG

    def search(self, out, *more, code=0):
        return self.snas("search", "tiny.json", "--out", out, *more, code=code)


class BenchLines(Bench, unittest.TestCase):
    def test_derive_prints_the_line_and_nothing_else(self):
        self.search("run")
        for rule in ("edge", "top2", "darts"):
            line = self.snas("derive", "run", "--rule", rule, "--format", "nas-bench-201").stdout
            self.assertRegex(line, r"^\|\w+~0\|\+\|\w+~0\|\w+~1\|\+\|\w+~0\|\w+~1\|\w+~2\|\n$")
        line = self.snas("derive", "run", "--format", "nas-bench-201").stdout
        self.assertEqual((self.folder / "run/genotype.txt").read_text(), line)
        self.snas("derive", "run", "--format", "nas-bench-201", "--out", "line.txt")
        self.assertEqual((self.folder / "line.txt").read_text(), line)
        cell = json.loads(self.snas("info", "genotype", line.strip()).stdout)["cell"]
        self.assertEqual(cell, json.loads((self.folder / "run/genotype.json").read_text())["cell"])

    def test_a_line_stands_wherever_an_architecture_is_named(self):
        self.snas("train", "tiny.json", "--genotype", ARCH_11, "--out", "child")
        self.assertEqual((self.folder / "child/genotype.txt").read_text(), ARCH_11 + "\n")
        said = json.loads(self.snas("info", "genotype", ARCH_11, "--channels", "16", "--cells", "17", "--json").stdout)
        self.assertEqual((said["genotype"], said["params"]), (ARCH_11, 802426))
        weights = "child/weights-last.safetensors"
        told = self.snas("eval", weights, "--config", "tiny.json").stdout
        self.assertEqual(self.snas("eval", weights, "--genotype", ARCH_11, "--config", "tiny.json").stdout, told)
        done = self.snas("bench", "tiny.json", "--genotype", ARCH_11, "--steps", "1", "--json")
        self.assertTrue(json.loads(done.stdout.splitlines()[-1]))

    def test_a_wrong_line_is_one_sentence_and_wrong_use(self):
        done = self.snas("train", "tiny.json", "--genotype", "|nor_conv_3~0|", "--out", "child", code=2)
        self.assertEqual(done.stderr, "snas: genotype:1:2: unknown operation 'nor_conv_3' in space 'nas-bench-201', "
                                      "did you mean 'nor_conv_3x3'?\n")
        self.assertFalse((self.folder / "child").exists())


if __name__ == "__main__":
    unittest.main()
