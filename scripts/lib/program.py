"""program.py -- where the scripts find `snas` when they are not told."""
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PLACES = ("build/release/snas", "build/snas")


def find_program():
    """The first of PLACES that can be run; a sentence and exit code 1 when there is none."""
    for place in PLACES:
        if os.access(ROOT / place, os.X_OK):
            return str(ROOT / place)
    sys.exit(f"{os.path.basename(sys.argv[0])}: no program in build/release or build; build it, or name it with --snas")
