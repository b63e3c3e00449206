#!/usr/bin/python3
"""snas export: weights that cannot be exported get a sentence, and nothing is written; scripts/eval-c judges what is
written. $SNAS is the program."""
import json
import pathlib
import struct
import subprocess
import unittest

from in_folder import InFolder

CONFIG = {
    "data": {"dataset": "synthetic", "synthetic": {"train": 20, "test": 10, "side": 8}},
    "train": {"channels": 2, "cells": 3, "epochs": 1, "batch": 10, "cutout": 0, "drop_path": 0},
}

INT8 = ["--format", "c", "--int8", "--config", "tiny.json"]


class Exports(InFolder, unittest.TestCase):
    config = CONFIG

    def setUp(self):
        super().setUp()
        self.snas("train", "tiny.json", "--genotype", "SNAS_mild", "--out", "child")
        content = (self.folder / "child/weights-best.safetensors").read_bytes()
        start = 8 + struct.unpack_from("<Q", content)[0]
        self.header, self.buffer = json.loads(content[8:start]), bytearray(content[start:])
        for key in [k for k in self.header["__metadata__"] if "crc32c" in k]:
            del self.header["__metadata__"][key]

    def save(self):
        text = json.dumps(self.header).encode()
        (self.folder / "w.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + self.buffer)

    def formats(self):
        text = self.snas("complete", "--", "export", "w", "--format", "").stdout
        return [line.split("\t")[0] for line in text.splitlines()]

    def kinds(self):
        """Options of each kind of file."""
        return [["--format", name] for name in self.formats()] + [INT8]

    def refused(self, code, sentence, kinds=None):
        """By every kind, or by those, and nothing is written."""
        self.save()
        before = sorted(path.name for path in self.folder.iterdir())
        for kind in kinds or self.kinds():
            self.assertIn(sentence, self.snas("export", "w.safetensors", *kind, code=code).stderr)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), before)

    def test_there_are_formats_and_each_writes_what_it_says(self):
        self.save()
        self.assertGreaterEqual(len(self.formats()), 1)
        for kind in self.kinds():
            said = json.loads(self.snas("export", "w.safetensors", *kind, "--json").stdout)
            for file in said["files"]:
                self.assertGreater((self.folder / file).stat().st_size, 100)

    def test_a_weight_that_is_no_number_is_refused(self):
        first = self.header["stem.0.weight"]["data_offsets"][0]
        self.buffer[first + 4:first + 8] = struct.pack("<f", float("nan"))
        self.refused(5, "'stem.0.weight'")

    def test_a_picture_that_overflows_within_the_network_calibrates_nothing(self):
        first, last = self.header["classifier.weight"]["data_offsets"]
        self.buffer[first:last] = struct.pack("<f", 3e38) * ((last - first) // 4)
        self.refused(5, "a number within the network of 'w.safetensors' is not finite on a training picture", [INT8])

    def test_a_running_variance_below_zero_is_refused(self):
        first = self.header["stem.1.running_var"]["data_offsets"][0]
        self.buffer[first:first + 4] = struct.pack("<f", -1.0)
        self.refused(5, "'stem.1.running_var'")

    def test_a_tensor_of_another_shape_is_refused(self):
        entry = self.header["stem.0.weight"]
        entry["shape"] = [entry["shape"][0] * 3, 1, 3, 3]
        self.refused(3, "tensor 'stem.0.weight' has shape [18, 1, 3, 3], the network wants [6, 3, 3, 3]")

    def test_a_tensor_that_is_missing_is_refused(self):
        self.header["another.weight"] = self.header.pop("stem.0.weight")
        self.refused(3, "tensor 'stem.0.weight' is missing")

    def test_a_description_of_no_network_is_refused(self):
        self.header["__metadata__"]["snas.child"] = self.header["__metadata__"]["snas.child"].replace(
            '"channels": 2', '"channels": 3')
        self.refused(2, "channels must be even and at least 2, not 3")


class EvalC(InFolder, unittest.TestCase):
    config = {**CONFIG, "data": {"dataset": "synthetic", "synthetic": {"train": 60, "test": 200, "side": 8}}}
    script = pathlib.Path("scripts/eval-c").resolve()

    def judged(self, *arguments):
        return subprocess.run([self.script, *arguments], cwd=self.folder, capture_output=True, text=True, check=False)

    def test_the_file_in_c_has_the_accuracy_of_its_weights(self):
        self.snas("train", "tiny.json", "--genotype", "SNAS_mild", "--out", "child")
        self.snas("export", "child", "--format", "c", "--out", "f.c")
        self.snas("export", "child", "--format", "c", "--int8", "--out", "q.c")
        self.snas("data", "pack", "tiny.json", "--out", "t.pack")
        wanted = json.loads(self.snas("eval", "child", "--json").stdout)
        found = json.loads(self.judged("f.c", "t.pack", "--json").stdout)
        self.assertEqual(found, {"accuracy": wanted["accuracy"], "images": 200})
        done = self.judged("q.c", "t.pack", "--run", "env")
        self.assertRegex(done.stdout, r"^\d+\.\d\d % of 200 test pictures\n$")
        self.assertLess(abs(float(done.stdout.split()[0]) / 100 - wanted["accuracy"]), 0.1)
        self.assertIn("eval-c: there is no file 'none'", self.judged("f.c", "none").stderr)
        self.assertIn("eval-c: 'tiny.json' is no packed data set of squares", self.judged("f.c", "tiny.json").stderr)
        self.snas("data", "pack", "tiny.json", "--set", "data.synthetic.side=12", "--out", "small.pack")
        self.assertIn("eval-c: the network takes pictures of side 8, those of 'small.pack' have 12",
                      self.judged("f.c", "small.pack").stderr)


if __name__ == "__main__":
    unittest.main()
