"""A VOC folder → its XML files and images by stem, and the splits that its lists name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from yoloaudit.dataset.coco.files import ANNOTATION_FOLDERS, SPLIT_OF
from yoloaudit.dataset.folders import Folders, suffix
from yoloaudit.dataset.images import TRAINER_SUFFIXES
from yoloaudit.dataset.places import SEPARATORS, WEB_ADDRESS, is_absolute
from yoloaudit.dataset.tables import SPLITS
from yoloaudit.errors import DataError, FileRefused
from yoloaudit.findings import shorten

IMAGE_FOLDERS = frozenset(("jpegimages", "images", "image", "img", "imgs", "pngimages", "data"))
MAX_LIST_BYTES = 50_000_000
MAX_TEXT = 4096
SAMPLE = 50
"""XML files whose images are looked for to find the folder of all."""


class Home(NamedTuple):
    """A folder with annotations: where they lie, the folder that holds everything, and the split it is named after."""

    annotations: str
    folder: str
    split: str | None = None


@dataclass
class Files:
    """Images and XML files of a home by their stem, or their path without suffix below the folder of all."""

    images: dict[str, list[str]] = field(default_factory=dict)
    xmls: dict[str, str] = field(default_factory=dict)
    folder: str = ""
    """Where the images lie."""


class Line(NamedTuple):
    """A line of a list: what it says, the image that it names, and the problem where it names none."""

    split: str
    file: str
    number: int
    text: str
    image: str | None
    problem: str | None


def homes(folder: str, folders: Folders) -> list[Home]:
    """The annotated folder, or one below it, or one for each split; empty where there is none."""
    own = _home(folder, folders)
    if own:
        return [own]
    below = [os.path.join(folder, name) for name in sorted(folders.listing(folder).folders)]
    found = [home for place in below if (home := _home(place, folders))]
    named = [home for home in found if home.split]
    if not named and len(found) > 1:
        names = ", ".join(shorten(os.path.basename(home.folder)) for home in found[:8])
        raise DataError(f"{shorten(folder, 120)} holds {len(found)} VOC data sets: {names}. Name one of them")
    return named or found


def _home(folder: str, folders: Folders) -> Home | None:
    listing = folders.listing(folder)
    split = SPLIT_OF.get(os.path.basename(folder).lower())
    for name in sorted(listing.folders):
        place = os.path.join(folder, name)
        if name.lower() in ANNOTATION_FOLDERS and _holds_xml(place, folders):
            return Home(place, folder, split)
    if not any(suffix(name) == "xml" for name in listing.files):
        return None
    above = os.path.dirname(folder)
    apart = os.path.basename(folder).lower() in ANNOTATION_FOLDERS and folders.root.allows(folder)
    return Home(folder, above, SPLIT_OF.get(os.path.basename(above).lower())) if apart else Home(folder, folder, split)


def _holds_xml(folder: str, folders: Folders) -> bool:
    listing = folders.listing(folder)
    places = [folder, *(os.path.join(folder, name) for name in listing.folders)]
    return any(suffix(name) == "xml" for place in places for name in folders.listing(place).files)


def files_of(home: Home, folders: Folders) -> Files:
    """The XML files and images of a home, found by listings alone."""
    xmls = [
        os.path.join(place, name)
        for place in (folders.walk(home.annotations) if home.annotations != home.folder else [home.folder])
        for name in folders.listing(place).files
        if suffix(name) == "xml"
    ]
    keys = {path: _key(path, home.annotations) for path in sorted(xmls)}
    sample = list(keys.values())[:SAMPLE]
    places = enumerate(_image_folders(home, folders))
    hits, _, folder = max((_hits(place, sample, folders), -rank, place) for rank, place in places)
    entered = [folder] if folder == home.folder else folders.walk(folder)
    images = sorted(os.path.join(place, name) for place in entered for name in folders.listing(place).images)
    found = Files(folder=folder)
    for path, key in keys.items():
        found.xmls.setdefault(key if hits else os.path.basename(key), path)
    for path in images:
        key = _key(path, folder)
        found.images.setdefault(key if hits else os.path.basename(key), []).append(path)
    return found


def _image_folders(home: Home, folders: Folders) -> Iterator[str]:
    names = [name for name in sorted(folders.listing(home.folder).folders) if name.lower() in IMAGE_FOLDERS]
    yield from (os.path.join(home.folder, name) for name in names)
    yield home.annotations
    yield home.folder


def _key(path: str, base: str) -> str:
    return path[len(base.rstrip(os.sep)) + 1 :].rpartition(".")[0].replace(os.sep, "/")


def _hits(folder: str, keys: list[str], folders: Folders) -> int:
    parts = [os.path.split(os.path.join(folder, key)) for key in keys]
    return sum(name in folders.listing(place).stems for place, name in parts)


def splits_of(home: Home, files: Files, folders: Folders) -> tuple[dict[str, list[str]], list[Line]]:
    """Stems by split, as the lists in ImageSets say, else all in one; and the lines of the lists."""
    lists = _lists(home, folders)
    if not lists:
        stems = sorted({*files.images, *files.xmls})
        return {home.split or "train": stems}, []
    chosen: dict[str, list[str]] = {}
    read: list[Line] = []
    for split in SPLITS:
        if split in lists:
            chosen[split] = _named(split, *lists[split], files, read)
    if "train" in lists and lists["train"][0].endswith("trainval.txt"):
        taken = set(chosen.get("val", ()))
        chosen["train"] = [stem for stem in chosen["train"] if stem not in taken]
    return chosen, read


def _lists(home: Home, folders: Folders) -> dict[str, tuple[str, list[str]]]:
    """The list of each split, with its lines; that of train and val together only where one of them is missing."""
    for below in (("ImageSets", "Main"), ("ImageSets",)):
        place = os.path.join(home.folder, *below)
        names = folders.listing(place).names
        found = {}
        for name in (*SPLITS, "trainval"):
            path = os.path.join(place, f"{name}.txt")
            lines = _lines(path, folders) if f"{name}.txt" in names else []
            if lines:
                found[name] = (path, lines)
        both = found.pop("trainval", None)
        if both and not ("train" in found and "val" in found):
            found["train"] = both
        if found:
            return found
    return {}


def _lines(path: str, folders: Folders) -> list[str]:
    try:
        data = folders.root.read(path, MAX_LIST_BYTES).data
    except FileRefused:
        return []
    text = data.decode("utf-8-sig", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    return [] if not text or text.isspace() else text.split("\n")


def _named(split: str, path: str, lines: list[str], files: Files, read: list[Line]) -> list[str]:
    stems: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        problem = _problem(text)
        readings = [] if problem in ("remote", "undecodable") else list(_readings(text))
        stem = next((stem for stem in readings if stem in files.images), None)
        image = files.images[stem][0] if stem is not None else None
        told = problem if stem is None else "repeated" if stem in stems else None
        read.append(Line(split, path, number, text[:MAX_TEXT], image, told))
        stem = stem or next((stem for stem in readings if stem in files.xmls), None)
        if stem is not None:
            stems[stem] = None
    return list(stems)


def _readings(text: str) -> Iterator[str]:
    """Stems that a line may mean: all of it, its first column, without a suffix, without folders."""
    for plain in dict.fromkeys((text, text.split()[0])):
        stem = plain.rpartition(".")[0] if suffix(plain) in TRAINER_SUFFIXES else plain
        yield from dict.fromkeys((plain, stem))
        if not is_absolute(stem) and ".." not in SEPARATORS.split(stem):
            yield SEPARATORS.split(stem)[-1]


def _problem(text: str) -> str:
    if "\0" in text or any("\udc80" <= letter <= "\udcff" for letter in text):
        return "undecodable"
    if WEB_ADDRESS.match(text):
        return "remote"
    return "outside" if is_absolute(text) or ".." in SEPARATORS.split(text) else "missing"
