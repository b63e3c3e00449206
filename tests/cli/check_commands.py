#!/usr/bin/python3
"""The commands that documents show with their output run, and say what is shown; $SNAS is the program.

A command is a line `$ ...` of an indented block, and goes on below it after a backslash; the lines below, up to the
next command or the end of the block, are what is left of its output in a terminal of 80 columns. `...` stands for any
lines. Numbers may differ, since kernel sets and compilers round differently, and what follows from them: FREE.

Comments before a block, a line each, say what is otherwise in the test, to be quick there and to have what it needs:

    <!-- test: add OPTIONS -->      added to every command of the block that is `snas`
    <!-- test: before COMMAND -->   run first
    <!-- test: code N -->           the exit code of the block's last command
    <!-- test: needs PROGRAM ... -->   the block runs where all of them are installed
    <!-- test: skip WHY -->         the block does not run
"""
import collections
import os
import pathlib
import re
import shutil
import tempfile
import unittest

import in_folder
import pseudo_terminal

SNAS = os.path.abspath(os.environ["SNAS"])
CLASSES = ["cassette-player", "chain-saw", "church", "french-horn", "garbage-truck", "gas-pump", "golf-ball",
           "parachute", "springer", "tench"]
FREE = [  # what differs from one machine, or data set, to the next, and its name
    (r"\b(none|skip_connect|(max|avg)_pool_3x3|(sep|dil)_conv_[35]x[35]|nor_conv_[13]x[13])\b", "OP"),
    (rf"\b({'|'.join(CLASSES)})\b", "CLASS"),
    (r"-?\d[\d,]*(\.\d+)?(e[-+]?\d+)?", "N"),
    (r"N OP(, N OP)*|nothing", "INPUTS"),                             # of a node
    (r" free: OP N", ""),                                             # a budget moved an edge
    (r"CLASS N N %( CLASS \(N %\))?", "CLASS N N %"),                 # what a class is taken for
    (r"\|[-:|]+\|", "| - |"),                                         # widths of a table
    (r"\| \| difference \|.*?(?=## Runs|$)", "TESTS "),                # their columns may take two tables
]
NOTE = re.compile(r"^<!-- test: (add|before|code|needs|skip) (.*) -->$")
ENVIRONMENT = {"PATH": f"{os.path.dirname(SNAS)}:{os.environ['PATH']}", "NO_COLOR": "1",
               "SNAS_DATA": os.path.abspath("data")}

Block = collections.namedtuple("Block", "notes commands")  # [(verb, text)], [(command, lines of output)]


def blocks(text):
    """The blocks of a document that hold commands. A blank line ends no block, what is not indented does."""
    found, notes, block, goes_on = [], [], None, False
    for line in text.splitlines():
        note = NOTE.match(line)
        if line.startswith("<!-- test:") and not note:
            raise ValueError(f"no note for a test: {line}")
        if line and not line.startswith("    "):
            notes = (notes if note and not block else []) + ([note.groups()] if note else [])
            block = None
        elif line.startswith("    $ "):
            if block is None:
                block = Block(notes, [])
                found.append(block)
            block.commands.append((line[6:], []))
            goes_on = line.endswith("\\")
        elif block and goes_on:
            command, goes_on = block.commands[-1][0][:-1] + line.strip(), line.endswith("\\")
            block.commands[-1] = (command, [])
        elif block:
            block.commands[-1][1].append(line[4:])
    return found


def plain(text):
    """A text without what numbers decide, and with one space for any white space, since lines are broken for a
    terminal."""
    text = re.sub(r"\s+", " ", text)
    for pattern, name in FREE:
        text = re.sub(pattern, name, text)
    return text.strip()


def fits(wanted, said):
    """Whether a command said what is shown."""
    parts = [re.escape(plain(part)) for part in re.split(r"(?m)^\s*\.\.\.$", "\n".join(wanted))]
    return re.fullmatch(" ?.* ?".join(parts), plain(said)) is not None


def ran(command, folder):
    """(exit code, what is left in the terminal)"""
    code, said = pseudo_terminal.written(80, ["bash", "-c", command], folder, ENVIRONMENT, stdout=True)
    return code, "\n".join(pseudo_terminal.left(said))


class Shown(unittest.TestCase):
    """What stands for a document in this file is found in it, and held against what a command says."""

    TEXT = """
<!-- test: add --set a=1 -->
<!-- test: code 3 -->

    $ snas one \\
          --two
    loss 1.25
    ...

    $ other

Text.

    $ snas three
"""

    def test_commands_and_their_notes_are_found(self):
        first, second = blocks(self.TEXT)
        self.assertEqual(first.notes, [("add", "--set a=1"), ("code", "3")])
        self.assertEqual(first.commands, [("snas one --two", ["loss 1.25", "...", ""]), ("other", [""])])
        self.assertEqual(second, Block([], [("snas three", [])]))

    def test_a_note_that_is_none_is_refused(self):
        with self.assertRaises(ValueError):
            blocks("<!-- test: ad --set a=1 -->\n")

    def test_what_is_shown_is_held_against_what_is_said(self):
        self.assertTrue(fits(["loss 1.25", "...", "done"], "loss 3\nmuch\nmore\ndone\n"))
        self.assertTrue(fits(["  2 <- 0 none"], "  2 <- 0 skip_connect, 1 max_pool_3x3"))
        self.assertTrue(fits(["church  3  33.3 %  tench (66.7 %)"], "tench  3  100.00 %"))
        self.assertFalse(fits(["loss 1.25", "done"], "loss 3\nmuch\ndone\n"))
        self.assertFalse(fits(["loss 1.25", "..."], "accuracy 3\n"))


class Documents:
    """Beside unittest.TestCase: the commands of a document run in a folder with the configs."""

    document, at_least = None, 0

    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)
        shutil.copytree("configs", self.folder / "configs")

    def follow(self, block):
        notes = {verb: [text for one, text in block.notes if one == verb]
                 for verb in ("add", "before", "code", "needs", "skip")}
        if notes["skip"] or not all(shutil.which(name) for text in notes["needs"] for name in text.split()):
            return 0
        for command in notes["before"]:
            code, said = ran(command, self.folder)
            self.assertEqual(code, 0, f"{command}\n{said}")
        for i, (command, lines) in enumerate(block.commands):
            wanted = int(notes["code"][0]) if notes["code"] and i == len(block.commands) - 1 else 0
            if command.startswith("snas "):
                command = " ".join([command, *notes["add"]])
            code, said = ran(command, self.folder)
            self.assertEqual(code, wanted, f"{command}\n{said}")
            self.assertTrue(fits(lines, said), f"{command}\nsays\n{said}\nand shown is\n" + "\n".join(lines))
        return len(block.commands)

    def test_commands_say_what_is_shown(self):
        with open(self.document, encoding="utf-8") as file:
            done = sum(self.follow(block) for block in blocks(file.read()))
        self.assertGreaterEqual(done, self.at_least)


class ReadmeCommands(Documents, unittest.TestCase):
    document, at_least = "README.md", 3


class OnPhotographs(Documents):
    """On small PNGs in the places of a document's photographs."""

    def setUp(self):
        super().setUp()
        for part, first, count in (("train", 0, 8), ("val", 8, 3)):
            for k, name in enumerate(CLASSES):
                place = self.folder / "photos" / part / name
                place.mkdir(parents=True)
                for i in range(first, first + count):
                    (place / f"{i}.png").write_bytes(self.picture(k, i))

    @staticmethod
    def picture(k, i):
        """A picture of class k: stripes, of a direction and a colour of its own."""
        return in_folder.png(36, 32, bytes((25 * k * c + (7 + i) * (x if k % 2 else y) + 11 * i) % 256
                                           for y in range(32) for x in range(36) for c in range(3)))


class TutorialCommands(OnPhotographs, unittest.TestCase):
    document, at_least = "docs/tutorial.md", 18


class DeployCommands(OnPhotographs, unittest.TestCase):
    """With the main() that the document shows."""

    document, at_least = "docs/deploy.md", 6

    def setUp(self):
        super().setUp()
        with open(self.document, encoding="utf-8") as file:
            shown = re.search(r"`main\.c`:\n\n((?:    .*\n|\n)+)", file.read()).group(1)
        (self.folder / "main.c").write_text(re.sub(r"(?m)^    ", "", shown), encoding="utf-8")


if __name__ == "__main__":
    unittest.main()
