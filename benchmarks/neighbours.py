"""Claim: all near pairs of a million hashes are found in two minutes and 2 GB on two cores, and none is missed.

Each measurement in a fresh process, on hashes that are drawn for it: (random) bits by the toss of a coin, with planted
pairs that differ in 0 to 6 bits; (skewed) three in ten hashes within three bits of one of 6,000 others, as the frames
of clips are, and a third of the bits the same everywhere; (hostile) all hashes equal but for 20 bits, so that each has
thousands of neighbours: the search has to say that it gives up, within the same limits. Recall is told against a
comparison of each with each on 20,000 hashes, and on the planted pairs of the million.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import claim, measured_apart
from yoloaudit.measure.neighbours import Neighbours, Words, count_bits, search

SECONDS, GIGABYTES, EXACT = 120.0, 2.0, 1.0
DISTANCE, FURTHEST = 4, 6
COUNT, SAMPLE = 1_000_000, 20_000
PLANTED = 1000
"""Pairs that are planted at each distance."""
ROWS = 500
"""Hashes that are compared with all others at once by brute force."""


def drawn(count: int, rng: np.random.Generator) -> Words:
    return rng.integers(0, 2**64, count, dtype=np.uint64)


def flipped(hashes: Words, bits: int, rng: np.random.Generator) -> Words:
    """The same hashes with so many bits turned over, others in each."""
    places = rng.random((len(hashes), 64)).argpartition(bits, axis=1)[:, :bits].astype(np.uint64)
    turned: Words = np.bitwise_or.reduce(np.uint64(1) << places, axis=1, initial=np.uint64(0))
    return hashes ^ turned


def random(count: int, rng: np.random.Generator) -> Words:
    """The planted pairs stand at the end: at each distance first one side of all pairs, then the other."""
    planted = min(PLANTED, count // 20)
    sides = []
    for bits in range(FURTHEST + 1):
        one = drawn(planted, rng)
        sides += [one, flipped(one, bits, rng)]
    return np.concatenate([drawn(count - 2 * planted * (FURTHEST + 1), rng), *sides])


def skewed(count: int, rng: np.random.Generator) -> Words:
    centres = np.repeat(drawn(6000, rng), 50)[: count * 3 // 10]
    near = centres
    for _ in range(3):
        near = near ^ (np.uint64(1) << rng.integers(0, 64, len(near), dtype=np.uint64))
    mixed = rng.permutation(np.concatenate([near, drawn(count - len(near), rng)]))
    return np.unique(mixed & ~np.uint64(0x1249249249249249))


def hostile(count: int, rng: np.random.Generator) -> Words:
    hashes: Words = rng.permutation(np.arange(count, dtype=np.uint64))
    return hashes


KINDS: Mapping[str, Callable[[int, np.random.Generator], Words]] = {
    "random": random,
    "skewed": skewed,
    "hostile": hostile,
}


def measure(kind: str, count: int) -> Mapping[str, Any]:
    """Time and memory of one search, and how many of the planted pairs it finds."""
    hashes = KINDS[kind](count, np.random.default_rng(count))
    resting = peak()
    began = time.perf_counter()
    found = search(hashes, DISTANCE)
    seconds = time.perf_counter() - began
    planted, kept = planted_pairs(found, count) if kind == "random" else (0, 0)
    return {
        "seconds": seconds,
        "memory": peak(),
        "resting": resting,
        "hashes": len(hashes),
        "pairs": len(found.first),
        "complete": found.complete,
        "planted": planted,
        "kept": kept,
    }


def planted_pairs(found: Neighbours, count: int) -> tuple[int, int]:
    """How many pairs were planted within the distance, and how many of them were found."""
    planted = min(PLANTED, count // 20)
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    start, kept = count - 2 * planted * (FURTHEST + 1), 0
    for bits in range(DISTANCE + 1):
        first = start + 2 * planted * bits
        kept += sum((place, place + planted) in pairs for place in range(first, first + planted))
    return planted * (DISTANCE + 1), kept


def recall(kind: str, count: int) -> tuple[int, float]:
    """Near pairs by comparing each with each, and how many there are to one that the search finds as well."""
    hashes = KINDS[kind](count, np.random.default_rng(count + 1))
    slow = each_with_each(hashes)
    found = search(hashes, DISTANCE)
    fast = found.first.astype(np.int64) * len(hashes) + found.second
    wrong = np.setdiff1d(fast, slow)
    if len(wrong) or len(np.unique(fast)) != len(fast):
        raise SystemExit(f"{len(wrong)} pairs are not near, or pairs come twice")
    return len(slow), len(slow) / max(len(np.intersect1d(slow, fast)), 1)


def each_with_each(hashes: Words) -> NDArray[np.int64]:
    """Near pairs as first · N + second."""
    found = []
    for start in range(0, len(hashes), ROWS):
        apart = count_bits(hashes[start : start + ROWS, None] ^ hashes[None, start:])
        first, second = np.nonzero(apart <= DISTANCE)
        later = second > first
        found.append((first[later] + start) * len(hashes) + second[later] + start)
    return np.concatenate(found)


def peak() -> float:
    """Peak memory of this process in GB."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return kilobytes * 1024 / 1e9


def compare(count: int, sample: int, repeats: int) -> int:
    """Measure each kind and print what became of each claim."""
    held = []
    for kind in KINDS:
        runs = [measured_apart("benchmarks.neighbours", "--kind", kind, "--count", str(count)) for _ in range(repeats)]
        seconds, memory, first = median(run["seconds"] for run in runs), max(run["memory"] for run in runs), runs[0]
        print(
            f"{kind}: {first['hashes']:,} hashes, {first['pairs']:,} near pairs, "
            f"{'complete' if first['complete'] else 'given up'}: {seconds:.2f} s, peak {memory:.2f} GB, "
            f"of it {first['resting']:.2f} GB before the search"
        )
        held += [
            claim(f"time, {kind}", seconds, SECONDS, "s"),
            claim(f"peak memory, {kind}", memory, GIGABYTES, "GB"),
        ]
        if first["complete"] == (kind == "hostile"):
            raise SystemExit(f"{kind}: complete is {first['complete']}")
        if first["planted"]:
            held.append(claim(f"planted pairs : found, {kind}", first["planted"] / max(first["kept"], 1), EXACT, "x"))
    for kind in ("random", "skewed"):
        pairs, missed = recall(kind, sample)
        held.append(claim(f"{pairs:,} pairs of {sample:,} by brute force : found, {kind}", missed, EXACT, "x"))
    return 0 if all(held) else 1


def main() -> int:
    """Measure one thing for the run that asked, or all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT, help="hashes that are searched")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="hashes that are compared each with each")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--kind", choices=sorted(KINDS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.kind:
        print(json.dumps(measure(options.kind, options.count)))
        return 0
    return compare(options.count, options.sample, options.repeats)


if __name__ == "__main__":
    sys.exit(main())
