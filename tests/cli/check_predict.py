#!/usr/bin/python3
"""snas predict: answers for all good pictures whatever the others are, folders of pictures, numbers that are none.

$SNAS is the program. The pictures are PNGs that this file writes by itself.
"""
import json
import math
import os
import struct
import unittest

from in_folder import InFolder, png

CONFIG = {
    "seed": 3,
    "data": {"dataset": "synthetic", "synthetic": {"train": 20, "test": 10, "side": 8}},
    "train": {"channels": 2, "cells": 3, "epochs": 1, "batch": 10, "cutout": 0, "drop_path": 0},
}


def picture(i):
    """A PNG of a size and a colour of its own."""
    width, height = 9 + i % 5, 8 + i % 3
    return png(width, height, bytes((40 * i + 7 * k) % 256 for k in range(3 * width * height)))


class Predictions(InFolder, unittest.TestCase):
    config = CONFIG

    def setUp(self):
        super().setUp()
        self.snas("train", "tiny.json", "--genotype", "SNAS_mild", "--out", "child")

    def put(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def answers(self, *pictures, code=0):
        done = self.snas("predict", "child", *pictures, "--json", code=code)
        return {one["image"]: one for one in json.loads(done.stdout)["predictions"]}, done

    def test_nine_good_pictures_are_answered_when_the_tenth_is_bad(self):
        names = [f"{i}.png" for i in range(40)]  # more than a batch
        for i, name in enumerate(names):
            self.put(name, picture(i))
        whole, _ = self.answers(*names)
        bad = {4: picture(4)[:40], 30: b"no picture", 31: picture(31)[:-20], 39: b""}
        for i, content in bad.items():
            self.put(names[i], content)
        some, done = self.answers(*names, code=3)
        self.assertEqual(list(some), names)
        for i, name in enumerate(names):
            if i in bad:
                self.assertEqual(sorted(some[name]), ["error", "image"])
                self.assertIn(f"'{name}' ", some[name]["error"])
                self.assertIn(f"snas: {some[name]['error']}\n", done.stderr)
            else:
                self.assertEqual(some[name], whole[name])
        self.assertTrue(done.stderr.endswith("snas: 4 of 40 pictures have no answer\n"), done.stderr)
        said = self.snas("predict", "child", *names[:5], "--top", "1", code=3)
        self.assertEqual(said.stdout.splitlines()[::2], names[:4])
        self.assertEqual(self.snas("predict", "child", names[4], code=3).stderr, f"snas: {some[names[4]]['error']}\n")

    def test_the_exit_code_says_what_is_the_matter(self):
        self.put("good.png", picture(1))
        self.put("bad.png", b"no picture")
        self.answers("gone.png", "good.png", code=4)
        self.answers("gone.png", "good.png", "bad.png", code=3)

    def test_a_folder_stands_for_all_pictures_below_it(self):
        wanted = ["set/A.JPG", "set/b/inner/2.png", "set/b/1.png", "set/no-ending", "set/z.png"]
        for i, name in enumerate(wanted):
            self.put(name, picture(i))
        for name in ("set/notes.txt", "set/b/Thumbs.db"):
            self.put(name, b"no picture")
        self.put("set/.hidden.png", picture(9))
        self.put("set/b/broken.jpeg", b"")
        self.put("other.png", picture(8))
        os.mkfifo(self.folder / "set/pipe")
        (self.folder / "set/b/again").symlink_to("..")
        (self.folder / "linked").symlink_to("set")
        found, done = self.answers("other.png", "set/", code=3)
        self.assertEqual(list(found), ["other.png", *sorted([*wanted, "set/b/broken.jpeg"], key=str.encode)])
        self.assertEqual([name for name, one in found.items() if "error" in one], ["set/b/broken.jpeg"])
        self.assertEqual(json.loads(done.stdout)["left_out"], 3)
        self.assertIn("3 files are left out, being no pictures\n", done.stderr)
        again, _ = self.answers("linked", code=3)
        self.assertEqual(again["linked/z.png"]["classes"], found["set/z.png"]["classes"])

    def test_a_folder_without_pictures_is_a_fault(self):
        self.put("set/notes.txt", b"no picture")
        self.assertIn("there is no picture below 'set', but 1 other file",
                      self.snas("predict", "child", "set", code=3).stderr)

    def test_numbers_that_are_none_are_no_answer(self):
        self.put("good.png", picture(1))
        self.put("dark.png", picture(2))
        raw = (self.folder / "child/weights-best.safetensors").read_bytes()
        size = struct.unpack("<Q", raw[:8])[0]
        header = json.loads(raw[8:8 + size])
        for key in ("snas.crc32c", "snas.header.crc32c"):
            del header["__metadata__"][key]
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        for name, value, said in (("classifier.bias", math.nan, "tensor 'classifier.bias' holds nan in place 0"),
                                  ("stem.1.running_var", -1.0, "tensor 'stem.1.running_var' holds -1 in place 0"),
                                  ("classifier.weight", 3e38, "the network's output for 'good.png' is not finite"),
                                  ("cells.0.preprocess0.op.1.weight", -3e38,
                                   "numbers within the network are not finite for 'good.png': its weights or running")):
            buffer = bytearray(raw[8 + size:])
            begin, end = header[name]["data_offsets"]
            buffer[begin:end] = struct.pack("<f", value) * ((end - begin) // 4)
            self.put("damaged.safetensors", struct.pack("<Q", len(text)) + text + buffer)
            done = self.snas("predict", "damaged.safetensors", "good.png", "dark.png", code=5)
            self.assertIn(said, done.stderr)
            self.assertEqual(done.stdout, "")
        begin = header["classifier.bias"]["data_offsets"][0] + 8 + len(text)
        whole = struct.pack("<Q", len(text)) + text + raw[8 + size:]
        self.put("large.safetensors", whole[:begin] + struct.pack("<f", 1e30) + whole[begin + 4:])
        self.assertRegex(self.snas("eval", "large.safetensors", "--config", "tiny.json").stdout,
                         r"loss 9e\+29, ")


if __name__ == "__main__":
    unittest.main(verbosity=2)
