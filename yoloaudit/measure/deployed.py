"""A folder of images from where the model will work → their paths, sizes and pixels."""

from __future__ import annotations

import os

from pandas import DataFrame

from yoloaudit.dataset.folders import suffix
from yoloaudit.dataset.images import TRAINER_SUFFIXES
from yoloaudit.errors import UsageError
from yoloaudit.files import MAX_DEPTH, Root
from yoloaudit.measure.scan import Scan, pixels_table
from yoloaudit.parallel import default_workers
from yoloaudit.progress import Progress, silent


def deployed_images(folder: str, scan: Scan, progress: Progress = silent) -> DataFrame:
    """Columns of `pixels`, and `path`, `width`, `height`: one row an image below the folder; UsageError without any."""
    root = Root(os.path.realpath(folder), contained=True)
    paths = _images_in(root.path)
    if not paths:
        raise UsageError(f"--deployed {folder}: no image lies in this folder. Name a folder of images")
    columns = scan.headers(root, paths, scan.workers or default_workers(), progress)
    table = pixels_table(scan.facts)
    names = [root.relative(path) for path in paths]
    return table.assign(path=names, width=columns["width"], height=columns["height"])


def _images_in(folder: str) -> list[str]:
    found: list[str] = []
    start = folder.rstrip(os.sep).count(os.sep)
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if place.count(os.sep) - start >= MAX_DEPTH:
            folders.clear()
        found += [os.path.join(place, name) for name in sorted(files) if suffix(name) in TRAINER_SUFFIXES]
    return found
