"""philox.py -- the counter-based random numbers of snas once more: Philox 4x32-10, laid out as src/base/rng.c says.

Written from the paper (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3, SC 2011), so that
PyTorch can be given the very masks of drop path that a step draws. As a program it holds itself against the known
answers of the paper's authors.
"""
import sys

MASK = 0xFFFFFFFF
DROP_PATH = 5  # the stream of drop path; its step is that of the run
KNOWN = [  # counter, key, words: the authors' Random123 library
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((MASK, ) * 4, (MASK, ) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0), (0xD16CFE09, 0x94FDCCEB, 0x5001E420,
                                                                                  0x24126EA1)),
]


def philox(counter, key):
    """Four words from a place (four words) and a key (two)."""
    (a, b, c, d), (k, q) = counter, key
    for _ in range(10):
        left, right = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = right >> 32 ^ b ^ k, right & MASK, left >> 32 ^ d ^ q, left & MASK
        k, q = k + 0x9E3779B9 & MASK, q + 0xBB67AE85 & MASK
    return a, b, c, d


def words(seed, stream, step):
    """The words of (seed, stream, step), block by block."""
    block = 0
    while True:
        place = block & MASK, step & MASK, step >> 32 & MASK, stream + (block >> 32 << 16)
        yield from philox(place, (seed & MASK, seed >> 32 & MASK))
        block += 1


def uniforms(seed, stream, step):
    """Numbers of the open interval (0, 1): odd multiples of 2^-53."""
    source = words(seed, stream, step)
    while True:
        high, low = next(source), next(source)
        yield ((high << 32 | low) >> 11 | 1) * 2.0 ** -53


def main():
    for counter, key, wanted in KNOWN:
        if philox(counter, key) != wanted:
            print(f"philox{counter}, key {key}: {philox(counter, key)}, wanted {wanted}")
            return 1
    print(f"{len(KNOWN)} known answers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
