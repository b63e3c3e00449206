#!/usr/bin/python3
"""Folders of tiny pictures through the whole program: search, train, eval, predict; broken and vanished pictures.

$SNAS is the program. The pictures are PNGs that this file writes by itself.
"""
import json
import pathlib
import subprocess
import time
import unittest

from in_folder import SNAS, InFolder, png

CONFIG = {
    "seed": 5,
    "checkpoint_steps": 0,
    "data": {"dataset": "folder", "path": "set", "workers": 0},
    "search": {"side": 16, "channels": 2, "cells": 3, "epochs": 1, "batch": 8},
    "train": {"stem": "imagenet", "side": 32, "channels": 4, "cells": 3, "epochs": 2, "batch": 8, "cutout": 0},
}
CLASSES = ["ant", "bee", "cat"]


def picture(width, height, colour):
    """An RGB PNG: one colour with a little pattern in it."""
    return png(width, height, bytes((c + 7 * x + 3 * y) % 256 for y in range(height) for x in range(width) for c in colour))


class Folder(InFolder, unittest.TestCase):
    config = CONFIG

    def setUp(self):
        super().setUp()
        for part, count in (("train", 8), ("val", 4)):
            for k, name in enumerate(CLASSES):
                place = self.folder / "set" / part / name
                place.mkdir(parents=True)
                for i in range(count):
                    (place / f"{i}.png").write_bytes(picture(40 + i, 36, [60 * k, 200 - 60 * k, 10 * i]))

    def train(self, out, *more, code=0):
        return self.snas("train", "tiny.json", "--genotype", "SNAS_mild", "--out", out, *more, code=code)

    def test_a_search_a_training_and_predictions_that_eval_agrees_with(self):
        self.snas("search", "tiny.json", "--out", "search")
        self.snas("derive", "search", "--evaluate")
        self.train("child")
        self.assertEqual(json.loads(self.snas("eval", "child", "--json").stdout)["images"], 12)
        accuracy = json.loads(self.snas("eval", "child", "--json").stdout)["accuracy"]
        pictures = sorted(str(p) for p in (self.folder / "set/val").rglob("*.png"))
        said = json.loads(self.snas("predict", "child", *pictures, "--top", "3", "--json").stdout)["predictions"]
        right = 0
        for path, one in zip(pictures, said):
            self.assertEqual(one["image"], path)
            self.assertAlmostEqual(sum(c["probability"] for c in one["classes"]), 1.0, places=6)
            right += one["classes"][0]["name"] == pathlib.Path(path).parent.name
        self.assertAlmostEqual(right / len(pictures), accuracy, places=9)

    def test_a_broken_picture_stops_the_run_saved_and_it_goes_on_when_mended(self):
        path = self.folder / "set/train/bee/3.png"
        good = path.read_bytes()
        self.train("whole")
        path.write_bytes(good[:60])
        failed = self.train("child", code=3)
        self.assertIn("set/train/bee/3.png' is not a good PNG: it is cut off", failed.stderr)
        self.assertIn("is saved; go on with 'snas train --resume child'", failed.stderr)
        self.assertEqual((self.folder / "child/STATUS").read_text(), "failed\n")
        path.write_bytes(good)
        self.snas("train", "--resume", "child")
        for name in ("metrics.jsonl", "weights-last.safetensors"):
            self.assertEqual((self.folder / "child" / name).read_bytes(), (self.folder / "whole" / name).read_bytes())

    def test_a_packed_folder_is_the_folder(self):
        packed = ("--set", "data.dataset=packed", "--set", "data.path=set.pack")
        self.snas("data", "pack", "tiny.json", "--out", "set.pack")
        self.train("folder")
        self.train("packed", *packed)
        self.assertEqual((self.folder / "packed/metrics.jsonl").read_bytes(), (self.folder / "folder/metrics.jsonl").read_bytes())
        path = "set/val/bee/1.png"
        said = [json.loads(self.snas("predict", run, path, "--json").stdout)["predictions"] for run in ("folder", "packed")]
        self.assertEqual(*said)
        self.assertEqual(self.snas("eval", "packed", "--json").stdout.split("accuracy", 1)[1],
                         self.snas("eval", "folder", "--json").stdout.split("accuracy", 1)[1])
        self.train("part", *packed, "--stop-after", "2", code=130)
        (self.folder / path).write_bytes(picture(40, 36, [1, 2, 3]))
        self.snas("data", "pack", "tiny.json", "--out", "set.pack")
        self.assertIn("the data set has changed since", self.snas("train", "--resume", "part", code=3).stderr)

    def test_pictures_that_came_or_went_are_noticed_when_a_run_goes_on(self):
        self.train("child", "--stop-after", "2", code=130)
        path = self.folder / "set/train/bee/3.png"
        path.rename(path.with_name("33.png"))
        failed = self.snas("train", "--resume", "child", code=3)
        self.assertIn("the data set has changed since 'child/checkpoints/step-00000002.safetensors' was written", failed.stderr)
        path.with_name("33.png").rename(path)
        self.snas("train", "--resume", "child")
        self.train("whole")
        self.assertEqual((self.folder / "child/metrics.jsonl").read_bytes(), (self.folder / "whole/metrics.jsonl").read_bytes())

    def test_a_broken_picture_is_replaced_and_counted_on_request(self):
        (self.folder / "set/train/bee/3.png").write_text("no picture")
        self.train("child", "--set", "data.photos.broken=skip", "--set", "data.workers=2")
        self.train("again", "--set", "data.photos.broken=skip", "--set", "data.workers=0")
        log = (self.folder / "again/log.txt").read_text()
        self.assertIn("by the end of epoch 1: 1 broken training picture was replaced by the next of its class; the first: "
                      "'set/train/bee/3.png' is neither", log)
        self.assertEqual((self.folder / "child/metrics.jsonl").read_bytes(), (self.folder / "again/metrics.jsonl").read_bytes())

    def test_a_file_that_vanishes_in_the_middle_of_a_run_stops_it_saved(self):
        command = [SNAS, "train", "tiny.json", "--genotype", "SNAS_mild", "--out", "child", "--set", "train.epochs=100000"]
        run = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.kill)
        rows = self.folder / "child/metrics.jsonl"
        deadline = time.monotonic() + 300
        while not (rows.exists() and rows.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        (self.folder / "set/val/ant/0.png").unlink()
        said = run.communicate(timeout=300)[1]
        self.assertEqual(run.returncode, 4, said)
        self.assertIn("cannot open 'set/val/ant/0.png': No such file or directory", said)
        self.assertIn("is saved; go on with 'snas train --resume child'", said)
        self.assertEqual((self.folder / "child/STATUS").read_text(), "failed\n")
        self.assertTrue((self.folder / "child/checkpoints/LATEST").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
