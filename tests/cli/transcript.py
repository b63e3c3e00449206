#!/usr/bin/python3
"""Run the commands of a transcript in an empty folder and hold what they say against what it says.

  # comment                    $ snas config check bad.json     (a shell line; `snas` is the program)
  > a line of stdout           ! a line of stderr               = exit code, 0 when not given
  > ...                        any lines                        @ file: the lines after "| " go into it

A line may hold <*> where anything may stand. No > lines: stdout is empty; no ! lines: stderr is empty.
usage: transcript.py SNAS TRANSCRIPT
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile


def read(path):
    """[(line number, command, stdout lines, stderr lines, code)] with files as commands of their own."""
    cases, file = [], None
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        mark, rest = line[:1], line[2:]
        if mark == "$":
            cases.append({"line": number, "command": rest, ">": [], "!": [], "code": 0})
        elif mark == "@":
            cases.append({"line": number, "file": rest, "text": []})
        elif mark == "|":
            cases[-1]["text"].append(rest)
        elif mark in (">", "!"):
            cases[-1][mark].append(rest)
        elif mark == "=":
            cases[-1]["code"] = int(rest)
        elif mark not in ("", "#"):
            sys.exit(f"{path}:{number}: a line begins with one of $ > ! = @ | #")
    return cases


def matches(wanted, found):
    pattern = ""
    for line in wanted:
        pattern += r"(?:[^\n]*\n)*" if line == "..." else re.escape(line).replace(re.escape("<*>"), r"[^\n]*") + "\n"
    return re.fullmatch(pattern, found) is not None


def main(program, transcript):
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C"}
    environment.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
    faults = 0
    cases = read(transcript)
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            if "file" in case:
                with open(os.path.join(folder, case["file"]), "w", encoding="utf-8") as file:
                    file.write("\n".join(case["text"]) + "\n")
                continue
            script = f"snas() {{ {shlex.quote(os.path.abspath(program))} \"$@\"; }}; {case['command']}"
            done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, timeout=120)
            found = {">": done.stdout.decode(errors="replace"), "!": done.stderr.decode(errors="replace")}
            wrong = [name for name in ">!" if not matches(case[name], found[name])]
            if wrong or done.returncode != case["code"]:
                faults += 1
                print(f"{transcript}:{case['line']}: $ {case['command']}")
                print(f"exit code {done.returncode}, wanted {case['code']}")
                for name in wrong:
                    print("".join(f"wanted {name} {line}\n" for line in case[name]), end="")
                    print("".join(f"found  {name} {line}\n" for line in found[name].splitlines()), end="")
    commands = sum("command" in case for case in cases)
    print(f"{commands} commands, {faults} not as written")
    return faults > 0 or commands == 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
