#!/usr/bin/python3
"""Event files: what a reader of the published formats finds in them, across stops, kills and faults.

$SNAS is the program.
"""
import json
import signal
import struct
import subprocess
import unittest

import event_files
from check_runs import CONFIG, GENOTYPE, Runs, contents
from in_folder import SNAS

# figures of the metrics under other names
SEARCH = {"loss/train": "train_loss", "accuracy/train": "train_accuracy", "loss/validation": "validation_loss",
          "accuracy/validation": "validation_accuracy", "accuracy/child": "child_accuracy",
          "temperature": "temperature",
          "entropy/normal": "entropy_normal", "entropy/reduce": "entropy_reduce", "skips/normal": "skips_normal",
          "resource/R": "penalty", "resource/lambda_R": "lambda_penalty", "resource/expected_R": "expected_penalty",
          "cost/parameters": "child_parameters", "cost/multiply_adds": "child_macs", "rate/weights": "learning_rate",
          "epoch": "epoch"}
TRAIN = {"loss/train": "train_loss", "accuracy/test": "test_accuracy", "loss/test": "test_loss",
         "accuracy/test_top5": "test_accuracy_top5", "accuracy/best": "best_accuracy", "epoch/best": "best_epoch",
         "rate/weights": "learning_rate", "rate/drop_path": "drop_path"}
PICTURES = {"cell/normal", "cell/reduce", "logits/normal", "logits/reduce"}


class Events(Runs, unittest.TestCase):
    config = dict(CONFIG, tensorboard=True, keep_checkpoints=9)

    def told(self, run):
        return event_files.told(run / "tensorboard")

    def files(self, run):
        return event_files.files(run / "tensorboard")

    def rows(self, run):
        return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]

    def check_figures(self, run, tags):
        """Every figure of `tags` is there once a step, as a float of the metrics."""
        told, rows = self.told(run), self.rows(run)
        self.assertTrue(rows)
        for tag, figure in tags.items():
            wanted = [(row["step"], struct.unpack("<f", struct.pack("<f", row[figure]))[0]) for row in rows]
            self.assertEqual([(step, value) for step, found, value in told if found == tag], wanted, tag)

    def test_a_search_has_its_figures_pictures_config_and_genotypes(self):
        run = self.search("run")
        told, rows = self.told(run), self.rows(run)
        self.check_figures(run, SEARCH)
        pictures = [event for event in told if event[1] in PICTURES]
        self.assertEqual({tag for _, tag, _ in pictures}, PICTURES)
        self.assertEqual([step for step, tag, _ in pictures if tag == "cell/normal"], [row["step"] for row in rows])
        last = {tag: value for _, tag, value in pictures}
        for tag, (_, width, height, png) in last.items():
            self.assertEqual(png, (run / f"{tag.replace('/', '_')}.png").read_bytes(), tag)
            self.assertEqual((width, height), struct.unpack(">II", png[16:24]))
        texts = {tag: (step, text) for step, tag, text in told if tag in ("config", "genotype")}
        self.assertEqual(texts["config"][0], 0)
        self.assertEqual(json.loads(texts["config"][1]), json.loads((run / "config.json").read_text()))
        self.assertEqual(json.loads(texts["genotype"][1]), rows[-1]["genotype"])
        self.assertTrue(all(line.startswith("    ") for line in texts["config"][1].splitlines()))
        self.assertEqual(len(told), len({(step, tag) for step, tag, _ in told}))

    def test_a_training_has_its_figures_and_leaves_out_what_is_null(self):
        run = self.train("run", "--set", "train.epochs=3")
        self.check_figures(run, TRAIN)
        self.assertEqual([(step, tag) for step, tag, _ in self.told(run) if tag in PICTURES],
                         [(3, "cell/normal"), (3, "cell/reduce")])
        run = self.train("rare", "--set", "train.epochs=5", "--set", "train.evaluate_every=3")
        self.assertEqual({step for step, tag, _ in self.told(run) if tag in PICTURES}, {9})
        self.assertEqual([step for step, tag, _ in self.told(run) if tag == "accuracy/test"], [9, 15])
        self.assertEqual([step for step, tag, _ in self.told(run) if tag == "loss/train"], [3, 6, 9, 12, 15])

    def test_equal_runs_differ_in_wall_times_only_and_without_the_key_there_is_nothing(self):
        one, other = self.train("one"), self.train("other", "--threads", "3")
        self.assertEqual(self.told(one), self.told(other))
        plain = self.train("plain", "--set", "tensorboard=false")
        self.assertFalse((plain / "tensorboard").exists())
        for name in ("metrics.jsonl", "genotype.json", "weights-last.safetensors"):
            self.assertEqual((plain / name).read_bytes(), (one / name).read_bytes())

    def test_a_resumed_run_goes_on_in_a_new_file_and_tells_no_step_twice(self):
        whole = self.told(self.train("whole"))
        for step in (1, 4):
            run = self.train(f"stopped{step}", "--stop-after", str(step), code=130)
            first = {path.name: path.read_bytes() for path in self.files(run)}
            self.snas("train", "--resume", run.name)
            self.assertEqual(event_files.figures(self.told(run)), event_files.figures(whole))
            if step == 4:  # a step was told: that file stays as it is
                self.assertEqual(self.told(run), whole)
                self.assertEqual(len(self.files(run)), 2)
                self.assertEqual({name: (run / "tensorboard" / name).read_bytes() for name in first}, first)
            starts = [event_files.events(path)[0][1:] for path in self.files(run)]
            self.assertEqual(starts, [(first, None, "start") for first in (1, step + 1)[step < 3:]])
        before = self.told(run), self.files(run)
        self.snas("train", "--resume", run.name)  # it is done: there is nothing to tell
        self.assertEqual((self.told(run), self.files(run)), before)

    def test_what_comes_after_an_earlier_checkpoint_is_cut(self):
        whole, run = self.train("whole"), self.train("run")
        (run / "checkpoints/LATEST").write_text("step-00000003.safetensors\n")
        self.snas("train", "--resume", "run")
        self.assertEqual(self.told(run), self.told(whole))
        self.assertEqual({event[1] for event in event_files.events(self.files(run)[0])}, {0, 1, 3})

    def test_a_torn_or_missing_file_is_made_good(self):
        whole = event_files.figures(self.told(self.train("whole")))
        for name in ("torn", "gone"):
            run = self.train(name, "--stop-after", "4", code=130)
            file, = self.files(run)
            if name == "torn":
                with file.open("ab") as to:
                    to.write(file.read_bytes()[:30])
                with self.assertRaises(ValueError):
                    self.told(run)
            else:
                file.unlink()
            self.snas("train", "--resume", name)
            self.assertEqual(event_files.figures(self.told(run)), whole)

    def test_a_killed_run_leaves_whole_records(self):
        command = [SNAS, "train", "tiny.json", "--genotype", GENOTYPE, "--out", "run", "--json", "--set",
                   "train.epochs=500"]
        process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   text=True)
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        run = self.folder / "run"
        steps = [step for step, tag, _ in self.told(run) if tag == "loss/train"]
        self.assertEqual(steps, [3 * (i + 1) for i in range(len(steps))])
        self.assertGreaterEqual(len(steps), 3)
        self.snas("train", "--resume", "run", "--stop-after", "7", code=130)
        self.check_figures(run, TRAIN)

    def test_a_run_that_goes_on_with_the_key_tells_what_was_before(self):
        run = self.search("run", "--set", "tensorboard=false")
        self.snas("search", "--resume", "run", "--set", "tensorboard=true", "--set", "search.epochs=3")
        self.check_figures(run, SEARCH)
        self.assertEqual({step for step, tag, _ in self.told(run) if tag in PICTURES}, {6, 9})

    def test_a_link_in_the_place_of_the_folder_is_refused(self):
        run = self.train("run", "--stop-after", "4", code=130)
        (run / "tensorboard").rename(self.folder / "elsewhere")
        (run / "tensorboard").symlink_to(self.folder / "elsewhere")
        before = contents(self.folder / "elsewhere")
        self.assertIn("tensorboard' is a symbolic link",
                      self.snas("train", "--resume", "run", code=4).stderr)
        self.assertEqual(contents(self.folder / "elsewhere"), before)


if __name__ == "__main__":
    unittest.main()
