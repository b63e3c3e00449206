#!/usr/bin/python3
"""Studies: two searches by two seeds stopped and resumed to the same results, runs that fail, cells.

$SNAS is the program.
"""
import hashlib
import json
import os
import re
import signal
import subprocess
import time
import unittest

from in_folder import SECONDS, SNAS, InFolder

CONFIG = {
    "keep_checkpoints": 1,
    "data": {"dataset": "synthetic", "crop_pad": 2, "synthetic": {"train": 60, "test": 40, "side": 8}},
    "search": {"channels": 2, "cells": 3, "epochs": 2, "batch": 10, "train_images": 40, "validation_images": 20,
               "drop_path": 0.2, "recalibration_batches": 2},
    "train": {"channels": 2, "cells": 3, "epochs": 1, "batch": 20, "cutout": 2, "drop_path": 0.2},
}
STUDY = {"config": "tiny.json", "seeds": [1, 2], "train": True,
         "variants": [{"name": "slow"}, {"name": "fast", "set": {"search.logits.rate": 0.1}}]}
RUNS = ["slow-seed1", "fast-seed1", "slow-seed2", "fast-seed2"]
OF_TIME = {"processor_hours", "peak_bytes"}
TIMES = {"log.txt", "env.json", "timing.jsonl"}


def timeless(found):
    """A result without what depends on the clock."""
    if isinstance(found, dict):
        return {key: timeless(value) for key, value in found.items() if key not in OF_TIME}
    return [timeless(value) for value in found] if isinstance(found, list) else found


def contents(folder):
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in TIMES}


class Studies(InFolder):
    config = CONFIG

    def write(self, study, name="study.json"):
        (self.folder / name).write_text(json.dumps(study), encoding="utf-8")

    def compare(self, out, *more, study="study.json", code=0):
        return self.snas("compare", study, "--out", out, *more, code=code)

    def results(self, out):
        return json.loads((self.folder / out / "study.json").read_text(encoding="utf-8"))

    def started(self, out, *more):
        held = subprocess.Popen([SNAS, "compare", "study.json", "--out", out, *more], cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(held.kill)
        return held


class StudyStopped(Studies, unittest.TestCase):
    def test_stopped_and_killed_it_goes_on_to_the_same_results(self):
        self.write(STUDY)
        self.compare("whole", "--jobs", "2", "--threads", "3")
        held = self.started("part")
        self.wait_for("part/slow-seed1/metrics.jsonl")
        held.send_signal(signal.SIGTERM)
        said = held.communicate(timeout=SECONDS)[1]
        self.assertEqual(held.returncode, 143)
        self.assertIn("snas: stopped, 0 of 4 runs are done\nto go on: snas compare study.json --out part --resume\n",
                      said)
        held = self.started("part", "--resume")
        self.wait_for("part/derived/slow-seed1.json")
        held.kill()
        held.communicate(timeout=SECONDS)
        until = time.monotonic() + SECONDS  # the run that was going on stops by itself, and holds the study until then
        while True:
            held = self.started("part", "--resume", "--json")
            printed, said = held.communicate(timeout=SECONDS)
            if held.returncode != 1 or time.monotonic() > until:
                break
            self.assertIn("another process is working on the study 'part', or a run of it is still being saved", said)
            time.sleep(0.05)
        self.assertEqual(held.returncode, 0, said)
        self.assertIn("4 of 4: fast-seed2 is done after ", said)
        self.assertEqual(json.loads(printed), self.results("part"))
        self.assertEqual(timeless(self.results("part")), timeless(self.results("whole")))
        for run in RUNS:
            for folder in run, run + "-train":
                self.assertEqual(contents(self.folder / "part" / folder), contents(self.folder / "whole" / folder))
        before = contents(self.folder / "part")
        said = self.compare("part", "--resume").stderr
        self.assertNotIn("seed", said)  # nothing is run again
        self.assertEqual(contents(self.folder / "part"), before)
        self.check_results("whole")

    def check_results(self, out):
        """The results are those of the run folders, and the three files agree."""
        found = self.results(out)
        self.assertEqual([run["name"] for run in found["runs"]], RUNS)
        for run in found["runs"]:
            folder = self.folder / out / run["name"]
            last = json.loads((folder / "metrics.jsonl").read_text().splitlines()[-1])
            self.assertEqual(run["supernet_accuracy"], last["validation_accuracy"])
            self.assertEqual(run["child_accuracy"], last["child_accuracy"])
            self.assertEqual(run["genotype"], json.loads((folder / "genotype.json").read_text()))
            trained = json.loads((self.folder / out / (run["name"] + "-train") / "metrics.jsonl").read_text())
            self.assertEqual(run["trained_accuracy"], trained["test_accuracy"])
            lines = [json.loads(line) for name in (run["name"], run["name"] + "-train")
                     for line in (self.folder / out / name / "timing.jsonl").read_text().splitlines()]
            self.assertAlmostEqual(run["processor_hours"], sum(line["processor_seconds"] for line in lines) / 3600)
            self.assertEqual(run["peak_bytes"], max(line["peak_bytes"] for line in lines))
        for variant in found["variants"]:
            numbers = [run["child_accuracy"] for run in found["runs"] if run["variant"] == variant["name"]]
            self.assertAlmostEqual(variant["child_accuracy"]["mean"], sum(numbers) / 2)
            self.assertAlmostEqual(variant["child_accuracy"]["error"], abs(numbers[0] - numbers[1]) / 2)
            self.assertEqual(variant["agreement"]["pairs"], 1)
            self.assertEqual(variant["agreement"]["chance"], 1 / 8)
            self.assertTrue(1e-4 <= variant["agreement"]["p"] <= 1)
        tests = [(test["figure"], test["a"], test["b"], test["test"], test["count"]) for test in found["comparisons"]]
        self.assertEqual(tests, [(figure, "slow", "fast", "paired", [2, 2]) for figure in (
            "supernet_accuracy", "child_accuracy", "child_accuracy_recalibrated", "trained_accuracy")])
        table = (self.folder / out / "study.md").read_text(encoding="utf-8")
        self.assertIn("4 of 4 runs are done", table)
        self.assertRegex(table, r"\| slow +\| +2 \| +[\d.]+ ±[\d.]+ \|")
        self.assertLessEqual(max(len(line) for line in table.splitlines()), 80)
        csv = (self.folder / out / "study.csv").read_text().splitlines()
        self.assertEqual([line.split(",")[0] for line in csv], ["variant", '"slow"', '"fast"'])
        self.assertEqual(len({line.count(",") for line in csv}), 1)

    def test_a_run_is_what_search_and_train_do(self):
        self.write({**STUDY, "seeds": [3], "variants": STUDY["variants"][1:], "rule": "darts"})
        self.compare("out")
        self.snas("search", "tiny.json", "--set", "search.logits.rate=0.1", "--set", "seed=3", "--out", "search")
        self.assertEqual(contents(self.folder / "search"), contents(self.folder / "out/fast-seed3"))
        self.snas("derive", "search", "--rule", "darts", "--out", "cell")
        self.snas("train", "tiny.json", "--set", "search.logits.rate=0.1", "--set", "seed=3", "--genotype", "cell",
                  "--out", "train")
        self.assertEqual(contents(self.folder / "train"), contents(self.folder / "out/fast-seed3-train"))


class StudyChanged(Studies, unittest.TestCase):
    def test_a_run_that_fails_is_named_and_the_others_go_on(self):
        wild = {"name": "wild", "set": {"search.weights": {"rate": 100, "clip": 0, "decay": 1}, "search.epochs": 3}}
        self.write({"config": "tiny.json", "variants": [{"name": "one"}, wild, {"name": "other"}]})
        for more in (), ("--resume",):
            done = self.compare("out", *more, code=1)
            self.assertRegex(done.stderr, r"warning: wild-seed1 failed: the run diverged at step \d+ ")
            self.assertIn("3 of 3: other-seed1 is done" if not more else "3 of 3: wild-seed1 failed", done.stderr)
            self.assertIn("snas: 1 of 3 runs failed: wild-seed1; to try them again: "
                          "snas compare study.json --out out --resume", done.stderr)
            self.assertIn("2 of 3 runs are done", done.stdout)
            states = [(run["name"], run["state"]) for run in self.results("out")["runs"]]
            self.assertEqual(states, [("one-seed1", "done"), ("wild-seed1", "failed"), ("other-seed1", "done")])

    def test_a_study_may_grow_and_not_change(self):
        first = {"config": "tiny.json", "variants": [{"name": "a", "set": {"search.epochs": 1}}]}
        self.write(first)
        self.compare("out")
        before = contents(self.folder / "out/a-seed1")
        self.assertIn("already holds a study; go on with it by --resume", self.compare("out", code=2).stderr)
        self.write({**first, "variants": [{"name": "a"}]})
        said = self.compare("out", "--resume", code=2).stderr
        self.assertIn("the study 'study.json' has changed: 'a' has 2 for search.epochs where the runs in "
                      "'out/plan.json' have 1; put it back, or name another folder by --out", said)
        self.write({**first, "seeds": [2, 1]})
        said = self.compare("out", "--resume").stderr
        self.assertIn("2 of 2: a-seed2 is done", said)
        self.assertNotIn("a-seed1", said)
        self.assertEqual(contents(self.folder / "out/a-seed1"), before)
        said = self.compare("nowhere", "--resume", code=4).stderr
        self.assertIn("there is no study in 'nowhere' to go on with", said)

    def test_what_is_wrong_is_said_before_anything_is_run(self):
        self.write({"config": "tiny.json", "variants": [{"name": "odd", "set": {"data.synthetic.side": 10}}]})
        self.assertIn("snas: 'odd': pictures of 10 x 10 cannot be halved twice", self.compare("out", code=2).stderr)
        self.write({"config": "tiny.json", "cells": ["SNAS_mild"],
                    "random_cells": {"count": 1, "like": "SNAS_mild", "within": 0}})
        self.assertIn("random_cells: of 5000 random cells 0 are within 0 % of the ", self.compare("out", code=2).stderr)
        (self.folder / "full").mkdir()
        (self.folder / "full/letter").touch()
        self.write(STUDY)
        self.assertIn("the folder 'full' is not empty", self.compare("full", code=2).stderr)
        self.assertFalse((self.folder / "out").exists())
        listed = self.compare("out", "--dry-run", "--jobs", "2")
        self.assertEqual([line.split()[0] for line in listed.stdout.splitlines()], RUNS + ["4"])
        self.assertRegex(listed.stdout, r"slow-seed1  search: 2 epochs, [\d.]+ MiB; train: 1 epochs, \?\n")
        planned = json.loads(self.compare("out", "--dry-run", "--jobs", "2", "--json").stdout)
        searched = json.loads(self.snas("search", "tiny.json", "--dry-run", "--json", "--threads", "1").stdout)
        self.assertEqual(planned["runs"][0]["search_bytes"], searched["memory_bytes"])
        self.assertEqual(planned["memory_bytes"], 2 * searched["memory_bytes"])
        self.assertFalse((self.folder / "out").exists())


class StudyCells(Studies, unittest.TestCase):
    def test_cells_are_trained_beside_random_ones_of_their_size(self):
        self.write({"config": "tiny.json", "cells": ["SNAS_mild"],
                    "random_cells": {"count": 2, "like": "SNAS_mild", "within": 0.3}})
        self.compare("out", "--jobs", "2")
        found = self.results("out")
        self.assertEqual([v["name"] for v in found["variants"]], ["SNAS_mild", "random-1", "random-2", "random cells"])
        like, *random, both = found["variants"]
        for figure in "parameters", "multiply_adds":
            for cell in random:
                self.assertLessEqual(abs(cell[figure]["mean"] - like[figure]["mean"]), 0.3 * like[figure]["mean"])
        accuracies = [cell["trained_accuracy"]["mean"] for cell in random]
        self.assertAlmostEqual(both["trained_accuracy"]["mean"], sum(accuracies) / 2)
        self.assertEqual(both["trained_accuracy"]["count"], 2)
        size = json.loads(self.snas("train", "tiny.json", "--genotype", "SNAS_mild", "--dry-run", "--json").stdout)
        self.assertEqual([like[figure]["mean"] for figure in ("parameters", "multiply_adds")],
                         [size[figure] for figure in ("parameters", "multiply_adds")])
        for run in found["runs"]:
            rows = (self.folder / "out" / run["name"] / "metrics.jsonl").read_text().splitlines()
            self.assertEqual(run["trained_accuracy"], json.loads(rows[-1])["test_accuracy"])

    def test_cells_of_nas_bench_201_are_looked_up_without_a_run(self):
        line = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"
        config = {**CONFIG, "search": {"space": "nas-bench-201"}}
        self.write({"config": config, "train": False, "cells": [{"name": "good", "genotype": line}],
                    "random_cells": {"count": 50}})
        done = self.compare("out")
        found = self.results("out")
        known = json.loads(self.snas("info", "genotype", line, "--json").stdout)
        good, *_, random = found["variants"]
        self.assertIn(f"{good['known_accuracy']['mean']}"[:6], json.dumps(known))
        self.assertGreater(good["known_accuracy"]["mean"], 0.94)
        self.assertEqual([random["known_accuracy"]["count"], random["kind"]], [50, "all random"])
        self.assertTrue(0.8 < random["known_accuracy"]["mean"] < 0.92)
        self.assertRegex(done.stdout, r"\| random cells \| +50 \| +8\d\.\d\d ±")
        self.assertNotIn("seed", done.stderr)


if __name__ == "__main__":
    unittest.main()
