"""One measurement of a data set's images in a process of its own, printed as JSON: a look, a floor or a walk."""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import simplejpeg

from yoloaudit import parallel
from yoloaudit.dataset.load import load
from yoloaudit.engine import audit
from yoloaudit.measure.scan import CHUNK, Scan
from yoloaudit.packs import load_rules
from yoloaudit.progress import Progress, silent

WORKERS = 2
FAMILIES = ("images", "duplicates", "splits", "variety")
"""What peers look for too, and more."""


class Timed:
    """Headers of a scan, and the seconds they took apart from the rest of loading."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.seconds = 0.0

    def headers(self, root: Any, paths: Sequence[str], workers: int, progress: Progress) -> Mapping[str, Any]:
        began = time.perf_counter()
        columns = self.scan.headers(root, paths, workers, progress)
        self.seconds = time.perf_counter() - began
        return columns


def look(descriptor: str, cache: str, wanted: Sequence[str]) -> Mapping[str, Any]:
    """Scan a data set with this cache folder; `seconds` leave out labels and checks, `whole` do not."""
    rules = load_rules(["default"], select=list(FAMILIES))
    began = time.perf_counter()
    with Scan(workers=WORKERS, cache=cache) as scan:
        timed = Timed(scan)
        dataset = load(descriptor, workers=WORKERS, headers=timed.headers)
        loaded = time.perf_counter()
        measures = scan.measures(dataset, wanted, silent)
        measured = time.perf_counter() - loaded
        scan.cache.commit()
        seconds = timed.seconds + time.perf_counter() - loaded
        kept = scan.cache.path
        problem = scan.cache.problem
    audit(dataset, rules, measures=measures)
    if problem or kept is None:
        raise SystemExit(f"the cache is not kept: {problem}")
    return {
        "seconds": seconds,
        "headers": timed.seconds,
        "measures": measured,
        "whole": time.perf_counter() - began,
        "images": len(dataset.images),
        "decoded": int(scan.facts.records["decoded"].sum()),
        "looked": scan.looked,
        "cache": kept,
        "memory": peak(resource.RUSAGE_SELF) + WORKERS * peak(resource.RUSAGE_CHILDREN),
    }


def cold(descriptor: str, cache: str) -> Mapping[str, Any]:
    """Everything that is measured of pixels."""
    return look(descriptor, cache, ["pixels", "hashes", "copies"])


def warm(descriptor: str, cache: str) -> Mapping[str, Any]:
    """What changed since the cache was written, and the same tables as before."""
    return cold(descriptor, cache)


def fast(descriptor: str, _cache: str) -> Mapping[str, Any]:
    """Load a data set with its headers; nothing is decoded."""
    began = time.perf_counter()
    dataset = load(descriptor, workers=WORKERS)
    return {"seconds": time.perf_counter() - began, "images": len(dataset.images)}


def floor(descriptor: str, _cache: str) -> Mapping[str, Any]:
    """Read and decode every JPEG once, as cheaply as a decode can be that still notices a missing end."""
    folder = Path(descriptor).parent / "images"
    paths = sorted(str(path) for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    began = time.perf_counter()
    chunks = parallel.in_chunks(paths, max(1, min(CHUNK, len(paths) // (4 * WORKERS))))
    found = parallel.run(decode_all, chunks, workers=WORKERS, lost=not_decoded)
    return {"seconds": time.perf_counter() - began, "images": len(paths), "decoded": sum(map(sum, found))}


def decode_all(paths: Sequence[str]) -> list[int]:
    """Grey at an eighth of the size, strictly; 0 for each that cannot be decoded so."""
    return [decode_one(path) for path in paths]


def decode_one(path: str) -> int:
    with open(path, "rb") as file:
        data = file.read()
    try:
        simplejpeg.decode_jpeg(data, "GRAY", min_height=1, min_width=1)
    except ValueError:
        return 0
    return 1


def not_decoded(_path: str, _why: str) -> list[int]:
    return [0]


def walk(descriptor: str, cache: str) -> Mapping[str, Any]:
    """Ask the file system for every entry below the images' folder, and read the cache's bytes."""
    began = time.perf_counter()
    folders, files = [str(Path(descriptor).parent / "images")], 0
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    entry.stat()
                    files += 1
    walked = time.perf_counter() - began
    size = 0
    for path in Path(cache).iterdir():
        size += len(path.read_bytes())
    return {"seconds": time.perf_counter() - began, "walked": walked, "images": files, "bytes": size}


def peak(who: int) -> float:
    """Peak memory in GB, of this process or of its largest child."""
    return resource.getrusage(who).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9


LOOKS = {"cold": cold, "warm": warm, "fast": fast, "floor": floor, "walk": walk}


def main() -> int:
    """Measure one thing for the run that asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("look", choices=LOOKS)
    parser.add_argument("descriptor")
    parser.add_argument("cache")
    options = parser.parse_args()
    gc.collect()
    print(json.dumps(LOOKS[options.look](options.descriptor, options.cache)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
