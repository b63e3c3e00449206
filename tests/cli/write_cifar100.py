#!/usr/bin/python3
"""Write a pair of files in the exact layout of CIFAR-100 (binary version) from the pictures of CIFAR-10.

  write_cifar100.py CIFAR10 DEST    CIFAR10 holds data_batch_1.bin to test_batch.bin; DEST becomes cifar-100-binary/

Fine label: 10 * class + the tenth of its class that the picture belongs to by its mean brightness, dark to light.
Coarse label: fine // 5. So every class has as many pictures as in CIFAR-100, 500 and 100 a fine one, and can be learnt;
but what is learnt is not CIFAR-100.
"""
import pathlib
import sys

import numpy

CLASSES = "airplane automobile bird cat deer dog frog horse ship truck".split()
FILES = {"train.bin": [f"data_batch_{i}.bin" for i in range(1, 6)], "test.bin": ["test_batch.bin"]}


def records(folder, names):
    raw = numpy.concatenate([numpy.fromfile(folder / name, numpy.uint8) for name in names])
    return raw.reshape(-1, 3073)


def fine_labels(labels, pixels):
    brightness = pixels.astype(numpy.uint64).sum(axis=1)
    fine = numpy.zeros(len(labels), numpy.uint8)
    for k in range(10):
        members = numpy.flatnonzero(labels == k)
        order = members[numpy.argsort(brightness[members], kind="stable")]
        fine[order] = 10 * k + numpy.arange(len(order)) * 10 // len(order)
    return fine


def write(source, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, parts in FILES.items():
        all_records = records(source, parts)
        fine = fine_labels(all_records[:, 0], all_records[:, 1:])
        numpy.column_stack([fine // 5, fine, all_records[:, 1:]]).tofile(folder / name)
    fine_names = [f"{name}_{tenth}" for name in CLASSES for tenth in range(10)]
    coarse_names = [f"{half}_{name}" for name in CLASSES for half in ("dark", "light")]
    (folder / "fine_label_names.txt").write_text("\n".join(fine_names) + "\n")
    (folder / "coarse_label_names.txt").write_text("\n".join(coarse_names) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]) / "cifar-100-binary")
