#!/usr/bin/python3
"""What goes wrong has the exit code that docs/usage.md promises, and what came from outside reaches no terminal raw.

$SNAS is the program.
"""
import fcntl
import json
import os
import re
import shutil
import subprocess
import unittest

from check_runs import GENOTYPE, Runs, contents
from in_folder import SNAS, png


def cut(path, bytes_less):
    path.write_bytes(path.read_bytes()[:-bytes_less])


def flip(path, at=-20):
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def edit(path, old, new):
    text = path.read_text()
    assert old in text, (path, old)
    path.write_text(text.replace(old, new))


class ExitCodes(Runs, unittest.TestCase):
    """Each fault is made in a copy of a small search, or of a small training."""

    def setUp(self):
        super().setUp()
        self.search("found", "--set", "search.epochs=1")
        self.train("child", "--set", "train.epochs=1")
        picture = png(8, 8, bytes(192))
        for name in ("train/a/1.png", "train/b/1.png", "val/a/1.png", "val/b/1.png"):
            (self.folder / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "photos" / name).write_bytes(picture)

    def copy(self, name):
        to = self.folder / "it"
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder / name, to)
        return to

    def newest(self, run):
        return max((run / "checkpoints").glob("step-*.safetensors"))

    def check(self, code, sentence, *arguments):
        done = self.snas(*arguments, code=code)
        self.assertIn(sentence, done.stderr)

    def test_2_usage_and_config(self):
        (self.folder / "bad.json").write_text('{"train": {')
        for sentence, arguments in (
                ("bad.json:1:12", ("search", "bad.json")),
                ("allowed a whole number", ("search", "tiny.json", "--set", "search.epochs=x")),
                ("unknown option", ("search", "--treads", "2")),
                ("no architecture", ("train", "tiny.json", "--genotype", "nothing")),
                ("'it' is one of 'snas train'", ("search", "--resume", "it"))):
            self.copy("child")
            self.check(2, sentence, *arguments)
        edit(self.copy("child") / "config.json", '"seed": 3', '"seed": -3')
        self.check(2, "config.json:2:11: seed: found -3", "train", "--resume", "it")
        self.check(2, "are for 10 classes", "eval", "child", "--set", "data.dataset=folder", "--set",
                   "data.path=photos")

    def test_3_data_and_the_format_of_files(self):
        genotype, photo = self.folder / "genotype.json", self.folder / "photos/train/a/1.png"
        genotype.write_text('{"normal": [')
        for sentence, change in (("is damaged: the checksum", flip), ("the tensors fill", lambda path: cut(path, 30)),
                                 ("it is a zip archive", lambda path: path.write_bytes(b"PK\x03\x04" + bytes(100))),
                                 ("a Git LFS pointer",
                                  lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\n"))):
            with self.subTest(sentence):
                change(self.copy("child") / "weights-best.safetensors")
                self.check(3, sentence, "eval", "it")
                self.check(3, sentence, "predict", "it", photo)
        for sentence, arguments in (
                ("genotype.json:1:13", ("train", "tiny.json", "--genotype", "genotype.json")),
                ("is not a good safetensors file", ("verify", "tiny.json")),
                ("no folder", ("data", "stats", "folder", "--path", "nowhere")),
                ("looked for", ("search", "tiny.json", "--set", "data.dataset=cifar10", "--set", "data.path=photos")),
                ("no file 'nowhere'", ("data", "stats", "packed", "--path", "nowhere"))):
            with self.subTest(sentence):
                self.check(3, sentence, *arguments)
        photo.write_bytes(b"no picture")
        self.check(3, "1 fault in the data set", "data", "check", "folder", "--path", "photos")
        self.check(3, "neither a JPEG nor a PNG", "predict", "child", photo)
        self.snas("data", "pack", "synthetic", "--set", "data.synthetic.train=20", "--set", "data.synthetic.test=10",
                  "--out", "s.pack")
        flip(self.folder / "s.pack")
        self.check(3, "the checksum of its buffer", "data", "stats", "packed", "--path", "s.pack")

    def test_4_files_that_cannot_be_read_or_written(self):
        for sentence, arguments in (
                ("nowhere.json", ("search", "nowhere.json")),
                ("no file 'nowhere'", ("eval", "nowhere")),
                ("no file 'nowhere'", ("predict", "nowhere", "tiny.json")),
                ("nowhere", ("verify", "nowhere")),
                ("x/none.json", ("train", "tiny.json", "--genotype", "x/none.json")),
                ("no run folder", ("derive", "nowhere")),
                ("is not a run folder", ("train", "--resume", "photos")),
                ("is a folder, where a file is wanted", ("config", "check", "photos")),
                ("cannot", ("search", "tiny.json", "--out", "tiny.json/run", "--set", "search.epochs=1")),
                ("nowhere/logits", ("eval", "child", "--logits", "nowhere/logits")),
                ("nowhere/pack", ("data", "pack", "folder", "--path", "photos", "--out", "nowhere/pack")),
                ("nowhere/text", ("derive", "found", "--out", "nowhere/text"))):
            with self.subTest(sentence):
                self.check(4, sentence, *arguments)
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([SNAS, "info"], stdout=full, check=False)
        self.assertEqual(done.returncode, 4)

    def test_4_what_a_run_has_saved_and_is_not_as_it_was(self):
        changes = {
            "cut checkpoint": lambda run: cut(self.newest(run), 30),
            "flipped checkpoint": lambda run: flip(self.newest(run)),
            "no checkpoint at all": lambda run: self.newest(run).write_text("text"),
            "LATEST": lambda run: (run / "checkpoints/LATEST").write_text("step-x\n"),
            "LATEST to nothing": lambda run: (run / "checkpoints/LATEST").write_text("step-00000099.safetensors\n"),
        }
        more = {"env.json": lambda run: (run / "env.json").write_text("{"),
                "env.json without its command": lambda run: (run / "env.json").write_text("{}"),
                "no env.json": lambda run: (run / "env.json").unlink(),
                "metrics": lambda run: (run / "metrics.jsonl").write_text("")}
        for name, change in {**changes, **more}.items():
            with self.subTest(name):
                change(self.copy("child"))
                self.snas("train", "--resume", "it", "--set", "train.epochs=2", code=4)
        for name, change in changes.items():
            with self.subTest(name, command="derive"):
                change(self.copy("found"))
                self.snas("derive", "it", code=4)

    def test_5_and_1_and_130(self):
        wild = ("--set", "train.weights.rate=100", "--set", "train.weights.clip=0", "--set", "train.epochs=9")
        self.check(5, "rate", "train", "tiny.json", "--genotype", GENOTYPE, "--out", "wild", *wild)
        with open(self.folder / "child/run.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.check(1, "another process is working on the run", "train", "--resume", "child")
        self.train("stopped", "--stop-after", "1", code=130)


class PlantedLinks(Runs, unittest.TestCase):
    """A symbolic link in a run's folder leads no write out of it; one that the user names is followed."""

    ADDED_TO = {"run.lock", "log.txt", "timing.jsonl"}

    def plant(self, run):
        """Every file that is replaced goes outside, and a link to it takes its place."""
        outside = self.folder / "outside"
        for path in sorted(run.rglob("*")):
            if path.is_file() and path.name not in self.ADDED_TO:
                to = outside / path.relative_to(run)
                to.parent.mkdir(parents=True, exist_ok=True)
                path.rename(to)
                path.symlink_to(to)
        return outside

    def check_run(self, whole, run, *resume):
        outside = self.plant(run)
        before = contents(outside)
        self.assertGreater(len(before), 6)
        self.snas(*resume)
        self.assert_same(whole, run)
        self.assertEqual(contents(outside), before)
        for name in "STATUS", "metrics.jsonl", "metrics.csv", "checkpoints/LATEST":
            self.assertFalse((run / name).is_symlink(), name)

    def test_a_search_replaces_links_to_its_files(self):
        self.check_run(self.search("whole"), self.search("part", "--stop-after", "4", code=130), "search", "--resume",
                       "part")
        (self.folder / "part/genotype-top2.json").symlink_to(self.folder / "outside/planted.json")
        self.snas("derive", "part", "--rule", "top2", "--save")
        self.assertFalse((self.folder / "outside/planted.json").exists())

    def test_a_training_replaces_links_to_its_files(self):
        averaged = ("--set", "train.average_decay=0.9")
        self.check_run(self.train("whole", *averaged), self.train("part", *averaged, "--stop-after", "4", code=130),
                       "train", "--resume", "part")

    def test_links_to_what_a_run_adds_to_are_refused(self):
        run = self.train("run", "--stop-after", "4", code=130)
        for name in [*sorted(self.ADDED_TO), "checkpoints"]:
            (run / name).rename(self.folder / name)
            (run / name).symlink_to(self.folder / name)
            said = self.snas("train", "--resume", "run", code=4).stderr
            self.assertIn(f"'run/{name}' is a symbolic link, which is not followed for writing", said)
            (run / name).unlink()
            (self.folder / name).rename(run / name)
        self.snas("train", "--resume", "run")

    def test_links_that_the_user_names_are_followed(self):
        (self.folder / "disk").mkdir()
        for name, to in (("run", "disk"), ("cell.json", "disk/cell"), ("losses", "disk/losses"), ("w", "disk/w")):
            (self.folder / name).symlink_to(self.folder / to)
        self.search("run", "--losses", "losses")
        self.snas("derive", "run", "--out", "cell.json", "--weights", "w")
        for name in "cell", "losses", "w", "STATUS":
            self.assertTrue((self.folder / "disk" / name).is_file(), name)
        for name in "run", "cell.json", "losses", "w":
            self.assertTrue((self.folder / name).is_symlink(), name)


ESCAPE = "\x1b[31m\x07\x9b"  # a colour, the bell, and the control of eight bits that begins a sequence
SHOWN = r"\x1b[31m\x07\xc2\x9b"


class Printable(Runs, unittest.TestCase):
    def said(self, *arguments):
        """What the program says, bytes; whatever it is, it steers no terminal."""
        done = subprocess.run([SNAS, *arguments], cwd=self.folder, capture_output=True, timeout=600, check=False)
        both = done.stdout + done.stderr
        for control in (b"\x1b", b"\x07", b"\x9b", b"\xc2\x9b", b"\r", b"\x7f"):
            self.assertNotIn(control, both, arguments)
        return both.decode()

    def commands(self):
        listed = self.snas("help").stdout.split("Commands:\n")[1].split("\n\n")[0]
        return [line.split()[0] for line in listed.splitlines()]

    def test_an_argument_with_an_escape_sequence_is_shown_by_every_command(self):
        words = (f"a{ESCAPE}b", f"--a{ESCAPE}b", f"a{ESCAPE}b.json", f"./a{ESCAPE}b/c")
        for command in self.commands():
            shown = False
            for word in words:
                for arguments in ((word,), ("--set", word), (word, word, word), ("check", word), ("genotype", word),
                                  ("tiny.json", "--genotype", word), ("tiny.json", "--out", word, "--dry-run"),
                                  ("--threads", word), ("--resume", word), ("check", "folder", "--path", word),
                                  ("--top", word), ("spaces", word), ("check", "tiny.json", "--set", word)):
                    shown |= SHOWN in self.said(command, *arguments)
            self.assertTrue(shown, command)
        self.assertIn(SHOWN, self.said(f"a{ESCAPE}b"))
        self.assertIn(SHOWN, self.said(f"--a{ESCAPE}b"))

    def test_a_newline_in_a_name_begins_no_line_of_its_own(self):
        (self.folder / "a\nsnas: b").write_text('{"seed": -1, "normal": [[1')
        (self.folder / "c\nsnas: b").write_text('{"seed": -1}')
        for arguments in (("eval", "a\nsnas: b"), ("config", "check", "a\nsnas: b"), ("config", "check", "c\nsnas: b"),
                          ("train", "tiny.json", "--genotype", "a\nsnas: b"), ("search", "--resume", "a\nsnas: b"),
                          ("a\nsnas: b", ), ("predict", "a\nsnas: b", "c")):
            self.assertNotIn("\nsnas: b", self.said(*arguments))

    def test_files_and_folders_may_have_any_name(self):
        run = f"run{ESCAPE}\n"
        self.assertIn(f"run folder run{SHOWN}",
                      self.said("search", "tiny.json", "--out", run, "--set", "search.epochs=1"))
        self.assertTrue((self.folder / run / "genotype.json").is_file())
        log = (self.folder / run / "log.txt").read_bytes()
        self.assertNotIn(b"\x1b", log)
        self.assertIn("normal", self.said("derive", run))
        self.assertIn("going on", self.said("search", "--resume", run))
        self.assertIn(SHOWN, self.said("train", "--resume", run))

    def test_a_folder_hides_no_built_in_architecture(self):
        (self.folder / "SNAS_mild").mkdir()
        self.assertIn("sep_conv_3x3", self.snas("info", "genotype", "SNAS_mild").stdout)

    def test_what_a_run_folder_says_of_itself_is_shown(self):
        run = self.search("run", "--set", "search.epochs=1")
        environment = json.loads((run / "env.json").read_text())
        environment["command"] = f"x{ESCAPE}y"
        (run / "env.json").write_text(json.dumps(environment))
        self.assertIn(SHOWN, self.said("search", "--resume", "run"))
        environment["command"] = "train"
        (run / "env.json").write_text(json.dumps(environment))
        self.assertIn("one of 'snas train'", self.said("search", "--resume", "run"))
        (run / "checkpoints/LATEST").write_text(f"step{ESCAPE}\n")
        self.assertIn(SHOWN, self.said("derive", "run"))

    def test_names_of_classes_are_shown(self):
        for part in ("train", "val"):
            for name in ("apple", f"be\n{ESCAPE}rry"):
                os.makedirs(self.folder / "names" / part / name)
                for i in range(4):
                    (self.folder / "names" / part / name /
                     f"{i}.png").write_bytes(png(16, 16,
                                                 bytes(range(0, 256))[i:] * 4))
        said = self.said("data", "stats", "folder", "--path", "names")
        self.assertRegex(said, r"\nbe\\x0a\\x1b\[31m\\x07\\xc2\\x9brry +4 +4\n")
        self.assertRegex(said, r"\napple +4 +4\n")
        json.loads(self.snas("data", "stats", "folder", "--path", "names", "--json").stdout)
        self.said("data", "stats", "folder", "--path", "names", "--json")
        folder = ("--set", "data.dataset=folder", "--set", "data.path=names", "--set", "train.side=8", "--set",
                  "train.epochs=1")
        self.said("train", "tiny.json", "--genotype", GENOTYPE, "--out", "run", *folder)
        self.assertIn(SHOWN, self.said("eval", "run", "--per-class", "--confusion"))
        self.said("eval", "run", "--json")
        self.assertIn(SHOWN, self.said("predict", "run", f"names/val/be\n{ESCAPE}rry/1.png"))
        (self.folder / "names/val/apple" / f"x{ESCAPE}.png").write_bytes(b"no picture")
        self.assertIn(SHOWN, self.said("data", "check", "folder", "--path", "names"))

    def test_a_config_s_own_words_are_shown(self):
        (self.folder / f"c{ESCAPE}.json").write_text(json.dumps({f"k{ESCAPE}": 1, "search": {"space": f"s{ESCAPE}"}}))
        said = self.said("config", "check", f"c{ESCAPE}.json")
        self.assertEqual(len(re.findall(re.escape(SHOWN), said)), 5, said)


if __name__ == "__main__":
    unittest.main()
