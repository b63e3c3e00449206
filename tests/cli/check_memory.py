#!/usr/bin/python3
"""With little address space every command ends by itself: it does its work, or a sentence says what memory was wanted
for and what takes less. $SNAS is the program."""
import json
import os
import resource
import signal
import subprocess
import time
import unittest

from in_folder import SNAS, InFolder

CONFIG = {
    "data": {"dataset": "synthetic", "synthetic": {"train": 80, "test": 40, "side": 16}},
    "search": {"channels": 4, "cells": 3, "epochs": 1, "batch": 32, "train_images": 64, "validation_images": 16},
}
LIMITS = (40, 60, 90, 150, 250)  # thousand KiB, as of `ulimit -v`
SECONDS = 60                     # far more than any of it takes, far less than for ever
PLAIN = {"SNAS_KERNELS": "plain"}


class LittleMemory(InFolder, unittest.TestCase):
    config = CONFIG

    def limited(self, limit, *arguments, **variables):
        """The process, not yet waited for, under a limit of thousand KiB."""
        bytes_ = limit * 1000 * 1024
        return subprocess.Popen([SNAS, *arguments], cwd=self.folder, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env={**os.environ, **variables},
                                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_)))

    def setUp(self):
        super().setUp()
        if "Sanitizer" in self.limited(2000, "info").communicate(timeout=SECONDS)[1]:
            self.skipTest("a sanitizer wants more address space than there is")

    def end(self, process):
        try:
            said = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.fail(f"{' '.join(process.args)} does not end")
        return process.returncode, *said

    def assert_done_or_out_of_memory(self, limit, advice, *arguments, **variables):
        code, _, said = self.end(self.limited(limit, *arguments, **variables))
        if code != 0:
            self.assertEqual(code, 1, said)
            self.assertRegex(said, r"snas: out of memory: .*[0-9.]+ (MiB|bytes)")
            self.assertNotIn("arena", said)
            for word in advice:
                self.assertIn(word, said.splitlines()[-1])
        return code

    def test_the_machine_is_told(self):
        for limit in LIMITS:
            code, shown, said = self.end(self.limited(limit, "info", "--json"))
            self.assertEqual(code, 0, said)
            blas = json.loads(shown)["blas"]
            self.assertTrue("OpenBLAS" in blas if limit >= 150 else blas, blas)

    def test_a_search_needs_no_more_than_its_plan(self):
        for number, limit in enumerate(LIMITS):
            code = self.assert_done_or_out_of_memory(limit, ("search.batch", "search.recompute", "--threads"), "search",
                                                     "tiny.json", "--out", f"run{number}")
            self.assertTrue(code == 0 or limit < 90, limit)

    def test_what_does_not_fit_says_what_takes_less(self):
        large = ("--set", "search.batch=1000", "--set", "search.channels=16", "--set", "data.synthetic.train=4000",
                 "--set", "search.train_images=2000")
        code, _, said = self.end(self.limited(250, "search", "tiny.json", "--out", "run", *large))
        self.assertEqual(code, 1, said)
        self.assertRegex(
            said, r"snas: out of memory: the network takes [0-9.]+ MiB for its weights and [0-9.]+ MiB for "
            r"a batch of 1000 pictures\n.*search\.batch.*search\.recompute")
        code, _, said = self.end(self.limited(250, "bench", "search", "--steps", "1"))
        self.assertEqual(code, 1, said)
        self.assertRegex(said, r"out of memory: .* a batch of 64 pictures\n.*--batch.*--recompute.*--threads")

    def test_plain_kernels_and_their_library(self):
        for number, limit in enumerate(LIMITS + (900,)):
            code = self.assert_done_or_out_of_memory(limit, ("--threads",), "search", "tiny.json", "--threads", "2",
                                                     "--out", f"run{number}", **PLAIN)
            self.assertEqual(code, 0 if limit == 900 else 1, limit)

    def test_a_signal_ends_what_has_little(self):
        process = self.limited(120, "search", "tiny.json", "--out", "run", "--set", "search.epochs=1000")
        until = time.monotonic() + SECONDS
        while not (self.folder / "run/metrics.jsonl").exists() and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        code, _, said = self.end(process)
        self.assertEqual(code, 128 + signal.SIGTERM, said)


if __name__ == "__main__":
    unittest.main()
