#!/usr/bin/python3
"""Whole runs on a tiny built-in data set: search, derive, train, eval; same bytes again, stopped and resumed.

$SNAS is the program. A run folder's bytes depend on the config alone, but for the files of TIMES.
"""
import hashlib
import json
import os
import pathlib
import unittest

from in_folder import SNAS, InFolder

TIMES = {"log.txt", "env.json", "timing.jsonl"}
GENOTYPE = "SNAS_mild"

# 40 pictures to train on and 20 held out: three steps an epoch, the last one smaller.
CONFIG = {
    "seed": 3,
    "keep_checkpoints": 1,
    "data": {"dataset": "synthetic", "crop_pad": 2, "synthetic": {"train": 80, "test": 40, "side": 8}},
    "search": {"channels": 2, "cells": 3, "epochs": 2, "batch": 16, "train_images": 40, "validation_images": 20,
               "drop_path": 0.2, "cutout": 2, "recalibration_batches": 2},
    "train": {"channels": 2, "cells": 3, "epochs": 2, "batch": 32, "cutout": 2, "drop_path": 0.2},
}
SEARCH_STEPS = 6


def contents(folder):
    """{file within the folder: digest} of what must be the same."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in TIMES}


class Runs(InFolder):
    """What the tests share beyond the folder: runs in it."""

    config = CONFIG

    def search(self, out, *more, code=0):
        self.snas("search", "tiny.json", "--out", out, *more, code=code)
        return self.folder / out

    def train(self, out, *more, code=0):
        self.snas("train", "tiny.json", "--genotype", GENOTYPE, "--out", out, *more, code=code)
        return self.folder / out

    def status(self, out):
        return (self.folder / out / "STATUS").read_text().split()[0]

    def assert_same(self, one, other):
        self.maxDiff = None
        self.assertEqual(contents(one), contents(other), f"{one.name} and {other.name} differ")


class WholeWay(Runs, unittest.TestCase):
    def test_search_derive_train_eval(self):
        run = self.search("run")
        for name in ("config.json", "env.json", "metrics.jsonl", "metrics.csv", "timing.jsonl", "log.txt",
                     "checkpoints/LATEST"):
            self.assertTrue((run / name).is_file(), name)
        self.assertEqual(self.status("run"), "done")
        self.assertEqual(len((run / "metrics.jsonl").read_text().splitlines()), CONFIG["search"]["epochs"])
        done = self.snas("derive", "run", "--evaluate", "--json")
        found = json.loads(done.stdout)
        self.assertEqual(found["genotype"], json.loads((run / "genotype.json").read_text()))
        self.assertEqual([len(cell["edges"]) for cell in found["cells"]], [14, 14])
        for cell in found["cells"]:
            for edge in cell["edges"]:
                self.assertTrue(0.125 <= edge["probability"] <= 1, edge)  # the likeliest of eight
        self.assertGreater(found["parameters"], 0)
        self.assertTrue(0 <= found["validation_accuracy_recalibrated"] <= 1)
        self.snas("train", "tiny.json", "--genotype", "run/genotype.json", "--out", "child")
        self.assertTrue((self.folder / "child/weights-last.safetensors").is_file())
        self.assertTrue((self.folder / "child/weights-best.safetensors").is_file())
        tested = json.loads(self.snas("eval", "child", "--json").stdout)
        self.assertEqual(tested["images"], CONFIG["data"]["synthetic"]["test"])
        self.assertTrue(0 <= tested["accuracy"] <= tested["top"]["5"] <= 1)
        weights = self.snas("eval", "child/weights-last.safetensors")
        self.assertIn("test accuracy", weights.stdout)

    def test_evaluation_of_the_child_is_the_same_for_any_threads(self):
        self.search("run", "--set", "search.batch=40", "--set", "search.channels=4")  # batches beyond the threads
        said = [self.snas("derive", "run", "--evaluate", "--json", "--threads", n).stdout for n in "123"]
        self.assertEqual(said[0], said[1])
        self.assertEqual(said[0], said[2])

    def test_eval_finds_the_accuracy_that_training_found_for_any_threads(self):
        run = self.train("run", "--set", "train.channels=8", "--set", "train.epochs=3")
        last = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
        for threads in "123":
            tested = json.loads(self.snas("eval", "run", "--last", "--json", "--threads", threads).stdout)
            self.assertEqual(tested["accuracy"], last["test_accuracy"])
            self.assertAlmostEqual(tested["loss"], last["test_loss"], places=5)

    def test_eval_shows_every_class_and_takes_the_average(self):
        run = self.train("run", "--set", "train.average_decay=0.9")
        last = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
        tested = json.loads(self.snas("eval", "run", "--last", "--average", "--top", "1,2,10", "--json").stdout)
        self.assertEqual(tested["accuracy"], last["average_accuracy"])
        self.assertEqual(list(tested["top"]), ["1", "2", "10"])
        self.assertEqual(tested["top"]["1"], tested["accuracy"])
        self.assertEqual(tested["top"]["10"], 1)
        self.assertEqual(sum(map(sum, tested["confusion"])), tested["images"])
        for number, one in enumerate(tested["classes"]):
            self.assertEqual(one["images"], sum(tested["confusion"][number]))
            self.assertEqual(one["correct"], tested["confusion"][number][number])
            self.assertAlmostEqual(one["accuracy"], one["correct"] / one["images"])
        shown = self.snas("eval", "run", "--recalibrate", "2", "--per-class", "--confusion")
        lines = shown.stdout.splitlines()
        self.assertIn("batch norms recalibrated on 2 batches", shown.stderr)
        self.assertTrue(lines[0].startswith("test accuracy"))
        self.assertIn("most often taken for", lines[2])
        self.assertEqual(len(lines), 1 + 2 + 10 + 3 + 10)
        for line, one in zip(lines[3:13], tested["classes"]):
            self.assertTrue(line.startswith(one["name"]), line)

    def test_the_losses_of_all_steps_are_written_over_a_stop(self):
        run = self.train("whole", "--losses", "whole.jsonl")
        stopped = self.snas("train", "tiny.json", "--genotype", GENOTYPE, "--out", "run", "--losses", "losses.jsonl",
                            "--stop-after", "3", code=130)
        self.assertIn("go on", stopped.stderr)
        self.snas("train", "--resume", "run", "--losses", "losses.jsonl")
        written = (self.folder / "losses.jsonl").read_text()
        self.assertEqual(written, (self.folder / "whole.jsonl").read_text())
        rows = [json.loads(line) for line in written.splitlines()]
        last = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
        self.assertEqual([r["step"] for r in rows], list(range(1, last["step"] + 1)))
        first = json.loads((run / "metrics.jsonl").read_text().splitlines()[0])
        steps = first["step"]
        sizes = [CONFIG["train"]["batch"]] * (steps - 1)
        sizes.append(CONFIG["data"]["synthetic"]["train"] - sum(sizes))
        mean = sum(r["loss"] * n for r, n in zip(rows, sizes)) / sum(sizes)
        self.assertAlmostEqual(mean, first["train_loss"])

    def test_derive_prints_and_writes_where_it_is_told(self):
        run = self.search("run")
        before, pictures = contents(run), {path: path.read_bytes() for path in run.glob("*.[ps][nv]g")}
        genotype = (run / "genotype.json").read_text()
        table = self.snas("derive", "run", "-q")
        self.assertRegex(table.stdout, r"^normal cell, entropy \S+ nats an edge\n   0 -> 2  \w+ +0\.\d{4}\n")
        self.assertRegex(table.stdout, r"\nstep 6: child with \S+ parameters, \S+ multiply-adds a picture\n"
                         r"as 'train' builds it \(C = 2, L = 3\): \S+ parameters, \S+ multiply-adds, "
                         r"\S+ bytes of activations a picture\n$")
        self.assertEqual(table.stderr, "")
        shown = self.snas("derive", "run", "--out", "-")
        people = table.stdout + "next: snas train run/config.json --genotype run/genotype.json\n"
        self.assertEqual([shown.stdout, shown.stderr], [genotype, people])
        self.assertEqual(self.snas("derive", "run", "--format", "json").stdout, genotype)
        whole = self.snas("derive", "run", "--json")
        self.assertEqual([json.loads(whole.stdout)["genotype"], whole.stderr], [json.loads(genotype), people])
        self.assertEqual(
            self.snas("derive", "run", "--format", "darts", "--rule", "darts", "-q").stdout[:9], "Genotype(")
        told = self.snas("derive", "run", "--rule", "darts", "--format", "darts", "--out", "text")
        self.assertIn("normal cell, entropy", told.stdout)
        self.assertEqual(told.stderr,
                         "genotype written to text\nnext: snas train run/config.json --genotype text\n")
        self.assertIn("Genotype(", (self.folder / "text").read_text())
        self.snas("derive", "run", "--rule", "top2", "--out", "nowhere/text", code=4)
        self.snas("derive", "run", "--rule", "top2", "--weights", "weights")
        self.assertEqual(contents(run), before)
        self.assertEqual({path: path.read_bytes() for path in run.glob("*.[ps][nv]g")}, pictures)

    def test_derive_saves_a_genotype_and_its_pictures_under_the_name_of_the_rule(self):
        run = self.search("run")
        before = contents(run)
        for rule in "edge", "top2", "darts":
            self.snas("derive", "run", "--rule", rule, "--save")
            found = json.loads((run / f"genotype-{rule}.json").read_text())
            self.assertEqual(found, json.loads(self.snas("derive", "run", "--rule", rule, "--json").stdout)["genotype"])
        cells = [(cell, kind) for cell in ("cell_normal", "cell_reduce") for kind in ("png", "svg")]
        for cell, kind in cells:
            picture = (run / f"{cell}.{kind}").read_bytes()
            self.assertEqual((run / f"{cell}-edge.{kind}").read_bytes(), picture)
            self.assertNotEqual((run / f"{cell}-top2.{kind}").read_bytes(), picture)
        after = contents(run)
        added = {f"{name}-{rule}.{kind}" for rule in ("edge", "top2", "darts")
                 for name, kind in [("genotype", "json")] + cells}
        self.assertEqual(set(after) - set(before), added)
        self.assertEqual({name: after[name] for name in before}, before)
        self.snas("train", "tiny.json", "--genotype", "run/genotype-top2.json", "--out", "child", "--stop-after", "1",
                  code=130)

    def test_derive_keeps_within_budgets_and_says_what_they_cost(self):
        run = self.search("run")
        before = contents(run)
        size = "--channels 2 --cells 3 --side 8 --classes 10".split()
        for rule in "edge", "top2", "darts":
            free = json.loads(self.snas("derive", "run", "--rule", rule, "--json").stdout)
            self.assertIsNone(free["bounds"])
            most = {name: int(free["train"][name] * 0.9) for name in ("parameters", "macs")}
            words = [f"--budget={name}={value}" for name, value in most.items()]
            done = self.snas("derive", "run", "--rule", rule, *words, "--json", "--out", "cell.json")
            found = json.loads(done.stdout)
            counted = json.loads(self.snas("info", "genotype", "cell.json", *size, "--json").stdout)
            self.assertEqual([found["train"]["parameters"], found["train"]["macs"]],
                             [counted["params"], counted["macs"]])
            self.assertEqual(found["bounds"]["budget"], most)
            self.assertEqual(found["bounds"]["free"], free["train"])
            for name, value in most.items():
                self.assertLessEqual(found["train"][name], value)
            lost = free["train"]["log_probability"] - found["train"]["log_probability"]
            self.assertGreater(lost, 0)
            self.assertAlmostEqual(found["bounds"]["lost_nats"], lost)
            pairs = [(edge, other) for cell, own in zip(found["cells"], free["cells"])
                     for edge, other in zip(cell["edges"], own["edges"])]
            differing = [edge for edge, other in pairs if edge["kept"] != other["kept"] or
                         (edge["kept"] and edge["choice"] != other["choice"])]
            self.assertEqual(found["bounds"]["edges_that_differ"], len(differing))
            self.assertEqual([edge for edge, _ in pairs if "free" in edge], differing)
            self.assertRegex(done.stderr, rf"nats less, {len(differing)} edges? differs?\n")
            loose = json.loads(self.snas("derive", "run", "--rule", rule, "--budget", "macs=1e15", "--json").stdout)
            self.assertEqual(loose["cells"], free["cells"])
        self.assertEqual(contents(run), before)
        refused = self.snas("derive", "run", "--budget", "parameters=5", code=2)
        self.assertRegex(refused.stderr, r"within the budget parameters=5: the least possible is \d{3,}\n")
        self.snas("derive", "run", "--budget", f"parameters={most['parameters']}", "--save")
        saved = json.loads((run / "genotype-edge.json").read_text())
        self.assertIn(f"rule edge, budget parameters={most['parameters']}", saved["origin"])
        self.assertEqual({path.name for path in run.glob("cell_*-edge.png")},
                         {"cell_normal-edge.png", "cell_reduce-edge.png"})

    def test_derive_keeps_to_limits_of_activations(self):
        self.search("run")
        free = json.loads(self.snas("derive", "run", "--json").stdout)["train"]
        for name in "peak_bytes", "ram_bytes":
            most = free[name] - 1
            found = json.loads(self.snas("derive", "run", "--limit", f"{name}={most}", "--json").stdout)
            self.assertLessEqual(found["train"][name], most)
            self.assertEqual(found["bounds"]["limit"], {name: most})
            self.assertLess(found["train"]["log_probability"], free["log_probability"])
            self.assertTrue(found["genotype"]["origin"].endswith(f", limit {name}={most}"))
            refused = self.snas("derive", "run", "--limit", f"{name}=64", "--save", code=2)
            self.assertIn(f"keeps to the limit {name}=64: the least that was met is", refused.stderr)
        both = ("--limit", f"peak_bytes={free['peak_bytes'] - 1}", "--limit", "ram_bytes=64")
        self.assertRegex(self.snas("derive", "run", *both, "--out", "none.json", code=2).stderr,
                         r"keeps to the limit peak_bytes=\d+ and ram_bytes=64: the least that was met is \d+ and \d+, "
                         r"in ")
        self.assertFalse((self.folder / "none.json").exists() or (self.folder / "run/genotype-edge.json").exists())

    def test_dry_run_writes_nothing(self):
        before = sorted(self.folder.rglob("*"))
        estimate = json.loads(self.snas("search", "tiny.json", "--dry-run", "--json").stdout)
        parts = [estimate[f"{part}_bytes"] for part in ("parameter", "activation", "data")]
        self.assertEqual(estimate["memory_bytes"], sum(parts))
        self.assertRegex(
            self.snas("search", "tiny.json", "--dry-run").stdout, rf"memory +{sum(parts) / 2**20:.1f} MiB\n")
        self.assertEqual(estimate["steps"], SEARCH_STEPS)
        self.assertEqual(estimate["train_images"], 40)
        self.snas("train", "tiny.json", "--genotype", GENOTYPE, "-n")
        self.assertEqual(sorted(self.folder.rglob("*")), before)

    def test_default_folder_is_named_after_the_config(self):
        out = self.snas("search", "tiny.json").stdout.strip()
        self.assertRegex(out, r"^runs/tiny-\d{8}-\d{6}$")
        self.assertTrue((self.folder / out / "config.json").is_file())

    def test_json_is_a_line_an_epoch_and_the_folder(self):
        lines = self.snas("search", "tiny.json", "--out", "run", "--json").stdout.splitlines()
        self.assertEqual(len(lines), CONFIG["search"]["epochs"] + 1)
        self.assertEqual(lines[:-1], (self.folder / "run/metrics.jsonl").read_text().splitlines())
        self.assertEqual(json.loads(lines[-1]), {"run": "run"})

    def test_a_finished_run_is_left_alone(self):
        run = self.search("run")
        before = contents(run)
        self.search("run", code=2)
        self.assertEqual(contents(run), before)

    def test_a_network_that_cannot_be_built_leaves_no_folder(self):
        done = self.snas("search", "tiny.json", "--out", "run", "--set", "data.synthetic.side=10", code=2)
        self.assertIn("cannot be halved twice", done.stderr)
        self.assertNotIn("run folder", done.stderr)
        self.assertFalse((self.folder / "run").exists())

    def test_every_space_can_be_searched_derived_and_trained(self):
        names = [line.split(":")[0] for line in self.snas("info", "spaces").stdout.splitlines() if line[0] != " "]
        self.assertIn("nas-bench-201", names)
        for name in names:
            for more in ((), ("--set", "search.draw_per_cell=true", "--set", "search.resource.method=policy_gradient")):
                with self.subTest(name, more=more):
                    run = f"{name}-{len(more)}"
                    self.search(run, "--set", f"search.space={name}", *more)
                    self.snas("derive", run, "--evaluate")
                    self.snas("train", "tiny.json", "--genotype", f"{run}/genotype.json", "--out", f"child-{run}")
                    self.snas("eval", f"child-{run}")

    def test_epochs_are_told_to_people(self):
        said = self.snas("search", "tiny.json", "--out", "run").stderr
        self.assertRegex(said, r"\nepoch 2  loss \S+  accuracy \S+ %  validation \S+ %  child \S+ %")

    def test_kernels_are_chosen_by_the_environment(self):
        os.environ["SNAS_KERNELS"] = "abacus"
        self.addCleanup(os.environ.pop, "SNAS_KERNELS")
        done = self.snas("search", "tiny.json", "--out", "run", code=2)
        self.assertIn("'abacus'", done.stderr)


class Benchmark(Runs, unittest.TestCase):
    FIGURES = ("images_per_s", "step_s_median", "step_s_min", "gflops", "peak_gflops", "share_of_peak", "peak_rss_mib",
               "planned_mib", "data_wait_share", "start_s", "profiled_step_s")

    def measure(self, *arguments):
        found = json.loads(self.snas("bench", *arguments, "--steps", "2", "--json").stdout)
        for key in self.FIGURES:
            self.assertGreater(found[key], 0, key)
        self.assertEqual(found["allocations_per_step"], 0)
        self.assertLess(found["share_of_peak"], 1.2)
        self.assertLess(found["data_wait_share"], 1)
        self.assertLessEqual(found["step_s_min"], found["step_s_median"])
        self.assertTrue(found["kernel_set"] and found["blas"])
        self.assertAlmostEqual(sum(row["share"] for row in found["kernels"]), 1, places=9)
        self.assertIn("node", [row["kernel"] for row in found["kernels"]])
        return found

    def test_figures_of_a_config(self):
        found = self.measure("tiny.json", "--threads", "1")
        self.assertEqual([found[key] for key in ("target", "step", "batch", "channels", "cells", "side", "threads")],
                         ["tiny.json", "search", 16, 2, 3, 8, 1])
        found = self.measure("tiny.json", "--genotype", GENOTYPE, "--batch", "8")
        self.assertEqual([found["step"], found["batch"]], ["train", 8])
        found = self.measure("tiny.json", "--genotype", GENOTYPE, "--evaluate")
        self.assertEqual([found["step"], found["batch"]], ["evaluate", 32])

    def test_figures_of_a_preset(self):
        found = self.measure("search-small", "--batch", "2")
        self.assertEqual([found[key] for key in ("step", "channels", "cells", "batch")], ["search", 8, 5, 2])
        self.assertEqual(found["parameters"], 394210)
        found = self.measure("child", "--batch", "2", "--set", "train.channels=4", "--set", "train.auxiliary=0.4")
        self.assertEqual([found[key] for key in ("channels", "classes", "stem", "auxiliary")], [4, 10, "cifar", 0.4])
        found = self.measure("child", "--batch", "2", "--evaluate")
        self.assertEqual([found[key] for key in ("step", "channels", "cells", "batch")], ["evaluate", 16, 8, 2])

    def test_people_get_a_table(self):
        said = self.snas("bench", "tiny.json", "--steps", "1").stdout
        self.assertRegex(said, r"speed +[\d.]+ images/s\n")
        self.assertRegex(said, r"separable +[\d.]+ +[\d.]+ +[\d.]+ % +\d+ +\d+\n")

    def test_a_batch_beyond_the_pictures_is_refused(self):
        self.assertIn("a batch of 41", self.snas("bench", "tiny.json", "--batch", "41", code=2).stderr)


class Hundred(Runs, unittest.TestCase):
    """CIFAR-100 in its layout, small: 100 fine and 20 coarse classes go the whole way."""

    def setUp(self):
        super().setUp()
        tiny = dict(CONFIG, data={"dataset": "cifar100", "path": "cifar-100-binary"})
        tiny["search"] = dict(CONFIG["search"], epochs=1)
        tiny["train"] = dict(CONFIG["train"], epochs=1, batch=25)
        (self.folder / "tiny.json").write_text(json.dumps(tiny))
        (self.folder / "cifar-100-binary").mkdir()
        for name, count in ("train.bin", 100), ("test.bin", 20):
            records = (bytes([k % 100 // 5, k % 100]) + bytes(3 * k % 256 for _ in range(3072)) for k in range(count))
            (self.folder / "cifar-100-binary" / name).write_bytes(b"".join(records))

    def whole_way(self, labels, classes, first, out):
        more = ("--set", "data.labels=" + labels)
        self.search(out + "-search", *more)
        found = json.loads(self.snas("derive", out + "-search", "--evaluate", "--json").stdout)
        self.assertGreater(found["parameters"], 0)
        self.snas("train", "tiny.json", "--genotype", out + "-search/genotype.json", "--out", out, *more)
        tested = json.loads(self.snas("eval", out, "--json").stdout)
        self.assertEqual(tested["images"], 20)
        self.assertEqual([len(tested["classes"]), tested["classes"][0]["name"]], [classes, first])
        self.assertEqual([len(tested["confusion"]), len(tested["confusion"][0])], [classes, classes])
        return tested

    def test_fine_and_coarse_classes_go_the_whole_way(self):
        tested = self.whole_way("fine", 100, "apple", "fine")
        self.whole_way("coarse", 20, "aquatic_mammals", "coarse")
        said = self.snas("eval", "fine/weights-last.safetensors", "--set", "data.labels=coarse", code=2).stderr
        self.assertIn("for 100 classes", said)
        size = ("--channels", "2", "--cells", "3", "--classes", "100", "--json")
        info = json.loads(self.snas("info", "genotype", "fine/genotype.json", *size).stdout)
        self.assertEqual([info["classes"], info["params"]], [100, tested["parameters"]])


class SameBytes(Runs, unittest.TestCase):
    def test_search_gives_the_same_bytes_for_any_threads(self):
        one = self.search("one", "--threads", "1")
        for threads in "1", "2", "3":
            self.assert_same(one, self.search("again" + threads, "--threads", threads))

    def test_training_gives_the_same_bytes_for_any_threads(self):
        one = self.train("one", "--threads", "1")
        for threads in "1", "2", "3":
            self.assert_same(one, self.train("again" + threads, "--threads", threads))

    def test_workers_ahead_of_the_steps_change_no_figure(self):
        one = self.search("one")
        for workers in "0", "1", "3":
            other = self.search("other" + workers, "--set", "data.workers=" + workers, "--set", "data.queue=1")
            for name in "metrics.jsonl", "genotype.json":
                self.assertEqual((one / name).read_bytes(), (other / name).read_bytes())

    def test_another_seed_gives_other_bytes(self):
        one, other = self.search("one"), self.search("other", "--set", "seed=4")
        self.assertNotEqual(contents(one)["metrics.jsonl"], contents(other)["metrics.jsonl"])


class StoppedSearch(Runs, unittest.TestCase):
    def test_resume_is_bit_identical(self):
        whole = self.search("whole")
        for step in (1, 3, 4):  # in the first epoch, at its end, in the last
            out = f"stopped{step}"
            part = self.search(out, "--stop-after", str(step), code=130)
            self.assertEqual(self.status(out), "interrupted")
            self.snas("search", "--resume", out, "--threads", str(1 + step % 2))
            self.assert_same(whole, part)

    def test_resume_is_bit_identical_stopped_at_every_step(self):
        whole = self.search("whole")
        part = self.search("part", "--stop-after", "1", code=130)
        for _ in range(2, SEARCH_STEPS):
            self.snas("search", "--resume", "part", "--stop-after", "1", code=130)
        self.snas("search", "--resume", "part")
        self.assert_same(whole, part)

    def test_smaller_pictures_first_resume_to_the_same_bytes(self):
        sets = ("--set", "data.synthetic.side=16", "--set", "train.epochs=3", "--set", "train.average_decay=0.9")
        small = ("--set", "train.small_side=8", "--set", "train.small_share=0.66")
        plain = self.train("plain", *sets)
        whole = self.train("whole", *sets, *small)
        for stop in ("4", "6", "7"):  # while pictures are small, as they change, after that; an epoch has 3 steps
            part = self.train(f"part{stop}", *sets, *small, "--stop-after", stop, code=130)
            self.snas("train", "--resume", part.name, "--threads", "2")
            self.assert_same(whole, part)
        one, other = ([json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
                      for run in (plain, whole))
        self.assertNotEqual(one[0]["train_loss"], other[0]["train_loss"])
        tested = json.loads(self.snas("eval", "whole", "--last", "--json").stdout)
        self.assertEqual(tested["accuracy"], other[-1]["test_accuracy"])

    def test_a_budget_holds_and_resumes_to_the_same_bytes(self):
        sets = ("--set", "search.budget.parameters=14000")
        whole = self.search("whole", *sets)
        part = self.search("part", *sets, "--stop-after", "3", code=130)
        self.snas("search", "--resume", "part", "--threads", "2")
        self.assert_same(whole, part)
        rows = [json.loads(line) for line in (whole / "metrics.jsonl").read_text().splitlines()]
        self.assertTrue(all(0 < row["budget_parameters_child_share"] <= 1 for row in rows))
        self.assertNotEqual(rows[0]["budget_parameters_multiplier"], rows[-1]["budget_parameters_multiplier"])
        derived = json.loads(self.snas("derive", "whole", "--json").stdout)
        self.assertEqual(derived["genotype"], json.loads((whole / "genotype.json").read_text()))
        self.assertEqual(derived["genotype"]["origin"].rpartition(", ")[2], "budget parameters=14000")
        other = json.loads(self.snas("derive", "whole", "--json", "--budget", "parameters=9000").stdout)
        self.assertLessEqual(other["train"]["parameters"], 9000)
        log = (whole / "log.txt").read_text()
        self.assertIn("search.budget.parameters is 14000; the networks of this space have ", log)

    def test_a_budget_that_nothing_meets_is_refused_before_the_first_step(self):
        said = self.snas("search", "tiny.json", "--out", "none", "--set", "search.budget.parameters=10", code=2).stderr
        self.assertRegex(said, "parameters.*10")

    def test_resume_of_a_finished_run_changes_nothing(self):
        run = self.search("run")
        before = contents(run)
        self.snas("search", "--resume", "run")
        self.assertEqual(contents(run), before)

    def test_a_torn_newest_checkpoint_is_refused_and_nothing_written_over(self):
        run = self.search("run", "--stop-after", "4", code=130)
        newest = max((run / "checkpoints").glob("step-*.safetensors"))
        newest.write_bytes(newest.read_bytes()[:-100])
        before = contents(run)
        done = self.snas("search", "--resume", "run", code=4)
        self.assertIn(newest.name, done.stderr)
        self.assertEqual(contents(run)["checkpoints/" + newest.name], before["checkpoints/" + newest.name])


    def test_changed_figures_are_refused_and_those_moved_away_begin_anew(self):
        whole = self.search("whole")
        run = self.search("run", "--stop-after", "4", code=130)
        rows = (run / "metrics.jsonl").read_text()
        (run / "metrics.jsonl").write_text(rows.replace('"child_accuracy": 0', '"child_accuracy": 1'))
        (run / "metrics.csv").write_text("epoch;changed by a spreadsheet\r\n")
        before = contents(run)
        said = self.snas("search", "--resume", "run", code=4).stderr
        self.assertRegex(
            said, r"'run/metrics.jsonl' is not as the run has written it: the checksum of its first 1 row is "
            r"[0-9a-f]{8}, where the checkpoint says [0-9a-f]{8}; to go on put it back as it was, or move ")
        self.assertEqual({**contents(run), "STATUS": ""}, {**before, "STATUS": ""})
        (run / "metrics.jsonl").write_text(rows)
        said = self.snas("search", "--resume", "run", "--stop-after", "1", code=130).stderr
        self.assertIn("metrics.csv was not as the run has written it: it is made anew from metrics.jsonl\n", said)
        for name in "metrics.jsonl", "metrics.csv":
            (run / name).rename(self.folder / name)
        self.assertIn("begin anew with the next epoch", self.snas("search", "--resume", "run").stderr)
        self.assertEqual((run / "metrics.jsonl").read_text(), (whole / "metrics.jsonl").read_text().splitlines(True)[1])

    def test_a_checkpoint_without_the_checksum_of_the_figures_goes_on(self):
        whole = self.search("whole")
        run = self.search("run", "--stop-after", "4", code=130)
        without(max((run / "checkpoints").glob("step-*.safetensors")), "snas.metrics.crc32c")
        self.snas("search", "--resume", "run")
        self.assert_same(whole, run)


class StoppedTraining(Runs, unittest.TestCase):
    def test_resume_is_bit_identical(self):
        whole = self.train("whole")
        for step in (1, 3, 5):
            out = f"stopped{step}"
            part = self.train(out, "--stop-after", str(step), code=130)
            self.assertEqual(self.status(out), "interrupted")
            self.snas("train", "--resume", out)
            self.assert_same(whole, part)

    def test_a_resumed_run_takes_another_value_only_for_what_may_change(self):
        whole = self.train("whole")
        part = self.train("part", "--stop-after", "3", code=130)
        before = contents(part)
        said = self.snas("train", "--resume", "part", "--set", "train.channels=8", "--set", "data.queue=3",
                         code=2).stderr
        self.assertIn("--set: train.channels: found 8, allowed 2, with which the run began; what may change: "
                      "checkpoint_steps, keep_checkpoints, tensorboard, data.path, data.workers, data.queue,", said)
        self.assertEqual(contents(part), before)
        said = self.snas("train", "--resume", "part", "--set", "data.queue=3", "--set", "train.channels=2").stderr
        self.assertIn("the config changes: data.queue from 2 to 3\n", said)
        self.assertNotIn("differs from the one", said)
        self.assertEqual(json.loads((part / "config.json").read_text())["data"]["queue"], 3)
        self.assertEqual((part / "metrics.jsonl").read_bytes(), (whole / "metrics.jsonl").read_bytes())
        self.assertEqual((part / "weights-last.safetensors").read_bytes(),
                         (whole / "weights-last.safetensors").read_bytes())
        self.assertNotIn("differs", self.snas("train", "--resume", "part").stderr)


def without(path, key):
    """Write a checkpoint anew without a key of its metadata, and without the checksums, which files may lack."""
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:8 + size])
    for name in (key, "snas.crc32c", "snas.header.crc32c"):
        del header["__metadata__"][name]
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + raw[8 + size:])


class Identity(Runs, unittest.TestCase):
    """A run goes on to the bytes that it began with, or not at all."""

    def refused(self, command, run, sentence, *more):
        before = contents(run)
        self.assertIn(sentence, self.snas(command, "--resume", run.name, *more, code=2).stderr)
        del before["STATUS"]
        self.assertEqual({name: digest for name, digest in contents(run).items() if name != "STATUS"}, before)

    def test_shards_change_the_last_bits_for_any_threads_alike(self):
        few, many = self.train("few"), self.train("many", "--set", "shards=32")
        self.assertNotEqual(contents(few)["weights-last.safetensors"], contents(many)["weights-last.safetensors"])
        for threads in "1", "3":
            self.assert_same(many, self.train("again" + threads, "--set", "shards=32", "--threads", threads))

    def test_search_evaluation_and_plan_go_by_the_shards_of_the_config(self):
        self.train("child")
        searched, losses, memory = [], [], []
        for shards in "16", "64":
            more = "--set", "shards=" + shards
            run = self.search("run" + shards, "--set", "search.batch=20", "--set", "search.epochs=1", *more)
            searched.append((run / "metrics.jsonl").read_bytes())
            losses.append(json.loads(self.snas("eval", "child", "--recalibrate", "2", "--json", *more).stdout)["loss"])
            memory.append(
                json.loads(self.snas("search", "tiny.json", "--dry-run", "--json", *more).stdout)["memory_bytes"])
        self.assertNotEqual(searched[0], searched[1])
        self.assertNotEqual(losses[0], losses[1])
        self.assertAlmostEqual(losses[0], losses[1], delta=1e-4)
        self.assertGreater(memory[1], memory[0])

    def test_a_run_keeps_its_number_of_shards(self):
        run = self.train("run", "--stop-after", "3", code=130)
        self.refused("train", run, "--set: shards: found 64, allowed 16, with which the run began", "--set",
                     "shards=64")
        config = run / "config.json"
        config.write_text(config.read_text().replace('"shards": 16', '"shards": 32'))
        self.refused("train", run, "was written by a run with 16 shards, its config now says 32")

    def test_a_run_of_another_arithmetic_is_read_and_does_not_go_on(self):
        run = self.search("run", "--stop-after", "3", code=130)
        genotype = self.snas("derive", "run", "--out", "-").stdout
        without(max((run / "checkpoints").glob("step-*.safetensors")), "snas.arithmetic")
        self.refused("search", run,
                     "so the run cannot go on here; go on with the version that began it, or begin a new run")
        self.assertEqual(self.snas("derive", "run", "--out", "-").stdout, genotype)
        self.assertIn("accuracy", self.snas("derive", "run", "--evaluate", "--json").stdout)


if __name__ == "__main__":
    unittest.main()
