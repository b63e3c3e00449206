#!/usr/bin/python3
"""Designs: from pictures to a network within a budget, stopped in any stage and resumed to the same bytes, by hand too.

$SNAS is the program.
"""
import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from check_compare import CONFIG, contents
from in_folder import SECONDS, SNAS, InFolder, png

BUDGET = ("--parameters", "30000")
STAGES = ["size", "search", "derive", "train", "test"]
OF_TIME = {"search_hours", "train_hours"}


class Designs(InFolder):
    config = {**CONFIG, "search": {**CONFIG["search"], "epochs": 3}, "train": {**CONFIG["train"], "epochs": 3}}

    def design(self, *arguments, code=0):
        return self.snas("design", *arguments, code=code)

    def read(self, path):
        return json.loads((self.folder / path).read_text(encoding="utf-8"))

    def result(self, out):
        return {key: value for key, value in self.read(f"{out}/design.json").items() if key not in OF_TIME}

    def started(self, *arguments):
        held = subprocess.Popen([SNAS, "design", *arguments], cwd=self.folder, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)
        self.addCleanup(held.kill)
        return held

    def costs(self, out):
        """What `snas info` counts of the design's network."""
        return json.loads(self.snas("info", "genotype", f"{out}/genotype.json", "--config", f"{out}/config.json",
                                    "--json").stdout)

    def assert_same_runs(self, one, other):
        for run in "search", "train":
            self.assertEqual(contents(self.folder / one / run), contents(self.folder / other / run))
        self.assertEqual((self.folder / one / "genotype.json").read_bytes(),
                         (self.folder / other / "genotype.json").read_bytes())
        self.assertEqual(self.read(f"{one}/test.json")["accuracy"], self.read(f"{other}/test.json")["accuracy"])


class DesignStopped(Designs, unittest.TestCase):
    # epochs that take longer than a signal needs to arrive
    config = {**Designs.config, "data": {**CONFIG["data"], "synthetic": {"train": 900, "test": 40, "side": 8}},
              "search": {**Designs.config["search"], "train_images": 600, "validation_images": 20}}

    def stop(self, held, number, at):
        """Send the signal once the file is there; what was said."""
        self.wait_for(at)
        held.send_signal(number)
        said = held.communicate(timeout=SECONDS)[1]
        self.assertEqual(held.returncode, 128 + number, said)
        return said

    def test_stopped_and_killed_it_goes_on_to_the_same_bytes(self):
        self.design("tiny.json", *BUDGET, "--out", "whole")
        said = self.stop(self.started("tiny.json", *BUDGET, "--out", "part"), signal.SIGTERM,
                         "part/search/metrics.jsonl")
        self.assertIn("stopping after this step, and saving\n", said)
        self.assertTrue(said.endswith("snas: stopped, the state is saved\nsnas: stopped in the stage 'search'\n"
                                      "to go on: snas design --resume part\n"), said)
        self.assertEqual((self.folder / "part/search/STATUS").read_text(), "interrupted\n")
        said = self.stop(self.started("--resume", "part", "--threads", "2"), signal.SIGINT,
                         "part/train/metrics.jsonl")
        self.assertIn("size: done, part/config.json\nsearch: snas search --resume part/search --threads 2\n", said)
        self.assertIn("snas: stopped in the stage 'train'\n", said)
        held = self.started("--resume", "part")
        self.wait_for("part/train/run.lock")
        held.kill()
        held.communicate(timeout=SECONDS)
        until = time.monotonic() + SECONDS  # the training stops by itself, and holds the design until then
        while True:
            held = self.started("--resume", "part")
            said = held.communicate(timeout=SECONDS)[1]
            if held.returncode != 1 or time.monotonic() > until:
                break
            self.assertIn("another process is working on the design 'part', or a stage of it is still being saved",
                          said)
            time.sleep(0.05)
        self.assertEqual(held.returncode, 0, said)
        self.assert_same_runs("whole", "part")
        before = contents(self.folder / "part")
        said = self.design("--resume", "part").stderr
        self.assertEqual([line.split(":")[0] for line in said.splitlines()[:5] if ": done, part/" in line], STAGES)
        self.assertEqual(contents(self.folder / "part"), before)


class DesignByHand(Designs, unittest.TestCase):
    def test_the_commands_do_the_same_when_a_person_gives_them(self):
        said = self.design("tiny.json", *BUDGET, "--out", "a b", "--threads", "2").stderr
        result = self.result("a b")
        for command in result["commands"]:
            self.assertIn(command.split(" >")[0], said)
        os.rename(self.folder / "a b", self.folder / "whole")
        os.mkdir(self.folder / "a b")
        for name in "plan.json", "start.json", "config.json":
            shutil.copy(self.folder / "whole" / name, self.folder / "a b")
        os.symlink(SNAS, self.folder / "snas")
        planned = self.design("tiny.json", *BUDGET, "--out", "a b", "--dry-run").stdout.splitlines()
        self.assertEqual(planned, [result["reason"], *result["commands"]])
        for at, command in enumerate(result["commands"]):
            subprocess.run(["sh", "-e", "-c", f"PATH=.:$PATH; {command}"], cwd=self.folder, check=True,
                           capture_output=True, timeout=SECONDS)
            if at == 1:  # the design goes on where a person has left it, and the other way round
                said = self.design("--resume", "a b").stderr
                self.assertIn("search: done, a b/search\nderive: done, a b/genotype.json\ntrain: snas train ", said)
                for made in "test.json", "design.json":
                    os.remove(self.folder / "a b" / made)
                shutil.rmtree(self.folder / "a b/train")
        self.assert_same_runs("whole", "a b")
        self.design("--resume", "a b")
        self.assertEqual(self.result("a b"), result)


class DesignBudgets(Designs, unittest.TestCase):
    def test_the_network_is_within_every_budget(self):
        done = self.design("tiny.json", "--parameters", "30000", "--macs", "2.5e5", "--latency-ms", "0.2", "--seed",
                           "4", "--out", "d", "--json")
        result, costs = json.loads(done.stdout), self.costs("d")
        self.assertEqual(result, self.read("d/design.json"))
        self.assertEqual((result["channels"], result["cells"]), (costs["channels"], costs["cells"]))
        for name, cost in (("parameters", "parameters"), ("multiply_adds", "macs"), ("latency_ms", "latency_ms"),
                           ("peak_bytes", "peak_bytes")):
            self.assertAlmostEqual(result[name], costs[cost], places=9)
        self.assertEqual({name: bound["most"] for name, bound in result["budget"].items()},
                         {"parameters": 30000, "macs": 250000, "latency_ms": 0.2})
        for name, bound in result["budget"].items():
            self.assertLessEqual(costs[name], bound["most"])
            self.assertLess(bound["least"], bound["most"])
        self.assertEqual(costs["table"], f"d/latency-C{costs['channels']}-L{costs['cells']}.json")
        config = self.read("d/config.json")
        self.assertEqual((config["seed"], config["search"]["resource"]["table"]), (4, costs["table"]))
        last = json.loads((self.folder / "d/train/metrics.jsonl").read_text().splitlines()[-1])
        self.assertEqual(result["test_accuracy"], last["test_accuracy"])
        seconds = sum(json.loads(line)["seconds"]
                      for line in (self.folder / "d/train/timing.jsonl").read_text().splitlines())
        self.assertAlmostEqual(result["train_hours"], seconds / 3600)
        self.assertIn(f"size: C = {costs['channels']} and L = {costs['cells']}, ", done.stderr)

    def test_a_network_within_flash_and_ram_is_exported_so(self):
        bounds = ("--flash-bytes", "60000", "--limit", "ram_bytes=4000")
        self.assertIn(" --limit ram_bytes=4000\n", self.design("tiny.json", *bounds, "--dry-run").stdout)
        result = json.loads(self.design("tiny.json", *bounds, "--out", "d", "--json").stdout)
        costs = self.costs("d")
        done = self.snas("export", "d/train", "--format", "c", "--int8", "--calibrate", "4", "--json")
        exported = json.loads(done.stdout)
        for name, most in ("flash_bytes", 60000), ("ram_bytes", 4000):
            self.assertLessEqual(exported[name], most)
            self.assertEqual(exported[name], costs[name])
            self.assertEqual(exported[name], result[name])
        self.assertEqual(self.read("d/genotype.json")["origin"].rpartition(", ")[2], "limit ram_bytes=4000")
        self.assertEqual(self.read("d/plan.json")["ram_bytes"], 4000)
        self.assertRegex(result["reason"], r"flash_bytes of \d+ to \d+ where 60000 is the budget, "
                                           r"ram_bytes of \d+ to usually \d+ where 4000 is the limit$")

    def test_a_limit_that_no_size_keeps_to_leaves_no_folder(self):
        said = self.design("tiny.json", "--limit", "ram_bytes=100", "--out", "d", code=2).stderr
        self.assertRegex(said, r"^snas: no network is within the budget, even of the smallest size, C = 4 and L = 5: "
                               r"ram_bytes of \d+ to usually \d+ where 100 is the limit\n$")
        self.assertFalse((self.folder / "d").exists())

    def test_a_time_that_no_size_meets_is_refused_after_it_was_measured(self):
        said = self.design("tiny.json", "--latency-ms", "0.000001", "--out", "d", code=2).stderr
        self.assertRegex(said, r"snas: no network is within the budget, even of the smallest size, C = 4 and L = 5: "
                               r"latency_ms of [\d.]+ to [\d.]+ where 1e-06 is the budget\n$")
        self.assertTrue((self.folder / "d/latency-C4-L5.json").exists())

    def test_a_table_of_the_config_fixes_the_size(self):
        self.snas("latency", "tiny.json", "--out", "t.json", "--rounds", "1")
        done = self.design("tiny.json", "--set", "search.resource.table=t.json", "--latency-ms", "5", "--dry-run")
        self.assertIn("C = 2 and L = 3, as given: latency_ms of ", done.stdout)
        self.assertNotIn("snas latency", done.stdout)

    def test_hours_are_divided_and_written_into_the_runs(self):
        said = self.design("tiny.json", *BUDGET, "--hours", "0.00002", "--out", "d").stderr
        self.assertIn("snas search d/config.json --out d/search --hours 8e-06\n", said)
        self.assertIn("snas train d/config.json --out d/train --genotype d/genotype.json --hours 1.2e-05\n", said)
        for run in "search", "train":
            chosen = self.read(f"d/{run}/config.json")[run]["epochs"]
            self.assertIn(f"so {run}.epochs is {chosen}: ", said)


class DesignPictures(Designs, unittest.TestCase):
    SMALL = ("--set", "search.side=16", "--set", "train.side=32", "--set", "search.batch=4", "--set", "train.batch=4",
             "--set", "search.channels=2", "--set", "search.cells=3", "--set", "search.epochs=1", "--set",
             "train.epochs=1")

    def setUp(self):
        super().setUp()
        draw = random.Random(1)
        for name in "day", "night":
            (self.folder / "photos" / name).mkdir(parents=True)
            for i in range(10):
                width, height = draw.randrange(30, 50), draw.randrange(30, 50)
                level = 160 if name == "day" else 20
                pixels = bytes(draw.randrange(level, level + 90) for _ in range(3 * width * height))
                (self.folder / "photos" / name / f"{i}.png").write_bytes(png(width, height, pixels))

    def test_a_folder_of_photographs_becomes_a_network(self):
        done = self.design("photos/", *BUDGET, *self.SMALL, "--out", "d")
        self.assertRegex(done.stdout, r"^test accuracy +[\d.]+ %, of 4 pictures\n")
        config, preset = self.read("d/config.json"), json.loads(
            open("configs/folder-small.json", encoding="utf-8").read())
        self.assertEqual(config["data"]["path"], "photos/")
        self.assertEqual(config["data"]["photos"]["hue"], preset["data"]["photos"]["hue"])
        for key in "stem", "label_smoothing", "drop_path":
            self.assertEqual(config["train"][key], preset["train"][key])
        predicted = self.snas("predict", self.read("d/design.json")["weights"], "photos/day/0.png")
        self.assertIn("day", predicted.stdout)
        self.snas("report", "d/search", "d/train")

    def test_a_packed_file_has_the_config_of_its_pictures(self):
        self.snas("data", "pack", "folder", "--set", "data.path=photos", "--out", "pictures.pack")
        said = self.design("pictures.pack", *self.SMALL, "--dry-run").stdout
        self.assertIn("C = 32 and L = 8, of the config, without a budget\n", said)

    def test_small_pictures_have_the_config_of_cifar_but_search_on_all_that_there_are(self):
        small = ("data.synthetic.train=40", "data.synthetic.test=10", "search.channels=2", "search.cells=3",
                 "search.epochs=1", "search.batch=20", "train.channels=2", "train.cells=3", "train.epochs=2")
        self.design("synthetic", "--out", "d", *(word for one in small for word in ("--set", one)))
        config = self.read("d/search/config.json")
        preset = json.loads(open("configs/cifar10-hour.json", encoding="utf-8").read())
        self.assertEqual((config["search"]["train_images"], config["search"]["validation_images"]), (0, 0))
        self.assertEqual(config["search"]["temperature"]["first"], preset["search"]["temperature"]["first"])
        self.assertEqual(config["train"]["label_smoothing"], preset["train"]["label_smoothing"])

    def test_pictures_that_are_none_leave_no_folder(self):
        (self.folder / "empty").mkdir()
        for name in "a", "b":
            (self.folder / "bare" / name).mkdir(parents=True)
        for path, said in (("empty", "'empty' holds 0 folders of classes"), ("bare", "bare/a")):
            self.assertIn(said, self.design(path, "--out", "d", code=3).stderr)
        self.assertFalse((self.folder / "d").exists())


class DesignFaults(Designs, unittest.TestCase):
    def test_a_stage_that_fails_gives_its_code_and_the_way_on(self):
        said = self.design("tiny.json", *BUDGET, "--out", "d", "--set", "search.weights.rate=100", "--set",
                           "search.weights.clip=0", "--set", "search.weights.decay=1", code=5).stderr
        self.assertRegex(said, r"snas: the run diverged at step \d+ ")
        self.assertTrue(said.endswith("snas: the stage 'search' failed\nto try it again: snas design --resume d\n"),
                        said)
        self.assertEqual((self.folder / "d/search/STATUS").read_text(), "failed\n")

    def test_a_folder_that_is_taken_is_refused(self):
        (self.folder / "full").mkdir()
        (self.folder / "full/letter").touch()
        self.assertIn("the folder 'full' is not empty; a design wants a new or an empty one",
                      self.design("tiny.json", "--out", "full", code=2).stderr)
        self.assertIn("'tiny.json' is a file, where a folder for the design is wanted",
                      self.design("tiny.json", "--out", "tiny.json", code=2).stderr)
        (self.folder / "half").mkdir()
        for name in "design.lock", "start.json":  # what a start leaves that was killed
            (self.folder / "half" / name).touch()
        self.design("tiny.json", *BUDGET, "--out", "half", "--quiet")
        self.assertIn("already holds a design; go on with it by 'snas design --resume half'",
                      self.design("tiny.json", "--out", "half", code=2).stderr)

    def test_quiet_it_prints_the_result_alone(self):
        done = self.design("tiny.json", *BUDGET, "--out", "d", "--quiet", "--json")
        self.assertEqual((done.stderr, json.loads(done.stdout)["test_images"]), ("", 40))


if __name__ == "__main__":
    unittest.main()
