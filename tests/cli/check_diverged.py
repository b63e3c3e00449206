#!/usr/bin/python3
"""Runs whose numbers are no longer finite: exit code 5, nothing good overwritten, and the way back that is named.

$SNAS is the program. The learning rates are those of a user who has lost a decimal point or three.
"""
import array
import json
import math
import re
import shlex
import struct
import unittest

from in_folder import InFolder

CONFIG = {
    "seed": 1,
    "data": {"dataset": "synthetic", "synthetic": {"train": 60, "test": 40, "side": 8}},
    "search": {"channels": 2, "cells": 3, "epochs": 3, "batch": 10, "drop_path": 0, "weights": {"clip": 0, "decay": 1}},
    "train": {"channels": 4, "cells": 3, "epochs": 4, "batch": 20, "cutout": 0, "drop_path": 0, "weights": {"clip": 0}},
}
COMMANDS = {"train": ("--genotype", "DARTS_V2"), "search": ()}
# Everything else that an epoch of a training judges and saves; the auxiliary classifier wants pictures of side 32.
MORE = [
    ("train.average_decay=0.9", "train.label_smoothing=0.1"),
    ("train.recalibration_batches=2", "train.micro_batch=7", "train.average_decay=0.5"),
    ("train.evaluate_every=3", "checkpoint_steps=1", "keep_checkpoints=1"),
    ("train.auxiliary=0.4", "data.synthetic.side=32", "train.channels=2", "checkpoint_steps=2"),
]


class Diverged(InFolder, unittest.TestCase):
    config = CONFIG

    def run_until_it_diverges(self, command, out, *sets):
        """The sentence of a run whose rate is far too high, and the command that it names."""
        more = [word for value in (f"{command}.weights.rate=100", *sets) for word in ("--set", value)]
        said = self.snas(command, "tiny.json", *COMMANDS[command], "--out", out, *more, code=5).stderr
        self.assertEqual((self.folder / out / "STATUS").read_text(), "failed\n")
        found = re.search(
            r"snas: the run diverged at step \d+ \(epoch \d+\): .*; to (begin again|go back to .*) with a lower "
            r"learning rate: snas (.*)\n", said)
        self.assertIsNotNone(found, said)
        return shlex.split(found[2])

    def check_numbers(self, out):
        """Every number of every file of tensors is finite."""
        for path in (self.folder / out).rglob("*.safetensors"):
            raw = path.read_bytes()
            size = struct.unpack("<Q", raw[:8])[0]
            for name, entry in json.loads(raw[8:8 + size]).items():
                if entry.get("dtype") in ("F32", "F64"):
                    begin, end = entry["data_offsets"]
                    numbers = array.array("f" if entry["dtype"] == "F32" else "d", raw[8 + size + begin:8 + size + end])
                    self.assertTrue(all(map(math.isfinite, numbers)), f"{path}: {name}")

    def figures(self, out):
        return [json.loads(line) for line in (self.folder / out / "metrics.jsonl").read_text().splitlines()]

    def test_the_way_back_leads_to_the_run_with_the_lower_rate(self):
        for command, more in COMMANDS.items():
            back = self.run_until_it_diverges(command, command)
            self.assertEqual(back, [command, "--resume", command, "--set", f"{command}.weights.rate=0.025"])
            said = self.snas(*back).stderr
            self.assertIn(f"the config changes: {command}.weights.rate from 100 to 0.025", said)
            self.assertEqual((self.folder / command / "STATUS").read_text(), "done\n")
            # No checkpoint of the high rate was one to go on from: so it is the run of the low rate from the start.
            self.snas(command, "tiny.json", *more, "--out", "low")
            for name in ("metrics.jsonl",
                         f"checkpoints/{(self.folder / 'low/checkpoints/LATEST').read_text().strip()}"):
                one, other = ((self.folder / run / name).read_bytes() for run in (command, "low"))
                self.assertEqual(one, other, name)
            self.run_in("rm", "-r", "low")

    def test_nothing_that_a_training_can_do_besides_lets_it_pass(self):
        for i, sets in enumerate(MORE):
            out = f"run{i}"
            back = self.run_until_it_diverges("train", out, *sets)
            self.check_numbers(out)
            self.snas(*back)
            self.check_numbers(out)
            for row in self.figures(out):
                self.assertTrue(math.isfinite(row["train_loss"]) and row["train_loss"] < 20, row)
            self.assertTrue(math.isfinite(json.loads(self.snas("eval", out, "--json").stdout)["loss"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
