"""Claim: of 10,000 images, 20 changed, `--against` a git ref tells what is new in 2 s, in less than a full check takes.

JPEGs of 320 × 320 px, each its own, in a real repository; no cache on either side. Each measurement is a fresh process,
in turns: the audit of both states with nothing but the changed images decoded, and the check of today's data set alone
that decodes all of them. Bare Python with pandas and the checks imported is the floor of both.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from benchmarks.timing import claim, measured_apart

SECONDS, RATIO = 2.0, 0.5
BOXES, SIDE = 5, 320
MEASUREMENTS = ("imports", "against", "check")


def main() -> int:
    """Write the repository, measure in turns, print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--changed", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--one", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(*options.one)))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = repository(Path(scratch) / "set", options.images, options.changed)
        times: dict[str, list[float]] = {name: [] for name in MEASUREMENTS}
        for _ in range(options.repeats + 1):
            for name in MEASUREMENTS:
                began = time.perf_counter()
                facts = measured_apart("benchmarks.against", "--one", name, str(folder))
                times[name].append(time.perf_counter() - began)
                assert name == "imports" or facts["images"] == options.images + options.changed // 2
    medians = {name: median(runs[1:]) for name, runs in times.items()}  # the first run warms the file cache
    for name, figure in medians.items():
        print(f"{name:<10} median of {options.repeats}: {figure:.2f} s")
    ratio = medians["against"] / medians["check"]
    what = f"{options.images:,} images, {options.changed} changed: --against, in all"
    held = [claim(what, medians["against"], SECONDS, "s"), claim("--against : full check", ratio, RATIO, "")]
    return 0 if all(held) else 1


def measured(name: str, folder: str) -> dict[str, int]:
    """One measurement in this process."""
    from yoloaudit.checks.base import MEASURED, SEEN
    from yoloaudit.cli import against
    from yoloaudit.config import Options
    from yoloaudit.dataset.load import load
    from yoloaudit.engine import audit
    from yoloaudit.measure.scan import Scan
    from yoloaudit.packs import load_rules
    from yoloaudit.progress import silent

    rules = [rule for rule in load_rules() if not rule.check or {"run", *SEEN}.isdisjoint(rule.check.inputs())]
    if name == "imports":
        return {}
    if name == "against":
        done = against.audited(against.Asked("main", Options(no_cache=True), rules, folder), silent)
        return {"images": len(done.dataset.images)}
    with Scan() as scan:
        dataset = load(folder, headers=scan.headers)
        audit(dataset, rules, measures=scan.measures(dataset, MEASURED))
    return {"images": len(dataset.images)}


def repository(folder: Path, images: int, changed: int) -> Path:
    """A data set with the commit `main`, and then half of the changes as new images, half as new labels."""
    for number in range(images):
        write(folder, f"{'val' if number % 5 == 0 else 'train'}/{number:06}", number)
    (folder / "data.yaml").write_text("path: .\ntrain: images/train\nval: images/val\nnames: [car, bus, dog]\n")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "base")
    git(folder, "branch", "-M", "main")
    for number in range(changed // 2):
        write(folder, f"train/new{number:06}", images + number)
        write(folder, f"train/{5 * number + 1:06}", 5 * number + 1, rows=images + number)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "change")
    git(folder, "gc", "--quiet")  # into a pack, as a clone has it
    return folder


def write(folder: Path, name: str, seed: int, rows: int | None = None) -> None:
    """An image and its label file, each like no other seed's."""
    colours = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(colours).resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=85)
    rng = np.random.default_rng((seed if rows is None else rows, 1))
    places, sizes = rng.uniform(0.3, 0.7, (BOXES, 2)), rng.uniform(0.05, 0.3, (BOXES, 2))
    boxes = (f"{seed % 3} {x:.5f} {y:.5f} {w:.5f} {h:.5f}\n" for (x, y), (w, h) in zip(places, sizes, strict=True))
    for place, suffix, data in (("images", "jpg", buffer.getvalue()), ("labels", "txt", "".join(boxes).encode())):
        path = folder / place / f"{name}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def git(folder: Path, *words: str) -> None:
    """Run a git command that must succeed."""
    who = {f"GIT_{role}_{what}": "b@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = ["git", "-C", str(folder), "-c", "gc.auto=0", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | who)


if __name__ == "__main__":
    sys.exit(main())
