#!/usr/bin/python3
"""ImageNet16 in the layout of its published files, converted, looked through, searched on and trained on.

$SNAS is the program. The pictures are noise that this file draws by itself.
"""
import json
import os
import pickle
import struct
import unittest

import numpy as np

from in_folder import InFolder

SCRIPT = os.path.abspath("scripts/pack-imagenet16")
CLASSES, SIDE, EACH = 5, 16, 30
CONFIG = {
    "seed": 5,
    "data": {"dataset": "packed", "path": "set.pack", "crop_pad": 2},
    "search": {"space": "nas-bench-201", "channels": 4, "cells": 5, "epochs": 1, "batch": 16},
    "train": {"channels": 4, "cells": 5, "epochs": 1, "batch": 16, "cutout": 0},
}


class Harm:
    def __reduce__(self):
        return os.system, ("touch harmed",)


class PackedImagenet(InFolder, unittest.TestCase):
    config = CONFIG

    def setUp(self):
        super().setUp()
        (self.folder / "raw").mkdir()
        rng = np.random.default_rng(7)
        self.batches = {}
        for i, name in enumerate([f"train_data_batch_{i}" for i in range(1, 11)] + ["val_data"]):
            labels = [1 + (i + j) % 8 for j in range(EACH)]  # 6, 7 and 8 are not wanted
            batch = {"data": rng.integers(0, 256, (EACH, 3 * SIDE * SIDE), np.uint8), "labels": labels}
            if name != "val_data":
                batch["mean"] = rng.random(3 * SIDE * SIDE)
            self.batches[name] = batch
            self.put(name, batch, 2 + i % 3)

    def put(self, name, batch, protocol=2):
        (self.folder / "raw" / name).write_bytes(pickle.dumps(batch, protocol))

    def convert(self, *more, code=0):
        return self.run_in(SCRIPT, "raw", "set.pack", "--classes", str(CLASSES), *more, code=code)

    def kept(self, names):
        pixels, labels = [], []
        for name in names:
            for row, label in zip(self.batches[name]["data"], self.batches[name]["labels"]):
                if label <= CLASSES:
                    pixels.append(row.reshape(3, SIDE, SIDE).transpose(1, 2, 0))
                    labels.append(label - 1)
        return np.array(pixels), np.array(labels)

    def test_the_file_holds_the_pictures_that_are_wanted(self):
        self.assertIn(" test pictures of 16 x 16, 5 classes", self.convert().stdout)
        raw = (self.folder / "set.pack").read_bytes()
        size = struct.unpack("<Q", raw[:8])[0]
        header, buffer = json.loads(raw[8:8 + size]), raw[8 + size:]
        self.assertEqual((8 + size) % 64, 0)
        for part, names in (("train", [n for n in self.batches if n != "val_data"]), ("test", ["val_data"])):
            for what, kind, wanted in zip(("pixels", "labels"), ("u1", "<i8"), self.kept(names)):
                entry = header[f"{part}.{what}"]
                begin, end = entry["data_offsets"]
                found = np.frombuffer(buffer[begin:end], kind).reshape(entry["shape"])
                np.testing.assert_array_equal(found, wanted)

    def test_it_is_without_fault_to_the_last_checksum(self):
        self.convert()
        counts = [len(self.kept([n for n in self.batches if (n == "val_data") == test])[1]) for test in (False, True)]
        self.assertEqual(
            self.snas("data", "check", "packed", "--path", "set.pack").stdout,
            f"no fault: packed pictures of 5 classes in 'set.pack': {counts[0]} training and {counts[1]} test\n")
        stats = json.loads(self.snas("data", "stats", "packed", "--path", "set.pack", "--json").stdout)
        self.assertEqual(stats["height"], [SIDE, SIDE])
        self.assertEqual([c["name"] for c in stats["classes"]], ["1", "2", "3", "4", "5"])
        for found, wanted in zip(stats["used"]["mean"] + stats["used"]["deviation"],
                                 (122.68, 116.66, 104.01, 63.22, 61.26, 65.09)):
            self.assertAlmostEqual(found, wanted / 255, places=6)
        self.snas("data", "pack", "packed", "--path", "set.pack", "--out", "again.pack")
        first, again = ((self.folder / name).read_bytes() for name in ("set.pack", "again.pack"))
        self.assertEqual(first[-1000:], again[-1000:])
        spoiled = bytearray(first)
        spoiled[-5000] ^= 4
        (self.folder / "set.pack").write_bytes(spoiled)
        said = self.snas("data", "check", "packed", "--path", "set.pack", code=3).stdout
        self.assertIn("the checksum of its buffer is", said)

    def test_a_cell_is_searched_and_trained_on_it(self):
        self.convert()
        self.snas("search", "tiny.json", "--out", "search")
        self.snas("train", "tiny.json", "--genotype", "search/genotype.json", "--out", "child")
        tested = json.loads(self.snas("eval", "child", "--json").stdout)
        self.assertEqual(tested["images"], len(self.kept(["val_data"])[1]))
        self.assertEqual(tested["classes"][4]["name"], "5")

    def test_what_is_no_such_file_is_refused(self):
        def refused(name, batch, sentence):
            self.put(name, batch)
            self.assertIn(sentence, self.convert(code=1).stderr)
            self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["raw", "tiny.json"])
            self.put(name, self.batches[name])
        good = self.batches["val_data"]
        refused("train_data_batch_3", {"data": Harm(), "labels": [1]}, "posix.system, allowed are numpy's arrays")
        refused("val_data", [1, 2], "has no 'data' and 'labels'")
        refused("val_data", {**good, "data": good["data"][:, :700]}, "has rows of 700 bytes, which are no 3 S S")
        refused("val_data", {**good, "data": good["data"].astype(int)}, "is no uint8 [N, 3 S S]")
        refused("val_data", {**good, "labels": good["labels"][1:]}, "its labels are not as many whole numbers")
        refused("val_data", {**good, "labels": [0] * EACH}, "has the label 0, allowed is 1 and more")
        refused("val_data", {**good, "labels": [9] * EACH}, "no picture with a label up to 5")
        refused("val_data", {**good, "data": good["data"][:, :192]},
                "training pictures have the side 16, test pictures 8")
        (self.folder / "raw/train_data_batch_10").unlink()
        self.assertIn("No such file or directory: 'raw/train_data_batch_10'", self.convert(code=1).stderr)
        (self.folder / "raw/train_data_batch_10").write_bytes(b"\x80\x02")
        self.assertIn("'raw/train_data_batch_10' is not a good pickle", self.convert(code=1).stderr)
        self.convert("--classes", "1", code=2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
