#!/usr/bin/python3
"""Signals and a terminal: what stops a run saves it and says so at once; what has nothing to save ends at once.

$SNAS is the program.
"""
import os
import pty
import resource
import signal
import subprocess
import time
import unittest

from check_runs import CONFIG, GENOTYPE, Runs
from in_folder import SNAS

SECONDS = 600  # what a process may take
STOPPING = "stopping after this step, and saving\nCtrl-C again leaves without saving\n"
LONG = ("--set", "search.epochs=5", "--set", "train.epochs=8")
# two steps of forty pictures, two at a time by the plain kernels: much work in little memory
SLOW_STEP = ("--genotype", "DARTS_V2", "--threads", "1", "--set", "data.synthetic.side=32", "--set", "train.batch=40",
             "--set", "train.micro_batch=2", "--set", "train.channels=32", "--set", "train.cells=8")

PLAIN = {**os.environ, "SNAS_KERNELS": "plain"}


def until(what):
    """Wait for a condition."""
    end = time.monotonic() + SECONDS
    while not what():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.002)


class Signalled(Runs):
    def start(self, *arguments, **more):
        return subprocess.Popen([SNAS, *arguments], cwd=self.folder, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, **more)

    def end(self, process):
        _, said = process.communicate(timeout=SECONDS)
        return process.returncode, said

    def signalled(self, number, out, arguments, **more):
        """Start a run, send it the signal after its first epoch, wait for its end."""
        process = self.start(*arguments, "--out", out, "--json", **more)
        process.stdout.readline()
        process.send_signal(number)
        return self.end(process)

    def has(self, name):
        return (self.folder / name).exists()

    def await_handlers(self, process):
        """Wait until the process catches signals, which it does before it opens its pictures."""
        def caught():
            with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
                return any(line.startswith("SigCgt:") and int(line.split()[1], 16) >> (signal.SIGINT - 1) & 1
                           for line in status)
        until(caught)

    def losses(self):
        """Steps that are done."""
        return len((self.folder / "losses").read_text().splitlines()) if self.has("losses") else 0

    def await_losses(self, steps):
        """Wait until so many steps are done, and the next has begun."""
        until(lambda: self.losses() == steps)
        time.sleep(0.3)


class Signals(Signalled, unittest.TestCase):
    def check(self, number, command, *more):
        arguments = [command, "tiny.json", *more, *LONG]
        code, said = self.signalled(number, "part", arguments)
        self.assertEqual(code, 128 + number, said)
        self.assertIn(STOPPING, said)
        self.assertIn(f"snas {command} --resume part", said)
        self.assertEqual(self.status("part"), "interrupted")
        self.snas(command, "--resume", "part")
        self.snas(*arguments, "--out", "whole")
        self.assert_same(self.folder / "whole", self.folder / "part")

    def test_interrupt_saves_and_the_resumed_search_is_bit_identical(self):
        self.check(signal.SIGINT, "search")

    def test_terminate_saves_and_the_resumed_training_is_bit_identical(self):
        self.check(signal.SIGTERM, "train", "--genotype", GENOTYPE)

    def test_a_hangup_saves_and_the_resumed_training_is_bit_identical(self):
        self.check(signal.SIGHUP, "train", "--genotype", GENOTYPE)

    def test_the_limit_of_processor_time_saves(self):
        code, said = self.signalled(signal.SIGXCPU, "part", ["search", "tiny.json", *LONG])
        self.assertEqual(code, 128 + signal.SIGXCPU, said)
        self.assertEqual(self.status("part"), "interrupted")

    def test_a_hangup_that_is_ignored_at_the_start_stays_ignored(self):
        code, said = self.signalled(signal.SIGHUP, "run", ["search", "tiny.json", *LONG],
                                    preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.assertEqual(code, 0, said)
        self.assertEqual(self.status("run"), "done")

    def test_usr1_saves_and_goes_on_to_the_same_bytes(self):
        arguments = ["search", "tiny.json", *LONG]
        code, said = self.signalled(signal.SIGUSR1, "poked", arguments)
        self.assertEqual(code, 0, said)
        self.snas(*arguments, "--out", "whole")
        self.assert_same(self.folder / "whole", self.folder / "poked")

    def test_a_killed_run_goes_on_from_its_last_checkpoint(self):
        arguments = ["search", "tiny.json", *LONG]
        code, _ = self.signalled(signal.SIGKILL, "part", arguments)
        self.assertEqual(code, -signal.SIGKILL)
        self.snas("search", "--resume", "part")
        self.snas(*arguments, "--out", "whole")
        self.assert_same(self.folder / "whole", self.folder / "part")


class Moments(Signalled, unittest.TestCase):
    """Signals at other moments than between two epochs."""

    def test_while_the_pictures_are_opened_there_is_nothing_to_save(self):
        process = self.start("search", "tiny.json", "--out", "run", "--set", "data.synthetic.train=20000", "--set",
                             "data.synthetic.side=32")
        self.await_handlers(process)
        process.send_signal(signal.SIGINT)
        code, said = self.end(process)
        self.assertEqual(code, 130)
        self.assertIn("stopped before the first step", said)
        self.assertFalse(self.has("run"))

    def test_a_resumed_run_that_is_stopped_while_it_opens_its_pictures_stays_interrupted(self):
        more = ("--set", "data.synthetic.train=20000", "--set", "data.synthetic.side=32", "--set", "search.batch=8")
        run = self.search("run", *more, "--stop-after", "1", code=130)
        before = (run / "checkpoints/LATEST").read_bytes()
        process = self.start("search", "--resume", "run")
        self.await_handlers(process)
        process.send_signal(signal.SIGTERM)
        code, said = self.end(process)
        self.assertEqual(code, 143)
        self.assertIn("stopped before the first step", said)
        self.assertEqual(self.status("run"), "interrupted")
        self.assertEqual((run / "checkpoints/LATEST").read_bytes(), before)

    def test_a_second_request_leaves_at_once_and_says_so(self):
        process = self.start("train", "tiny.json", "--out", "run", "--losses", "losses", *SLOW_STEP, env=PLAIN)
        self.await_losses(1)
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.1)
        code, said = self.end(process)
        self.assertEqual(code, 143, said)
        self.assertEqual(said, "run folder run\n" + STOPPING +
                         "snas: left without saving\nthe run goes on from its last checkpoint\n")
        self.assertEqual(self.losses(), 1, "it waited for the step")
        self.assertEqual(self.status("run"), "running")

    def test_a_test_of_the_epoch_is_left_and_taken_again(self):
        arguments = ["train", "tiny.json", "--genotype", GENOTYPE, "--set", "data.synthetic.test=8000", "--set",
                     "data.synthetic.side=16", "--threads", "1"]
        process = self.start(*arguments, "--losses", "losses", "--out", "part", env=PLAIN)
        self.await_losses(3)
        process.send_signal(signal.SIGTERM)
        code, said = self.end(process)
        self.assertEqual(code, 143, said)
        self.assertEqual(self.status("part"), "interrupted")
        self.assertFalse(self.has("part/metrics.jsonl"))
        for command in (["train", "--resume", "part"], [*arguments, "--out", "whole"]):
            subprocess.run([SNAS, *command], cwd=self.folder, capture_output=True, check=True,
                           env=PLAIN)
        self.assert_same(self.folder / "whole", self.folder / "part")

    def test_what_has_nothing_to_save_ends_at_once(self):
        for command in (["bench", "tiny.json", "--steps", "1000000"],
                        ["data", "check", "synthetic", "--set", "data.synthetic.train=100000"]):
            process = self.start(*command)
            time.sleep(0.1)
            process.send_signal(signal.SIGHUP)
            self.assertEqual(self.end(process)[0], -signal.SIGHUP, command)

    def test_a_file_that_becomes_too_large_is_a_fault_of_its_write(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
        code, said = self.end(self.start("search", "tiny.json", "--out", "run", *LONG, preexec_fn=limit))
        self.assertEqual(code, 4, said)
        self.assertRegex(said, r"cannot write '.*': File too large")
        code, said = self.end(self.start("config", "schema", preexec_fn=limit))
        self.assertEqual(code, 0, said)
        with open(self.folder / "schema", "wb") as to:
            done = subprocess.run([SNAS, "config", "schema"], stdout=to, stderr=subprocess.PIPE, text=True, check=False,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("File too large", done.stderr)


class Terminal(Signalled, unittest.TestCase):
    """A run in a terminal of its own."""

    def start_in_terminal(self, *arguments, environment=None):
        """The process, and the other end of its terminal."""
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.folder)
            os.execve(SNAS, [SNAS, *arguments], environment or dict(os.environ))
        self.addCleanup(lambda: terminal in self.open and os.close(terminal))
        self.open = {terminal}
        self.said = b""
        return process, terminal

    def read_until(self, terminal, part):
        while part not in self.said:
            self.said += os.read(terminal, 4096)

    def hang_up(self, terminal):
        self.open.remove(terminal)
        os.close(terminal)

    def test_ctrl_c_is_answered_before_the_step_ends_and_the_second_one_leaves(self):
        arguments = ["train", "tiny.json", "--out", "run", "--losses", "losses", *SLOW_STEP]
        process, terminal = self.start_in_terminal(*arguments, environment=PLAIN)
        self.await_losses(1)
        os.write(terminal, b"\x03")
        self.read_until(terminal, b"Ctrl-C again leaves without saving")
        self.assertEqual(self.losses(), 1, "the line waited for the step")
        time.sleep(0.1)
        os.write(terminal, b"\x03")
        _, status = os.waitpid(process, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 130)
        self.assertEqual(self.losses(), 1, "it waited for the step")
        self.assertFalse(self.has("run/checkpoints"))

    def test_a_closed_terminal_saves(self):
        arguments = ["search", "tiny.json", "--out", "run", "--json", "--set", "search.epochs=50"]
        process, terminal = self.start_in_terminal(*arguments)
        self.read_until(terminal, b"\"epoch\": 1")
        self.hang_up(terminal)
        _, status = os.waitpid(process, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 129)
        self.assertEqual(self.status("run"), "interrupted")
        self.assertTrue(self.has("run/checkpoints/LATEST"))


if __name__ == "__main__":
    unittest.main()
