"""Folder listings → files that look like part of the data set and that the trainer passes over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, TypeAlias

from pandas import DataFrame

from yoloaudit.dataset.folders import Folders, suffix
from yoloaudit.dataset.label_files import is_label, label_folder
from yoloaudit.dataset.tables import STRAYS, table
from yoloaudit.files import Root, is_inside

IGNORED_IMAGES = frozenset(
    (
        *("gif", "avif", "heic", "heif", "jfif", "jpe", "jif", "jp2", "j2k", "jxl", "svg", "psd", "tga", "ppm", "pgm"),
        *("pbm", "exr", "hdr", "ico", "cr2", "nef", "arw", "rw2", "orf"),
    )
)
"""Suffixes of images that the trainer does not read."""
LABEL_FOLDERS = frozenset(("labels", "label", "annotations", "txt"))
"""Names, in any letter case, of folders in which labels are put."""
LEVELS_UP = 3
"""Folders above an image, its own included, in which its label is looked for."""
Unlabelled: TypeAlias = Mapping[str, Mapping[str, int]]
"""Images that have no label file: their position by folder and stem."""


@dataclass(frozen=True)
class Surroundings:
    """Where strays are looked for."""

    folders: Folders
    root: Root
    image_folders: frozenset[str]
    label_folders: Mapping[str, frozenset[str]]
    """Where the trainer looks for labels, and the image folders that this is for."""
    lists: Sequence[str]
    lone: Sequence[str]
    """Label files without an image."""
    linked: Mapping[str, str]
    """Folders that links were followed to, and the path that led there."""


class Stray(NamedTuple):
    """A row of the table; the fields are its columns."""

    path: str
    kind: str
    image: int = -1
    detail: str | None = None
    modified: float = 0.0


def find_strays(images: Sequence[str], label_of: Sequence[int], around: Surroundings) -> DataFrame:
    """The table of strays; `image` is the position of the image that a file belongs to by its stem."""
    unlabelled: dict[str, dict[str, int]] = {}
    for position, label in enumerate(label_of):
        if label < 0:
            folder, name = os.path.split(images[position])
            unlabelled.setdefault(folder, {}).setdefault(name.rpartition(".")[0], position)
    found = chain(
        _suffix_case(unlabelled, around),
        _ignored_images(around),
        _misplaced(images, unlabelled, around),
        _caches(around),
        _left_out(around),
        _links_out(images, around),
    )
    strays = [stray._replace(path=around.root.relative(stray.path)) for stray in found]
    return table(STRAYS, dict(zip(Stray._fields, zip(*strays, strict=True), strict=True)) if strays else {})


def _suffix_case(unlabelled: Unlabelled, around: Surroundings) -> Iterator[Stray]:
    for place, image_folders in sorted(around.label_folders.items()):
        names = [name for name in around.folders.listing(place).others if name[-4:] != ".txt"]
        for name in sorted(name for name in names if is_label(name.lower())):
            owners = [unlabelled.get(folder, {}).get(name[:-4], -1) for folder in sorted(image_folders)]
            yield Stray(os.path.join(place, name), "label-suffix-case", max(owners, default=-1))


def _ignored_images(around: Surroundings) -> Iterator[Stray]:
    for folder in sorted(around.image_folders):
        names = (name for name in around.folders.listing(folder).others if suffix(name) in IGNORED_IMAGES)
        yield from (
            Stray(os.path.join(folder, name), "ignored-image", detail=suffix(name))
            for name in sorted(names)
            if "." in name
        )


def _misplaced(images: Sequence[str], unlabelled: Unlabelled, around: Surroundings) -> Iterator[Stray]:
    """Label files where the trainer does not look, each with the image without labels that has its stem."""
    for path, image in chain(_in_other_folders(unlabelled, around), _in_other_label_folders(unlabelled, around)):
        folder, name = os.path.split(images[image])
        wanted = os.path.join(label_folder(folder), f"{name.rpartition('.')[0]}.txt")
        yield Stray(path, "misplaced-label", image, around.root.relative(wanted))


def _in_other_folders(unlabelled: Unlabelled, around: Surroundings) -> Iterator[tuple[str, int]]:
    for folder, stems in sorted(unlabelled.items()):
        left = dict(stems)
        for place in chain(_before_links(folder, around), _elsewhere(folder, around)):
            if place in around.label_folders or not left:
                continue
            for name in sorted(around.folders.listing(place).files):
                image = left.pop(name[:-4], None) if is_label(name) else None
                if image is not None:
                    yield os.path.join(place, name), image


def _in_other_label_folders(unlabelled: Unlabelled, around: Surroundings) -> Iterator[tuple[str, int]]:
    """Label files without an image whose stem is that of exactly one image without a label."""
    by_stem: dict[str, list[int]] = {}
    for stems in unlabelled.values():
        for stem, image in stems.items():
            by_stem.setdefault(stem, []).append(image)
    for path in around.lone:
        owners = by_stem.get(os.path.basename(path)[:-4], [])
        if len(owners) == 1:
            yield path, owners[0]


def _before_links(folder: str, around: Surroundings) -> Iterator[str]:
    """Where the labels would be if the trainer did not follow links before it looks for them."""
    for real, path in around.linked.items():
        if is_inside(folder, real):
            yield label_folder(path + folder[len(real) :])


def _elsewhere(folder: str, around: Surroundings) -> Iterator[str]:
    """Folders in which the labels of a folder of images are often put by mistake."""
    if label_folder(folder) != folder:
        yield from (folder, os.path.dirname(folder))
    names = {os.path.basename(folder)}
    here = folder
    for _ in range(LEVELS_UP):
        for name in sorted(around.folders.listing(here).folders):
            place = os.path.join(here, name)
            if name.lower() in LABEL_FOLDERS:
                yield place
                yield from (os.path.join(place, below) for below in sorted(names))
            elif name in names and here != folder:
                inner = around.folders.listing(place).folders
                yield from (os.path.join(place, below) for below in sorted(inner) if below.lower() in LABEL_FOLDERS)
        here = os.path.dirname(here)
        if not is_inside(here, around.root.path):
            return
        names.add(os.path.basename(here))


def _caches(around: Surroundings) -> Iterator[Stray]:
    places = {*around.image_folders, *around.label_folders, *map(os.path.dirname, around.lists)}
    near = {around.root.path, *places, *map(os.path.dirname, places)}
    for folder in sorted(folder for folder in near if is_inside(folder, around.root.path)):
        for name in sorted(name for name in around.folders.listing(folder).others if name.endswith(".cache")):
            path = os.path.join(folder, name)
            yield Stray(path, "trainer-cache", modified=_modified(path))


def _modified(path: str) -> float:
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return 0.0


def _left_out(around: Surroundings) -> Iterator[Stray]:
    """Folders of the data set that were not entered; others were only looked at to follow a path."""
    tops = {*around.image_folders, *around.label_folders, *map(label_folder, around.image_folders)}
    for path, why in sorted(around.folders.left_out.items()):
        if any(is_inside(path, top) for top in tops):
            yield Stray(path, "linked-out" if "outside" in why else "not-entered", detail=why)


def _links_out(images: Sequence[str], around: Surroundings) -> Iterator[Stray]:
    """Images that are links to outside a contained root."""
    if not around.folders.root.contained:
        return
    links = {folder: frozenset(around.folders.listing(folder).special) for folder in around.image_folders}
    if not any(links.values()):
        return
    for position, path in enumerate(images):
        folder, name = os.path.split(path)
        if name in links.get(folder, ()) and not is_inside(os.path.realpath(path), around.folders.root.path):
            yield Stray(path, "linked-out", position, "is a link to outside the root of the data set")
