"""The images that a COCO JSON lists → the files they are, those that are none, and files that it does not list."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from yoloaudit.dataset.coco.document import Budget, Part
from yoloaudit.dataset.coco.files import IMAGE_FOLDERS, SPLIT_WORDS, Source
from yoloaudit.dataset.coco.safe_json import shown
from yoloaudit.dataset.folders import Folders
from yoloaudit.dataset.places import SEPARATORS, WEB_ADDRESS, is_absolute
from yoloaudit.errors import FileRefused

SAMPLE = 50
"""Listed images that are looked for to find the folder of all."""
MAX_SIBLINGS = 20
"""Other JSON files that are looked through for the images that they list."""
MAX_TEXT = 4096
FILE_NAMES = re.compile(rb'"file_name"\s*:\s*"([^"]*)"')


class Images(NamedTuple):
    """The images that a JSON lists."""

    number_of: dict[str, int]
    """The number in the JSON of each file that exists, by its path."""
    same_as: dict[int, int]
    """Numbers that name a file which an earlier number names, and that number."""
    entries: list[tuple[str, str | None, str | None]]
    """Of each number: the text, the path that is meant, and the problem if that is no image."""
    folder: str
    """Where they lie."""


def file_names(part: Part) -> list[str]:
    names = (item.get("file_name") for item in part.images if type(item) is dict)
    return [name for name in names if type(name) is str and trouble(name) is None]


def trouble(name: object) -> str | None:
    """Why a file name is not looked for at all."""
    if not isinstance(name, str) or not name or "\0" in name:
        return "undecodable"
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return "undecodable"
    return "remote" if WEB_ADDRESS.match(name) or name.startswith("//") else None


def is_tame(name: str) -> bool:
    """Whether a file name leads to below the folder it is relative to."""
    return not is_absolute(name) and ".." not in SEPARATORS.split(name)


class Finder:
    """Finds the images that one JSON lists; `folder` is where most of them lie."""

    def __init__(self, part: Part, folders: Folders) -> None:
        names = file_names(part)
        self.folders = folders
        self.home = os.path.dirname(part.source.path)
        self.folder = self.home
        self.by_name_alone = False
        tame = [SEPARATORS.sub("/", name) for name in names[: SAMPLE * 20] if is_tame(name)][:SAMPLE]
        bare = [SEPARATORS.split(name)[-1] for name in names[:SAMPLE]]
        for alone, sample in ((False, tame), (True, bare)):
            best = max(
                (self._hits(place, sample), -rank, place) for rank, place in enumerate(self._places(part.source))
            )
            if best[0]:
                self.folder, self.by_name_alone = best[2], alone
                return

    def _hits(self, folder: str, names: Sequence[str]) -> int:
        if not self.folders.root.allows(os.path.join(folder, "x")):
            return 0
        return sum(os.path.lexists(f"{folder}{os.sep}{name}") for name in names)

    def _places(self, source: Source) -> Iterator[str]:
        stem = os.path.splitext(os.path.basename(source.path))[0]
        words = dict.fromkeys((stem, stem.partition("_")[2] or stem, *SPLIT_WORDS[source.split]))
        below = ["", *(os.path.join("images", word) for word in words), *words]
        below += [*(os.path.join(word, "images") for word in words), *IMAGE_FOLDERS]
        for base in (self.home, os.path.dirname(self.home)):
            yield from (os.path.join(base, name) if name else base for name in below)

    def find(self, name: str) -> tuple[str | None, str | None]:
        """The path of a listed image; or the path that it should have, if any, and the problem."""
        plain = SEPARATORS.sub("/", name)
        if self.by_name_alone:
            plain = plain.rpartition("/")[2]
        if not is_tame(plain):
            return self._elsewhere(plain)
        path = f"{self.folder}{os.sep}{plain}"
        if "//" in path or "/./" in path:
            path = os.path.normpath(path)
        folder, _, last = path.rpartition(os.sep)
        return path, None if last in self.folders.listing(folder).names else "missing"

    def _elsewhere(self, name: str) -> tuple[str | None, str | None]:
        path = os.path.normpath(os.path.join(self.folder, name))
        if not self.folders.root.allows(path) or (self.folders.root.contained and is_absolute(name) and name[0] != "/"):
            return None, "outside"
        return path, None if os.path.isfile(path) else "missing"


def images_of(part: Part, finder: Finder) -> Images:
    found = Images({}, {}, [], finder.folder)
    for number, item in enumerate(part.images):
        name: Any = item.get("file_name") if type(item) is dict else item
        path: str | None = None
        problem = trouble(name)
        if problem is None:
            path, problem = finder.find(name)
        if problem is None and path is not None:
            first = found.number_of.setdefault(path, number)
            if first != number:
                found.same_as[number], problem = first, "repeated"
        text = name if type(name) is str else shown(name)
        found.entries.append((text[:MAX_TEXT], path, problem))
    return found


def unlisted_images(
    parts: Sequence[Part], images: Sequence[Images], folders: Folders, budget: Budget, *, alone: bool
) -> list[list[str]]:
    """For each part the images that lie among its own and stand in no JSON; a folder that parts share is left alone."""
    places = [{os.path.dirname(path) for path in found.number_of} for found in images]
    shared = Counter(place for own in places for place in own)
    known = {path for found in images for path in found.number_of}
    unlisted = []
    for part, own in zip(parts, places, strict=True):
        paths = [os.path.join(here, name) for here in own if shared[here] == 1 for name in folders.listing(here).images]
        left = [path for path in paths if path not in known]
        if left and alone:
            others = listed_beside(part.source.path, folders, budget.bytes)
            left = [path for path in left if os.path.basename(path) not in others]
        unlisted.append(left)
    return unlisted


def listed_beside(path: str, folders: Folders, most: int) -> set[str]:
    """The file names that other JSON files beside this one list."""
    folder, own = os.path.split(path)
    found: set[str] = set()
    others = [name for name in folders.listing(folder).files if name != own and name.lower().endswith(".json")]
    for name in sorted(others)[:MAX_SIBLINGS]:
        try:
            data = folders.root.read(os.path.join(folder, name), most).data
        except FileRefused:
            continue
        found.update(SEPARATORS.split(os.fsdecode(text))[-1] for text in FILE_NAMES.findall(data))
    return found
