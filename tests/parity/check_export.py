#!/usr/bin/env python3
"""check_export.py -- what `snas export` writes says what `snas eval` says, for every operation, cell and stem.

$SNAS is the program. Exits with 77, which ctest takes for skipped, where PyTorch is not installed.
"""
import importlib.util
import pathlib
import random
import sys
import unittest

try:
    import torch
except ImportError:
    print("PyTorch is not installed")
    sys.exit(77)

import trained
from in_folder import InFolder
from network import load_tensors, relative_distance, save_tensors

CLOSE = 1e-5  # relative, of all logits as one; rounding alone is some 1e-7
NAMES = ["a\"b", "c\\d", "é\n", "True", "x", "]", "\t", "", "CHILD = None", "'''"]


def imported(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Exported(InFolder, unittest.TestCase):
    config = trained.CONFIG

    def setUp(self):
        super().setUp()
        self.pixels = trained.write_pictures(self.folder / "data", random.Random(1))

    def exported(self, ending, *options):
        """The path of what w.safetensors becomes."""
        self.assertEqual(self.snas("export", "w.safetensors", *options, "--out", f"w.{ending}").stdout.split()[0],
                         f"w.{ending}")
        return self.folder / f"w.{ending}"

    def each(self, count, seed=7):
        """w.safetensors of every built-in architecture and of random cells: its name, the logits of `snas eval`."""
        for i, (name, genotype, stem) in enumerate(trained.cells(self, count, seed)):
            trained.write_weights(self.folder / "w.safetensors", genotype, i, stem=stem)
            yield name, trained.evaluated(self, "w.safetensors")

    def test_the_module_of_pytorch_loads_the_weights_strictly_and_says_the_same(self):
        for name, wanted in self.each(3):
            module = imported(self.exported("py", "--format", "torch"))
            net = module.load(self.folder / "w.safetensors")
            with torch.no_grad():
                found = net(module.normalised(net, self.pixels))
            self.assertLess(relative_distance(found, wanted), CLOSE, name)
            tensors, _ = load_tensors(self.folder / "w.safetensors")
            save_tensors(self.folder / "bare.safetensors", tensors)
            bare = module.load(self.folder / "bare.safetensors")  # of the network that stands in the module
            with torch.no_grad():
                self.assertTrue(torch.equal(bare(module.normalised(bare, self.pixels)), found))
            save_tensors(self.folder / "less.safetensors", dict(list(tensors.items())[1:]))
            with self.assertRaisesRegex(RuntimeError, "Missing key"):
                module.load(self.folder / "less.safetensors")

    def test_the_module_of_pytorch_keeps_names_and_the_auxiliary_classifier(self):
        genotype = trained.random_cell("darts", random.Random(3))
        trained.write_weights(self.folder / "w.safetensors", genotype, 1, class_names=NAMES, auxiliary=True)
        path = self.exported("py", "--format", "torch")
        child = imported(path).CHILD
        self.assertEqual(child["class_names"], NAMES)
        self.assertIs(child["auxiliary"], True)
        module = imported(path)
        module.load(self.folder / "w.safetensors")
        self.assertEqual(len(module.Network().train()(torch.zeros(2, 3, 32, 32))), 2)

    def test_the_module_that_is_shipped_has_less_than_200_lines(self):
        module = pathlib.Path(__file__).resolve().parents[2] / "scripts/snas_torch.py"
        self.assertLess(len(module.read_text(encoding="utf-8").splitlines()), 200)


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
