#!/usr/bin/python3
"""Pictures: `snas draw`, and what runs draw: well-formed SVG, one numbering of states, a scale that fits the numbers.

$SNAS is the program.
"""
import json
import os
import re
import unittest
import xml.etree.ElementTree

from in_folder import InFolder

CONFIG = {
    "seed": 3,
    "data": {"dataset": "synthetic", "crop_pad": 2, "synthetic": {"train": 60, "test": 40, "side": 8}},
    "search": {"channels": 2, "cells": 3, "epochs": 1, "batch": 15, "train_images": 30, "validation_images": 15},
    "train": {"channels": 2, "cells": 3, "epochs": 1, "batch": 20, "auxiliary": 0},
}
LINE = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_3x3~2|"
SVG = "{http://www.w3.org/2000/svg}"


class Pictures(InFolder, unittest.TestCase):
    config = CONFIG

    def parse(self, text):
        """The root of an SVG: ids are unique, references find one, nothing comes from elsewhere."""
        root = xml.etree.ElementTree.fromstring(text)
        self.assertEqual(root.tag, SVG + "svg")
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertLessEqual(set(re.findall(r"url\(#([^)]*)\)", text)), set(ids))
        self.assertEqual(re.findall(r"https?:[^\"' ]*", text), [SVG.strip("{}")])
        self.assertIn("prefers-color-scheme:dark", text)
        return root

    def svg(self, name):
        return self.parse((self.folder / name).read_text(encoding="utf-8"))

    @staticmethod
    def words(root):
        return [element.text for element in root.iter(SVG + "text")]

    def states(self, root):
        """The numbers of the states in the picture of a cell."""
        return sorted(int(word) for word in self.words(root) if re.fullmatch(r"\d+", word or ""))

    def test_draw_everything_that_names_an_architecture(self):
        names = re.findall(r"^(\w+)", self.snas("info", "genotype").stdout, re.M)
        self.assertGreaterEqual(len(names), 7)
        for name in names:
            said = self.snas("draw", name)
            self.assertEqual((said.stdout, said.stderr), ("", f"picture written to {name}.svg\n"))
            root = self.svg(f"{name}.svg")
            self.assertEqual(self.states(root), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
            for cell in ("normal", "reduce"):
                self.assertIn(f"{name}: {cell} cell", self.words(root))
        root = self.parse(self.snas("draw", "DARTS_V2", "--cell", "reduce", "--out", "-").stdout)
        self.assertEqual(self.states(root), [0, 1, 2, 3, 4, 5])
        self.snas("draw", LINE)
        root = self.svg("cell.svg")
        self.assertEqual(self.states(root), [0, 1, 2, 3])
        self.assertEqual(sum(word == "none" for word in self.words(root)), 2)
        self.assertIn(LINE, self.words(root))
        self.snas("draw", "SNAS_mild", "--out", "mild.png")
        self.assertEqual((self.folder / "mild.png").read_bytes()[1:4], b"PNG")

    def test_what_a_file_says_cannot_break_the_picture(self):
        genotype = json.loads(self.snas("info", "genotype", "DARTS_V1").stdout)
        genotype["origin"] = "</text><script>alert(1)</script> & \"'\x01\x9b\ufffe ü " + "long " * 100
        name = "<a>&b\x07 c.json"
        (self.folder / name).write_text(json.dumps(genotype), encoding="utf-8")
        self.snas("draw", name, "--out", "it.svg")
        root = self.svg("it.svg")
        self.assertEqual({element.tag for element in root.iter()} - {SVG + "svg", SVG + "style", SVG + "rect"},
                         {SVG + "path", SVG + "text"})
        note = next(word for word in self.words(root) if word.startswith("</text><script>"))
        self.assertIn("ü", note)
        self.assertTrue(note.endswith("..."))
        self.assertLess(len(note), 300)
        self.assertIn("<a>&b\ufffd c: normal cell", self.words(root))

    def test_faults(self):
        for arguments, sentence in (
                ((), "no GENOTYPE or RUN given"),
                (("DARTS_V2", "--out", "a.gif"), "--out 'a.gif' has no ending of a picture, allowed .svg, .png"),
                (("DARTS_V2", "--cell", "nromal"), "no cell 'nromal' in space 'darts'; did you mean 'normal'?"),
                ((LINE, "--cell", "reduce"), "no cell 'reduce' in space 'nas-bench-201', allowed 'cell'"),
                (("DARTS_V3",), "no architecture 'DARTS_V3': neither built in nor a file, did you mean 'DARTS_V1'?"),
                ((".",), "'.' is a folder, and no genotype is in it")):
            self.assertIn(sentence, self.snas("draw", *arguments, code=2).stderr)
        self.assertIn("takes neither --cell nor --out -",
                      self.snas("draw", "run", "--curves", "--cell", "normal", code=2).stderr)
        self.assertIn("'DARTS_V2' is not a run", self.snas("draw", "DARTS_V2", "--curves", code=4).stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), ["tiny.json"])

    def test_what_runs_draw(self):
        self.snas("search", "tiny.json", "--out", "run")
        derived = json.loads(self.snas("derive", "run", "--rule", "darts", "--save", "--json").stdout)
        for cell in derived["cells"]:
            name = cell["cell"]
            for stem in (f"cell_{name}", f"cell_{name}-darts", f"logits_{name}"):
                self.assertEqual((self.folder / f"run/{stem}.png").read_bytes()[1:4], b"PNG")
                root = self.svg(f"run/{stem}.svg")
            # the heat map's edges have the numbers of derive's table, and its scale spans what it shows
            hints = [title.text for title in root.iter(SVG + "title")]
            edges = [f"edge {edge['source']} to {edge['target']}" for edge in cell["edges"]]
            self.assertEqual(list(dict.fromkeys(hint.split(",")[0] for hint in hints)), edges)
            values = [float(re.search(r": ([\d.]+)%$", hint).group(1)) for hint in hints]
            scale = next(word for word in self.words(root) if word.startswith("colours from "))
            low, high = map(float, re.fullmatch(r"colours from ([\d.]+) to ([\d.]+)%", scale).groups())
            self.assertLessEqual(low, min(values) + 0.01)
            self.assertGreaterEqual(high, max(values) - 0.01)
            self.assertLess(high - low, max(0.51, max(values) - min(values) + 0.02))
            self.assertEqual(self.states(self.svg(f"run/cell_{name}.svg")), [0, 1, 2, 3, 4, 5])

        self.snas("draw", "run")
        self.assertEqual(self.states(self.svg("run.svg")), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        said = self.snas("draw", "run", "--curves")
        charts = sorted(name for name in os.listdir(self.folder) if name.startswith("run-"))
        self.assertEqual(said.stderr, f"{len(charts)} pictures written to run-*.svg\n")
        self.assertIn("run-entropy-of-the-probabilities.svg", charts)
        for name in charts:
            self.assertIn("epoch", self.words(self.svg(name)))
        self.assertIn("supernet, validation", self.words(self.svg("run-accuracy.svg")))
        self.snas("draw", "run", "--curves", "--out", "it.png")
        self.assertEqual((self.folder / "it-loss.png").read_bytes()[1:4], b"PNG")
        self.snas("train", "tiny.json", "--genotype", "DARTS_V2", "--out", "child")
        for cell in ("normal", "reduce"):
            self.assertEqual(self.states(self.svg(f"child/cell_{cell}.svg")), [0, 1, 2, 3, 4, 5])
            self.assertEqual((self.folder / f"child/cell_{cell}.png").read_bytes()[1:4], b"PNG")
        self.snas("draw", "child/", "--out", "child.svg")
        self.assertIn("child: normal cell", self.words(self.svg("child.svg")))


if __name__ == "__main__":
    unittest.main()
