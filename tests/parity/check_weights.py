#!/usr/bin/env python3
"""check_weights.py -- weights move both ways between `snas` and PyTorch; $SNAS is the program.

A child trained here loads into PyTorch's network with load_state_dict, strictly, and says the same logits; a state dict
from there is evaluated here to the same logits. The same for a search's supernet. The data are 60 made-up pictures in
CIFAR-10's format. Exits with 77, which ctest takes for skipped, where PyTorch is not installed.
"""
import json
import random
import struct
import sys
import unittest

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    print("PyTorch is not installed")
    sys.exit(77)

import pictures
from in_folder import InFolder
from network import BENCH_NAMES, NAMES, Bench, Network, load_tensors, relative_distance, save_tensors

CLOSE = 1e-5  # relative, of all logits as one; rounding alone is some 1e-7, a wrong running variance 1e-2
TRAIN, TEST = 12, 60  # pictures a training file, test pictures
CONFIG = {
    "data": {"dataset": "cifar10", "path": "data", "crop_pad": 0, "flip": False},
    "search": {"channels": 4, "cells": 3, "epochs": 1, "batch": 20, "drop_path": 0, "validate": "test"},
    "train": {"channels": 4, "cells": 3, "epochs": 1, "batch": 20, "cutout": 0, "drop_path": 0},
}


def picture_file(count, dice):
    """Records of a label and a picture that has something to do with it."""
    out = b""
    for _ in range(count):
        label = dice.randrange(10)
        out += struct.pack("B", label)
        for plane in range(3):
            level = 40 + 17 * ((label + 3 * plane) % 10)
            out += bytes(max(0, min(255, int(dice.gauss(level, 25)))) for _ in range(1024))
    return out


def parse(content):
    """Normalised pictures [N, 3, 32, 32] and labels [N]."""
    raw, labels = pictures.parse(content)
    return pictures.normalised(raw), labels


class Weights(InFolder, unittest.TestCase):
    config = CONFIG

    def setUp(self):
        super().setUp()
        (self.folder / "data").mkdir()
        dice = random.Random(1)
        files = [picture_file(TRAIN, dice) for _ in range(5)]
        for i, content in enumerate(files, 1):
            (self.folder / f"data/data_batch_{i}.bin").write_bytes(content)
        test = picture_file(TEST, dice)
        (self.folder / "data/test_batch.bin").write_bytes(test)
        self.train, self.test = parse(b"".join(files)), parse(test)

    def genotype(self, name):
        found = json.loads(self.snas("info", "genotype", name).stdout)
        return {kind: found[kind] for kind in ("normal", "reduce")}, found["pool_bn"]

    def network(self, name, **more):
        child, pool_norm = self.genotype(name)
        return Network(4, 3, 10, child=child, pool_norm=pool_norm, **more)

    def evaluated(self, *arguments):
        """(logits, labels, the printed result, stderr) of snas eval."""
        done = self.snas("eval", *arguments, "--logits", "logits.safetensors", "--json")
        tensors, _ = load_tensors(self.folder / "logits.safetensors")
        return tensors["logits"], tensors["labels"], json.loads(done.stdout), done.stderr

    def assert_same(self, logits, labels, result, net, *z):
        net.eval()
        with torch.no_grad():
            wanted = net(self.test[0], *z)
        self.assertTrue(torch.equal(labels, self.test[1]))
        self.assertLess(relative_distance(logits, wanted), CLOSE)
        right = int((wanted.argmax(1) == self.test[1]).sum())
        self.assertEqual(round(result["accuracy"] * TEST), right)
        self.assertAlmostEqual(result["loss"], float(F.cross_entropy(wanted, self.test[1])), places=5)

    def test_a_child_trained_here_loads_there_and_says_the_same(self):
        for name, auxiliary in (("SNAS_mild", 0.4), ("DARTS_V2", 0), ("SNAS_aggressive", 0), ("PC_DARTS_cifar", 0.4)):
            with self.subTest(name):
                out = f"run_{name}"
                self.snas("train", "tiny.json", "--genotype", name, "--out", out, "--set",
                          f"train.auxiliary={auxiliary}")
                net = self.network(name, auxiliary=auxiliary > 0)
                tensors, metadata = load_tensors(self.folder / out / "weights-last.safetensors")
                net.load_state_dict(tensors, strict=True)
                self.assertEqual(metadata["format"], "pt")
                self.assertEqual(int(tensors["stem.1.num_batches_tracked"]), 3)
                *found, said = self.evaluated(out, "--last")
                self.assert_same(*found, net)
                self.assertNotIn("ignored", said)

    def save_shuffled(self, state, name="from.safetensors"):
        order = list(state)
        random.Random(2).shuffle(order)
        save_tensors(self.folder / name, {k: state[k] for k in order})

    def grown(self, name, **more):
        """A network of PyTorch's with running statistics of its own."""
        torch.manual_seed(3)
        net = self.network(name, **more)
        for parameter in net.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
        with torch.no_grad():
            for _ in range(3):
                net(self.train[0])
        return net

    OWN = ("--config", "tiny.json")

    def test_a_state_dict_from_there_is_evaluated_here_to_the_same(self):
        for name, auxiliary in (("SNAS_moderate", True), ("DARTS_V1", False)):
            with self.subTest(name):
                net = self.grown(name, auxiliary=auxiliary)
                self.save_shuffled(net.state_dict())
                *found, said = self.evaluated("from.safetensors", "--genotype", name, *self.OWN)
                self.assert_same(*found, net)
                self.assertNotIn("ignored", said)  # the auxiliary classifier is known, and of no use here

    def test_extra_tensors_are_ignored_with_a_note(self):
        net = self.grown("DARTS_V2")
        self.save_shuffled({**net.state_dict(), "ema.decay": torch.ones(3), "ema.steps": torch.tensor(7)})
        *found, said = self.evaluated("from.safetensors", "--genotype", "DARTS_V2", *self.OWN)
        self.assert_same(*found, net)
        self.assertIn("'from.safetensors': 2 tensors that the network has no use for are ignored", said)
        self.assertIn("ema.", said)

    def test_weights_that_do_not_fit_are_refused_with_a_sentence(self):
        state = self.grown("DARTS_V2").state_dict()
        wide = {**state, "classifier.weight": torch.zeros(10, 7)}
        missing = {k: v for k, v in state.items() if k != "stem.0.weight"}
        no_statistics = {k: v for k, v in state.items() if k != "cells.1.preprocess1.op.2.running_var"}
        whole = {**state, "stem.0.weight": state["stem.0.weight"].long()}
        for what, part in ((wide, "tensor 'classifier.weight' has shape [10, 7], the network wants [10, 64]"),
                           (missing, "'stem.0.weight'"), (no_statistics, "'cells.1.preprocess1.op.2.running_var'"),
                           (whole, "'stem.0.weight' has the dtype I64")):
            self.save_shuffled(what)
            done = self.snas("eval", "from.safetensors", "--genotype", "DARTS_V2", *self.OWN, code=3)
            self.assertIn(part, done.stderr)
        self.save_shuffled(state)
        path = self.folder / "from.safetensors"
        path.write_bytes(path.read_bytes()[:-8])
        self.snas("eval", "from.safetensors", "--genotype", "DARTS_V2", *self.OWN, code=3)
        self.save_shuffled(state)
        self.snas("eval", "from.safetensors", "--genotype", "SNAS_mild", *self.OWN, code=3)
        done = self.snas("eval", "from.safetensors", *self.OWN, code=2)
        self.assertIn("give its genotype", done.stderr)

    def test_a_step_with_the_auxiliary_classifier_is_that_of_pytorch(self):
        rate, weight = 0.5, 0.4
        plain = [f"--set=train.weights.{k}={v}" for k, v in
                 (("rate", rate), ("rate_last", rate), ("momentum", 0), ("decay", 0), ("clip", 0))]
        states = []
        for epochs in (1, 2):  # a batch is all pictures, so their order does not matter
            self.snas("train", "tiny.json", "--genotype", "SNAS_mild", "--out", f"run{epochs}", *plain,
                      "--set=train.batch=60", f"--set=train.auxiliary={weight}", f"--set=train.epochs={epochs}")
            states.append(load_tensors(self.folder / f"run{epochs}/weights-last.safetensors")[0])
        net = self.network("SNAS_mild", auxiliary=True)
        net.load_state_dict(states[0], strict=True)
        net.train()
        logits, head = net(self.train[0])
        (F.cross_entropy(logits, self.train[1]) + weight * F.cross_entropy(head, self.train[1])).backward()
        for part in ("auxiliary_head.", "cells.2.", "classifier.", "stem."):
            wanted = torch.cat([p.grad.flatten() for n, p in net.named_parameters() if n.startswith(part)])
            moved = torch.cat([((states[0][n] - states[1][n]) / rate).flatten() for n, _ in net.named_parameters()
                               if n.startswith(part)])
            # a difference of weights: 1e-4; the wrong weight: 0.1
            self.assertLess(relative_distance(moved, wanted), 1e-3, part)
        for name, value in net.state_dict().items():
            if "running" in name:
                self.assertLess(relative_distance(value, states[1][name]), 1e-4, name)

    def test_a_search_leaves_a_supernet_that_loads_there_and_says_the_same(self):
        for affine in (False, True):
            with self.subTest(affine=affine):
                out = f"search_{affine}"
                self.snas("search", "tiny.json", "--out", out, "--set", f"search.affine={str(affine).lower()}")
                found = json.loads(
                    self.snas("derive", out, "--evaluate", "--weights", "super.safetensors", "--json").stdout)
                tensors, _ = load_tensors(self.folder / "super.safetensors")
                net = Network(4, 3, 10, affine=affine)
                net.load_state_dict(tensors, strict=True)
                latest = (self.folder / out / "checkpoints/LATEST").read_text().strip()
                checkpoint, _ = load_tensors(self.folder / out / "checkpoints" / latest)
                logits, labels, result, said = self.evaluated("super.safetensors", "--config", "tiny.json")
                self.assertNotIn("ignored", said)
                inside = {k[6:]: v for k, v in checkpoint.items() if k.startswith("model.")}
                inside.update({k: v for k, v in checkpoint.items() if k.endswith("_log_alpha")})
                self.assertEqual(set(inside), set(tensors))
                z = {}
                for kind in ("normal", "reduce"):
                    alpha = tensors[f"{kind}_log_alpha"]
                    z[kind] = F.one_hot(alpha.argmax(1), len(NAMES)).float()
                    cell = next(c for c in found["cells"] if c["cell"] == kind)
                    p = torch.softmax(alpha, 1).max(1).values
                    for edge, wanted, k in zip(cell["edges"], p, alpha.argmax(1)):
                        self.assertAlmostEqual(edge["probability"], float(wanted), places=9)
                        self.assertEqual(edge["choice"], NAMES[k])
                net.eval()
                self.assert_same(logits, labels, result, net, z)
                self.assertEqual(result["accuracy"], found["validation_accuracy"])
                self.assertEqual(result["parameters"], found["parameters"])
                last = json.loads((self.folder / out / "metrics.jsonl").read_text().splitlines()[-1])
                self.assertAlmostEqual(last["child_loss"], result["loss"], places=9)

    def test_a_supernet_from_there_is_evaluated_here_to_the_same(self):
        torch.manual_seed(5)
        net = Network(4, 3, 10)
        alpha = {k: getattr(net, f"{k}_log_alpha") for k in ("normal", "reduce")}
        for p in alpha.values():
            p.data = torch.randn_like(p)
        with torch.no_grad():
            for _ in range(2):
                net(self.train[0], {k: torch.softmax(p, 1) for k, p in alpha.items()})
        self.save_shuffled(net.state_dict())
        *found, said = self.evaluated("from.safetensors", *self.OWN)
        self.assertNotIn("ignored", said)
        self.assert_same(*found, net, {k: F.one_hot(p.argmax(1), len(NAMES)).float() for k, p in alpha.items()})
        self.snas("eval", "from.safetensors", "--genotype", "DARTS_V2", *self.OWN, code=2)
        self.save_shuffled({k: v for k, v in net.state_dict().items() if k != "reduce_log_alpha"})
        self.assertIn("'reduce_log_alpha'", self.snas("eval", "from.safetensors", *self.OWN, code=3).stderr)


    BENCH = "|avg_pool_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|nor_conv_1x1~0|none~1|nor_conv_3x3~2|"
    BENCH_SPACE = "--set=search.space=nas-bench-201"

    def bench(self):
        (self.folder / "cell.txt").write_text(self.BENCH)
        return Bench(4, 4, 10, child=json.loads(self.snas("info", "genotype", "cell.txt").stdout))

    def test_a_child_of_nas_bench_201_moves_both_ways_and_takes_the_same_step(self):
        net, rate, states = self.bench(), 0.5, []
        plain = [f"--set=train.weights.{k}={v}" for k, v in
                 (("rate", rate), ("rate_last", rate), ("momentum", 0), ("decay", 0), ("clip", 0))]
        for epochs in (1, 2):
            self.snas("train", "tiny.json", "--genotype", "cell.txt", "--out", f"run{epochs}", *plain,
                      "--set=train.batch=60", "--set=train.cells=4", f"--set=train.epochs={epochs}")
            states.append(load_tensors(self.folder / f"run{epochs}/weights-last.safetensors")[0])
        net.load_state_dict(states[0], strict=True)
        self.assert_same(*self.evaluated("run1", "--last")[:3], net)
        net.train()
        F.cross_entropy(net(self.train[0]), self.train[1]).backward()
        for part in ("stem.", "cells.0.", "cells.1.", "cells.3.", "lastact.", "classifier."):
            wanted = torch.cat([p.grad.flatten() for n, p in net.named_parameters() if n.startswith(part)])
            moved = torch.cat([((states[0][n] - states[1][n]) / rate).flatten() for n, _ in net.named_parameters()
                               if n.startswith(part)])
            self.assertLess(relative_distance(moved, wanted), 1e-3, part)
        self.save_shuffled(net.state_dict())
        *found, said = self.evaluated("from.safetensors", "--genotype", "cell.txt", "--set=train.cells=4", *self.OWN)
        self.assert_same(*found, net)
        self.assertNotIn("ignored", said)

    def test_a_supernet_of_nas_bench_201_loads_there_and_says_the_same(self):
        self.snas("search", "tiny.json", "--out", "run", self.BENCH_SPACE, "--set=search.cells=4")
        self.snas("derive", "run", "--weights", "super.safetensors")
        tensors, _ = load_tensors(self.folder / "super.safetensors")
        net = Bench(4, 4, 10)
        net.load_state_dict(tensors, strict=True)
        found = self.evaluated("super.safetensors", self.BENCH_SPACE, "--set=search.cells=4", *self.OWN)[:3]
        self.assert_same(*found, net,
                         {"cell": F.one_hot(tensors["cell_log_alpha"].argmax(1), len(BENCH_NAMES)).float()})


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
