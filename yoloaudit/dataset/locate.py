"""What the user names, or nothing → the file that describes the data set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from yoloaudit.dataset.plain_yaml import MAX_BYTES, YamlRefused, read_yaml
from yoloaudit.errors import DataError, FileRefused
from yoloaudit.files import Root, is_inside
from yoloaudit.findings import shorten

YAML, DARKNET, JSON = (".yaml", ".yml"), (".data",), (".json",)
MAX_CANDIDATES = 200
"""YAML files of one folder that are looked into."""
DEEPER_LEVELS, MAX_FOLDERS = 3, 500
"""Levels below the second that are searched where nothing else is found, and folders of one level."""
ADVICE = "Name a data.yaml, or a folder that holds one"


class Place(NamedTuple):
    """The file or folder that is meant, its kind (yaml, darknet, coco, folder), and the root as far as known."""

    path: str
    kind: str
    root: Root
    shown: str


def locate(data: str | None, *, untrusted: bool = False, root_dir: str | None = None) -> Place:
    """The descriptor of the data set, or its folder where that holds none; raises DataError."""
    shown = shorten(data, 120) if data is not None else "the working folder"
    if data is not None and ("\0" in data or not data):
        raise DataError(f"{shown!r} is no path. {ADVICE}")
    path = os.path.abspath(data if data is not None else os.curdir)
    folder = os.path.realpath(path if os.path.isdir(path) else os.path.dirname(path))
    root = Root(os.path.realpath(root_dir) if root_dir is not None else folder, contained=untrusted)
    if root_dir is not None and not os.path.isdir(root.path):
        raise DataError(f"the root {shorten(root_dir, 120)} is no folder. Name one that holds the data set")
    if untrusted and not is_inside(folder, root.path):
        raise DataError(f"{shown} lies outside the root {shorten(root.path, 120)}. Name a data set inside it")
    if os.path.isdir(path):
        found = _in_folders([[folder], _folders_in([folder])], root, shown)
        return Place(found or folder, kind_of(found) if found else "folder", root, shown)
    return Place(_file(os.path.join(folder, os.path.basename(path)), shown), kind_of(path), root, shown)


def kind_of(path: str) -> str:
    """What a file is by its suffix, `unknown` if nothing that describes a data set."""
    suffix = os.path.splitext(path)[1].lower()
    return "yaml" if suffix in YAML else "darknet" if suffix in DARKNET else "coco" if suffix in JSON else "unknown"


def _file(path: str, shown: str) -> str:
    if not os.path.lexists(path):
        raise DataError(f"{shown} does not exist. {ADVICE}")
    if path.lower().endswith((".zip", ".tar", ".gz", ".tgz")):
        raise DataError(f"{shown} is an archive. Unpack it and name the data.yaml inside")
    if kind_of(path) == "unknown":
        raise DataError(f"{shown} describes no data set that can be read. {ADVICE}")
    return path


def locate_deeper(place: Place) -> Place | None:
    """The descriptor two to four folders below a folder that is no data set by itself."""
    levels = [_folders_in(_folders_in([place.path]))]
    while len(levels) < DEEPER_LEVELS:
        levels.append(_folders_in(levels[-1]))
    found = _in_folders(levels, place.root, place.shown)
    return place._replace(path=found, kind=kind_of(found)) if found else None


def only_folder(folder: str) -> str | None:
    """The one folder in a folder, None where there are more or none."""
    folders = _folders_in([folder]) if os.path.isdir(folder) else []
    return folders[0] if len(folders) == 1 else None


def _in_folders(levels: Sequence[Sequence[str]], root: Root, shown: str) -> str | None:
    """By level: data.yaml, else the only YAML with train or val; failing all levels, the only Darknet .data file."""
    for folders in levels:
        for name in ("data.yaml", "data.yml"):
            found = [path for here in folders if os.path.lexists(path := os.path.join(here, name))]
            if found:
                return _only(found, shown)
        described = [path for path in _files(folders, YAML)[:MAX_CANDIDATES] if _describes(path, root)]
        if described:
            return _only(described, shown)
    for folders in levels:
        darknet = _files(folders, DARKNET)
        if darknet:
            return _only(darknet, shown)
    return None


def _only(paths: Sequence[str], shown: str) -> str:
    if len(paths) > 1:
        folder = os.path.commonpath([os.path.dirname(path) for path in paths])
        names = ", ".join(shorten(os.path.relpath(path, folder)) for path in paths[:8])
        raise DataError(f"{shown} holds {len(paths)} descriptors: {names}. Name one of them")
    return paths[0]


def _folders_in(folders: Sequence[str]) -> list[str]:
    below = [os.path.join(here, name) for here in folders for name, is_folder in _listed(here) if is_folder]
    return below[:MAX_FOLDERS]


def _files(folders: Sequence[str], suffixes: tuple[str, ...]) -> list[str]:
    return [
        os.path.join(here, name)
        for here in folders
        for name, is_folder in _listed(here)
        if not is_folder and name.lower().endswith(suffixes)
    ]


def _listed(folder: str) -> list[tuple[str, bool]]:
    try:
        with os.scandir(folder) as entries:
            found = ((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
            return sorted(pair for pair in found if not pair[0].startswith("."))
    except OSError:
        return []


def _describes(path: str, root: Root) -> bool:
    try:
        return not read_yaml(root.read(path, MAX_BYTES).data).entries.keys().isdisjoint(("train", "val"))
    except (FileRefused, YamlRefused):
        return False
