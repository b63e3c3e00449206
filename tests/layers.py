#!/usr/bin/python3
"""Hold the tree against its rules: one argument names the rule, run from anywhere.

  includes   every #include of src/ and include/ against src/LAYERS: rooms, third-party headers, own headers
  headers    each public header compiles alone, with $CC or cc
  names      no two source files of the tree have the same name
  prints     only cli prints or exits
  public     every type, function, variable and enum constant of the public headers has its prefix and is declared once
  lines      no line of C, CMake or Python is above 120 columns
  sizes      nine of ten functions have at most 24 lines, none above 60; the figures are printed
"""
import collections
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)

# What every room may see: C11, POSIX, and the compiler's own headers.
STANDARD = set("""assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype""".split())
POSIX = set("""dirent dlfcn fcntl pthread sched strings unistd sys/file sys/ioctl sys/mman sys/prctl sys/resource
sys/stat sys/time sys/types sys/utsname sys/wait""".split())
COMPILER = set("immintrin cpuid sanitizer/asan_interface".split())
COLUMNS = 120
LINES_USUAL, LINES_MOST = 24, 60
ALLOWED = {name + ".h" for name in STANDARD | POSIX | COMPILER}


def layers():
    """{room: (rooms it may include, third-party headers)}"""
    rooms = {}
    for line in (ROOT / "src/LAYERS").read_text().splitlines():
        if line and not line.startswith("#"):
            room, below, headers = (part.split() for part in line.split("|"))
            rooms[room[0]] = (set(below), set(headers))
    return rooms


def sources(*tops):
    for top in tops:
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".c", ".h"):
                yield path


def room_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[2] if parts[0] == "include" else parts[1]


def includes():
    rooms, faults = layers(), []
    for room, (below, _) in rooms.items():
        faults += [f"src/LAYERS: '{room}' may include '{b}', which is no room" for b in below - set(rooms)]
    for path in sources("src", "include"):
        room, where = room_of(path), path.relative_to(ROOT)
        if path.parent == ROOT / "src":
            continue
        if room not in rooms:
            faults.append(f"{where}: '{room}' is no room of src/LAYERS")
            continue
        below, third = rooms[room]
        for kind, name in INCLUDE.findall(path.read_text()):
            if kind == "<":
                if name not in ALLOWED | third:
                    faults.append(f"{where}: <{name}> is not for '{room}'")
            elif name.startswith("snas/"):
                if name.split("/")[1] not in below | {room}:
                    faults.append(f"{where}: '{room}' may not call '{name}'")
                elif not (ROOT / "include" / name).is_file():
                    faults.append(f"{where}: no header '{name}'")
            elif where.parts[0] == "include":
                faults.append(f"{where}: a public header includes the private '{name}'")
            else:
                own = ROOT / "src" / room
                found = [p for p in (path.parent / name, own / name) if p.is_file()]
                if not found or own not in found[0].resolve().parents:
                    faults.append(f"{where}: '{name}' is no header of '{room}'")
    return faults


def headers():
    faults = []
    for path in sources("include"):
        name = path.relative_to(ROOT / "include")
        command = [os.environ.get("CC", "cc"), "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror",
                   "-fsyntax-only", "-I", str(ROOT / "include"), "-x", "c", "-"]
        # Twice, so that a missing guard shows.
        text = f'#include "{name}"\n#include "{name}"\n'
        done = subprocess.run(command, input=text, text=True, capture_output=True)
        if done.returncode != 0:
            faults.append(f"include/{name} does not compile alone:\n{done.stderr}")
    return faults


def names():
    places = collections.defaultdict(list)
    for path in sources("src", "include", "tests"):
        places[path.name].append(str(path.relative_to(ROOT)))
    return [f"'{name}' stands in several places: {', '.join(p)}" for name, p in places.items() if len(p) > 1]


def prints():
    faults = []
    forbidden = re.compile(r"\b((?:v?printf|puts|putchar|perror|_?exit|_Exit)(?=\s*\()|stdout\b|stderr\b)")
    for path in sources("src"):
        if room_of(path) == "cli":
            continue
        for found in forbidden.finditer(COMMENT.sub("", path.read_text())):
            faults.append(f"{path.relative_to(ROOT)}: '{found.group(1)}' is for cli only")
    return faults


def preprocessed():
    """The public headers' declarations, through the preprocessor, without what they include from outside."""
    text = "".join(f'#include "{path.relative_to(ROOT / "include")}"\n' for path in sources("include"))
    command = [os.environ.get("CC", "cc"), "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-E", "-I", str(ROOT / "include"),
               "-x", "c", "-"]
    ours, kept = False, []
    for line in subprocess.run(command, input=text, text=True, capture_output=True, check=True).stdout.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            ours = "/include/snas/" in marker.group(1)
        elif ours:
            kept.append(line)
    return re.sub(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)", "", "\n".join(kept))


def statements(text):
    """Cut a translation unit into declarations: at a ';' outside of braces, and after the body of a function."""
    depth, start = 0, 0
    for at, c in enumerate(text):
        depth += (c == "{") - (c == "}")
        so_far = text[start:at]
        ends_body = c == "}" and depth == 0 and re.search(r"\)\s*\{", so_far) and "typedef" not in so_far
        if depth == 0 and (c == ";" or ends_body):
            yield so_far.strip()
            start = at + 1


def declared(statement):
    """The names that one declaration makes public."""
    for body in re.findall(r"\benum\b[^{;]*\{([^}]*)\}", statement):
        yield from re.findall(r"(?:^|,)\s*(\w+)", body)
    head = re.sub(r"\{[^{}]*\}", "", re.sub(r"\{[^{}]*\}", "", statement))  # without members, at most two deep
    pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", head)
    if head.startswith("typedef"):
        yield pointer.group(1) if pointer else re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$", head).group(1)
    elif "(" in head:
        yield re.search(r"(\w+)\s*\(", head).group(1)
    elif head.startswith("extern"):
        yield re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$", head).group(1)


def public():
    names = collections.Counter(name for s in statements(preprocessed()) if s for name in declared(s))
    faults = [f"'{name}' is public without the prefix snas_ or SNAS_" for name in names
              if not name.startswith(("snas_", "SNAS_"))]
    faults += [f"'{name}' is declared {count} times in the public headers"
               for name, count in names.items() if count > 1]
    if len(names) < 500:
        faults.append(f"only {len(names)} public names were found: the rule does not read the headers any more")
    return faults

def is_code(path):
    """C, CMake and Python, by the ending, or of a script without one by its first line."""
    if path.suffix == "" and path.parent.name == "scripts":
        return path.read_bytes()[:64].partition(b"\n")[0].endswith(b"python3")
    return path.suffix in (".c", ".h", ".inc", ".cmake", ".py")


def lines():
    faults = []
    for path in sorted(ROOT.rglob("*")):
        where = path.relative_to(ROOT)
        if where.parts[0] in ("build", ".git") or not path.is_file() or not is_code(path):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if len(line) > COLUMNS:
                faults.append(f"{where}:{number}: {len(line)} columns, allowed are {COLUMNS}")
    return faults


def functions(text):
    """(name, lines of the body) of every function; bodies begin and end in column 0, as clang-format has them."""
    blank = lambda found: re.sub(r"[^\n]", " ", found.group(0))
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, COMMENT.sub(blank, text), flags=re.M)
    for opening in re.finditer(r"^(\w[^;{}=]*)\)\n\{\n", text, re.M):
        names = re.findall(r"(\w+)(?:\(\w+\))?\s*\(", opening.group(1))
        yield names[0] if names else "?", text.count("\n", opening.end(), text.index("\n}", opening.end() - 1) + 1)


def sizes():
    all_sizes, faults = [], []
    for path in sources("src"):
        for name, size in functions(path.read_text()):
            all_sizes.append(size)
            if size > LINES_MOST:
                faults.append(f"{path.relative_to(ROOT)}: '{name}' has {size} lines, allowed are {LINES_MOST}")
    all_sizes.sort()
    count, short = len(all_sizes), sum(size <= LINES_USUAL for size in all_sizes)
    half, most = all_sizes[count // 2], all_sizes[count * 9 // 10]
    print(f"{count} functions: half have at most {half} lines, nine of ten {most}, all {all_sizes[-1]}; "
          f"{100 * short / count:.1f} % at most {LINES_USUAL}")
    if short < 0.9 * count or count < 1000:
        faults.append(f"{short} of {count} functions have at most {LINES_USUAL} lines, wanted are 90 % of 1000 or more")
    return faults

RULES = {"includes": includes, "headers": headers, "names": names, "prints": prints, "public": public,
         "lines": lines, "sizes": sizes}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in RULES:
        sys.exit(__doc__)
    result = RULES[sys.argv[1]]()
    print("\n".join(result) or "no fault")
    sys.exit(bool(result))
