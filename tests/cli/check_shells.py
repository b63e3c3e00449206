#!/usr/bin/python3
"""What the Tab key does in bash and zsh: lines typed into a shell of each on a terminal; $SNAS is the program."""
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import tempfile
import time
import unittest

SNAS = os.path.abspath(os.environ["SNAS"])
PACKAGING = os.path.abspath("packaging")
SECONDS = 60

# What is typed before the Tab key, and what the command is called with when Enter follows, a bar between two words.
LINES = {
    "snas se": "search",
    "snas derive runs/f": "derive|runs/first",
    "snas derive r --rule t": "derive|r|--rule|top2",
    "snas derive r --rule=t": "derive|r|--rule=top2",
    "snas search configs/q": "search|configs/quick.json",
    "snas search c --dry": "search|c|--dry-run",
    "snas search c --set search.meth": "search|c|--set|search.method=",
    "snas search c --set search.method=ds": "search|c|--set|search.method=dsnas",
    "snas search c --set=search.method=ds": "search|c|--set=search.method=dsnas",
    "snas search c --set search.resource.enabled=f": "search|c|--set|search.resource.enabled=false",
    "snas search c --set data.path=two": "search|c|--set|data.path=two words.png",
    "snas train c --genotype PC_DARTS_c": "train|c|--genotype|PC_DARTS_cifar",
    "snas info genot": "info|genotype",
    "snas info genotype SNAS_mi": "info|genotype|SNAS_mild",
    "snas data check cifar100": "data|check|cifar100",
    "snas bench child-": "bench|child-paper",
    "snas help cred": "help|credit",
    "snas eval w": "eval|weights.safetensors",
}


class Shell:
    """An interactive shell in a folder of its own. `snas` answers there what completion asks, and else says its words
    between RAN< and >, with bars between them."""

    def __init__(self, folder, command, start):
        wrapper = pathlib.Path(folder, "bin", "snas")
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\n[ "$1" = complete ] && exec "{SNAS}" "$@"\nIFS="|"; echo "RAN<$*>"\n',
                           encoding="utf-8")
        wrapper.chmod(0o755)
        for name in ("runs/first/config.json", "configs/quick.json", "configs/quick.txt", "two words.png",
                     "weights.safetensors"):
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            environment = {"PATH": f"{wrapper.parent}:/usr/bin:/bin", "TERM": "xterm", "HOME": folder, "LC_ALL": "C",
                           "INPUTRC": "/dev/null", "PS1": "", **{k: v for k, v in os.environ.items()
                                                                 if k.endswith("SAN_OPTIONS")}}
            os.execvpe(command[0], command, environment)
        self.type(start + "; echo RE''ADY\n")
        self.read("READY")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def read(self, pattern):
        """What the terminal shows up to the pattern: a match of it."""
        text, end = "", time.monotonic() + SECONDS
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 1)[0]:
                text += os.read(self.terminal, 4096).decode(errors="replace")
                match = re.search(pattern, text)
                if match:
                    return match
        raise AssertionError(f"no {pattern} in what the shell shows: {text!r}")

    def tab(self, line):
        """The words that `snas` is called with after the line, Tab and Enter."""
        self.type(f"{line}\t")
        time.sleep(0.05)
        self.type("\n")
        return self.read(r"RAN<([^>]*)>").group(1).removesuffix("/")

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


class Tab(unittest.TestCase):
    def hold(self, command, start):
        if shutil.which(command[0]) is None:
            self.skipTest(f"{command[0]} is not installed")
        with tempfile.TemporaryDirectory() as folder:
            shell = Shell(folder, command, start)
            try:
                for line, words in LINES.items():
                    with self.subTest(line):
                        self.assertEqual(shell.tab(line), words)
            finally:
                shell.close()

    def test_bash(self):
        self.hold(["bash", "--norc", "--noprofile", "-i"], f". '{PACKAGING}/snas.bash'")

    def test_zsh(self):
        self.hold(["zsh", "-f", "-i"],
                  f"fpath=('{PACKAGING}' $fpath); autoload -U compinit; compinit -u -D; unsetopt list_beep")


if __name__ == "__main__":
    unittest.main()
