#!/usr/bin/env python3
"""check_export.py -- what `snas export` writes says what `snas eval` says, for every operation, cell and stem.

$SNAS is the program. Exits with 77, which ctest takes for skipped, where PyTorch is not installed.
"""
import importlib.util
import json
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
from network import load_tensors, relative_distance, save_tensors, snas_torch

try:
    import onnx

    import onnx_torch
except ImportError:
    onnx = None

CLOSE = 1e-5  # relative, of all logits as one; rounding alone is some 1e-7
NAMES = ["a\"b", "c\\d", "é\n", "True", "x", "]", "\t", "", "CHILD = None", "'''"]


def imported(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Exported(InFolder):
    """A folder with pictures and weights."""
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



class Torch(Exported, unittest.TestCase):
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


@unittest.skipIf(onnx is None, "python3-onnx is not installed: ONNX is not checked")
class Onnx(Exported, unittest.TestCase):
    def model(self, *options):
        """The model, which the checker of ONNX has passed, shapes included."""
        path = self.exported("onnx", "--format", "onnx", *options)
        onnx.checker.check_model(str(path), full_check=True)
        return onnx.load(str(path))

    def outputs(self, model):
        net = snas_torch.load(self.folder / "w.safetensors")
        return onnx_torch.run(model, snas_torch.normalised(net, self.pixels))

    def test_the_graph_says_what_eval_says_and_has_the_names_of_the_state_dict(self):
        ran = {}
        for name, wanted in self.each(4):
            tensors, _ = load_tensors(self.folder / "w.safetensors")
            for options in ([], ["--fold"]):
                model = self.model(*options)
                outputs, counts = self.outputs(model)
                self.assertLess(relative_distance(outputs["logits"], wanted), CLOSE, name)
                self.assertEqual(len({node.name for node in model.graph.node}), len(model.graph.node))
                ran = {key: ran.get(key, 0) + counts.get(key, 0) for key in {*ran, *counts}}
                held = {t.name: t for t in model.graph.initializer}
                if options:
                    self.assertIn("stem.0.bias" if "stem.0.weight" in tensors else "stem0.0.bias", held)
                    continue
                self.assertEqual([n for n in held if "." in n and not n.startswith(("slice.", "zeros.")) and
                                  not torch.equal(torch.from_numpy(onnx.numpy_helper.to_array(held[n]).copy()),
                                                  tensors[n])], [])
                self.assertEqual(counts.get("BatchNormalization"), sum(n.endswith("running_mean") for n in held))
        self.assertEqual(set(ran), set(onnx_torch.OPERATORS) - {"Softmax"})

    def test_folding_leaves_no_norm_behind_a_convolution(self):
        genotype = json.loads(self.snas("-q", "info", "genotype", "DARTS_V2").stdout)
        trained.write_weights(self.folder / "w.safetensors", genotype, 1)
        self.assertGreater(self.outputs(self.model())[1]["BatchNormalization"], 40)
        self.assertNotIn("BatchNormalization", self.outputs(self.model("--fold"))[1])

    def test_probabilities_are_the_softmax_of_the_logits(self):
        trained.write_weights(self.folder / "w.safetensors", trained.random_cell("darts", random.Random(2)), 1)
        logits, _ = self.outputs(self.model())
        found, _ = self.outputs(self.model("--probabilities"))
        self.assertEqual(list(found), ["probabilities"])
        self.assertLess(relative_distance(found["probabilities"], torch.softmax(logits["logits"], 1)), 1e-6)

    def test_the_metadata_say_classes_and_preprocessing(self):
        genotype = trained.random_cell("darts", random.Random(3))
        trained.write_weights(self.folder / "w.safetensors", genotype, 1, class_names=NAMES, auxiliary=True)
        model = self.model()
        found = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
        self.assertEqual(found["classes"], NAMES)
        for key, wanted in (("mean", trained.MEAN), ("deviation", trained.DEVIATION)):
            self.assertEqual([round(number, 7) for number in found[key]], list(wanted))
        self.assertEqual(found["genotype"]["normal"], [[list(gene) for gene in node] for node in genotype["normal"]])
        self.assertEqual((model.ir_version, model.opset_import[0].version), (8, 17))
        sides = [d.dim_param or d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
        self.assertEqual(sides, ["N", 3, 32, 32])
        self.assertEqual([t.name for t in model.graph.initializer if "auxiliary" in t.name], [])
        trained.write_weights(self.folder / "w.safetensors", genotype, 1)
        found = {entry.key: entry.value for entry in self.model().metadata_props}
        self.assertEqual(json.loads(found["classes"]), [str(k) for k in range(10)])


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
