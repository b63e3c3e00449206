#!/usr/bin/python3
"""Folders of tiny pictures through the whole program: search, train, eval, predict; broken and vanished pictures.

$SNAS is the program. The pictures are PNGs that this file writes by itself.
"""
import base64
import json
import os
import pathlib
import shutil
import struct
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
    return png(width, height,
               bytes((c + 7 * x + 3 * y) % 256 for y in range(height) for x in range(width) for c in colour))


# A grey JPEG of 24 x 24; cut in its data, with a good end, it is damaged.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////"
    "////////////////////wAALCAAYABgBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAQD/xAAmEAACAQIFBAIDAAAAAAAAAAABEQIA"
    "EiExQVHwcYGh4SJhkcHR/9oACAEBAAA/AAiUpAGSeQLKfO/TCoj4tksJyPfnkVWiIbOh351HamEcbgjsTr00qEblGLiRg/RxxpAj"
    "E3XYovXXnmgEmAEQ0g2v5z7pETEkki05L8bEHP1TmbWziAH+veu9f//Z")
DAMAGED = JPEG[:205] + JPEG[-2:]
DAMAGE = "is a damaged JPEG: Corrupt JPEG data: premature end of data segment, from row 9 of 24 on"


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

    def logits(self, path):
        """The rows of a file of `snas eval --logits`."""
        data = (self.folder / path).read_bytes()
        size, = struct.unpack("<Q", data[:8])
        entry = json.loads(data[8:8 + size])["logits"]
        first, last = (8 + size + at for at in entry["data_offsets"])
        values = struct.unpack(f"<{(last - first) // 4}f", data[first:last])
        return [values[i:i + entry["shape"][1]] for i in range(0, len(values), entry["shape"][1])]

    def test_mirror_images_are_tested_by_the_mean_of_both_logits(self):
        for k, name in enumerate(CLASSES):
            for turned in ("set/val", "mirrored/val"):
                shutil.rmtree(self.folder / turned / name, ignore_errors=True)
                (self.folder / turned / name).mkdir(parents=True)
            for i in range(20):
                rows = [[(60 * k + 9 * i + 7 * x + 3 * y * k, 5 * x * (i % 4), 200 - 11 * x) for x in range(32)]
                        for y in range(32)]
                for turned, way in (("set/val", 1), ("mirrored/val", -1)):
                    pixels = bytes(c % 256 for row in rows for pixel in row[::way] for c in pixel)
                    (self.folder / turned / name / f"{i:02}.png").write_bytes(png(32, 32, pixels))
        shutil.copytree(self.folder / "set/train", self.folder / "mirrored/train")
        self.train("child", "--set", "data.photos.centre=1", "--set", "train.epochs=4")
        plain = self.snas("eval", "child", "--json")
        self.assertNotIn("mirrored", json.loads(plain.stdout))
        both = json.loads(self.snas("eval", "child", "--json", "--mirror", "--top", "1,2", "--logits", "a").stdout)
        self.assertEqual(both["accuracy"], json.loads(plain.stdout)["accuracy"])
        self.snas("eval", "child", "--set", "data.path=mirrored", "--logits", "b")
        right = [0, 0]
        for i, (a, b) in enumerate(zip(self.logits("a"), self.logits("b"))):
            mean = [x + y for x, y in zip(a, b)]
            best = sorted(range(3), key=lambda c: -mean[c])
            right[0] += best[0] == i // 20
            right[1] += i // 20 in best[:2]
        self.assertNotEqual(self.logits("a"), self.logits("b"))
        self.assertEqual(both["mirrored"]["top"], {"1": right[0] / 60, "2": right[1] / 60})
        self.assertEqual(both["mirrored"]["accuracy"], right[0] / 60)
        shown = self.snas("eval", "child", "--mirror", "--threads", "3").stdout.splitlines()
        self.assertEqual(shown[1], f"with mirror images: accuracy {100 * right[0] / 60:.2f} %, top-5 100.00 %")

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

    def test_a_folder_test_beside_val_is_named_and_can_be_tested_on(self):
        shutil.copytree(self.folder / "set/val", self.folder / "set/test")
        for name in CLASSES:
            (self.folder / "set/test" / name / "9.png").write_bytes(picture(30, 30, [1, 2, 3]))
        said = "'set/test' is not read: the test pictures are those of 'set/val'; 'snas eval --part test' tests on"
        self.assertIn(said, self.train("child", "--set", "train.epochs=1").stderr)
        self.assertIn(said, (self.folder / "child/log.txt").read_text())
        self.assertIn("note: " + said, self.snas("data", "check", "tiny.json").stdout)
        usual = self.snas("eval", "child", "--json")
        self.assertIn(said, usual.stderr)
        self.assertEqual(json.loads(usual.stdout)["images"], 12)
        self.assertEqual(json.loads(self.snas("eval", "child", "--json", "--part", "test").stdout)["images"], 15)
        self.assertIn("val accuracy ", self.snas("eval", "child", "--part", "val").stdout)
        self.assertEqual(json.loads(self.snas("eval", "child", "--json", "--part", "train").stdout)["images"], 24)

    def test_a_packed_folder_is_the_folder(self):
        packed = ("--set", "data.dataset=packed", "--set", "data.path=set.pack")
        self.snas("data", "pack", "tiny.json", "--out", "set.pack")
        self.train("folder")
        self.train("packed", *packed)
        self.assertEqual((self.folder / "packed/metrics.jsonl").read_bytes(),
                         (self.folder / "folder/metrics.jsonl").read_bytes())
        path = "set/val/bee/1.png"
        said = [
            json.loads(self.snas("predict", run, path, "--json").stdout)["predictions"] for run in ("folder", "packed")
        ]
        self.assertEqual(*said)
        self.assertEqual(self.snas("eval", "packed", "--json").stdout.split("accuracy", 1)[1],
                         self.snas("eval", "folder", "--json").stdout.split("accuracy", 1)[1])
        self.train("part", *packed, "--stop-after", "2", code=130)
        (self.folder / path).write_bytes(picture(40, 36, [1, 2, 3]))
        self.snas("data", "pack", "tiny.json", "--out", "set.pack")
        self.assertIn("the data set has changed since", self.snas("train", "--resume", "part", code=3).stderr)

    def test_a_run_goes_on_with_the_pictures_that_it_began_with(self):
        self.train("whole")
        self.train("child", "--stop-after", "2", code=130)
        path = self.folder / "set/train/bee/3.png"
        path.with_name("33.png").write_bytes(path.read_bytes())
        shutil.copytree(self.folder / "child", self.folder / "less")
        self.assertIn("warning: 1 picture has come since the run began and is left out\n",
                      self.snas("train", "--resume", "child").stderr)
        for name in ("metrics.jsonl", "weights-last.safetensors", "pictures.txt"):
            self.assertEqual((self.folder / "child" / name).read_bytes(), (self.folder / "whole" / name).read_bytes())
        path.unlink()
        self.snas("train", "--resume", "less")
        said = (
            "1 of the 36 pictures that the run began with is gone, the first is 'set/train/bee/3.png'; the next of its "
            "class stands in for it; 1 picture has come since the run began and is left out\n")
        self.assertIn(said, (self.folder / "less/log.txt").read_text())
        (self.folder / "less/pictures.txt").unlink()  # as of a run that did not keep them
        self.assertIn("the data set has changed since", self.snas("train", "--resume", "less", code=3).stderr)

    def test_a_run_that_a_picture_has_stopped_goes_on_without_it_or_skips_it(self):
        path = self.folder / "set/train/bee/3.png"
        path.write_text("no picture")
        self.train("whole", "--set", "data.photos.broken=skip")
        stopped = self.train("child", code=3).stderr
        self.assertIn(
            "is saved; go on with 'snas train --resume child' when the picture is mended, replaced or removed, or with "
            "'--set data.photos.broken=skip', by which the next one of its class stands in for it", stopped)
        shutil.copytree(self.folder / "child", self.folder / "skipping")
        self.assertIn("the config changes: data.photos.broken from \"stop\" to \"skip\"",
                      self.snas("train", "--resume", "skipping", "--set", "data.photos.broken=skip").stderr)
        path.unlink()
        self.assertIn(
            "warning: 1 of the 36 pictures that the run began with is gone, the first is 'set/train/bee/3.png'",
            self.snas("train", "--resume", "child").stderr)
        for name in ("metrics.jsonl", "weights-last.safetensors"):
            for run in ("skipping", "child"):
                self.assertEqual((self.folder / run / name).read_bytes(), (self.folder / "whole" / name).read_bytes())

    def test_a_broken_picture_is_replaced_and_counted_on_request(self):
        (self.folder / "set/train/bee/3.png").write_text("no picture")
        self.train("child", "--set", "data.photos.broken=skip", "--set", "data.workers=2")
        self.train("again", "--set", "data.photos.broken=skip", "--set", "data.workers=0")
        log = (self.folder / "again/log.txt").read_text()
        self.assertIn(
            "by the end of epoch 1: 1 broken training picture is replaced by the next of its class; the first: "
            "'set/train/bee/3.png' is neither", log)
        self.assertEqual((self.folder / "child/metrics.jsonl").read_bytes(),
                         (self.folder / "again/metrics.jsonl").read_bytes())

    def test_each_broken_picture_counts_once_and_an_evaluation_tells_too(self):
        for name in ("train/bee/3", "train/bee/4", "train/bee/5", "val/cat/2"):
            (self.folder / f"set/{name}.png").write_text("no picture")
        self.train("child", "--set", "data.photos.broken=skip", "--set", "train.epochs=3")
        log = (self.folder / "child/log.txt").read_text()
        self.assertEqual(log.count("broken training picture"), 1)
        self.assertIn(
            "by the end of epoch 1: 3 broken training pictures are replaced by the next of their class; the first: "
            "'set/train/bee/3.png' is neither", log)
        self.assertIn(
            "1 broken test picture is replaced by the next of its class; the first: 'set/val/cat/2.png' is neither",
            self.snas("eval", "child").stderr)
        self.assertIn("3 broken training pictures are replaced", self.snas("eval", "child", "--part", "train").stderr)

    def test_damaged_pictures_are_told_by_whoever_reads_them(self):
        for name in ("train/bee/3", "train/ant/2", "val/cat/2"):
            (self.folder / f"set/{name}.png").write_bytes(DAMAGED)
        for name in ("set/train/ant/2.png", "set/train/bee/3.png", "set/val/cat/2.png"):
            self.assertIn(f"note: '{name}' {DAMAGE}\n", self.snas("data", "check", "tiny.json").stdout)
        of_two = ("2 damaged training pictures are decoded all the same, in part guessed; the first: "
                  f"'set/train/ant/2.png' {DAMAGE}\n")
        of_one = ("1 damaged test picture is decoded all the same, in part guessed; the first: "
                  f"'set/val/cat/2.png' {DAMAGE}\n")
        said = self.train("child").stderr
        self.assertEqual(said.count("by the end of epoch 1: " + of_two), 1)
        self.assertEqual(said.count("damaged"), 4)
        for command in (("eval", "child"), ("data", "stats", "tiny.json"), ("data", "pack", "tiny.json", "--out",
                                                                            "a.pack")):
            self.assertIn(of_one, self.snas(*command).stderr)
        self.assertIn(f"warning: 'set/val/cat/2.png' {DAMAGE}\n",
                      self.snas("predict", "child", "set/val/cat/2.png").stderr)

    def test_data_check_tells_every_fault_in_one_run_by_its_file(self):
        root = self.folder / "set"
        (root / "train/ant/0.png").write_text("no picture")
        (root / "val/bee/1.png").write_bytes(picture(40, 36, [1, 2, 3])[:80])
        (root / "train/ant/gone.png").symlink_to("nowhere.png")
        os.mkfifo(root / "train/cat/pipe.png")
        (root / "val/cat/inner").mkdir()
        (root / "train/dog").mkdir()
        (root / "val/dog").mkdir()
        (root / "val/elk").mkdir()
        (root / "val/elk/1.png").write_text("no picture either")
        said = self.snas("data", "check", "tiny.json", code=3)
        faults = [line.split("fault: ")[1] for line in said.stdout.splitlines() if line.startswith("fault: ")]
        self.assertEqual(sorted(faults), sorted([
            "cannot follow 'set/train/ant/gone.png': No such file or directory",
            "'set/train/cat/pipe.png' is a named pipe, where pictures are wanted",
            "the class 'elk' of 'set/val' is missing in 'set/train'",
            "the class folder 'set/train/dog' is empty, where pictures are wanted",
            "the class folder 'set/val/cat' holds the folder 'inner', allowed are pictures",
            "the class folder 'set/val/dog' is empty, where pictures are wanted",
            "'set/train/ant/0.png' is neither a JPEG nor a PNG by its first bytes",
            "'set/val/bee/1.png' is not a good PNG: it is cut off",
            "'set/val/elk/1.png' is neither a JPEG nor a PNG by its first bytes"]))
        self.assertIn("snas: 9 faults in the data set 'folder'", said.stderr)
        self.assertIn("the class 'elk' of 'set/val' is missing", self.train("child", code=3).stderr)

    def test_a_file_that_vanishes_in_the_middle_of_a_run_stops_it_saved(self):
        command = [
            SNAS, "train", "tiny.json", "--genotype", "SNAS_mild", "--out", "child", "--set", "train.epochs=100000"
        ]
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
        self.assertIn("is saved; go on with 'snas train --resume child' when the picture can be read or is removed",
                      said)
        self.assertEqual((self.folder / "child/STATUS").read_text(), "failed\n")
        self.assertTrue((self.folder / "child/checkpoints/LATEST").exists())


class FolderOfClasses(InFolder, unittest.TestCase):
    """A folder that nobody has divided into parts, 30 pictures in three classes."""
    config = {**CONFIG, "data": {**CONFIG["data"], "photos": {"test_share": 0.2}},
              "train": {**CONFIG["train"], "epochs": 1, "side": 16, "stem": "cifar"}}

    def setUp(self):
        super().setUp()
        for k, name in enumerate(CLASSES):
            for root in ("set", "other"):
                place = self.folder / root / name
                place.mkdir(parents=True)
                for i in range(10):
                    (place / f"{root}{i}.png").write_bytes(picture(20 + i, 16, [60 * k, 200 - 60 * k, 10 * i]))

    def eval(self, *more, images, code=0):
        done = self.snas("eval", "child", "--json", *more, code=code)
        if code == 0:
            self.assertEqual(json.loads(done.stdout)["images"], images)
        return done

    def test_the_division_has_a_seed_of_its_own_and_weights_remember_it(self):
        self.snas("search", "tiny.json", "--out", "search")
        division = json.loads((self.folder / "search/genotype.json").read_text())["division"]
        self.assertRegex(division, "^split_seed 1, test_share 0.2 of the pictures [0-9a-f]{8}$")
        train = ("train", "tiny.json", "--genotype", "search/genotype.json", "--out")
        self.assertNotIn("division", self.snas(*train, "child", "--set", "seed=9").stderr)
        leaks = (
            "(split_seed 1, test_share 0.2; here split_seed 2, test_share 0.2): pictures that it was searched on are "
            "among the test pictures")
        self.assertIn(leaks, self.snas(*train, "leaking", "--set", "data.photos.split_seed=2").stderr)
        self.assertIn(leaks, (self.folder / "leaking/log.txt").read_text())
        usual = self.eval(images=6)
        self.assertNotIn("division", usual.stderr)
        self.assertNotIn("tested on", usual.stderr)
        self.assertEqual(self.eval("--set", "seed=2", images=6).stdout, usual.stdout)
        self.assertIn(
            "the weights were trained on another division of these pictures (split_seed 1, test_share 0.2; here "
            "split_seed 2, test_share 0.2): pictures that they were trained on are among those that they are "
            "tested on",
            self.eval("--set", "data.photos.split_seed=2", images=6).stderr)
        self.assertIn("the weights were trained on most of these", self.eval("--part", "all", images=30).stderr)
        self.assertEqual(self.eval("--part", "train", images=24).stderr.count("trained on"), 0)

    def test_all_of_another_folder_can_be_tested_on(self):
        self.snas("train", "tiny.json", "--genotype", "SNAS_mild", "--out", "child")
        other = ("--set", "data.path=other")
        self.assertIn("tested on 6 of 30 pictures, those that data.photos.test_share leaves for it: the folder is not "
                      "divided into parts; '--part all' tests on all of them", self.eval(*other, images=6).stderr)
        self.assertNotIn("trained on", self.eval(*other, "--part", "all", images=30).stderr)
        self.assertIn("has no part 'val': it is a folder of classes",
                      self.eval(*other, "--part", "val", images=0, code=2).stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
