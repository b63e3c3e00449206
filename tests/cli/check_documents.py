#!/usr/bin/python3
"""The files that the program can write are as it writes them; $SNAS is the program."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SNAS = os.environ["SNAS"]


def snas(*arguments):
    return subprocess.run([SNAS, *arguments], check=True, capture_output=True, text=True).stdout


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def defaults():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "empty.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write("{}")
        return snas("config", "check", path)


def configs():
    return [f"configs/{name}" for name in sorted(os.listdir("configs"))
            if name.endswith(".json") and not name.endswith(".schema.json") and not name.startswith("study")]


class Documents(unittest.TestCase):
    def test_schema_file_is_what_the_program_prints(self):
        self.assertEqual(read("configs/snas.schema.json"), snas("config", "schema"))

    def test_document_is_what_the_program_prints(self):
        self.assertEqual(read("docs/config.md"), snas("config", "schema", "--markdown"))

    def test_every_config_is_without_fault(self):
        self.assertGreaterEqual(len(configs()), 3)
        for config in configs():
            snas("config", "check", config)

    def test_the_paper_config_spells_out_the_defaults_but_for_the_auxiliary_classifier(self):
        written = json.loads(read("configs/cifar10-paper.json"))
        self.assertEqual(written.pop("$schema"), "snas.schema.json")
        self.assertEqual(written["train"].pop("auxiliary"), 0.4)
        wanted = json.loads(defaults())
        self.assertEqual(wanted["train"].pop("auxiliary"), 0)
        for key in ("estimator", "level"):  # the method's own: so another method goes by --set search.method alone
            self.assertIsNone(written["search"][key])
            written["search"][key] = wanted["search"][key]
        self.assertEqual(written, wanted)

    def test_the_retraining_of_cifar100_is_that_of_cifar10(self):
        first, second = (json.loads(snas("-q", "config", "check", f"configs/cifar{n}-paper.json")) for n in (10, 100))
        self.assertEqual(second["data"].pop("dataset"), "cifar100")
        self.assertEqual(first["data"].pop("dataset"), "cifar10")
        self.assertEqual(first, second)

    def test_configs_fit_the_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        validator = jsonschema.Draft7Validator(json.loads(snas("config", "schema")))
        for config in configs():
            validator.validate(json.loads(read(config)))
        for bad in ({"seeed": 1}, {"search": {"cells": 0}}, {"search": {"drop_path": 1}}, {"search": {"space": "x"}},
                    {"search": {"weights": {"rate": 0}}}, {"data": {"path": ""}}, {"seed": "x"}):
            self.assertFalse(validator.is_valid(bad), bad)

    def test_the_study_fits_its_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads(read("configs/study.schema.json"))
        schema["properties"]["config"]["anyOf"][1] = json.loads(snas("config", "schema"))
        validator = jsonschema.Draft7Validator(schema)
        study = json.loads(read("configs/study-quick.json"))
        validator.validate(study)
        for bad in ({"seeds": []}, {"sets": 1}, {"grid": {"seed": 1}}, {"variants": [{"set": {}}]}, {"train": 1},
                    {"rule": "x"}, {"config": {"serch": {}}}, {"random_cells": {}}, {"variants": [{"name": ".x"}]}):
            self.assertFalse(validator.is_valid({**study, **bad}), bad)

    def test_the_study_is_read_and_its_keys_are_in_its_document(self):
        planned = json.loads(snas("compare", "configs/study-quick.json", "--dry-run", "--json"))
        self.assertEqual(len(planned["runs"]), 10)
        keys = set(json.loads(read("configs/study.schema.json"))["properties"]) - {"$schema"}
        table = re.findall(r"^\| `(\w+)` \|", read("docs/compare.md").split("## The folder")[0], re.M)
        self.assertEqual(set(table), keys)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "study.json")
            with open(path, "w", encoding="utf-8") as file:
                file.write('{"config": {}, "x": 1}')
            said = subprocess.run([SNAS, "compare", path], capture_output=True, text=True, check=False).stderr
        self.assertEqual(set(said.strip().split("allowed ")[1].split(", ")), keys)

    def test_version_is_that_of_the_build(self):
        version = re.search(r'define SNAS_VERSION "([^"]*)"', read("include/snas/base/version.h")).group(1)
        self.assertRegex(version, r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")
        self.assertEqual(json.loads(snas("--version", "--json"))["snas"], version)
        self.assertIn(version, snas("--version").splitlines()[0])

    def test_the_changelog_has_semantic_versions_up_to_the_one_that_is_made(self):
        headings = re.findall(r"^## (.*)$", read("docs/changelog.md"), re.M)
        self.assertEqual(headings[0], "[Unreleased]")
        made = json.loads(snas("--version", "--json"))["snas"]
        versions = [[int(n) for n in made.split(".")]]
        for heading in headings[1:]:
            self.assertRegex(heading, r"^\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$")
            versions.append([int(n) for n in heading[1:heading.index("]")].split(".")])
        self.assertEqual(versions, sorted(versions, reverse=True))

    def test_info_names_what_the_tables_hold(self):
        build = json.loads(snas("info", "--json"))
        for key in ("compiler", "processor", "kernels", "blas"):
            self.assertTrue(build[key], key)
        self.assertIn("darts:", snas("info", "spaces"))
        self.assertIn("sep_conv_5x5", snas("info", "ops"))
        self.assertIn("SNAS_mild", snas("info", "genotype"))
        self.assertIn("normal", json.loads(snas("info", "genotype", "DARTS_V2")))
        self.assertIn("search.weights.rate = 0.025", snas("info", "config", "search.weights"))

    def test_every_option_of_a_command_is_in_its_help(self):
        for command, words in {"search": ("--set", "--out", "--threads", "--dry-run", "--json", "--resume"),
                               "derive": ("--rule", "--budget", "--limit", "--out", "--format", "--evaluate", "--json"),
                               "compare": ("--out", "--jobs", "--threads", "--resume", "--dry-run", "--json"),
                               "train": ("--genotype", "--resume"), "eval": ("--genotype", "--json")}.items():
            text = snas("help", command)
            self.assertLess(text.index("Examples:"), text.index("Options:"))
            for word in words:
                self.assertIn(word, text)
            self.assertNotIn("--stop-after", text)

    def test_no_usage_names_an_option_twice(self):
        listed = re.findall(r"^  (\w+) ", snas("help").split("Commands:\n")[1].split("\nOptions:")[0], re.M)
        for command in listed:
            usage = snas("help", command).split("\nUsage:")[1].split("\n\n")[0]
            for form in re.split(r"(?m)^ +snas ", usage):
                options = re.findall(r"--[\w-]+", form)
                self.assertEqual(sorted(options), sorted(set(options)), f"{command}: {form}")

    def test_no_help_is_wider_than_80_columns(self):
        listed = re.findall(r"^  (\w+) ", snas("help").split("Commands:\n")[1].split("\nOptions:")[0], re.M)
        self.assertGreaterEqual(len(listed), 13)
        for words in ([], *([command] for command in listed)):
            for line in snas("help", *words).splitlines():
                self.assertLessEqual(len(line), 80, f"{words}: {line}")


class Manual(unittest.TestCase):
    """snas(1) and a page a command, from the tables."""

    def setUp(self):
        self.commands = re.findall(r"^  (\w+) ", snas("help").split("Commands:\n")[1].split("\nOptions:")[0], re.M)
        self.pages = {"snas": snas("help", "--man")}
        self.pages.update({f"snas-{command}": snas("help", "--man", command) for command in self.commands})

    def test_a_page_has_its_sections_and_every_option_of_help(self):
        for name, page in self.pages.items():
            sections = re.findall(r"^\.SH (.*)$", page, re.M)
            for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES",
                            "EXAMPLES", "SEE ALSO"):
                self.assertIn(section, sections, name)
            options = page.split(".SH OPTIONS")[1].split(".SH EXIT")[0].replace("\\-", "-")
            for option in re.findall(r"^  (?:-\w, |    )(--[\w-]+)", snas(*name.split("-")[1:], "--help"), re.M):
                self.assertIn(f"\\fB{option}\\fR", options, name)

    def test_pages_name_each_other(self):
        for name, page in self.pages.items():
            named = set(re.findall(r"^\.BR (\S+) \(1\)", page.replace("\\-", "-"), re.M))
            self.assertEqual(named, set(self.pages) - {name})

    def test_no_formatter_warns(self):
        formatters = [command for command in (["mandoc", "-Tlint"], ["man", "--warnings", "-l"])
                      if shutil.which(command[0])]
        if not formatters:
            self.skipTest("neither mandoc nor man is installed")
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder, f"{name}.1") for name in self.pages]
            for path in paths:
                path.write_text(self.pages[path.stem], encoding="utf-8")
            for command in formatters:
                done = subprocess.run([*command, *paths], capture_output=True, text=True, check=False,
                                      env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
                warnings = done.stdout if command[0] == "mandoc" else done.stderr
                self.assertEqual(warnings, "", command)


class Codes(unittest.TestCase):
    def test_the_document_of_usage_has_the_exit_codes_of_help(self):
        listed = re.findall(r"^  (\d+) +(.*)$", snas("help").split("Exit codes:\n")[1], re.M)
        self.assertEqual([code for code, _ in listed], "0 1 2 3 4 5 129 130 143".split())
        table = dict(re.findall(r"^\| (\d+) \| (.*) \|$", read("docs/usage.md").split("## Exit codes")[1], re.M))
        for code, meaning in listed:
            self.assertTrue(table.pop(code).startswith(meaning), code)
        self.assertEqual(table, {})


class Usage(unittest.TestCase):
    """docs/usage.md leaves nothing out."""

    def rows(self, heading):
        """What the first cells of the table below a heading name in code."""
        section = read("docs/usage.md").split(f"## {heading}\n")[1].split("\n## ")[0]
        cells = re.findall(r"^\| (`.*?`(?:, `.*?`)*) \|", section.replace("\\|", "/"), re.M)
        return [name for cell in cells for name in re.findall(r"`(.*?)`", cell)]

    def test_every_command_has_a_row(self):
        listed = re.findall(r"^  (\w+) ", snas("help").split("Commands:\n")[1].split("\nOptions:")[0], re.M)
        self.assertEqual(sorted(row.split()[1] for row in self.rows("Commands")), sorted(set(listed) - {"help"}))

    def test_every_config_has_a_row(self):
        there = [path.name for path in pathlib.Path("configs").glob("*.json") if "schema" not in path.name]
        self.assertEqual(sorted(row.replace("configs/", "") for row in self.rows("Configuration")), sorted(there))

    def test_every_variable_of_the_manual_has_a_row(self):
        page = snas("help", "--man").split(".SH ENVIRONMENT")[1].split(".SH ")[0]
        self.assertEqual(self.rows("Environment"), re.findall(r"^\.TP\n\\fB(\w+)\\fR$", page, re.M))


class Links(unittest.TestCase):
    """Every relative link of every document leads to a file, and to a heading where it names one."""

    def documents(self):
        found = [pathlib.Path("README.md"), *sorted(pathlib.Path(".").glob("*/**/*.md"))]
        return [path for path in found if path.parts[0] not in ("build", "runs")]

    def anchors(self, path):
        """The anchors of a document's headings, as code hosts form them."""
        names = {}
        for heading in re.findall(r"^#+ +(.*?) *$", re.sub(r"^```.*?^```", "", read(path), flags=re.M | re.S), re.M):
            name = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
            names[name] = names.get(name, -1) + 1
            if names[name] > 0:
                names[f"{name}-{names[name]}"] = 0
        return names

    def test_every_relative_link_leads_somewhere(self):
        self.assertGreaterEqual(len(self.documents()), 9)
        broken, count = [], 0
        for path in self.documents():
            text = re.sub(r"`[^`\n]*`", "", re.sub(r"^    .*$", "", read(path), flags=re.M))
            for link in re.findall(r"\]\(([^)\s]+)\)", text):
                if re.match(r"[a-z]+:", link):
                    continue
                count += 1
                to, _, anchor = link.partition("#")
                target = path.parent / to if to else path
                if not target.exists() or (anchor and anchor not in self.anchors(target)):
                    broken.append(f"{path}: {link}")
        self.assertEqual(broken, [])
        self.assertGreater(count, 20)


class Scripts(unittest.TestCase):
    def test_every_script_answers_help_and_runs_nothing(self):
        scripts = [path for path in sorted(pathlib.Path("scripts").iterdir())
                   if path.is_file() and path.suffix != ".py"]  # a module is imported
        self.assertGreaterEqual(len(scripts), 7)
        with tempfile.TemporaryDirectory() as folder:
            # none of the programs that a script could do harm with is there
            for name in ("apt-get", "cmake", "ninja", "ctest", "sudo", "snas", "curl", "wget"):
                trap = pathlib.Path(folder, name)
                trap.write_text(f"#!/bin/sh\ntouch {folder}/ran-{name}\nexit 1\n", encoding="utf-8")
                trap.chmod(0o755)
            environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": folder, "COLUMNS": "80"}
            for script in scripts:
                for words in (["--help"], ["-h"]):
                    done = subprocess.run([script.resolve(), *words], cwd=folder, env=environment, capture_output=True,
                                          text=True, timeout=60, check=False)
                    self.assertEqual((done.returncode, done.stderr), (0, ""), script)
                    self.assertIn(f"usage: scripts/{script.name}", done.stdout)
                    for line in done.stdout.splitlines():
                        self.assertLessEqual(len(line), 80, f"{script}: {line}")
            self.assertEqual([path.name for path in pathlib.Path(folder).glob("ran-*")], [])

    def test_a_wrong_word_is_refused_and_runs_nothing(self):
        for script in ("quickstart", "get-cifar10", "pack-imagenet16", "parity", "bench-peer"):
            done = subprocess.run([f"scripts/{script}", "--no-such-word"], capture_output=True, text=True, timeout=60,
                                  check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""), script)
            self.assertIn(script, done.stderr)


if __name__ == "__main__":
    unittest.main()
