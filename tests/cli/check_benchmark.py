#!/usr/bin/python3
"""The space nas-bench-201: its lines, and the accuracies that are known of its cells; $SNAS is the program."""
import csv
import gzip
import json
import os
import pathlib
import shutil
import unittest

from in_folder import SNAS, InFolder

# 40 pictures to train on and 20 held out: three steps an epoch.
CONFIG = {
    "seed": 3,
    "keep_checkpoints": 1,
    "data": {"dataset": "synthetic", "crop_pad": 2, "synthetic": {"train": 80, "test": 40, "side": 8}},
    "search": {"space": "nas-bench-201", "channels": 2, "cells": 3, "epochs": 2, "batch": 16, "train_images": 40,
               "validation_images": 20},
    "train": {"channels": 2, "cells": 3, "epochs": 1, "batch": 32, "cutout": 2, "drop_path": 0},
}
ARCH_11 = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|"


TABLE = pathlib.Path(__file__).resolve().parents[2] / "data/nas-bench-201.csv.gz"
KNOWN = ("known_accuracy", "known_rank")


class Bench(InFolder):
    config = CONFIG

    def search(self, out, *more, code=0):
        return self.snas("search", "tiny.json", "--out", out, *more, code=code)

    def text(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def rows(self, run):
        return [json.loads(line) for line in self.text(f"{run}/metrics.jsonl").splitlines()]

    def contents(self, run):
        """{file: bytes} of what must be the same."""
        return {
            str(path.relative_to(self.folder / run)): path.read_bytes()
            for path in sorted((self.folder / run).rglob("*"))
            if path.is_file() and path.name not in ("log.txt", "env.json", "timing.jsonl")
        }

    def without_table(self):
        """A copy of the program that no table comes with."""
        (self.folder / "bare/bin").mkdir(parents=True)
        bare = str(shutil.copy(SNAS, self.folder / "bare/bin/snas"))
        if self.run_in(bare, "-q", "info", "space", "nas-bench-201", "--json").stdout != "null\n":
            self.skipTest("a table is installed")
        return bare


class BenchLines(Bench, unittest.TestCase):
    def test_derive_prints_the_line_and_nothing_else(self):
        self.search("run")
        for rule in ("edge", "top2", "darts"):
            line = self.snas("derive", "run", "--rule", rule, "--format", "nas-bench-201").stdout
            self.assertRegex(line, r"^\|\w+~0\|\+\|\w+~0\|\w+~1\|\+\|\w+~0\|\w+~1\|\w+~2\|\n$")
        line = self.snas("derive", "run", "--format", "nas-bench-201").stdout
        self.assertEqual((self.folder / "run/genotype.txt").read_text(), line)
        self.snas("derive", "run", "--format", "nas-bench-201", "--out", "line.txt")
        self.assertEqual((self.folder / "line.txt").read_text(), line)
        cell = json.loads(self.snas("info", "genotype", line.strip()).stdout)["cell"]
        self.assertEqual(cell, json.loads((self.folder / "run/genotype.json").read_text())["cell"])

    def test_a_line_stands_wherever_an_architecture_is_named(self):
        self.snas("train", "tiny.json", "--genotype", ARCH_11, "--out", "child")
        self.assertEqual((self.folder / "child/genotype.txt").read_text(), ARCH_11 + "\n")
        said = json.loads(self.snas("info", "genotype", ARCH_11, "--channels", "16", "--cells", "17", "--json").stdout)
        self.assertEqual((said["genotype"], said["params"]), (ARCH_11, 802426))
        weights = "child/weights-last.safetensors"
        told = self.snas("eval", weights, "--config", "tiny.json").stdout
        self.assertEqual(self.snas("eval", weights, "--genotype", ARCH_11, "--config", "tiny.json").stdout, told)
        done = self.snas("bench", "tiny.json", "--genotype", ARCH_11, "--steps", "1", "--json")
        self.assertTrue(json.loads(done.stdout.splitlines()[-1]))

    def test_a_wrong_line_is_one_sentence_and_wrong_use(self):
        done = self.snas("train", "tiny.json", "--genotype", "|nor_conv_3~0|", "--out", "child", code=2)
        self.assertEqual(done.stderr, "snas: genotype:1:2: unknown operation 'nor_conv_3' in space 'nas-bench-201', "
                                      "did you mean 'nor_conv_3x3'?\n")
        self.assertFalse((self.folder / "child").exists())


class BenchKnown(Bench, unittest.TestCase):
    """What is known of the cell of a search is reported, and decides nothing."""

    def known(self, line, column):
        with gzip.open(TABLE, "rt", encoding="utf-8") as file:
            table = {row["arch"]: float(row[column]) for row in csv.DictReader(file)}
        return round(table[line] / 100, 4), 1 + sum(value > table[line] for value in table.values())

    def test_rows_derive_and_info_tell_what_the_table_says(self):
        said = self.search("run").stderr
        line = self.text("run/genotype.txt").strip()
        accuracy, rank = self.known(line, "cifar10_test")
        row = self.rows("run")[-1]
        self.assertEqual((row["known_accuracy"], row["known_rank"]), (accuracy, rank))
        self.assertEqual(self.text("run/metrics.csv").splitlines()[0].split(",")[-2:], list(KNOWN))
        self.assertEqual(self.text("run/metrics.csv").splitlines()[-1].split(",")[-2:], [str(accuracy), str(rank)])
        self.assertIn("known_accuracy is the CIFAR-10 test accuracy of '", self.text("run/log.txt"))
        self.assertIn(f"known {100 * accuracy:.2f} %", said)
        told = f"  CIFAR-10 test        {100 * accuracy:6.2f} %  rank {rank:,} of 15,625\n"
        self.assertIn(told, said)
        self.assertIn(told, self.snas("derive", "run").stdout)
        self.assertRegex(self.snas("derive", "run").stdout, r"^cell, entropy 1\.\d+ nats an edge\n   0 -> 1  ")
        self.assertIn(told, self.snas("derive", "run", "--format", "nas-bench-201").stderr)
        wanted = {}
        for column in ("cifar10_test", "cifar100_test", "imagenet16_120_test"):
            accuracy, rank = self.known(line, column)
            wanted[column] = {"accuracy": accuracy, "rank": rank}
        for words in (("derive", "run", "--json"), ("info", "genotype", line, "--json"),
                      ("info", "genotype", line, "--channels", "16", "--cells", "17", "--json")):
            found = json.loads(self.snas(*words).stdout)["known"]
            self.assertEqual((found["columns"], found["cells"]), (wanted, 15625))
        done = self.snas("info", "genotype", line)
        self.assertIn(told, done.stderr)
        self.assertEqual(json.loads(done.stdout)["space"], "nas-bench-201")

    def test_the_space_tells_the_quantiles_of_its_cells(self):
        said = self.snas("info", "space", "nas-bench-201").stdout
        self.assertIn("  CIFAR-10 test         10.00  73.53  87.62  90.75  92.19  93.28  93.78  94.37  87.06\n", said)
        found = json.loads(self.snas("info", "space", "nas-bench-201", "--json").stdout)["columns"]["cifar100_test"]
        self.assertEqual((found["q50"], found["max"], found["best_alike"]), (0.6529, 0.7351, 1))
        self.assertEqual(json.loads(self.snas("info", "genotype", found["best"], "--json").stdout)["known"]["columns"]
                         ["cifar100_test"], {"accuracy": 0.7351, "rank": 1})
        self.assertEqual(json.loads(self.snas("info", "genotype", "DARTS_V2", "--json").stdout)["known"], None)

    def test_a_search_is_the_same_without_a_table_and_under_another_one(self):
        bare = self.without_table()
        with gzip.open(TABLE, "rt", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        turned = "".join(f"{row[0]},{100 - float(row[1]):.2f}\n" for row in rows[1:])
        (self.folder / "turned.csv").write_text("arch,mine\n" + turned, encoding="utf-8")
        self.search("run")
        self.search("turned", "--set", "search.benchmark=turned.csv")
        done = self.run_in(bare, "search", "tiny.json", "--out", "bare-run")
        self.assertEqual(done.stderr.count("known_accuracy will be empty: no file 'nas-bench-201.csv.gz': looked in "),
                         1)
        self.assertIn("known_accuracy is the mine accuracy of 'turned.csv'", self.text("turned/log.txt"))
        runs = [self.rows(run) for run in ("run", "turned", "bare-run")]
        for one, other, none in zip(*runs):
            self.assertEqual((none["known_accuracy"], none["known_rank"]), (None, None))
            self.assertAlmostEqual(one["known_accuracy"] + other["known_accuracy"], 1)
            for row in (one, other, none):
                for key in KNOWN:
                    row.pop(key)
            self.assertEqual(one, other)
            self.assertEqual(one, none)
        for run in ("run", "turned", "bare-run"):
            self.snas("derive", run, "--weights", f"{run}.safetensors")
        weights = [(self.folder / f"{run}.safetensors").read_bytes() for run in ("run", "turned", "bare-run")]
        self.assertEqual(weights[0], weights[1])
        self.assertEqual(weights[0], weights[2])
        self.assertIn("  mine ", self.snas("derive", "turned").stdout)
        self.assertIn("  mine ", self.snas("derive", "run", "--table", "turned.csv").stdout)
        done = self.run_in(bare, "derive", "run")
        self.assertIn("known accuracies are left out: no file", done.stderr)
        self.assertNotIn("known of this cell", done.stdout)

    def test_a_run_resumes_to_the_same_bytes_and_where_the_table_has_gone(self):
        bare = self.without_table()
        self.search("whole")
        self.search("run", "--stop-after", "4", code=130)
        shutil.copytree(self.folder / "run", self.folder / "moved")
        self.snas("search", "--resume", "run")
        self.assertEqual(self.contents("run"), self.contents("whole"))
        self.run_in(bare, "search", "--resume", "moved")
        first, second = self.rows("moved")
        self.assertEqual(first, self.rows("whole")[0])
        self.assertEqual([second[key] for key in KNOWN], [None, None])
        self.assertTrue(self.text("moved/metrics.csv").splitlines()[-1].endswith(",,"))

    def test_a_damaged_table_of_the_program_is_told_once_and_the_search_goes_on(self):
        (self.folder / "sets").mkdir()
        (self.folder / "sets" / TABLE.name).write_bytes(TABLE.read_bytes()[:99999])
        os.environ["SNAS_DATA"] = "sets"
        self.addCleanup(os.environ.pop, "SNAS_DATA")
        said = self.search("run").stderr
        told = f"known_accuracy will be empty: 'sets/{TABLE.name}' is no good gzip file: it is cut off\n"
        self.assertEqual(said.count(told), 1)
        self.assertEqual(said.count(TABLE.name), 1)
        self.assertEqual([row["known_accuracy"] for row in self.rows("run")], [None, None])

    def test_a_table_that_was_named_has_to_be_a_good_one(self):
        self.assertIn("nowhere.csv", self.search("run", "--set", "search.benchmark=nowhere.csv", code=4).stderr)
        (self.folder / "cut.csv.gz").write_bytes(TABLE.read_bytes()[:99999])
        for words in (("search", "tiny.json", "--out", "run", "--set", "search.benchmark=cut.csv.gz"),
                      ("info", "space", "nas-bench-201", "--table", "cut.csv.gz"),
                      ("info", "genotype", ARCH_11, "--table", "cut.csv.gz")):
            self.assertEqual(
                self.snas(*words, code=3).stderr, "snas: 'cut.csv.gz' is no good gzip file: it is cut off\n")
        self.assertFalse((self.folder / "run").exists())
        done = self.snas("info", "genotype", "DARTS_V1", "--table", "cut.csv.gz", code=2)
        self.assertEqual(done.stderr, "snas: there is no table of accuracies for the space 'darts'\n")

    def test_the_table_is_found_where_the_program_is_installed_and_first_in_snas_data(self):
        bare = self.without_table()
        share = self.folder / "bare/share/snas"
        share.mkdir(parents=True)
        shutil.copy(TABLE, share / TABLE.name)

        def path():
            return json.loads(self.run_in(bare, "info", "genotype", ARCH_11, "--json").stdout)["known"]["table"]

        self.assertEqual(os.path.realpath(path()), os.path.realpath(share / TABLE.name))
        (self.folder / "sets").mkdir()
        (self.folder / "sets" / TABLE.name).write_text(f"arch,cifar10_test\n{ARCH_11},50\n", encoding="utf-8")
        os.environ["SNAS_DATA"] = str(self.folder / "sets")
        self.addCleanup(os.environ.pop, "SNAS_DATA")
        self.assertEqual(path(), f"{self.folder}/sets/{TABLE.name}")


class BenchHundred(Bench, unittest.TestCase):
    config = dict(CONFIG, data={"dataset": "cifar100", "path": "cifar-100-binary"},
                  search=dict(CONFIG["search"], epochs=1))

    def test_the_accuracy_is_that_on_the_data_set_of_the_run(self):
        (self.folder / "cifar-100-binary").mkdir()
        for name, count in ("train.bin", 100), ("test.bin", 20):
            records = (bytes([k % 100 // 5, k % 100]) + bytes(3 * k % 256 for _ in range(3072)) for k in range(count))
            (self.folder / "cifar-100-binary" / name).write_bytes(b"".join(records))
        self.search("run")
        found = json.loads(self.snas("derive", "run", "--json").stdout)["known"]["columns"]["cifar100_test"]
        self.assertEqual(self.rows("run")[-1]["known_accuracy"], found["accuracy"])
        self.assertIn("known_accuracy is the CIFAR-100 test accuracy of '", self.text("run/log.txt"))


if __name__ == "__main__":
    unittest.main()
