#!/usr/bin/python3
"""What a person sees: lines that fit the terminal, what a run has come to, help that fits 80 columns.

$SNAS is the program.
"""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import unittest

from check_runs import CONFIG, GENOTYPE, Runs
from in_folder import SNAS

# steps that take long enough for lines of progress, in little memory
SLOW = dict(CONFIG, data=dict(CONFIG["data"], synthetic={"train": 400, "test": 100, "side": 16}),
            search=dict(CONFIG["search"], channels=8, batch=20, epochs=2, train_images=100, validation_images=40))


def seen(columns, *arguments, folder, environment=None):
    """What the program writes to a terminal of that width (0: it does not say); [lines as they stood at any time]."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([SNAS, *arguments], cwd=folder, stdin=its, stdout=subprocess.DEVNULL, stderr=its,
                               env={**os.environ, "TERM": "xterm", **(environment or {})})
    os.close(its)
    said = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if not more:
            break
        said += more
    os.close(ours)
    assert process.wait(timeout=600) == 0, said
    return [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line) for line in re.split(r"[\r\n]+", said.decode()) if line]


class Width(Runs, unittest.TestCase):
    config = SLOW

    def check(self, columns, lines, widest):
        for line in lines:
            self.assertLessEqual(len(line), widest, f"{columns} columns: {line!r}")
        progress = [line for line in lines if re.match(r"(search|validate|child) epoch \d/2  step \d+/\d+  ETA ", line)]
        self.assertTrue(progress, lines)
        return progress

    def test_lines_of_progress_and_of_epochs_fit_the_terminal(self):
        for columns in (60, 80):
            lines = seen(columns, "search", "tiny.json", "--out", f"run{columns}", "--threads", "1", folder=self.folder)
            progress = self.check(columns, lines, columns)
            self.assertEqual(any("accuracy" in line for line in progress), columns == 80)
            epoch = lines.index(next(line for line in lines if line.startswith("epoch 2")))
            self.assertRegex(lines[epoch], r"^epoch 2  loss \S+  accuracy \S+ %  validation \S+ %")
            self.assertRegex(lines[epoch + 1], r"^         (child \S+ %  )?tau ")

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
        lines = seen(80, "search", "tiny.json", "--out", "run", "--threads", "1", folder=self.folder,
                     environment={"TERM": "dumb"})
        self.assertFalse([line for line in lines if "ETA" in line])


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

    def test_a_training_ends_with_its_accuracy_and_what_comes_next(self):
        said = self.snas("train", "tiny.json", "--genotype", GENOTYPE, "--out", "run").stderr
        last = json.loads((self.folder / "run/metrics.jsonl").read_text().splitlines()[-1])
        self.assertTrue(said.endswith(f"trained: test accuracy {100 * last['test_accuracy']:.2f} %, best "
                                      f"{100 * last['best_accuracy']:.2f} %\nnext: snas eval run\n"), said)
        said = self.snas("train", "--resume", "run").stderr
        self.assertTrue(said.endswith("next: snas eval run\n"), said)


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
