#!/usr/bin/python3
"""The commands that documents show with their output run, and say what is shown; $SNAS is the program.

A command is a line `$ snas ...` of an indented block; the lines below it, up to the next command or the end of the
block, are what is left of its output in a terminal of 80 columns. `...` stands for any lines. Numbers may differ, since
kernel sets and compilers round differently; names of candidates may too, since they follow from numbers.
"""
import os
import re
import tempfile
import unittest

import pseudo_terminal

SNAS = os.environ["SNAS"]
CANDIDATES = r"\b(none|skip_connect|(max|avg)_pool_3x3|(sep|dil)_conv_[35]x[35])\b"


def shown(path):
    """[(command, lines)] in the order of the document."""
    found, inside = [], False
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            inside = line.startswith("    ") and (inside or line.startswith("    $ "))
            if line.startswith("    $ "):
                found.append((line[6:], []))
            elif inside:
                found[-1][1].append(line[4:])
    return found


def plain(text):
    """A text without what numbers decide: digits, candidates and how many inputs a node has; any white space is one
    space, since lines are broken for a terminal."""
    text = re.sub(CANDIDATES, "OP", text)
    text = re.sub(r"-?\d[\d,]*(\.\d+)?(e[-+]?\d+)?", "N", text)
    text = re.sub(r"N OP(, N OP)*", "INPUTS", text)
    return re.sub(r"\s+", " ", text).strip()


def fits(wanted, said):
    """Whether a command said what is shown."""
    parts = [re.escape(plain(part)) for part in re.split(r"(?m)^\s*\.\.\.$", "\n".join(wanted))]
    return re.fullmatch(" ?.* ?".join(parts), plain(said)) is not None


class ReadmeCommands(unittest.TestCase):
    def test_commands_say_what_is_shown(self):
        commands = shown("README.md")
        self.assertGreaterEqual(len(commands), 4)
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(os.path.abspath("configs"), os.path.join(folder, "configs"))
            path = f"{os.path.dirname(os.path.abspath(SNAS))}:{os.environ['PATH']}"
            environment = {"PATH": path, "NO_COLOR": "1"}
            for command, lines in commands:
                code, said = pseudo_terminal.written(80, ["bash", "-c", command], folder, environment, stdout=True)
                said = "\n".join(pseudo_terminal.left(said))
                self.assertEqual(code, 0, f"{command}\n{said}")
                self.assertTrue(fits(lines, said), f"{command}\n{said}")


if __name__ == "__main__":
    unittest.main()
