"""Claim: all pixels are measured in little more time than decoding takes, far faster than by peers, and then known.

Real JPEGs are multiplied to 5,000 and more with pixels of their own, small ones are made by the hundred thousand. In
the same run and in turns, each measurement in a fresh process, two workers each, imports left out on both sides:
(cold) the whole pixel scan with an empty cache against reading and once decoding the same files as cheaply as would
notice a missing end; (peers) the same scan, loading and labels included, against cleanvision, imagededup and fastdup,
each in an environment of its own; (fast) loading with headers alone against the check of images and labels of
Ultralytics' trainer; (warm) the second scan against a bare walk of the tree that also reads the cache file; (growth)
from 1,000 to 100,000 images.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

from benchmarks import peers
from benchmarks.images import Made, real, small
from benchmarks.timing import ROOT, claim, measured_apart

COLD, WARM, GROWTH, PEERS, FAST = 1.25, 3.0, 10.5, 8.0, 3.0
SETTLED_SECONDS = 3.0
"""A file that was written less than two seconds before it is looked at is looked at again next time."""
WORKERS = 2
RIVALS = ("imagededup", "cleanvision", "fastdup")
TRAINER = "ultralytics"
PARTS = ("cold", "peers", "fast", "warm", "growth")

Measurement: TypeAlias = Callable[[], Mapping[str, Any]]
Runs: TypeAlias = Mapping[str, list[Mapping[str, Any]]]


@dataclass
class Sets:
    """The data sets that the claims are measured on, each written when it is first asked for."""

    options: argparse.Namespace
    scratch: Path
    counter: int = 0

    def real(self) -> Made:
        folder = self.scratch / "real"
        if not folder.exists():
            self._real = real(self.options.images.resolve(), folder, self.options.files, WORKERS)
            made = self._real
            print(f"{made.files:,} real JPEGs, {made.bytes / 1e6:,.1f} MB")
        return self._real

    def small(self, files: int) -> Made:
        folder = self.scratch / f"small-{files}"
        return Made(folder / "data.yaml", files, 0) if folder.exists() else small(folder, files)

    def look(self, name: str, made: Made, cache: Path | None = None) -> Mapping[str, Any]:
        """A measurement of benchmarks.looks; without `cache`, the cache is an empty folder."""
        self.counter += 1
        folder = cache or self.scratch / f"cache-{self.counter}"
        return measured_apart("benchmarks.looks", name, str(made.descriptor), str(folder))


def cold(sets: Sets) -> list[bool]:
    """The whole pixel scan against reading and decoding."""
    made = sets.real()
    runs = in_turns({name: partial(sets.look, name, made) for name in ("floor", "cold")}, sets.options.repeats)
    complete(runs, made.files, "decoded")
    scans = runs["cold"]
    show("read and decode once", runs["floor"], made.files)
    show("whole pixel scan", scans, made.files)
    print(f"  of it headers and pixels {middle(scans, 'headers'):.2f} s, copies {middle(scans, 'measures'):.2f} s")
    return [claim("time of the pixel scan : time to read and decode", ratio(runs["floor"], scans), COLD, "x")]


def against_peers(sets: Sets) -> list[bool]:
    """The pixel scan against the fastest peer."""
    made = sets.real()
    runs = with_peers(sets, made, RIVALS, partial(sets.look, "cold", made))
    ours = runs.pop("ours")
    show("ours, loading included", ours, made.files, "whole")
    for name, found in runs.items():
        show(f"{name} {found[0]['version']}", found, found[0]["images"])
        print(f"  {name} : ours {ratio(ours, found, 'whole'):.2f}")
    if not runs:
        return [False]
    fastest = min(runs, key=lambda name: middle(runs[name]))
    return [at_least(f"time of the fastest peer ({fastest}) : ours", ratio(ours, runs[fastest], "whole"), PEERS)]


def fast(sets: Sets) -> list[bool]:
    """Loading with headers against the trainer's own check of the same files."""
    made = sets.real()
    runs = with_peers(sets, made, (TRAINER,), partial(sets.look, "fast", made))
    show("ours, --fast", runs["ours"], made.files)
    if TRAINER not in runs:
        return []
    theirs = runs[TRAINER]
    show(f"{TRAINER} {theirs[0]['version']}", theirs, theirs[0]["images"])
    factor = ratio(runs["ours"], theirs) * made.files / theirs[0]["images"]
    return [at_least("time an image of the trainer's check : --fast", factor, FAST)]


def warm(sets: Sets) -> list[bool]:
    """The second scan against asking the file system what is there."""
    made = sets.small(sets.options.sizes[-1])
    cache = sets.scratch / "cache-warm"
    time.sleep(SETTLED_SECONDS)
    first = sets.look("warm", made, cache)
    runs = in_turns({name: partial(sets.look, name, made, cache) for name in ("walk", "warm")}, sets.options.repeats)
    complete(runs, made.files, "images")
    if again := sum(run["looked"] for run in runs["warm"]):
        raise SystemExit(f"{again} files were read again although nothing had changed")
    show("first scan of small JPEGs", [first], made.files)
    show("walk and cache file", runs["walk"], made.files)
    size = runs["walk"][0]["bytes"] / 1e6
    print(f"  of it the walk {middle(runs['walk'], 'walked'):.2f} s; the cache file holds {size:,.1f} MB")
    show("second scan", runs["warm"], made.files)
    alone = ratio(runs["walk"], runs["warm"], "walked")
    print(f"  with layout and labels {middle(runs['warm'], 'whole'):.2f} s; to the walk alone {alone:.2f} x")
    return [claim("time of the second scan : walk and cache file", ratio(runs["walk"], runs["warm"]), WARM, "x")]


def growth(sets: Sets) -> list[bool]:
    """Cold scans of ever more images."""
    found: list[tuple[int, float]] = []
    for size in sets.options.sizes:
        made = sets.small(size)
        scans = [sets.look("cold", made) for _ in range(sets.options.repeats)]
        complete({"cold": scans}, size, "decoded")
        show("cold scan of small JPEGs", scans, size)
        print(
            f"  of it headers and pixels {middle(scans, 'headers'):.2f} s, copies {middle(scans, 'measures'):.2f} s; "
            f"peak {max(run['memory'] for run in scans):.2f} GB"
        )
        found.append((size, middle(scans)))
    return [claim(f"time at {more:,} : at {few:,}", b / a, GROWTH, "x") for (few, a), (more, b) in pairwise(found)]


def with_peers(sets: Sets, made: Made, names: Sequence[str], ours: Measurement) -> dict[str, list[Mapping[str, Any]]]:
    """Runs of ours and of those peers that can be installed and run, in turns; why another cannot is printed."""
    measurements = {"ours": ours}
    for name in names:
        try:
            python = peers.installed(name, sets.options.venvs or sets.scratch / "venvs")
        except peers.PeerFailed as failed:
            print(f"{name} cannot be installed: {failed}")
            continue
        measurements[name] = partial(run_peer, sets, made, name, python)
    return in_turns(measurements, sets.options.repeats)


def run_peer(sets: Sets, made: Made, name: str, python: Path) -> Mapping[str, Any]:
    """A run of a peer; what it leaves among the images is taken away."""
    before = set(made.descriptor.parent.glob("*/*"))
    scratch = sets.scratch / name
    scratch.mkdir(exist_ok=True)
    try:
        return peers.run(name, python, made.images, scratch)
    finally:
        for path in set(made.descriptor.parent.glob("*/*")) - before:
            path.unlink()


def in_turns(measurements: Mapping[str, Measurement], repeats: int) -> dict[str, list[Mapping[str, Any]]]:
    """Each measurement as often as said, one after the other; a peer that fails is left out from then on."""
    runs: dict[str, list[Mapping[str, Any]]] = {name: [] for name in measurements}
    for _ in range(repeats):
        for name in list(runs):
            try:
                runs[name].append(measurements[name]())
            except peers.PeerFailed as failed:
                print(f"{name} cannot be run: {failed}")
                del runs[name]
    return runs


def complete(runs: Runs, files: int, fact: str) -> None:
    """End the run unless every file was counted every time."""
    for name, found in runs.items():
        for run in found:
            if run[fact] != files:
                raise SystemExit(f"{name}: {run[fact]} of {files} images {fact}")


def middle(runs: Sequence[Mapping[str, Any]], fact: str = "seconds") -> float:
    return median(float(run[fact]) for run in runs)


def ratio(early: Sequence[Mapping[str, Any]], late: Sequence[Mapping[str, Any]], fact: str = "seconds") -> float:
    """The median over turns of late : early; `fact` is the early one's."""
    return median(float(b["seconds"] / a[fact]) for a, b in zip(early, late, strict=True))


def show(name: str, runs: Sequence[Mapping[str, Any]], images: int, fact: str = "seconds") -> None:
    seconds = middle(runs, fact)
    print(f"{name:<32} {seconds:8.2f} s {images / seconds:10,.0f} images/s")


def at_least(name: str, figure: float, limit: float) -> bool:
    """Print a claim of at least so much; whether it holds."""
    holds = figure >= limit
    verdict = "holds" if holds else "DOES NOT HOLD"
    print(f"{name:<52} {figure:8.2f} x   at least {limit:5.2f} x   ratio {figure / limit:5.2f}  {verdict}")
    return holds


CLAIMS = {"cold": cold, "peers": against_peers, "fast": fast, "warm": warm, "growth": growth}


def main() -> int:
    """Measure what is asked for and print what became of each claim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", "--source", type=Path, default=ROOT.parent / "shared" / "data", metavar="FOLDER")
    parser.add_argument("--files", type=int, default=5000, help="real JPEGs that those below FOLDER are multiplied to")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--venvs", type=Path, help="folder that keeps the environments of peers")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000], help="small JPEGs")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scratch", type=Path, help="folder to write the sets below")
    options = parser.parse_args()
    parts = options.only.split(",")
    if strange := set(parts) - set(PARTS):
        parser.error(f"--only: {', '.join(sorted(strange))} is none of {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        sets = Sets(options, Path(scratch))
        held = [holds for part in PARTS if part in parts for holds in CLAIMS[part](sets)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
