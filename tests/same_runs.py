#!/usr/bin/python3
"""Hold two builds of the program against each other: the same small runs, every file of every run folder compared.

usage: tests/same_runs.py OLD NEW      paths of two `snas` programs; exits with 1 when a file differs

Searches in both spaces, a stopped and resumed search, a training with auxiliary classifier and running average, one on
photographs, and recomputing: for changes that must not move a byte. Logs, times and env.json may differ.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))
os.environ.setdefault("SNAS", "")
from in_folder import png  # noqa: E402

MAY_DIFFER = {"log.txt", "timing.jsonl", "env.json", "run.lock"}
PHOTOS = {"dataset": "folder", "path": "pictures", "workers": 2}
TINY = {
    "data": {"dataset": "synthetic", "synthetic": {"train": 200, "test": 60, "side": 16}},
    "search": {"side": 16, "channels": 4, "cells": 3, "epochs": 2, "batch": 20, "logits": {"rate": 0.01}},
    "train": {"channels": 4, "cells": 3, "epochs": 2, "batch": 20, "cutout": 4, "side": 32},
}
TRAIN = ("train", "tiny.json", "--genotype", "DARTS_V2")

# A row a run: the folder, and the commands that make it.
RUNS = {
    "search": [("search", "tiny.json")],
    "penalty": [("search", "tiny.json", "--set", "search.resource.enabled=true", "--set",
                 "search.resource.method=discrete", "--set", "search.logits.optimizer=sgd")],
    "space": [("search", "tiny.json", "--set", "search.space=nas-bench-201", "--set", "search.drop_path=0.1")],
    "recompute": [("search", "tiny.json", "--set", "search.recompute=true", "--threads", "2")],
    "resumed": [("search", "tiny.json", "--stop-after", "7"), ("search", "--resume", "resumed")],
    "child": [TRAIN + ("--set", "train.average_decay=0.9", "--set", "train.recalibration_batches=2")],
    "auxiliary": [TRAIN + ("--set", "train.auxiliary=0.4", "--set", "data.synthetic.side=32")],
    "photos": [TRAIN + ("--set", "data=" + json.dumps(PHOTOS), "--set", "train.stem=imagenet")],
}


def draw_photos(folder):
    for part in ("train", "val"):
        for k, name in enumerate(("ant", "bee")):
            place = folder / part / name
            place.mkdir(parents=True)
            for i in range(12):
                pixels = bytes((90 * k + 5 * i * c + 7 * x + 3 * y) % 256
                               for y in range(40) for x in range(44) for c in range(3))
                (place / f"{i}.png").write_bytes(png(44, 40, pixels))


def run_all(program, folder):
    """All runs in `folder`; {relative path: bytes} of what must not differ."""
    folder.mkdir()
    (folder / "tiny.json").write_text(json.dumps(TINY), encoding="utf-8")
    draw_photos(folder / "pictures")
    for name, commands in RUNS.items():
        for command in commands:
            out = () if "--resume" in command else ("--out", name)
            done = subprocess.run([program, *command, *out], cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 0 and "--stop-after" not in command:
                sys.exit(f"{program}: {' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    files = (path for name in RUNS for path in (folder / name).rglob("*"))
    return {str(p.relative_to(folder)): p.read_bytes() for p in files if p.is_file() and p.name not in MAY_DIFFER}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as held:
        old, new = (run_all(os.path.abspath(program), pathlib.Path(held) / name)
                    for program, name in zip(sys.argv[1:], ("old", "new")))
    differing = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    for path in differing:
        print(f"differs: {path}" if path in old and path in new else f"only in one: {path}")
    print(f"{len(old.keys() | new.keys())} files of {len(RUNS)} runs compared, {len(differing)} differ")
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
