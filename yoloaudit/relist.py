"""The images of each split → image lists and a descriptor that names them; all else of the old descriptor is kept."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from yoloaudit.dataset.descriptor import ALIASES, AS_WRITTEN
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.places import is_absolute
from yoloaudit.dataset.tables import SPLITS
from yoloaudit.errors import UsageError
from yoloaudit.files import is_inside
from yoloaudit.findings import shorten

REPLACED = frozenset((*SPLITS, *ALIASES["train"], *ALIASES["val"], "path", "download"))
"""Keys that the new descriptor does not take over; it never takes over a script."""
UNLISTABLE = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029\\\\\ud800-\udfff]")
"""What a line of an image list cannot hold: what ends a line, what is no UTF-8, and the other system's separator."""
SURROGATE = re.compile("[\ud800-\udfff]")
PLAIN_NAME = re.compile(r"\w[\w .-]{0,99}", re.ASCII)


class Targets(NamedTuple):
    """Absolute paths of the files to write: a list for each split, and the descriptor that leads to them."""

    lists: Mapping[str, str]
    descriptor: str

    @property
    def folder(self) -> str:
        """Where the lists lie."""
        return os.path.dirname(next(iter(self.lists.values())))


def targets(root: str, descriptor: str, splits: Sequence[str], folder: str | None = None) -> Targets:
    """The files for these splits: lists in the root of the data set, the new descriptor beside the old one (a path
    relative to the root), unless a `folder` is named for all of them.
    """
    old = os.path.join(root, *descriptor.split("/"))
    name = f"{_stem(old)}-split"
    place, home = (root, os.path.dirname(old)) if folder is None else (os.path.realpath(folder),) * 2
    lists = {split: os.path.join(place, f"{name}-{split}.txt") for split in splits}
    return Targets(lists, os.path.join(home, f"{name}.yaml"))


def contents(dataset: Dataset, images: Mapping[str, Sequence[str]], files: Targets, made_by: str) -> dict[str, bytes]:
    """What to write into each file, the descriptor last; `images` are paths by split, `made_by` is said in a comment.

    Lines begin with ./ and only go downwards, because some trainers put the folder in place of every ./ in them.
    """
    entries = {**_places(dataset, files), **_kept(dataset)}
    text = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=math.inf)
    lists = {
        files.lists[split]: "".join(f"{_line(path, dataset.root, files.folder)}\n" for path in paths).encode("utf-8")
        for split, paths in images.items()
    }
    return {**lists, files.descriptor: f"# {made_by}\n{text}".encode()}


def _stem(descriptor: str) -> str:
    """The name of the old descriptor without its suffix; `data` where that is no plain name."""
    stem = os.path.splitext(os.path.basename(descriptor))[0]
    return stem if PLAIN_NAME.fullmatch(stem) else "data"


def _line(path: str, root: str, folder: str) -> str:
    """An image as a list in this folder names it."""
    place = os.path.join(root, *path.split("/")) if not is_absolute(path) else path
    if is_inside(place, folder):
        return "./" + os.path.relpath(place, folder).replace(os.sep, "/")
    if UNLISTABLE.search(place):
        raise UsageError(f"{shorten(place)!r} cannot stand in an image list. Leave --output out")
    return place


def _places(dataset: Dataset, files: Targets) -> dict[str, str]:
    """`path` and the lists, so that the new descriptor leads to them wherever the old one leads to its images."""
    old, home = dataset.descriptor, os.path.dirname(files.descriptor)
    stays = os.path.join(dataset.root, os.path.dirname(old.path)).rstrip(os.sep) == home
    if old.base and old.base.target and old.base.kind == "folder" and (stays or is_absolute(old.base.text)):
        return {"path": old.base.text, **_relative(files.lists, old.base.target)}
    written = [each for each in old.splits if each.target]
    if written and all(each.how == AS_WRITTEN and is_absolute(each.text) for each in written):
        return dict(files.lists)
    return _relative(files.lists, home)


def _relative(lists: Mapping[str, str], folder: str) -> dict[str, str]:
    start = os.path.realpath(folder)
    return {split: os.path.relpath(place, start).replace(os.sep, "/") for split, place in lists.items()}


def _kept(dataset: Dataset) -> dict[Any, Any]:
    """What the old descriptor says of other things, class names above all."""
    kept = {key: entry.value for key, entry in dataset.descriptor.entries.items() if key not in REPLACED}
    if dataset.names and not isinstance(kept.get("names"), list | Mapping):
        kept["names"] = list(dataset.names)
    if isinstance(kept.get("names"), list):
        kept["names"] = [SURROGATE.sub("\ufffd", name) if isinstance(name, str) else name for name in kept["names"]]
    return kept
