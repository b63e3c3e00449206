#!/usr/bin/python3
"""Runs that go on for more epochs than they began with: --resume RUN --set train.epochs=N, search.epochs=N.

$SNAS is the program.
"""
import json
import math
import unittest

from check_runs import Runs, contents


class Longer(Runs, unittest.TestCase):
    def figures(self, run, key):
        return [json.loads(line)[key] for line in (run / "metrics.jsonl").read_text().splitlines()]

    def test_more_epochs_of_training_are_those_of_a_longer_run_where_no_schedule_goes_over_all(self):
        even = ("--set", "train.weights.schedule=constant", "--set", "train.drop_path_ramp=false")
        run = self.train("run", *even)
        said = self.snas("train", "--resume", "run", "--set", "train.epochs=4").stderr
        self.assertIn("the config changes: train.epochs from 2 to 4\n", said)
        self.assertEqual(self.status("run"), "done")
        self.assert_same(self.train("long", *even, "--set", "train.epochs=4"), run)

    def test_more_epochs_of_a_search_are_those_of_a_longer_run_once_the_temperature_has_its_own(self):
        even = ("--set", "search.weights.schedule=constant")
        more = ("--set", "search.epochs=3", "--set", "search.temperature.epochs=2")
        run = self.search("run", *even)
        self.snas("search", "--resume", "run", *more)
        self.assert_same(self.search("long", *even, *more), run)
        self.assertEqual(self.figures(run, "temperature")[1:], [0.03, 0.03])

    def test_a_schedule_over_all_epochs_goes_on_as_that_of_the_new_number(self):
        run = self.train("run")
        self.assertEqual(self.figures(run, "learning_rate"), [0.025, 0.0125])
        self.snas("train", "--resume", "run", "--set", "train.epochs=4")
        for rate, done in zip(self.figures(run, "learning_rate")[2:], (2, 3)):
            self.assertAlmostEqual(rate, 0.025 * (1 + math.cos(math.pi * done / 4)) / 2)
        self.assertEqual(self.figures(run, "drop_path"), [0, 0.1, 0.1, 0.15000000000000002])

    def test_fewer_epochs_than_the_run_has_begun_are_refused_and_nothing_changes(self):
        run = self.train("run")
        before = contents(run)
        said = self.snas("train", "--resume", "run", "--set", "train.epochs=1", code=2).stderr
        self.assertIn("'train.epochs' is 1, allowed is 2 and more: so many the run has begun", said)
        self.assertEqual(contents(run), before)
        self.train("part", "--stop-after", "4", code=130)  # one step into the second epoch
        said = self.snas("train", "--resume", "part", "--set", "train.epochs=1", code=2).stderr
        self.assertIn("'train.epochs' is 1, allowed is 2 and more", said)


if __name__ == "__main__":
    unittest.main()
