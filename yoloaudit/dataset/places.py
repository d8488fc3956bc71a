"""A path as a descriptor has it → the folder or list that is meant, and how it was found."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from yoloaudit.dataset.descriptor import (
    AS_WRITTEN,
    AT_HOME,
    BESIDE,
    LAST_FOLDERS,
    OTHER_CASE,
    USUAL_NAME,
    WITHOUT_DOTS,
)
from yoloaudit.dataset.folders import Folders
from yoloaudit.files import is_inside

WEB_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|\\\\")
DRIVE = re.compile(r"[A-Za-z]:(?=[\\/]|$)")
SEPARATORS = re.compile(r"[\\/]+")
LISTS = (".txt", ".lst", ".list")
MAX_TAIL = 12
"""Last folders of a path that are looked for elsewhere."""
VAGUE = frozenset(("images", "image", "img", "imgs", "data", "dataset", "datasets", "labels", "jpegimages"))
"""Names that say too little to be looked for alone."""
SPLIT_NAMES = {"train": ("train", "training"), "val": ("val", "valid", "validation"), "test": ("test", "testing")}


class Place(NamedTuple):
    """Where a path leads: the fields of SplitPath that tell of it."""

    target: str | None
    how: str
    kind: str
    refused: str | None = None
    linked: str | None = None


@dataclass(frozen=True)
class Start:
    """What relative paths start from."""

    folders: Folders
    folder: str
    """The descriptor's folder."""
    base: str | None
    """The folder that `path` means; the descriptor's folder where there is no `path`; None where it is missing."""
    base_text: str = ""
    above: tuple[str, ...] = ()
    """Folders above the descriptor's in which a path may be looked for too."""

    @property
    def contained(self) -> bool:
        """Whether nothing outside the root may be looked at."""
        return self.folders.root.contained

    def inside(self, path: str) -> bool:
        """Whether a path, as text and in truth, lies where it may be looked at."""
        root = self.folders.root
        return not root.contained or (is_inside(path, root.path) and is_inside(os.path.realpath(path), root.path))


def is_absolute(text: str) -> bool:
    """Whether a path is absolute on any system."""
    return text.startswith(("/", "\\")) or DRIVE.match(text) is not None


def refusal(text: str, start: Start) -> tuple[str, str] | None:
    """Why a path is not followed as written: the kind of the refusal, and the reason."""
    if "\0" in text:
        return "missing", "holds a NUL character, which no path can have"
    if WEB_ADDRESS.match(text):
        return "remote", "is a web address (URL) or a network share, which is never fetched"
    if not start.contained:
        return None
    if text.startswith(("~", "$")):
        return "outside", "leads to outside the root by a name of the shell (~ or $)"
    if is_absolute(text):
        plain = os.path.normpath(text)
        inside = text.startswith("/") and start.inside(plain)
        return None if inside else ("outside", "is an absolute path outside the root")
    place = os.path.normpath(os.path.join(start.base or start.folder, text))
    if start.inside(place):
        return None
    how = "" if ".." in text else " by a link"
    return "outside", f"leads to outside the root{how}"


def find_place(text: str, split: str, start: Start) -> Place:
    """Follow a path as written, then where it may be meant; a place only counts if it holds images or is a list."""
    refused = refusal(text, start)
    empty: Place | None = None
    for how, path in _candidates(text, split, start, refused[0] if refused else None):
        kind = _kind(path, start)
        if kind is None:
            continue
        if kind == "list" or (kind == "folder" and start.folders.holds_image(path)):
            why = refused[1] if refused and how != WITHOUT_DOTS else None
            return _place(path, how, kind, why)
        if how == AS_WRITTEN:
            empty = _place(path, how, kind)
    return empty or Place(None, AS_WRITTEN, *(refused or ("missing",)))


def _place(path: str, how: str, kind: str, refused: str | None = None) -> Place:
    real = os.path.realpath(path)
    if kind == "file":
        return Place(None, how, "missing", "is a file, but neither a folder nor a .txt list of images")
    return Place(real, how, kind, refused, None if real == path else path)


def _kind(path: str, start: Start) -> str | None:
    if not start.inside(path) or os.path.dirname(path) == path:  # nobody means the whole file system
        return None
    if os.path.isdir(path):
        return "folder"
    if not os.path.lexists(path):
        return None
    return "list" if path.lower().endswith(LISTS) else "file"


def _candidates(text: str, split: str, start: Start, refused: str | None) -> Iterator[tuple[str, str]]:
    if refused in ("remote", "missing"):
        return
    if refused is None:
        yield from _as_written(text, start)
    base = start.base or start.folder
    if text.startswith("../"):
        yield WITHOUT_DOTS, os.path.normpath(os.path.join(base, text[3:]))
    if text.startswith("~/") and refused is None:
        yield AT_HOME, os.path.expanduser(text)
    yield from _by_tail(text, start)
    if refused is None:
        for name in SPLIT_NAMES.get(split, ()):
            for usual in (os.path.join(name, "images"), os.path.join("images", name), name):
                yield USUAL_NAME, os.path.join(base, usual)


def _as_written(text: str, start: Start) -> Iterator[tuple[str, str]]:
    if start.base is not None or is_absolute(text):
        yield AS_WRITTEN, os.path.normpath(os.path.join(start.base or start.folder, text))
    if start.base != start.folder:
        yield BESIDE, os.path.normpath(os.path.join(start.folder, text))


def _by_tail(text: str, start: Start) -> Iterator[tuple[str, str]]:
    """The longest tail of a path that exists below the descriptor's folder, or a folder above it."""
    own = _parts(text)
    parts = own if is_absolute(text) else _parts(start.base_text) + own
    parts = parts[-MAX_TAIL:]
    for begin in range(len(parts)):
        tail = parts[begin:]
        if len(tail) == 1 and tail[0].lower() in VAGUE and len(parts) > 1:
            return
        for folder in (start.folder, *start.above):
            path = os.path.join(folder, *tail)
            if start.contained and not is_inside(path, start.folders.root.path):
                continue
            if os.path.lexists(path):
                yield LAST_FOLDERS, path
            elif start.inside(folder) and (close := start.folders.spelled(folder, tail)):
                yield OTHER_CASE if tail == own else LAST_FOLDERS, close


def _parts(text: str) -> list[str]:
    return [part for part in SEPARATORS.split(DRIVE.sub("", text)) if part not in ("", ".", "..", "~")]
