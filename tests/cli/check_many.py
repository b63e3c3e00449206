#!/usr/bin/python3
"""Runs of several processes by Open MPI, as many as the machine likes: the same bytes as those of one.

$SNAS is the program of one process, $SNAS_MPI that of several.
"""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time
import unittest

from check_runs import CONFIG, GENOTYPE, Runs
from in_folder import png

SNAS_MPI = os.path.abspath(os.environ["SNAS_MPI"])
RANKS_AND_THREADS = ((2, 2), (4, 1))
ALL_RANKS_AND_THREADS = ((1, 1), (1, 2), (2, 1), (2, 2), (4, 1), (4, 2), (8, 1))
SECONDS = 300
LEAVES_WITHIN = 30  # seconds, when a rank is lost


class Many(Runs):
    """A run of several processes."""

    def command(self, ranks, *arguments, threads=1):
        return ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "--mca",
                "mpi_yield_when_idle", "1", "-n", str(ranks), SNAS_MPI, *arguments, "--threads", str(threads)]

    def many(self, ranks, *arguments, threads=1, code=0):
        return self.run_in(*self.command(ranks, *arguments, threads=threads), code=code)

    def check_same(self, *arguments, grid=RANKS_AND_THREADS):
        self.snas(*arguments, "--out", "one")
        for ranks, threads in grid:
            out = f"many-{ranks}-{threads}"
            self.many(ranks, *arguments, "--out", out, threads=threads)
            self.assert_same(self.folder / "one", self.folder / out)


class ManySearch(Many, unittest.TestCase):
    def test_search(self):
        self.check_same("search", "tiny.json", grid=ALL_RANKS_AND_THREADS)


class ManySpace201(Many, unittest.TestCase):
    def test_single_path_of_the_other_space(self):
        self.check_same("search", "tiny.json", "--set", "search.space=nas-bench-201", "--set", "search.method=dsnas",
                        "--set", "search.benchmark=null", grid=ALL_RANKS_AND_THREADS)


class ManyHalves(Many, unittest.TestCase):
    def test_logits_by_pictures_of_their_own(self):
        self.check_same("search", "tiny.json", "--set", "search.method=darts")


class ManyRewards(Many, unittest.TestCase):
    def test_rewards(self):
        self.check_same("search", "tiny.json", "--set", "search.method=reinforce")


class ManyTraining(Many, unittest.TestCase):
    config = {**CONFIG, "data": {"dataset": "synthetic", "crop_pad": 2,
                                 "synthetic": {"train": 40, "test": 20, "side": 32}}}

    def test_auxiliary_head_average_and_parts(self):
        self.check_same("train", "tiny.json", "--genotype", GENOTYPE, "--set", "train.auxiliary=0.4", "--set",
                        "train.micro_batch=13", "--set", "train.average_decay=0.9", "--set",
                        "train.recalibration_batches=1", "--set", "shards=32", grid=ALL_RANKS_AND_THREADS)

    def test_eval(self):
        self.snas("train", "tiny.json", "--genotype", GENOTYPE, "--out", "run", "--set", "train.epochs=1")
        wanted = self.snas("eval", "run", "--json", "--per-class", "--logits", "one").stdout
        for ranks, threads in RANKS_AND_THREADS:
            found = self.many(ranks, "eval", "run", "--json", "--per-class", "--logits", "many", threads=threads)
            self.assertEqual(found.stdout, wanted)
            self.assertEqual((self.folder / "many").read_bytes(), (self.folder / "one").read_bytes())


def draw_folder(folder, pictures):
    """Photographs of two classes, each of a colour of its own."""
    for i in range(pictures):
        path = folder / "pictures" / ("red" if i % 2 else "blue") / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(20, 24, bytes((7 * i + 3 * k) % 256 for k in range(3 * 20 * 24))))


class ManyPhotographs(Many, unittest.TestCase):
    config = {**CONFIG, "data": {"dataset": "folder", "path": "pictures", "workers": 1},
              "search": {**CONFIG["search"], "side": 16, "train_images": 0, "validation_images": 0}}

    def setUp(self):
        super().setUp()
        draw_folder(self.folder, 60)

    def test_photographs(self):
        self.check_same("search", "tiny.json", grid=ALL_RANKS_AND_THREADS)

    def test_a_picture_that_one_rank_cannot_read_stops_all(self):
        self.snas("search", "tiny.json", "--out", "one", "--set", "search.epochs=1")
        for part in ("red/11.png", "blue/30.png"):
            path = self.folder / "pictures" / part
            whole = path.read_bytes()
            path.write_bytes(whole[:len(whole) // 2])
            out = part.replace("/", "-")
            done = self.many(4, "search", "tiny.json", "--out", out, "--set", "search.epochs=1", code=3)
            self.assertIn(path.name, done.stderr)
            self.assertIn("is saved; go on with", done.stderr)
            path.write_bytes(whole)
            self.many(2, "search", "--resume", out)
            self.assert_same(self.folder / "one", self.folder / out)


class ManyStopped(Many, unittest.TestCase):
    def test_with_another_number_of_processes(self):
        one = self.search("one")
        self.many(4, "search", "tiny.json", "--out", "many", "--stop-after", "1", code=130)
        self.assertEqual(self.status("many"), "interrupted")
        self.many(1, "search", "--resume", "many", "--stop-after", "1", code=130)
        self.many(2, "search", "--resume", "many", "--stop-after", "2", code=130)
        self.snas("search", "--resume", "many")
        self.assert_same(one, self.folder / "many")

    def test_a_signal_at_one_rank_stops_all(self):
        one = self.search("one", "--set", "search.epochs=8")
        process = subprocess.Popen(self.command(2, "search", "tiny.json", "--out", "many", "--set", "search.epochs=8"),
                                   cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.wait_for("many/metrics.jsonl")
        os.kill(ranks_of(process)[-1], signal.SIGTERM)
        _, errors = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, 143, errors)
        self.assertIn("stopped, the state is saved", errors)
        self.assertEqual(self.status("many"), "interrupted")
        self.many(4, "search", "--resume", "many")
        self.assert_same(one, self.folder / "many")


class ManyRefused(Many, unittest.TestCase):
    def test_what_does_not_divide(self):
        for ranks, arguments, sentence in (
                (3, ("search", "tiny.json"), "3 processes for one run, allowed are 1, 2, 4, 8 and 16"),
                (4, ("search", "tiny.json", "--set", "search.batch=3"),
                 "'search.batch' is 3, allowed with 4 processes is 4 and more"),
                (2, ("predict", "x", "y"), "'snas predict' is done by one process, found 2")):
            done = self.many(ranks, *arguments, code=2)
            self.assertEqual(done.stderr.count(sentence), 1, done.stderr)

    def test_numbers_that_are_not_finite(self):
        done = self.many(2, "search", "tiny.json", "--out", "run", "--set", "search.weights.rate=100", "--set",
                         "search.weights.clip=1000000", code=5)
        self.assertIn("the run diverged", done.stderr)


def ranks_of(mpirun):
    """Process ids of the ranks: children of mpirun, in the order in which they were started."""
    children = pathlib.Path(f"/proc/{mpirun.pid}/task/{mpirun.pid}/children").read_text(encoding="ascii")
    return [int(word) for word in children.split()]


def is_alive(pid):
    """Does the process run? One that nobody has asked for its end does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


class ManyKilled(Many, unittest.TestCase):
    """A rank is killed at a random moment. $SNAS_KILLS says how often; else a few times."""

    config = {**CONFIG, "search": {**CONFIG["search"], "epochs": 12}, "checkpoint_steps": 2}

    def test_others_leave_and_the_run_goes_on(self):
        one = self.search("one")
        for i in range(int(os.environ.get("SNAS_KILLS", "2"))):
            out = self.folder / "many"
            ranks = random.choice((2, 4))
            process = subprocess.Popen(self.command(ranks, "search", "tiny.json", "--out", "many"), cwd=self.folder,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            self.wait_for("many/env.json")
            moment = random.random() * 2.5
            time.sleep(moment)
            found = ranks_of(process)
            if not found:
                process.communicate(timeout=SECONDS)
                self.assert_same(one, out)
                shutil.rmtree(out)
                continue
            os.kill(random.choice(found), signal.SIGKILL)
            killed = time.monotonic()
            _, errors = process.communicate(timeout=SECONDS)
            took = time.monotonic() - killed
            self.assertLess(took, LEAVES_WITHIN, f"kill {i} after {moment} s\n{errors}")
            while any(is_alive(pid) for pid in found):
                self.assertLess(time.monotonic() - killed, LEAVES_WITHIN, "a rank is left")
                time.sleep(0.05)
            self.many(random.choice((1, 2, 4)), "search", "--resume", "many")
            self.assert_same(one, out)
            shutil.rmtree(out)


class ManyBench(Many, unittest.TestCase):
    def test_traffic(self):
        done = self.many(2, "bench", "tiny.json", "--steps", "2", "--json")
        found = json.loads(done.stdout)
        self.assertEqual(found["ranks"], 2)
        self.assertGreater(found["messages_per_step"], 10)
        self.assertGreater(found["sent_bytes_per_step"], 4 * found["parameters"])
        self.assertTrue(0 < found["exchange_share"] < 1, found)


if __name__ == "__main__":
    unittest.main()
