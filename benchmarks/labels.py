"""Claim: labels are read and checked at most 3 times as slowly as their bytes are merely read, linearly, in 1.5 GB.

A real set is multiplied to 10,000 and 100,000 label files, the larger with 800,000 rows and more. In the same run and
in turns, each measurement in a fresh process: (read) two processes open and read the label files in chunks, their paths
known beforehand; (check) layout, label parsing and all checks of rows, boxes and classes with two workers, no image
opened.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.multiply import Multiplied, multiply
from benchmarks.timing import SAMPLE, claim, measured_apart

RATIO, GROWTH, GIGABYTES = 3.0, 10.5, 1.5
WORKERS = 2
CHUNK = 500
ROWS_PER_FILE = 8.3
FAMILIES = {"rows", "boxes", "classes"}
SHOWN = 20
"""Findings of a rule that are made into sentences, as the command does for the terminal; all are counted."""


def read_chunk(paths: Sequence[str]) -> int:
    """Bytes of these files, each opened and read whole."""
    size = 0
    for path in paths:
        with open(path, "rb") as file:
            size += len(file.read())
    return size


def read(descriptor: str) -> Mapping[str, Any]:
    """Merely read the bytes of all label files."""
    paths = [str(path) for path in Path(descriptor).parent.joinpath("labels").rglob("*.txt")]
    chunks = [paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)]
    began = time.perf_counter()
    with ProcessPoolExecutor(WORKERS) as pool:
        size = sum(pool.map(read_chunk, chunks))
    return {"seconds": time.perf_counter() - began, "bytes": size}


def check(descriptor: str) -> Mapping[str, Any]:
    """Read and check labels alone."""
    from yoloaudit.dataset.load import load
    from yoloaudit.engine import audit
    from yoloaudit.packs import load_rules

    rules = [rule for rule in load_rules() if rule.check is not None and rule.check.family() in FAMILIES]
    gc.collect()
    began = time.perf_counter()
    dataset = load(descriptor, headers=None, workers=WORKERS)
    loaded = time.perf_counter()
    report = audit(dataset, rules, max_per_rule=SHOWN)
    ended = time.perf_counter()
    crashed = report.crashed
    if crashed:
        raise SystemExit(f"checks crashed: {', '.join(crashed)}")
    return {
        "seconds": ended - began,
        "load": loaded - began,
        "rows": len(dataset.boxes),
        "files": len(dataset.labels),
        "rules": len(rules),
        "own": peak(resource.RUSAGE_SELF),
        "worker": peak(resource.RUSAGE_CHILDREN),
    }


def peak(who: int) -> float:
    """Peak memory in GB, of this process or of its largest child."""
    kilobytes = resource.getrusage(who).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return kilobytes * 1024 / 1e9


def measure(made: Multiplied, repeats: int) -> Mapping[str, float]:
    """Medians over turns of reading and checking; memory counts every worker as large as the largest."""
    reads, checks = [], []
    for _ in range(repeats):
        reads.append(measured_apart("benchmarks.labels", "--read", str(made.descriptor)))
        checks.append(measured_apart("benchmarks.labels", "--check", str(made.descriptor)))
    counts = {"files": checks[0]["files"], "rows": checks[0]["rows"], "bytes": reads[0]["bytes"]}
    expected = {"files": made.files, "rows": made.rows, "bytes": made.bytes}
    if counts != expected:
        raise SystemExit(f"lost on the way: {counts}, expected {expected}")
    return {
        "read": median(run["seconds"] for run in reads),
        "check": median(run["seconds"] for run in checks),
        "load": median(run["load"] for run in checks),
        "ratio": median(late["seconds"] / early["seconds"] for early, late in zip(reads, checks, strict=True)),
        "memory": max(run["own"] + WORKERS * run["worker"] for run in checks),
        "rules": checks[0]["rules"],
    }


def compare(source: Path, scratch: Path, sizes: Sequence[int], repeats: int) -> int:
    """Measure each size and print what became of each claim."""
    found = []
    for size in sizes:
        made = multiply(source, scratch / str(size), size, ROWS_PER_FILE)
        facts = measure(made, repeats)
        found.append(facts)
        print(
            f"{made.files:,} label files, {made.rows:,} rows, {made.bytes / 1e6:.1f} MB, {facts['rules']} rules: "
            f"read {facts['read']:.2f} s; check {facts['check']:.2f} s (of it load {facts['load']:.2f} s), "
            f"{made.rows / facts['check']:,.0f} rows/s; peak {facts['memory']:.2f} GB; "
            f"check : read {facts['ratio']:.2f}"
        )
    large, small = found[-1], found[0]
    print(f"merely reading grew by {large['read'] / small['read']:.2f} from {sizes[0]:,} to {sizes[-1]:,} files")
    held = [
        claim("time to check : time to read, largest set", large["ratio"], RATIO, "x"),
        claim(f"time at {sizes[-1]:,} files : time at {sizes[0]:,}", large["check"] / small["check"], GROWTH, "x"),
        claim("peak memory, workers counted too", large["memory"], GIGABYTES, "GB"),
    ]
    return 0 if all(held) else 1


def main() -> int:
    """Measure one thing for the run that asked, or all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, default=SAMPLE, help="folder of images and labels")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], help="label files")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scratch", type=Path, help="folder to write the sets below")
    parser.add_argument("--read", metavar="DESCRIPTOR", help=argparse.SUPPRESS)
    parser.add_argument("--check", metavar="DESCRIPTOR", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read or options.check:
        print(json.dumps(read(options.read) if options.read else check(options.check)))
        return 0
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        return compare(options.source.resolve(), Path(scratch), options.sizes, options.repeats)


if __name__ == "__main__":
    sys.exit(main())
