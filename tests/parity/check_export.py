#!/usr/bin/env python3
"""check_export.py -- what `snas export` writes says what `snas eval` says, for every operation, cell and stem.

$SNAS is the program. Exits with 77, which ctest takes for skipped, where PyTorch is not installed.
"""
import importlib.util
import json
import pathlib
import random
import shutil
import subprocess
import sys
import unittest

try:
    import numpy
    import torch
except ImportError:
    print("PyTorch is not installed")
    sys.exit(77)

import int8_reference
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
        out = [] if "--out" in options else ["--out", f"w.{ending}"]
        self.assertEqual(self.snas("export", "w.safetensors", *options, *out).stdout.split()[0], f"w.{ending}")
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


MAIN = """
#include <stdio.h>
#include "w.h"
int main(void)
{
    static uint8_t pixels[W_SIDE * W_SIDE * 3];
    static NUMBER picture[W_SIDE * W_SIDE * 3], logits[W_CLASSES];
    while (fread(pixels, sizeof pixels, 1, stdin) == 1) {
        w_preprocess(pixels, picture);
        w_predict(picture, logits);
        fwrite(logits, sizeof logits, 1, stdout);
    }
    fprintf(stderr, SAID);
    return 0;
}
"""
MAIN_FLOAT = MAIN.replace("NUMBER", "float").replace("SAID", '"%g %s", (double)w_self_test(), TAIL')
MAIN_INT8 = MAIN.replace("NUMBER", "int8_t").replace(
    "SAID", '"%d %.9g %d", w_self_test(), (double)W_LOGITS_SCALE, W_LOGITS_ZERO')
SMALL = {"channels": 2, "cells": 3}
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]


class C(Exported, unittest.TestCase):
    def compiled(self, *options, compiler="gcc", libraries=()):
        """A program that answers pictures with logits: w.c with `options`."""
        (self.folder / "main.c").write_text(MAIN_FLOAT, encoding="utf-8")
        self.run_in(compiler, *STRICT, "-DW_SELF_TEST", '-DTAIL=""', *options, "main.c", "w.c", "-o", "w", *libraries)

    def said(self, pixels):
        """(logits, the self-test's number) of the program."""
        pictures = pixels.permute(0, 2, 3, 1).contiguous().numpy().tobytes()
        done = subprocess.run([self.folder / "w"], input=pictures, capture_output=True, timeout=60, check=True)
        logits = numpy.frombuffer(done.stdout, numpy.float32).reshape(len(pixels), -1)
        return torch.from_numpy(logits.copy()), float(done.stderr)

    def test_the_file_says_what_eval_says_and_its_self_test_passes(self):
        for i, (name, wanted) in enumerate(self.each(2)):
            said = json.loads(self.snas("export", "w.safetensors", "--format", "c", "--json").stdout)
            self.assertEqual(said["files"], ["w.h", "w.c"])
            self.compiled(compiler=("gcc", "clang")[i % 2 if shutil.which("clang") else 0])
            logits, off = self.said(self.pixels[:3])
            self.assertLess(relative_distance(logits, wanted[:3]), CLOSE, name)
            self.assertLess(off, 1e-5, name)
            header = (self.folder / "w.h").read_text(encoding="utf-8")
            self.assertIn(f"W_ACTIVATION_BYTES {said['ram_bytes']}\n", header)
            self.assertIn(f"W_CONSTANT_BYTES {said['flash_bytes']}\n", header)

    def test_nothing_is_read_or_written_outside_of_the_buffer(self):
        dice = random.Random(5)
        for space in ("darts", "nas-bench-201"):
            trained.write_weights(self.folder / "w.safetensors", trained.random_cell(space, dice), 1, **SMALL)
            wanted = trained.evaluated(self, "w.safetensors")
            self.exported("h", "--format", "c", "--out", "w.c")
            self.compiled("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
            self.assertLess(relative_distance(self.said(self.pixels[:2])[0], wanted[:2]), CLOSE, space)

    def test_compilers_for_cortex_m_take_it_and_find_the_planned_bytes(self):
        if shutil.which("arm-none-eabi-gcc") is None:
            self.skipTest("gcc-arm-none-eabi is not installed: nothing is compiled for Cortex-M")
        trained.write_weights(self.folder / "w.safetensors", trained.random_cell("darts", random.Random(6)), 1, **SMALL)
        said = json.loads(self.snas("export", "w.safetensors", "--format", "c", "--json").stdout)
        for options in (["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16"], ["-mcpu=cortex-m7", "-mfpu=fpv5-sp-d16"]):
            self.run_in("arm-none-eabi-gcc", *STRICT, "-Wdouble-promotion", "-mthumb", "-mfloat-abi=hard", *options,
                        "-Os", "-c", "w.c")
            text, data, bss = map(int, self.run_in("arm-none-eabi-size", "w.o").stdout.splitlines()[1].split()[:3])
            self.assertEqual((data, bss), (0, said["ram_bytes"]))
            self.assertTrue(said["flash_bytes"] < text < said["flash_bytes"] + 5000, (text, said))
            undefined = self.run_in("arm-none-eabi-nm", "-u", "w.o").stdout.split()
            self.assertEqual([name for name in undefined if name != "U"], ["memset"])

    def test_the_self_test_finds_another_weight(self):
        trained.write_weights(self.folder / "w.safetensors", trained.random_cell("darts", random.Random(6)), 1, **SMALL)
        self.exported("h", "--format", "c", "--out", "w.c")
        path = self.folder / "w.c"
        text = path.read_text(encoding="utf-8")
        start = text.index("classifier_bias[10] = {") + len("classifier_bias[10] = {")
        path.write_text(text[:start] + " 9.0f +" + text[start:], encoding="utf-8")
        self.compiled()
        self.assertGreater(self.said(self.pixels[:1])[1], 0.1)

    def test_names_of_classes_and_probabilities(self):
        trained.write_weights(self.folder / "w.safetensors", trained.random_cell("darts", random.Random(6)), 1,
                              class_names=["??/", "*/", *NAMES[:8]], **SMALL)
        self.snas("export", "w.safetensors", "--format", "c", "--out", "w.c", "--probabilities")
        shown = ["-DTAIL=(w_softmax(logits), fwrite(logits, sizeof logits, 1, stdout), w_classes[{}])"]
        self.compiled("-UTAIL", shown[0].format(0), libraries=["-lm"])
        pixels = self.pixels[:1]
        pictures = pixels.permute(0, 2, 3, 1).contiguous().numpy().tobytes()
        done = subprocess.run([self.folder / "w"], input=pictures, capture_output=True, timeout=60, check=True)
        logits, probabilities = numpy.frombuffer(done.stdout, numpy.float32).reshape(2, 10).copy()
        self.assertLess(relative_distance(torch.from_numpy(probabilities),
                                          torch.softmax(torch.from_numpy(logits), 0)), 1e-6)
        self.assertTrue(done.stderr.endswith(b" ??/"), done.stderr)
        for i, name in ((1, "*/"), (4, NAMES[2]), (5, NAMES[3])):
            self.compiled("-UTAIL", f"-DTAIL=w_classes[{i}]", libraries=["-lm"])
            done = subprocess.run([self.folder / "w"], input=b"", capture_output=True, timeout=60, check=True)
            self.assertEqual(done.stderr.split(b" ", 1)[1], name.encode())


COMPILERS = [["gcc", "-O0"], ["gcc", "-O2"], ["clang", "-O2"],
             ["gcc", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]]
MAIN_ARM = """
#include <stddef.h>
#include "w.h"
void *memset(void *to, int byte, size_t size)
{
    for (volatile char *at = to; size > 0; size--) {
        *at++ = (char)byte;
    }
    return to;
}
void _start(void)
{
    register int code __asm__("r0") = w_self_test(), call __asm__("r7") = 1; /* exit */
    __asm__ volatile("svc #0" : : "r"(code), "r"(call));
}
"""
QEMU_ARM = shutil.which("qemu-arm") or shutil.which("qemu-arm-static")


def packed_pixels(path, part):
    """uint8 [N, side, side, 3] of a packed data set of squares."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    entry = json.loads(content[8:start])[part + ".pixels"]
    first, last = (start + offset for offset in entry["data_offsets"])
    return torch.frombuffer(bytearray(content[first:last]), dtype=torch.uint8).reshape(entry["shape"])


class Int8(Exported, unittest.TestCase):
    def exported_int8(self, *options):
        """What --json says of w.c."""
        text = self.snas("export", "w.safetensors", "--format", "c", "--int8", "--config", "tiny.json", "--json",
                         *options).stdout
        return json.loads(text)

    def said(self, pixels, compiler):
        """(logits as bytes, as numbers) of a program of the compiler, whose self-test passes."""
        (self.folder / "main.c").write_text(MAIN_INT8, encoding="utf-8")
        self.run_in(*compiler, *STRICT, "-DW_SELF_TEST", "main.c", "w.c", "-o", "w")
        pictures = pixels.permute(0, 2, 3, 1).contiguous().numpy().tobytes()
        done = subprocess.run([self.folder / "w"], input=pictures, capture_output=True, timeout=600, check=True)
        others, scale, zero = done.stderr.split()
        self.assertEqual(others, b"0")
        q = numpy.frombuffer(done.stdout, numpy.int8).reshape(len(pixels), -1)
        return q, torch.from_numpy((q.astype(numpy.float32) - float(zero)) * float(scale))

    def network(self):
        return int8_reference.Network((self.folder / "w.c").read_text(encoding="utf-8"))

    def check_convolutions(self, net):
        """Weights, biases and multipliers of the file are those of the folded network; how many there were."""
        self.snas("export", "w.safetensors", "--format", "onnx", "--fold", "--out", "w.onnx")
        held = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(str(self.folder / "w.onnx")).graph.initializer}
        checked = 0
        for (module, x_scale, y_scale), (function, _, _) in zip(net.names, net.calls):
            weight = held.get(module + ".weight", numpy.zeros(0, numpy.float32))
            if weight.ndim < 2:  # a norm's
                continue
            bias = held.get(module + ".bias", numpy.zeros(len(weight), numpy.float32))
            q, outputs = int8_reference.quantised(weight, bias, x_scale, y_scale)
            order = {"depthwise": (2, 3, 0, 1), "convolve": (0, 2, 3, 1)}[function] if q.ndim == 4 else (0, 1)
            name = module.replace("._", "_").replace(".", "_")
            self.assertEqual(net.arrays[name + "_weight"].tolist(), q.transpose(order).ravel().tolist(), module)
            self.assertEqual(net.arrays[name + "_outputs"].tolist(), outputs.tolist(), module)
            checked += 1
        return checked

    def test_all_compilers_and_the_formulas_give_the_same_bytes(self):
        compilers = [c for c in COMPILERS if shutil.which(c[0])]
        for i, (name, wanted) in enumerate(self.each(2)):
            said = self.exported_int8()
            self.assertEqual(said["calibrated_on"], 5 * trained.TEST, name)
            net = self.network()
            q, logits = self.said(self.pixels[:2], compilers[i % len(compilers)])
            for k in range(2):
                picture = self.pixels[k].permute(1, 2, 0).numpy()
                self.assertEqual(net.logits(picture).tolist(), q[k].tolist(), name)
            self.assertLess(relative_distance(logits, wanted[:2]), 0.05, name)  # 0.02 at most as this is written
            if onnx is not None:
                self.assertGreater(self.check_convolutions(net), 3, name)

    def test_compilers_for_cortex_m_take_it_and_find_the_planned_bytes(self):
        if shutil.which("arm-none-eabi-gcc") is None:
            self.skipTest("gcc-arm-none-eabi is not installed: nothing is compiled for Cortex-M")
        trained.write_weights(self.folder / "w.safetensors", trained.random_cell("darts", random.Random(6)), 1, **SMALL)
        said = self.exported_int8()
        self.run_in("arm-none-eabi-gcc", *STRICT, "-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=soft", "-Os", "-c", "w.c")
        text, data, bss = map(int, self.run_in("arm-none-eabi-size", "w.o").stdout.splitlines()[1].split()[:3])
        self.assertEqual((data, bss), (0, said["ram_bytes"]))
        self.assertTrue(said["flash_bytes"] < text < said["flash_bytes"] + 5000, (text, said))
        undefined = self.run_in("arm-none-eabi-nm", "-u", "w.o").stdout.split()
        self.assertLessEqual(set(undefined), {"U", "memset"})  # neither of floats nor of long divisions

    def test_arm_of_32_bits_finds_the_same_logits(self):
        if QEMU_ARM is None or shutil.which("arm-none-eabi-gcc") is None:
            self.skipTest("gcc-arm-none-eabi or qemu-user is not installed: nothing runs on ARM")
        (self.folder / "main.c").write_text(MAIN_ARM, encoding="utf-8")
        for i, space in enumerate(("darts", "nas-bench-201")):
            genotype = trained.random_cell(space, random.Random(8))
            trained.write_weights(self.folder / "w.safetensors", genotype, i, **SMALL)
            self.exported_int8()
            for options in (["-mcpu=cortex-m4", "-mthumb", "-Os"], ["-mcpu=cortex-a7", "-marm", "-O2"]):
                self.run_in("arm-none-eabi-gcc", *STRICT[:-1], *options, "-nostdlib", "-DW_SELF_TEST", "main.c", "w.c",
                            "-lgcc", "-o", "w")
                self.run_in(QEMU_ARM, "w")  # exits with the number of logits that differ

    def test_the_self_test_finds_another_weight(self):
        trained.write_weights(self.folder / "w.safetensors", trained.random_cell("darts", random.Random(6)), 1, **SMALL)
        self.exported_int8()
        path = self.folder / "w.c"
        text = path.read_text(encoding="utf-8")
        start = text.index("classifier_outputs[10] = {") + len("classifier_outputs[10] = {\n    {")
        path.write_text(text[:start] + "9999 + " + text[start:], encoding="utf-8")
        with self.assertRaisesRegex(AssertionError, "b'1' != b'0'"):
            self.said(self.pixels[:1], ["gcc", "-O1"])

    def test_threads_change_nothing_and_pictures_do(self):
        trained.write_weights(self.folder / "w.safetensors", trained.random_cell("darts", random.Random(6)), 1, **SMALL)
        files = []
        for options in (["--threads", "1"], ["--threads", "3"], ["--threads", "2", "--calibrate", "1"]):
            self.exported_int8(*options)
            files.append((self.folder / "w.c").read_bytes())
        self.assertEqual(files[0], files[1])
        self.assertNotEqual(files[0], files[2])

    def test_a_trained_network_loses_less_than_a_point(self):
        config = {"data": {"dataset": "synthetic", "synthetic": {"train": 2000, "test": 1000, "side": 16}},
                  "train": {"channels": 8, "cells": 3, "epochs": 6, "batch": 32, "cutout": 0, "drop_path": 0}}
        (self.folder / "s.json").write_text(json.dumps(config), encoding="utf-8")
        self.snas("train", "s.json", "--genotype", "SNAS_mild", "--out", "child", "--threads", "1")
        said = json.loads(self.snas("export", "child", "--format", "c", "--int8", "--out", "w.c", "--json").stdout)
        self.assertEqual(said["calibrated_on"], 200)
        floats = json.loads(self.snas("export", "child", "--format", "c", "--out", "f.c", "--json").stdout)
        self.assertLess(4 * said["ram_bytes"], 2 * floats["ram_bytes"])
        self.assertLess(said["flash_bytes"], floats["flash_bytes"])
        self.snas("eval", "child", "--logits", "logits.safetensors")
        self.snas("data", "pack", "s.json", "--out", "pictures.pack")
        wanted = load_tensors(self.folder / "logits.safetensors")[0]
        pixels = packed_pixels(self.folder / "pictures.pack", "test").permute(0, 3, 1, 2)
        _, found = self.said(pixels, ["gcc", "-O2"])
        right, right_int8 = ((logits.argmax(1) == wanted["labels"]).double().mean().item()
                             for logits in (wanted["logits"], found))
        self.assertGreater(right, 0.5)
        self.assertGreater(right_int8, right - 0.01, f"{100 * right:.1f} % became {100 * right_int8:.1f} %")


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
