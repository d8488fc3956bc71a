"""A folder → the COCO JSON files in it with their splits; a JSON → the folder in which its images lie."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from yoloaudit.dataset.folders import Folders

SPLIT_WORDS = {
    "train": ("train", "training", "trainval"),
    "val": ("val", "valid", "validation", "minival"),
    "test": ("test", "testing"),
}
SPLIT_OF = {word: split for split, words in SPLIT_WORDS.items() for word in words}
SURE_WORDS = frozenset(("annotation", "annotations", "instances", "coco", *SPLIT_OF))
"""A JSON with such a word in its name is taken for COCO; those of the second kind only beside a folder of images."""
LIKELY_NAMES = frozenset(("labels.json", "result.json"))
OTHER_WORDS = frozenset(("captions", "panoptic", "stuff", "keypoints", "info", "results", "predictions", "detections"))
ANNOTATION_FOLDERS = frozenset(("annotations", "annotation"))
IN_SPLIT_FOLDERS = ("_annotations.coco.json", "annotations.json", "_annotations.json", "coco.json", "labels.json")
IMAGE_FOLDERS = ("images", "data", "JPEGImages", "img", "imgs", "image")
MAX_BELOW = 100
"""Folders below one without annotations that are looked into."""
LETTERS = re.compile("[a-z]+")


class Source(NamedTuple):
    """A JSON file and the split it describes; a file with the lower rank speaks for the split first."""

    rank: tuple[int, int, str]
    split: str
    path: str


def json_files(folder: str, folders: Folders) -> list[Source]:
    """The JSON files of a folder that may be COCO, those beside their images first."""
    listing = folders.listing(folder)
    found = [_source(os.path.join(folder, name), 2) for name in listing.files if _is_named(name, listing.folders)]
    for name in listing.folders:
        below = os.path.join(folder, name)
        if name.lower() in ANNOTATION_FOLDERS:
            names = [file for file in folders.listing(below).files if file.lower().endswith(".json")]
            found += [_source(os.path.join(below, file), 1) for file in names if not _words(file) & OTHER_WORDS]
        elif name.lower() in SPLIT_OF:
            paths = (os.path.join(below, file) for file in (*IN_SPLIT_FOLDERS, f"{name}.json"))
            if folders.root.allows(os.path.join(below, name)):
                found += [_source(path, 0) for path in paths if os.path.lexists(path)]
    return sorted(found)


def annotated(folder: str, folders: Folders) -> str | None:
    """The folder itself if it holds JSON files that may be COCO, or the only folder in it that does."""
    if json_files(folder, folders):
        return folder
    below = [os.path.join(folder, name) for name in folders.listing(folder).folders[:MAX_BELOW]]
    found = [place for place in below if json_files(place, folders)]
    return found[0] if len(found) == 1 else None


def named_source(path: str) -> Source:
    """A JSON file that the user names."""
    return _source(path, 0)


def _is_named(name: str, folders: Sequence[str]) -> bool:
    words = _words(name)
    if not name.lower().endswith(".json") or words & OTHER_WORDS:
        return False
    return bool(words & SURE_WORDS) or (name.lower() in LIKELY_NAMES and not set(IMAGE_FOLDERS).isdisjoint(folders))


def _words(name: str) -> set[str]:
    return set(LETTERS.findall(name.lower().removesuffix(".json")))


def _source(path: str, place: int) -> Source:
    split = split_of(path)
    plain = 0 if os.path.basename(path).startswith(("instances", "_annotations")) else 1
    return Source((place + 3 * (split is None), plain, path), split or "train", path)


def split_of(path: str) -> str | None:
    """The split that a file is named after, or its folder, or the folder above that of annotations."""
    folder, name = os.path.split(path)
    above, own = os.path.split(folder)
    for word in LETTERS.findall(name.lower()):
        if word in SPLIT_OF:
            return SPLIT_OF[word]
    if own.lower() in ANNOTATION_FOLDERS:
        own = os.path.basename(above)
    return SPLIT_OF.get(own.lower())
