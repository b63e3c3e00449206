#!/usr/bin/python3
"""What a person sees: lines that fit the terminal, what a run has come to, help that fits 80 columns.

$SNAS is the program.
"""
import json
import os
import pty
import re
import select
import shlex
import signal
import time
import unittest

import pseudo_terminal
from check_runs import CONFIG, GENOTYPE, Runs
from check_signals import LONG, PLAIN, SLOW_STEP, Signalled, until
from in_folder import SNAS

PROGRESS = re.compile(r"(search|validate|child) epoch \d/2  step \d+/\d+  ETA ")
# steps that take long enough for lines of progress, in little memory
SLOW = dict(CONFIG, data=dict(CONFIG["data"], synthetic={"train": 400, "test": 100, "side": 16}),
            search=dict(CONFIG["search"], channels=8, batch=20, epochs=2, train_images=200, validation_images=40))


def written(columns, *arguments, folder, environment=None):
    """What the program writes to a terminal of that width (0: it does not say)."""
    code, said = pseudo_terminal.written(columns, [SNAS, *arguments], folder, environment)
    assert code == 0, said
    return said


def shown(said):
    """The lines that stood there at any time."""
    return [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line) for line in re.split(r"[\r\n]+", said) if line]


def seen(columns, *arguments, folder, environment=None):
    return shown(written(columns, *arguments, folder=folder, environment=environment))


class Width(Runs, unittest.TestCase):
    config = SLOW

    def test_lines_of_progress_and_of_epochs_fit_the_terminal(self):
        for columns, parts in ((60, 3), (80, 2), (200, 1)):  # that the line of an epoch is broken into
            said = written(columns, "search", "tiny.json", "--out", f"run{columns}", "--threads", "1",
                           folder=self.folder)
            for line in shown(said):
                self.assertLessEqual(len(line), columns, repr(line))
            progress = [line for line in shown(said) if PROGRESS.match(line)]
            self.assertGreater(len(progress), 1)  # how many depends on the machine: ten a second
            self.assertLess(max(map(len, progress)), columns)
            self.assertEqual(any("accuracy" in line for line in progress), columns > 60)
            lines = pseudo_terminal.left(said)  # one line that is redrawn: nothing is left of it
            self.assertFalse([line for line in lines if PROGRESS.match(line) or re.search("[\r\x1b]", line)], lines)
            self.assertRegex(lines[1], r"^epoch 1  loss \S+  accuracy \S+ %  validation \S+ %")
            self.assertTrue(all(line.startswith(" " * 9) for line in lines[2:1 + parts]), lines)
            self.assertTrue(lines[1 + parts].startswith("epoch 2  "), lines)

    def test_without_a_word_of_the_terminal_columns_counts_and_80_else(self):
        for environment, columns in (({"COLUMNS": "50"}, 50), ({"COLUMNS": ""}, 80), ({"COLUMNS": "many"}, 80)):
            out = "run" + environment["COLUMNS"]
            lines = seen(0, "search", "tiny.json", "--out", out, "--threads", "1", folder=self.folder,
                         environment=environment)
            lines = [line for line in lines if re.match(r"epoch|\w+ epoch|         ", line)]
            self.assertLessEqual(max(map(len, lines)), columns)
            self.assertGreater(max(map(len, lines)), columns - 22)

    def test_elsewhere_an_epoch_is_one_line(self):
        said = self.snas("search", "tiny.json", "--out", "run").stderr
        self.assertRegex(said, r"\nepoch 2  loss \S+ .*  parameters \d+\n")
        self.assertNotIn("\x1b", said)

    def test_a_dumb_terminal_gets_no_controls(self):
        started = time.monotonic()
        said = written(80, "search", "tiny.json", "--out", "run", "--threads", "1", folder=self.folder,
                       environment={"TERM": "dumb"})
        elapsed = time.monotonic() - started
        self.assertNotIn("\x1b", said)
        progress = [line for line in shown(said) if PROGRESS.match(line)]
        self.assertLessEqual(len(progress), elapsed / 30, progress)  # a line after 30 seconds, none redrawn


class Narrower(Signalled, unittest.TestCase):
    def test_another_width_is_followed_before_the_step_ends(self):
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.folder)
            os.execve(SNAS, [SNAS, "train", "tiny.json", "--out", "run", "--losses", "losses", *SLOW_STEP],
                      {**PLAIN, "TERM": "xterm"})
        self.addCleanup(lambda: (os.kill(process, signal.SIGKILL), os.waitpid(process, 0), os.close(terminal)))
        pseudo_terminal.resize(terminal, 200)
        said = b""
        while b"accuracy" not in said:
            said += os.read(terminal, 4096)
        for columns, wanted in ((40, r"train epoch 1/2  step 1/2  ETA [\d:]+"), (25, "train epoch 1/2"),
                                (100, r"train epoch 1/2  step 1/2  ETA [\d:]+  loss \S+  accuracy \S+ %")):
            pseudo_terminal.resize(terminal, columns)
            said = b""
            while not said or select.select([terminal], [], [], 0.2)[0]:
                said += os.read(terminal, 4096)
            self.assertRegex(said.decode().split("\r\x1b[K")[-1], f"^{wanted}$")
        self.assertEqual(self.losses(), 1, "the line waited for the step")


class Ends(Runs, unittest.TestCase):
    def test_a_search_ends_with_what_it_found_and_what_comes_next(self):
        run = self.search("my run")
        said = self.snas("search", "--resume", "my run").stderr
        found = json.loads((run / "genotype.json").read_text())
        for kind in ("normal", "reduce"):
            for node, genes in enumerate(found[kind]):
                kept = [f"{source} {operation}" for operation, source in genes if operation != "none"]
                beginning = f"  {kind if node == 0 else '':8}{node + 2} <- "
                self.assertIn(f"\n{beginning}{', '.join(kept) or 'nothing'}\n", said)
        self.assertTrue(said.endswith("next: snas derive 'my run'\n"), said)
        last = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
        said = self.snas("search", "tiny.json", "--out", "other").stderr
        self.assertIn(f"its network: {last['child_parameters']:,} parameters, validation accuracy "
                      f"{100 * last['child_accuracy']:.2f} %\nnext: snas derive other\n", said)
        self.assertEqual(self.snas("search", "--resume", "other", "-q").stderr, "")

    def test_derive_ends_with_a_command_that_trains_what_it_found(self):
        self.search("my run", "--set", "search.epochs=1")
        found = json.loads((self.folder / "my run/genotype.json").read_text())
        for more, file in (((), "my run/genotype.json"), (("--rule", "top2", "--save"), "my run/genotype-top2.json"),
                           (("--rule", "darts", "--out", "my cell.json"), "my cell.json"),
                           (("--json",), "my run/genotype.json")):
            done = self.snas("derive", "my run", *more)
            command = done.stderr.splitlines()[-1]
            self.assertEqual(command, f"next: snas train 'my run/config.json' --genotype {shlex.quote(file)}")
            self.assertNotIn("next:", done.stdout)
            if more == ("--json",):
                self.assertEqual(json.loads(done.stdout)["genotype"], found)
            self.snas(*shlex.split(command)[2:], "--dry-run")
            self.assertEqual(self.snas("derive", "my run", *more, "-q").stderr, "")
        said = self.snas("derive", "my run", "--rule", "darts").stderr
        self.assertTrue(said.endswith("next: snas derive 'my run' --rule darts --save\n"), said)
        said = self.snas("derive", "my run", "--budget", "parameters=1e9", "--budget", "macs=20000", "--limit",
                         "peak_bytes=1e9").stderr
        self.assertTrue(said.endswith("next: snas derive 'my run' --rule edge --budget parameters=1e9 --budget "
                                      "macs=20000 --limit peak_bytes=1e9 --save\n"), said)
        self.search("half", "--stop-after", "4", code=130)  # a step after the file was written
        said = self.snas("derive", "half").stderr
        self.assertTrue(said.endswith("next: snas derive half --rule edge --save\n"), said)

    def test_a_training_ends_with_its_accuracy_and_what_comes_next(self):
        said = self.snas("train", "tiny.json", "--genotype", GENOTYPE, "--out", "run").stderr
        last = json.loads((self.folder / "run/metrics.jsonl").read_text().splitlines()[-1])
        self.assertTrue(said.endswith(f"trained: test accuracy {100 * last['test_accuracy']:.2f} %, best "
                                      f"{100 * last['best_accuracy']:.2f} %\nnext: snas eval run\n"), said)
        said = self.snas("train", "--resume", "run").stderr
        self.assertTrue(said.endswith("next: snas eval run\n"), said)


class Watch(Signalled, unittest.TestCase):
    def state(self, run):
        """Every file with its bytes and times."""
        return {path: (path.stat().st_mtime_ns, path.is_dir() or path.read_bytes())
                for path in [run, *sorted(run.rglob("*"))]}

    def test_a_run_that_is_done_is_shown_and_left_as_it_is(self):
        run = self.search("my run", "--set", "search.epochs=3")
        before = self.state(run)
        said = self.snas("watch", "my run", "--past", "2").stderr.splitlines()
        self.assertEqual(said[0], "search: 3 of 3 epochs done")
        self.assertEqual([line.split("  ")[0] for line in said[1:3]], ["epoch 2", "epoch 3"])
        self.assertEqual(said[3:], ["the run is done, after 3 of 3 epochs", "next: snas derive 'my run'"])
        done = self.snas("watch", "my run", "--json", "-q")
        self.assertEqual((done.stdout, done.stderr), ((run / "metrics.jsonl").read_text(), ""))
        self.assertEqual(self.state(run), before)
        self.train("child")
        self.assertEqual(self.snas("watch", "child").stderr.splitlines()[-1], "next: snas eval child")

    def test_a_run_is_followed_until_it_ends_and_is_not_disturbed(self):
        whole = self.search("whole", *LONG)
        process = self.start("search", "tiny.json", "--out", "run", *LONG)
        until(lambda: self.has("run/run.lock"))
        watched = self.snas("watch", "run", "--json", "--past", "9")
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(watched.stdout, (whole / "metrics.jsonl").read_text())
        self.assert_same(whole, self.folder / "run")
        self.assertIn("the run is done, after 5 of 5 epochs\n", watched.stderr)

    def test_a_run_that_stops_or_is_killed_ends_the_watching_with_1(self):
        for number, what in ((signal.SIGKILL, "was killed, or its machine went down,"), (signal.SIGINT, "was stopped")):
            out = what.split()[1].strip(",")
            process = self.start("search", "tiny.json", "--out", out, "--json", "--set", "search.epochs=500")
            watching = self.start("watch", out) if process.stdout.readline() else None
            process.send_signal(number)
            self.end(process)
            code, said = self.end(watching)
            self.assertEqual(code, 1)
            self.assertRegex(said, fr"\nsnas: the run {what} after \d+ of 500 epochs\n"
                             fr"to go on: snas search --resume {out}\n$")

    def test_ctrl_c_ends_the_watching_and_not_the_run(self):
        process = self.start("search", "tiny.json", "--out", "run", "--json", "--set", "search.epochs=500")
        process.stdout.readline()
        watching = self.start("watch", "run")
        watching.stderr.readline()
        watching.send_signal(signal.SIGINT)
        self.assertEqual(watching.wait(), 130)
        self.assertIn("stopped watching; the run is as it was\n", watching.stderr.read())
        watching.communicate()
        self.assertEqual(self.status("run"), "running")
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.end(process)[0], 130)

    def test_what_is_no_run_is_refused(self):
        self.assertIn("no run folder 'nowhere'", self.snas("watch", "nowhere", code=4).stderr)
        (self.folder / "empty").mkdir()
        self.assertIn("'empty' is not a run: it holds no env.json", self.snas("watch", "empty", code=4).stderr)
        self.assertIn("no RUN given", self.snas("watch", code=2).stderr)


class Help(Runs, unittest.TestCase):
    def commands(self):
        listed = self.snas("help").stdout.split("Commands:\n")[1].split("\n\n")[0]
        return [line.split()[0] for line in listed.splitlines() if line.split()[0] != "help"]

    def test_no_line_is_wider_than_80_columns(self):
        self.assertGreater(len(self.commands()), 9)
        for arguments in ([], *([command] for command in self.commands())):
            for line in self.snas("help", *arguments).stdout.splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_the_usage_of_a_command_has_every_option_and_nothing_else(self):
        for command in self.commands():
            text = self.snas("help", command).stdout
            usage, options = (text.split(f"\n{part}:")[1].split("\n\n")[0] for part in ("Usage", "Options"))
            if "\n\nUsage:" not in text:
                self.fail(text)
            named = set(re.findall(r"^ +(?:-\w, )?--([\w-]+)", options, re.M))
            self.assertEqual(set(re.findall(r"--([\w-]+)", usage)), named, command)
            self.assertTrue(all(line.startswith("       ") for line in usage.splitlines()[1:]), usage)


if __name__ == "__main__":
    unittest.main()
