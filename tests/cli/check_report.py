#!/usr/bin/python3
"""`snas report`: pages of a search, a training, several runs and a study say what the folders say, hold all that they
show, let no name from outside become markup, and load themselves anew only while something goes on; in a browser, where
there is one, they have no fault and fit 400 pixels.

$SNAS is the program.
"""
import html.parser
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import unittest

from in_folder import SNAS, InFolder, png

CONFIG = {
    "seed": 3,
    "data": {"dataset": "synthetic", "crop_pad": 2, "synthetic": {"train": 80, "test": 40, "side": 8}},
    "search": {"space": "nas-bench-201", "channels": 2, "cells": 3, "epochs": 3, "batch": 16, "train_images": 40,
               "validation_images": 20},
    "train": {"channels": 2, "cells": 3, "epochs": 2, "batch": 16, "cutout": 2, "drop_path": 0},
}
EMPTY = {"meta", "link", "br", "hr", "img", "input", "path", "line", "rect", "circle", "polygon", "polyline", "stop",
         "use", "ellipse", "col"}
LOADS = {"script", "iframe", "object", "embed", "img", "image", "audio", "video", "base", "form"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Page(html.parser.HTMLParser):
    """A page as a tree would see it: balanced tags, attributes, text of elements, tables of the sections."""

    def __init__(self, path):
        super().__init__()
        self.source = pathlib.Path(path).read_text(encoding="utf-8")
        self.open, self.tags, self.attributes, self.tables, self.texts = [], set(), [], {}, {}
        self.reload = None
        self.feed(self.source)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs.items()]
        if tag == "meta" and attrs.get("http-equiv") == "refresh":
            self.reload = int(attrs["content"])
        if tag not in EMPTY:
            self.open.append((tag, attrs))
        if tag == "tr":
            self.tables.setdefault(self.section(), []).append([])
        if tag in ("td", "th") and self.tables.get(self.section()):
            self.tables[self.section()][-1].append("")
        if tag == "data" and self.inside("td"):
            self.tables[self.section()][-1][-1] = float(attrs["value"]) if "value" in attrs else ""

    def handle_endtag(self, tag):
        if tag not in EMPTY:
            assert self.open and self.open[-1][0] == tag, (tag, self.open[-3:])
            self.open.pop()

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_data(self, data):
        for tag, _ in self.open[-1:]:
            self.texts.setdefault(tag, []).append(data)
        if (self.inside("td") or self.inside("th")) and isinstance(self.tables[self.section()][-1][-1], str):
            self.tables[self.section()][-1][-1] += data

    def inside(self, tag):
        return any(tag == name for name, _ in self.open)

    def section(self):
        for tag, attrs in reversed(self.open):
            if tag == "section" and "id" in attrs:
                return attrs["id"]
        return ""

    def ids(self):
        return [value for tag, name, value in self.attributes if name == "id" and tag == "section"]


def rows_of(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines() if line.endswith("}")]


class Reporting(InFolder):
    """What the tests of pages share."""
    config = CONFIG

    def page(self, *runs, out="page.html"):
        self.snas("report", *runs, "--out", out)
        return Page(self.folder / out)

    def assert_contained(self, page):
        """It loads nothing, runs nothing, and every link leads to a place in it."""
        self.assertFalse(page.tags & LOADS)
        ids = {value for _, name, value in page.attributes if name == "id"}
        self.assertEqual(len(ids), sum(name == "id" for _, name, _ in page.attributes))
        for tag, name, value in page.attributes:
            self.assertFalse(name.startswith("on"), (tag, name))
            if name in ("href", "src", "xlink:href", "action", "data"):
                self.assertTrue(value == "data:," or (value[0] == "#" and value[1:] in ids), (tag, name, value))
            for target in re.findall(r"url\(([^)]*)\)", value or ""):
                self.assertIn(target[1:], ids)
        style = "".join(page.texts["style"])
        self.assertNotIn("@import", style)
        self.assertNotIn("url(", style)
        self.assertFalse(set(re.findall(r"https?://[^\s\"'<)]+", page.source)) - {"http://www.w3.org/2000/svg"})

    def assert_figures(self, page, run):
        """The table of all figures is metrics.jsonl."""
        table, rows = page.tables["figures"], rows_of(run)
        self.assertEqual(table[0], [key for key in rows[-1] if key != "genotype"])
        self.assertEqual(len(table), 1 + len(rows))
        for found, row in zip(table[1:], rows):
            for key, value in zip(table[0], found):
                self.assertEqual(value, "\u2013" if row[key] is None else float(row[key]), key)


class Report(Reporting, unittest.TestCase):
    def test_a_search_and_a_training_say_what_their_folders_say(self):
        self.snas("search", "tiny.json", "--out", "run", "-q")
        told = self.snas("report", "run/")
        self.assertEqual(told.stdout, "run/report.html\n")
        page = Page(self.folder / "run/report.html")
        self.assert_contained(page)
        self.assert_figures(page, self.folder / "run")
        self.assertEqual(page.ids(), ["summary", "curves", "cells", "probabilities", "winners", "config", "environment",
                                      "time", "figures", "log"])
        self.assertIsNone(page.reload)
        self.assertIn("done", page.texts["span"])
        self.assertIn("snas derive run/", page.texts["code"])
        settings = {row[0]: row[1:3] for row in page.tables["config"]}
        self.assertEqual(settings["search.epochs"], ["3", "150"])
        keys = [row[0] for row in page.tables["config"]]
        self.assertLess(keys.index("data.synthetic.side"), keys.index("data.path"))  # those that differ come first
        timed = [json.loads(line) for line in (self.folder / "run/timing.jsonl").read_text().splitlines()]
        self.assertEqual([row[2] for row in page.tables["time"][1:-1]], [t["seconds"] for t in timed])
        self.assertAlmostEqual(page.tables["time"][-1][2], sum(t["seconds"] for t in timed))

        self.snas("train", "tiny.json", "--genotype", "run/genotype.json", "--out", "child", "-q")
        page = self.page("child")
        self.assert_contained(page)
        self.assert_figures(page, self.folder / "child")
        self.assertIn("classes", page.ids())
        said = json.loads(self.snas("eval", "child", "--last", "--json").stdout)
        table = page.tables["classes"]
        for row, known in zip(table[1:11], said["classes"]):
            self.assertEqual(row[:2], [known["name"], known["images"]])
            self.assertEqual(row[2], known["accuracy"])
        matrix = [[int(n) for n in row[1:]] for row in table[12:22]]
        self.assertEqual(matrix, said["confusion"])

        # a line that is not whole yet, and a run that never comes to its end
        path = self.folder / "run/metrics.jsonl"
        path.write_text(path.read_text() + '{"epoch": 4, "step": 12, "tra')
        (self.folder / "run/STATUS").write_text("running\n")
        page = self.page("run")
        self.assert_figures(page, self.folder / "run")
        self.assertIn("killed", page.texts["span"])
        self.assertIsNone(page.reload)
        self.assertIn("snas search --resume run", page.texts["code"])

    def test_faults_are_told(self):
        self.assertIn("no RUN given", self.snas("report", code=2).stderr)
        (self.folder / "plain").mkdir()
        self.assertIn("'plain' is neither a run nor a study", self.snas("report", "plain", code=4).stderr)
        self.assertFalse((self.folder / "plain/report.html").exists())


class ReportNames(Reporting, unittest.TestCase):
    """Names of runs and classes that would be markup if they could."""
    config = dict(CONFIG, data={"dataset": "folder", "path": "pictures"},
                  train=dict(CONFIG["train"], side=8, epochs=1, batch=4), search=dict(CONFIG["search"], side=8))

    def test_names_are_inert(self):
        evil = "<script>alert(1)<&\"'>"
        for part, count in (("train", 6), ("val", 3)):
            for c, name in enumerate(["apple", evil]):
                folder = self.folder / "pictures" / part / name
                folder.mkdir(parents=True)
                for i in range(count):
                    (folder / f"{i}.png").write_bytes(png(8, 8, bytes([90 * c, 30 * i, 7]) * 64))
        run = "<img src=x onerror=alert(1)>"
        cell = "|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|"
        self.snas("train", "tiny.json", "--genotype", cell, "--out", run, "-q")
        page = self.page(run)
        self.assert_contained(page)
        self.assertEqual(page.texts["h1"], [run])
        self.assertIn(evil, [row[0] for row in page.tables["classes"]])
        self.assertNotIn("<script", page.source)
        self.assertNotIn("<img", page.source)


class ReportWhile(Reporting, unittest.TestCase):
    """A run that goes on, is stopped, is killed."""
    config = dict(CONFIG, search=dict(CONFIG["search"], epochs=1000))

    def wait_for(self, what):
        end = time.monotonic() + 120
        while not what():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def begin(self):
        run = subprocess.Popen([SNAS, "search", "tiny.json", "--out", "run", "-q"], cwd=self.folder,
                               stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (run.kill(), run.wait()))
        self.wait_for((self.folder / "run/metrics.jsonl").exists)
        return run

    def test_a_page_loads_itself_anew_only_while_its_run_goes_on(self):
        run = self.begin()
        watch = subprocess.Popen([SNAS, "report", "run", "--watch"], cwd=self.folder, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (watch.kill(), watch.wait()))
        file = self.folder / "run/report.html"
        self.wait_for(file.exists)
        first = Page(file)
        self.assertGreaterEqual(first.reload, 5)
        self.assertIn("running", first.texts["span"])
        self.assert_contained(first)
        self.wait_for(lambda: len(Page(file).tables["figures"]) > len(first.tables["figures"]))
        run.send_signal(signal.SIGTERM)
        out, said = watch.communicate(timeout=120)
        self.assertEqual((watch.returncode, out), (0, "run/report.html\n"))
        self.assertRegex(said, r"run/report\.html: running, epoch \d+ of 1000\n")
        last = Page(file)
        self.assertIsNone(last.reload)
        self.assertIn("interrupted", last.texts["span"])
        self.assert_figures(last, self.folder / "run")

    def test_a_run_that_was_killed_is_reported(self):
        run = self.begin()
        run.send_signal(signal.SIGKILL)
        run.wait()
        self.assertEqual((self.folder / "run/STATUS").read_text(), "running\n")
        page = self.page("run")
        self.assertIsNone(page.reload)
        self.assertIn("killed", page.texts["span"])
        self.assert_figures(page, self.folder / "run")
        self.snas("report", "run", "--watch")  # ends at once


class ReportSeveral(Reporting, unittest.TestCase):
    """Several runs, and a study."""
    config = dict(CONFIG, search=dict(CONFIG["search"], epochs=2))

    def test_runs_and_studies_are_compared(self):
        study = {"config": "tiny.json", "seeds": [1, 2], "grid": {"search.logits.rate": [0.01, 0.05]}}
        (self.folder / "study.json").write_text(json.dumps(study))
        self.snas("compare", "study.json", "--out", "study", "-q")
        page = self.page("study")
        self.assert_contained(page)
        known = json.loads((self.folder / "study/study.json").read_text())
        self.assertIn("4 of 4 runs done", page.texts["span"])
        self.assertIsNone(page.reload)
        heads = page.tables["results"][0]
        for row, variant in zip(page.tables["results"][1:], known["variants"]):
            self.assertEqual(row[:3], [variant["name"], "search", 2])
            self.assertEqual(row[heads.index("recalibrated")], variant["child_accuracy_recalibrated"]["mean"])
        for row, test in zip(page.tables["differences"][1:], known["comparisons"]):
            self.assertEqual(row[1:3], [test["a"], test["b"]])
            self.assertEqual(row[3], f"{100 * test['difference']:+.2f}")
        self.assertEqual({row[0]: row[1:] for row in page.tables["choices"]}["search.logits.rate"], ["0.01", "0.05"])
        self.assertEqual([row[0] for row in page.tables["runs"][1:]], [run["name"] for run in known["runs"]])
        self.assertEqual({tuple(row[3:5]) for row in page.tables["runs"][1:]}, {("done", "search 2 of 2")})

        names = ["study/rate=0.01-seed1", "study/rate=0.01-seed2", "study/rate=0.05-seed1"]
        page = self.page(*names)
        self.assert_contained(page)
        self.assertEqual([row[0:3:2] for row in page.tables["results"][1:]], [["rate=0.01", 2], ["rate=0.05", 1]])
        last = [rows_of(self.folder / name)[-1]["validation_accuracy"] for name in names]
        heads = page.tables["results"][0]
        self.assertAlmostEqual(page.tables["results"][1][heads.index("supernet")], sum(last[:2]) / 2)
        self.assertEqual([row[heads.index("supernet") + 2] for row in page.tables["runs"][1:]], last)
        self.assertIn("run3-figures", page.ids())
        self.assertEqual(len(page.tables["run3-figures"]), 3)
        self.assertIn("is a study", self.snas("report", "study", names[0], code=2).stderr)

        browser = next(filter(None, map(shutil.which, BROWSERS)), None)
        if browser is None:
            self.skipTest(f"no browser: none of {', '.join(BROWSERS)} is installed")
        self.page(names[0], out="one.html")
        self.page("study", out="study.html")
        for page, pictures in (("page", 30), ("one", 12), ("study", 12)):
            self.assert_seen_well(browser, page + ".html", pictures)

    def assert_seen_well(self, browser, file, pictures):
        """The page in a frame of 400 pixels: as wide as its content, and nothing in the console."""
        look = ("const page = this.contentDocument; document.title = `width ${page.documentElement.scrollWidth} "
                "${page.querySelectorAll(`svg`).length}`")
        frame = f'<iframe src="{file}" width=400 height=800 style="border:0" onload="{look}"></iframe>'
        (self.folder / "frame.html").write_text(frame)
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom",
                 "--enable-logging=stderr", "--allow-file-access-from-files", f"--user-data-dir={self.folder}/browser",
                 f"file://{self.folder}/frame.html"]
        done = subprocess.run([browser, *flags], capture_output=True, text=True, timeout=120, check=True,
                              env=dict(os.environ, HOME=str(self.folder)))
        width, found = map(int, re.search(r"<title>width (\d+) (\d+)</title>", done.stdout).groups())
        self.assertLessEqual(width, 400, file)
        self.assertGreaterEqual(found, pictures)
        self.assertEqual([line for line in done.stderr.splitlines() if "CONSOLE" in line], [])


if __name__ == "__main__":
    unittest.main()
