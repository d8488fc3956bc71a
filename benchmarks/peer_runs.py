"""What a peer does with a folder of images, run by the interpreter of its own environment; prints seconds as JSON.

Only the standard library is imported before the peer, and the peer before the clock starts.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from importlib import import_module
from importlib.metadata import version
from typing import Any

WORKERS = 2


def cleanvision(images: str) -> Mapping[str, Any]:
    """Every kind of issue that it looks for by default."""
    imagelab = import_module("cleanvision").Imagelab
    began = time.perf_counter()
    lab = imagelab(data_path=images)
    lab.find_issues(n_jobs=WORKERS)
    return {"seconds": time.perf_counter() - began, "images": len(lab.issues)}


def imagededup(images: str) -> Mapping[str, Any]:
    """Perceptual hashes of all images, then the pairs that are close."""
    hasher = import_module("imagededup.methods").PHash
    began = time.perf_counter()
    phash = hasher(verbose=False)
    codes = phash.encode_images(image_dir=images, recursive=True, num_enc_workers=WORKERS)
    phash.find_duplicates(encoding_map=codes, num_dist_workers=WORKERS)
    return {"seconds": time.perf_counter() - began, "images": len(codes)}


def fastdup(images: str) -> Mapping[str, Any]:
    """Its run with default settings."""
    module = import_module("fastdup")
    with tempfile.TemporaryDirectory() as work:
        began = time.perf_counter()
        run = module.create(work_dir=work, input_dir=images)
        run.run(overwrite=True, num_threads=WORKERS, print_summary=False)
        seconds = time.perf_counter() - began
        return {"seconds": seconds, "images": len(run.annotations())}


def ultralytics(images: str) -> Mapping[str, Any]:
    """The trainer's own check of images and labels, which opens headers; it is not given a cache."""
    dataset = import_module("ultralytics.data.dataset").YOLODataset
    facts = {"names": {0: "thing"}, "nc": 1, "channels": 3}
    began = time.perf_counter()
    made = dataset(img_path=images, data=facts, task="detect", imgsz=640, augment=False, cache=False)
    return {"seconds": time.perf_counter() - began, "images": len(made.labels)}


PEERS: Mapping[str, Callable[[str], Mapping[str, Any]]] = {
    "cleanvision": cleanvision,
    "imagededup": imagededup,
    "fastdup": fastdup,
    "ultralytics": ultralytics,
}


def main() -> None:
    """Run one peer; what it prints itself goes to standard error."""
    name, images = sys.argv[1:]
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    os.environ.setdefault("YOLO_OFFLINE", "true")
    with redirect_stdout(sys.stderr):
        found = PEERS[name](images)
    print("\n" + json.dumps({"version": version(name), **found}))


if __name__ == "__main__":
    main()
