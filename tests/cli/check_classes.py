#!/usr/bin/python3
"""Classes by their names: a data set whose classes stand in another order, or are others, than those of the weights.

$SNAS is the program. The data sets are packed files that this file writes, without checksums as other programs would.
"""
import json
import struct
import unittest

from in_folder import SNAS, InFolder

SIDE, CLASSES = 8, ["ant", "bee", "cat"]
CONFIG = {
    "seed": 3,
    "data": {"dataset": "packed", "path": "usual.pack", "crop_pad": 0},
    "search": {"channels": 2, "cells": 3, "epochs": 2, "batch": 8, "recalibration_batches": 1, "drop_path": 0},
    "train": {"channels": 2, "cells": 3, "epochs": 2, "batch": 8, "cutout": 0, "drop_path": 0},
}


def picture(kind, i):
    """Pixels of one of three kinds, each with a colour of its own."""
    return bytes((60 + 150 * (c == kind) + 13 * i + 5 * p) % 256 for p in range(SIDE * SIDE) for c in range(3))


def pack(order, names, counts=(24, 9)):
    """A packed file: class k of it is kind order[k], and is called names[k]."""
    tensors = {}
    for part, count in zip(("train", "test"), counts):
        kinds = [i % 3 for i in range(count)]
        tensors[f"{part}.pixels"] = ("U8", [count, SIDE, SIDE, 3], b"".join(picture(k, i) for i, k in enumerate(kinds)))
        tensors[f"{part}.labels"] = ("I64", [count], b"".join(struct.pack("<q", order.index(k)) for k in kinds))
    about = {"version": 1, "classes": names, "mean": [0.5] * 3, "deviation": [0.3] * 3, "source": "drawn"}
    header, buffer = {"__metadata__": {"snas.pack": json.dumps(about)}}, b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(buffer), len(buffer) + len(content)]}
        buffer += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + buffer


class ClassNames(InFolder, unittest.TestCase):
    config = CONFIG

    def setUp(self):
        super().setUp()
        for name, order, names in (("usual", [0, 1, 2], CLASSES), ("turned", [2, 0, 1], ["cat", "ant", "bee"]),
                                   ("renamed", [1, 2, 0], ["bee", "cat", "zebra"])):
            (self.folder / f"{name}.pack").write_bytes(pack(order, names))

    def eval(self, weights, name, *more, code=0):
        return self.snas("eval", weights, "--json", "--set", f"data.path={name}.pack", *more, code=code)

    def check_eval(self, weights, *more):
        usual, turned = self.eval(weights, "usual", *more), self.eval(weights, "turned", *more)
        self.assertEqual(turned.stdout, usual.stdout)
        self.assertNotIn("order", usual.stderr)
        self.assertIn("the classes of 'packed' stand in another order than the weights': matched by their names",
                      turned.stderr)
        said = self.eval(weights, "renamed", *more, code=2).stderr
        self.assertRegex(said, "the data set 'packed' has the class 'zebra', which the weights '.*' do not know, "
                               "and lacks their class 'ant'")
        return json.loads(usual.stdout)

    def test_weights_are_tested_by_the_names_of_the_classes(self):
        self.snas("train", "tiny.json", "--genotype", "SNAS_mild", "--out", "child", "--set", "train.epochs=6")
        found = self.check_eval("child", "--recalibrate", "2")
        self.assertEqual([c["name"] for c in found["classes"]], CLASSES)
        self.assertEqual(len({tuple(row) for row in found["confusion"]}), 3)  # else an order could not be told

    def test_a_supernet_is_tested_by_the_names_of_the_classes(self):
        self.snas("search", "tiny.json", "--out", "run")
        self.snas("derive", "run", "--weights", "supernet.safetensors")
        self.check_eval("supernet.safetensors", "--config", "tiny.json")

    def test_a_run_goes_on_with_the_same_classes_only(self):
        for command, more in (("search", ()), ("train", ("--genotype", "SNAS_mild"))):
            self.snas(command, "tiny.json", *more, "--out", command, "--stop-after", "2", code=130)
            for name, was, now in (("turned", "ant", "cat"), ("renamed", "ant", "bee")):
                said = self.snas(command, "--resume", command, "--set", f"data.path={name}.pack", code=3).stderr
                self.assertIn(f"class 0 of the data set is '{now}', it was '{was}' when '{command}/checkpoints/step-",
                              said)
            self.snas(command, "--resume", command)

    def test_a_derived_child_is_judged_on_the_same_classes_only(self):
        self.snas("search", "tiny.json", "--out", "run")
        self.snas("derive", "run", "--evaluate")
        (self.folder / "usual.pack").write_bytes((self.folder / "renamed.pack").read_bytes())
        self.assertIn("class 0 of the data set is 'bee', it was 'ant'",
                      self.snas("derive", "run", "--evaluate", code=3).stderr)


class ManyClasses(InFolder, unittest.TestCase):
    """A confusion matrix of 20,000 classes takes 3 GiB: more than there is here."""
    config = {**CONFIG, "data": {**CONFIG["data"], "path": "many.pack"},
              "train": {**CONFIG["train"], "epochs": 1, "batch": 4}}

    def limited(self, *command, code=0):
        return self.run_in("sh", "-c", 'ulimit -v 2500000; exec "$@"', "sh", SNAS, *command, code=code)

    def test_a_confusion_matrix_is_counted_only_when_it_is_wanted(self):
        if self.run_in("sh", "-c", 'ulimit -v 2500000; "$@" 2>&1 | grep Sanitizer; true', "sh", SNAS, "info").stdout:
            self.skipTest("a sanitizer wants more address space than there is")
        (self.folder / "many.pack").write_bytes(pack([0, 1, 2], [str(k) for k in range(20000)], (8, 4)))
        self.snas("train", "tiny.json", "--genotype", "SNAS_mild", "--out", "child")
        self.assertIn("4 pictures", self.limited("eval", "child").stdout)
        found = json.loads(self.limited("eval", "child", "--json", "--per-class").stdout)
        self.assertEqual([len(found["classes"]), found["classes"][1]["images"], found["confusion"]], [20000, 1, None])
        for more in ("--confusion", ), ("--per-class", ), ("--json", "--confusion"):
            self.assertIn(
                "the confusion matrix of 20000 classes would need 3.0 GiB of memory, which there is not; without "
                "--confusion and --per-class none is needed",
                self.limited("eval", "child", *more, code=1).stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
