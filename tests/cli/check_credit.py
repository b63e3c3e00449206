#!/usr/bin/python3
"""`snas credit` on a tiny search: the table, JSON, files, and the same figures for any number of threads.

$SNAS is the program.
"""
import json
import unittest

from in_folder import InFolder

CONFIG = {
    "seed": 3,
    "keep_checkpoints": 4,
    "data": {"dataset": "synthetic", "crop_pad": 2, "synthetic": {"train": 80, "test": 40, "side": 8}},
    "search": {"space": "nas-bench-201", "channels": 2, "cells": 3, "epochs": 2, "batch": 16, "train_images": 40,
               "validation_images": 20},
}
METHODS = ["snas", "straight-through", "dsnas", "reinforce"]


class Credit(InFolder, unittest.TestCase):
    config = CONFIG

    def test_figures_files_and_faults(self):
        self.snas("search", "tiny.json", "--out", "run")
        one = self.snas("credit", "run", "--draws", "3", "--json", "--threads", "1").stdout
        self.assertEqual(one, self.snas("credit", "run", "--draws", "3", "--json", "--threads", "2").stdout)
        figures = json.loads(one)
        self.assertEqual([m["method"] for m in figures["methods"]], METHODS)
        self.assertEqual((figures["step"], figures["draws"], figures["batch"]), (6, 3, 16))
        self.assertEqual(figures["candidates"][0], "none")
        for edge in figures["cells"][0]["edges"]:
            self.assertAlmostEqual(sum(edge["probability"]), 1)
            self.assertAlmostEqual(sum(edge["measured_gradient"]), 0)
            for method in METHODS:
                self.assertAlmostEqual(sum(edge[method]["mean"]), 0)
                self.assertEqual(len(edge[method]["variance"]), 5)

        table = self.snas("credit", "run", "--draws", "2", "--step", "3", "--save")
        self.assertTrue(table.stdout.startswith("step 3, temperature 0.515: 2 draws with 16 pictures each, mean loss "))
        self.assertRegex(table.stdout, r"\n +0 -> 1  ")
        self.assertIn("written to run/credit-3.json, pictures beside it", table.stderr)
        self.assertEqual(json.loads((self.folder / "run/credit-3.json").read_text())["step"], 3)
        self.assertEqual((self.folder / "run/credit_cell-3.png").read_bytes()[1:4], b"PNG")

        self.assertIn("has no checkpoint of step 4, allowed: 6, 3",
                      self.snas("credit", "run", "--step", "4", code=2).stderr)
        self.assertIn("no run folder 'nowhere'", self.snas("credit", "nowhere", code=4).stderr)
        self.assertIn("no RUN given", self.snas("credit", code=2).stderr)


if __name__ == "__main__":
    unittest.main()
