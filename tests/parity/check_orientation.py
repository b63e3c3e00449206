#!/usr/bin/env python3
"""check_orientation.py -- pictures in every EXIF orientation are read as Pillow's ImageOps.exif_transpose holds them.

$SNAS is the program. The pixels are those of a packed file. Exits with 77, which ctest takes for skipped, where Pillow
is not installed.
"""
import io
import json
import random
import struct
import sys
import unittest

try:
    from PIL import Image, ImageOps
except ImportError:
    print("Pillow is not installed")
    sys.exit(77)

from in_folder import InFolder

WIDTH, HEIGHT, ORIENTATION = 37, 22, 0x0112
FORMATS = {"jpg": {"format": "JPEG", "quality": 90}, "png": {"format": "PNG"}}


def drawn(seed):
    dice = random.Random(seed)
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    picture.putdata([(6 * x + dice.randrange(9), 11 * y, 5 * x + 3 * y) for y in range(HEIGHT) for x in range(WIDTH)])
    return picture


class Orientation(InFolder, unittest.TestCase):
    config = {"data": {"dataset": "folder", "path": "set"}}

    def setUp(self):
        super().setUp()
        for place in ("train/jpg", "train/png", "val/jpg", "val/png"):
            (self.folder / "set" / place).mkdir(parents=True)
        for end, how in FORMATS.items():
            for orientation in range(1, 9):
                exif = Image.Exif()
                exif[ORIENTATION] = orientation
                for part in ("train", "val"):
                    drawn(orientation).save(self.folder / "set" / part / end / f"{orientation}.{end}", exif=exif, **how)

    def packed(self, *more):
        """The training pictures of a packed file, in order: (width, height, bytes)."""
        self.snas("data", "pack", "tiny.json", "--out", "set.pack", *more)
        raw = (self.folder / "set.pack").read_bytes()
        size = struct.unpack("<Q", raw[:8])[0]
        header, buffer = json.loads(raw[8:8 + size]), raw[8 + size:]
        def part(name):
            begin, end = header[name]["data_offsets"]
            return buffer[begin:end]
        pixels, at, found = part("train.pixels"), 0, []
        for height, width in struct.iter_unpack("<qq", part("train.shapes")):
            found.append((width, height, pixels[at:at + 3 * width * height]))
            at += 3 * width * height
        return found

    def opened(self, end, orientation):
        return Image.open(io.BytesIO((self.folder / "set/train" / end / f"{orientation}.{end}").read_bytes()))

    def check(self, hold, *more):
        found = iter(self.packed(*more))
        for end in FORMATS:
            for orientation in range(1, 9):
                with self.subTest(end=end, orientation=orientation):
                    wanted = hold(self.opened(end, orientation)).convert("RGB")
                    self.assertEqual(next(found), (*wanted.size, wanted.tobytes()))

    def test_all_eight_are_held_as_pillow_holds_them(self):
        self.check(ImageOps.exif_transpose)

    def test_data_check_counts_them(self):
        said = " EXIF orientation, which {}, the first is 'set/train/jpg/2.jpg'\n"
        self.assertIn("note: 28 pictures have an" + said.format("is applied"),
                      self.snas("data", "check", "tiny.json").stdout)
        self.assertIn("note: 28 pictures have an" + said.format("data.photos.orient=false ignores"),
                      self.snas("data", "check", "tiny.json", "--set", "data.photos.orient=false").stdout)

    def test_on_request_all_are_taken_as_they_are_stored(self):
        self.check(lambda picture: picture, "--set", "data.photos.orient=false")


if __name__ == "__main__":
    unittest.main()
