"""Folder listings → files that look like part of the data set and that the trainer passes over."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pandas import DataFrame

from yoloaudit.dataset.folders import Folders, suffix
from yoloaudit.dataset.label_files import LabelFiles, is_label, label_folder
from yoloaudit.dataset.tables import STRAYS, table
from yoloaudit.files import Root, is_inside

IGNORED_IMAGES = frozenset(
    (
        *("gif", "avif", "heic", "heif", "jfif", "jpe", "jif", "jp2", "j2k", "jxl", "svg", "psd", "tga", "ppm", "pgm"),
        *("pbm", "exr", "hdr", "ico", "cr2", "nef", "arw", "rw2", "orf"),
    )
)
"""Suffixes of images that the trainer does not read."""
LABEL_FOLDERS = ("labels", "label", "annotations", "txt")
"""Names, in any letter case, of folders in which labels are put."""


@dataclass
class _Strays:
    path: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    image: list[int] = field(default_factory=list)
    detail: list[str | None] = field(default_factory=list)
    modified: list[float] = field(default_factory=list)

    def add(self, path: str, kind: str, image: int = -1, detail: str | None = None, modified: float = 0.0) -> None:
        self.path.append(path)
        self.kind.append(kind)
        self.image.append(image)
        self.detail.append(detail)
        self.modified.append(modified)


def find_strays(
    images: Sequence[str],
    label_of: Sequence[int],
    pairs: Mapping[str, LabelFiles],
    lone: Sequence[tuple[str, str]],
    walked: Mapping[str, Sequence[str]],
    linked: Mapping[str, str],
    lists: Sequence[str],
    folders: Folders,
    root: Root,
) -> DataFrame:
    """The table of strays; `image` is the position of the image that a file belongs to by its stem.

    `linked` are folders that links were followed to, with the path that led there.
    """
    strays = _Strays()
    label_folders = {place for part in pairs.values() for place in part.folders}
    image_folders = {of for part in pairs.values() for places in part.folders.values() for of in places}
    image_folders |= {folder for folders_of in walked.values() for folder in folders_of}
    bare = _Unlabelled(images, label_of)
    for folder in sorted(label_folders):
        for name in folders.listing(folder).files:
            if name[-4:] != ".txt" and name[-4:].lower() == ".txt" and is_label(f"{name[:-4]}.txt".lower()):
                image = bare.beside(folder, name[:-4], pairs)
                strays.add(f"{folder}{os.sep}{name}", "label-suffix-case", image)
    for folder in sorted(image_folders):
        for name in folders.listing(folder).others:
            if suffix(name) in IGNORED_IMAGES and "." in name:
                strays.add(f"{folder}{os.sep}{name}", "ignored-image", detail=suffix(name))
    for path, image in _misplaced(bare, label_folders, lone, folders, root, linked):
        strays.add(path, "misplaced-label", image, root.relative(_wanted(images[image])))
    around = {root.path, *(os.path.dirname(path) for path in lists)}
    for path in _caches(label_folders | image_folders | around, folders, root):
        strays.add(path, "trainer-cache", modified=_modified(path))
    tops = label_folders | image_folders | {label_folder(folder) for folder in image_folders}
    for path, why in sorted(folders.left_out.items()):
        if any(is_inside(path, top) for top in tops):
            strays.add(path, "linked-out" if "outside" in why else "not-entered", detail=why)
    _links_out(strays, images, folders)
    strays.path = [root.relative(path) for path in strays.path]
    return table(STRAYS, vars(strays))


class _Unlabelled:
    """Images that have no label file, by folder and stem."""

    def __init__(self, images: Sequence[str], label_of: Sequence[int]) -> None:
        self.by_folder: dict[str, dict[str, int]] = {}
        for position, label in enumerate(label_of):
            if label < 0:
                folder, _, name = images[position].rpartition(os.sep)
                self.by_folder.setdefault(folder, {}).setdefault(name.rpartition(".")[0], position)

    def beside(self, label_folder_: str, stem: str, pairs: Mapping[str, LabelFiles]) -> int:
        """The image that a label file in a label folder would belong to, -1 if none."""
        for part in pairs.values():
            for folder in part.folders.get(label_folder_, ()):
                image = self.by_folder.get(folder, {}).get(stem)
                if image is not None:
                    return image
        return -1


def _misplaced(
    bare: _Unlabelled,
    label_folders: set[str],
    lone: Sequence[tuple[str, str]],
    folders: Folders,
    root: Root,
    linked: Mapping[str, str],
) -> Iterator[tuple[str, int]]:
    """Label files where the trainer does not look, with the image without labels that has their stem."""
    for folder, stems in sorted(bare.by_folder.items()):
        left = dict(stems)
        before = [label_folder(path + folder[len(real) :]) for real, path in linked.items() if is_inside(folder, real)]
        for place in (*before, *_elsewhere(folder, folders, root.path)):
            if place in label_folders or not left:
                continue
            for name in sorted(folders.listing(place).files):
                image = left.pop(name[:-4], None) if is_label(name) else None
                if image is not None:
                    yield f"{place}{os.sep}{name}", image
    by_stem: dict[str, list[int]] = {}
    for stems in bare.by_folder.values():
        for stem, image in stems.items():
            by_stem.setdefault(stem, []).append(image)
    for _, path in lone:
        found = by_stem.get(os.path.basename(path)[:-4], ())
        if len(found) == 1:
            yield path, found[0]


def _wanted(image: str) -> str:
    """Where the trainer looks for the label of an image."""
    folder, _, name = image.rpartition(os.sep)
    return f"{label_folder(folder)}{os.sep}{name.rpartition('.')[0]}.txt"


def _elsewhere(folder: str, folders: Folders, root: str) -> Iterator[str]:
    """Folders in which the labels of a folder of images are often put by mistake."""
    if label_folder(folder) != folder:
        yield folder
    names = [os.path.basename(folder)]
    here = folder
    for _ in range(3):
        for name in folders.listing(here).folders:
            if name.lower() in LABEL_FOLDERS:
                yield os.path.join(here, name)
                for below in names:
                    yield os.path.join(here, name, below)
            elif name in names and here != folder:
                for inner in folders.listing(os.path.join(here, name)).folders:
                    if inner.lower() in LABEL_FOLDERS:
                        yield os.path.join(here, name, inner)
        if not is_inside(os.path.dirname(here), root):
            return
        here = os.path.dirname(here)
        names.append(os.path.basename(here))


def _caches(places: Iterable[str], folders: Folders, root: Root) -> list[str]:
    around = {folder for place in places for folder in (place, os.path.dirname(place))}
    listed = (
        (folder, name) for folder in around if is_inside(folder, root.path) for name in folders.listing(folder).others
    )
    return sorted(f"{folder}{os.sep}{name}" for folder, name in listed if name.endswith(".cache"))


def _modified(path: str) -> float:
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return 0.0


def _links_out(strays: _Strays, images: Sequence[str], folders: Folders) -> None:
    """Images that are links to outside a contained root."""
    if not folders.root.contained:
        return
    links: dict[str, frozenset[str]] = {}
    for position, path in enumerate(images):
        folder, _, name = path.rpartition(os.sep)
        if folder not in links:
            links[folder] = frozenset(folders.listing(folder).special)
        if name in links[folder] and not is_inside(os.path.realpath(path), folders.root.path):
            strays.add(path, "linked-out", position, "is a link to outside the root of the data set")
