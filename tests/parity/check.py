#!/usr/bin/env python3
"""check.py -- a golden case has to pass `snas verify`, its spoiled copies have to fail.

usage: check.py SNAS CASE.safetensors.gz

A copy is spoiled in one number: of the gradients, the weights, the noise or the pictures, the expected logits, the
running statistics, the losses. The sharp check (--double) has to see a change of 1e-4 (of 1e-2 in a trajectory, where
losses are all that it looks at), the one in single precision a change that is loud.
"""
import gzip
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

FORMATS = {"F32": "f", "F64": "d"}
KINDS = {  # which tensors of a case -> does single precision have to see it when it is loud
    "gradient": (lambda n: n.startswith("grad."), True),
    "weight": (lambda n: "." in n and n.endswith(".weight") and not n.startswith("grad."), False),
    "draw": (lambda n: n.startswith("input.gumbel_"), True),
    "sample": (lambda n: n.startswith("input.z_"), True),
    "picture": (lambda n: n == "input.images", False),
    "logit": (lambda n: n == "expect.logits", True),
    "running": (lambda n: n.startswith("after."), True),
    "loss": (lambda n: n == "expect.losses", False),  # single precision is allowed what losses_float32 is off by
}


def verify(snas, path, *flags):
    done = subprocess.run([snas, "verify", path, "--json", "--threads", "1", *flags], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr


def spoiled(content, accept, dice, loud):
    """The case with one number of one accepted tensor changed; the name of that tensor, None when there is none."""
    length = struct.unpack_from("<Q", content)[0]
    header = json.loads(content[8:8 + length])
    names = [n for n in header if n != "__metadata__" and accept(n)]
    dice.shuffle(names)
    for name in names:
        kind, (first, last) = FORMATS[header[name]["dtype"]], header[name]["data_offsets"]
        count = (last - first) // struct.calcsize(kind)
        numbers = struct.unpack_from(f"<{count}{kind}", content, 8 + length + first)
        at = max(range(count), key=lambda i: abs(numbers[i]))
        if abs(numbers[at]) < 1e-3:
            continue  # too small to be seen beside the floor of the measure
        changed = bytearray(content)
        quiet = 1e-2 if "expect.losses" in header else 1e-4
        value = numbers[at] * (1e3 if loud else 1 + quiet)
        struct.pack_into(f"<{kind}", changed, 8 + length + first + at * struct.calcsize(kind), value)
        return bytes(changed), name
    return None, None


def main():
    snas, case = sys.argv[1:3]
    with gzip.open(case) as file:
        content = file.read()
    faults, dice = [], random.Random(os.path.basename(case))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "case.safetensors")

        def expect(data, code, what, *flags):
            with open(path, "wb") as to:
                to.write(data)
            got, out, err = verify(snas, path, *flags)
            if got != code:
                faults.append(f"{what} {' '.join(flags)}: exit code {got}, wanted {code}\n{out}{err}")

        expect(content, 0, "the case")
        expect(content, 0, "the case", "--double")
        for kind, (accept, single) in KINDS.items():
            for loud in (False, True):
                data, name = spoiled(content, accept, dice, loud)
                if name is None:
                    continue
                expect(data, 1, f"{kind} of '{name}' changed", "--double")
                if loud and single:
                    expect(data, 1, f"{kind} of '{name}' changed much")
        expect(content[:-8], 3, "the case cut short")
    print("\n".join(faults) if faults else f"{os.path.basename(case)}: passes, and its spoiled copies fail")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
