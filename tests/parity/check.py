#!/usr/bin/env python3
"""check.py -- a golden case has to pass `snas verify`, its spoiled copies have to fail.

usage: check.py SNAS CASE.safetensors.gz

A copy is spoiled in one number: of the gradients, the weights, the noise or the pictures, the expected logits, the
running statistics, the losses. The sharp check (--double) has to see a change of 1e-4 (of 1e-2 in a trajectory, where
losses are all that it looks at), the one in single precision a change that is loud.
"""
import collections
import gzip
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

FORMATS = {"F32": "f", "F64": "d"}
Kind = collections.namedtuple("Kind", "accepts single quiet lifts", defaults=(False, True, False))


def starts(prefix):
    return lambda n, header: n.startswith(prefix)


# What of a case is spoiled: which tensors; does single precision have to see it when it is loud; is a quiet change
# seen; does a loud one lift the smallest number above the others, or else make the largest a thousand times as large.
KINDS = {
    "gradient": Kind(starts("grad."), single=True),
    "weight": Kind(lambda n, _: "." in n and n.endswith(".weight") and not n.startswith("grad.")),
    "draw": Kind(starts("input.gumbel_"), single=True),
    "sample": Kind(starts("input.z_"), single=True),
    "picture": Kind(lambda n, _: n == "input.images"),
    "logit": Kind(lambda n, _: n == "expect.logits", single=True),
    "running": Kind(starts("after."), single=True),
    "loss": Kind(lambda n, _: n == "expect.losses"),  # single precision is allowed what losses_float32 is off by
}
OF_METHODS = {  # of a case that names its method, beside those
    "logits' draw": Kind(starts("input.logit_gumbel_"), quiet=False, lifts=True),
    # of operations that surely run, and whose kernels do not lie in the padding
    "weight": Kind(lambda n, _: n.startswith(("stem", "classifier")) and n.endswith(".weight")),
    "logits' picture": Kind(lambda n, _: n == "input.logit_images"),
    "momentum before": Kind(lambda n, header: n.startswith("input.momentum.") and n[6:] in header),
    "momentum": Kind(starts("momentum."), single=True),
    "change": Kind(lambda n, _: n.startswith("change.") and n.endswith(".weight"), single=True),
    "change of the logits": Kind(lambda n, _: n.startswith("change.") and not n.endswith((".weight", ".bias"))),
}
ONE_HOT = Kind(starts("input.gumbel_"), single=True, quiet=False, lifts=True)  # another candidate is drawn


def kinds_of(config):
    """What can be seen in a case: one path hides by how much it was drawn, some levels look at no draw or picture."""
    method = config.get("method")
    if method is None:
        return KINDS
    kinds = {**KINDS, **OF_METHODS}
    if "steps" in config:
        kinds = {k: kinds[k] for k in ("weight", "picture", "loss")}
    elif method != "snas":
        kinds["draw"] = ONE_HOT
    unseen = {"darts": ["draw", "logits' draw"], "random": ["logits' draw", "logits' picture"]}.get(method, [])
    if method == "reinforce" and config.get("reward_measure", "accuracy") == "accuracy":
        unseen = ["logits' picture"]  # an accuracy knows no small steps
    return {k: kind for k, kind in kinds.items() if k not in unseen}


def verify(snas, path, *flags):
    done = subprocess.run([snas, "verify", path, "--json", "--threads", "1", *flags], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr


def header_of(content):
    length = struct.unpack_from("<Q", content)[0]
    return json.loads(content[8:8 + length]), length


def spoiled(content, wanted, dice, loud):
    """The case with one number of one accepted tensor changed; the name of that tensor, None when there is none."""
    header, length = header_of(content)
    names = [n for n in header if n != "__metadata__" and wanted.accepts(n, header)]
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
        if loud and wanted.lifts:
            at, value = min(range(count), key=lambda i: numbers[i]), 1e3
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
        config = json.loads(header_of(content)[0]["__metadata__"]["config"])
        for kind, wanted in kinds_of(config).items():
            for loud in (False, True) if wanted.quiet else (True,):
                data, name = spoiled(content, wanted, dice, loud)
                if name is None:
                    continue
                expect(data, 1, f"{kind} of '{name}' changed", "--double")
                if loud and wanted.single:
                    expect(data, 1, f"{kind} of '{name}' changed much")
        expect(content[:-8], 3, "the case cut short")
    print("\n".join(faults) if faults else f"{os.path.basename(case)}: passes, and its spoiled copies fail")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
