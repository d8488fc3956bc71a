"""An image list (.txt) → the images it names, and a row for each of its lines."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from yoloaudit.dataset.folders import Folders, suffix
from yoloaudit.dataset.images import TRAINER_SUFFIXES
from yoloaudit.dataset.places import MAX_TAIL, SEPARATORS, WEB_ADDRESS, is_absolute
from yoloaudit.errors import FileRefused
from yoloaudit.files import is_inside

MAX_BYTES = 50_000_000
MAX_LINES = 2_000_000
MAX_TEXT = 4096
MAX_MOVED = 8
"""Prefixes that are looked for elsewhere."""
BROKEN = re.compile("[\0\udc80-\udcff]")
UNTIDY = re.compile(r"//|\\|/\.\.?(?:/|$)|^\.\.?/")


@dataclass
class ImageList:
    """What a list names; the columns have one item for each line that is not blank."""

    file: str
    images: list[str] = field(default_factory=list)
    """Absolute paths of files that exist, each once."""
    lines: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    paths: list[str | None] = field(default_factory=list)
    problems: list[str | None] = field(default_factory=list)
    refused: str | None = None
    """Why the list is not read at all."""
    lines_from: str | None = None
    absolute_lines: int = 0
    moved: dict[tuple[str, str], int] = field(default_factory=dict)


def read_list(path: str, folders: Folders, bases: Sequence[str]) -> ImageList:
    """Read a list: ./ is relative to its folder, other relative lines to the first of `bases` that has the file."""
    found = ImageList(path)
    try:
        data = folders.root.read(path, MAX_BYTES).data
    except FileRefused as error:
        found.refused = str(error)
        return found
    if data.count(b"\n") > MAX_LINES:
        found.refused = f"has {data.count(10):,} lines, above the limit of {MAX_LINES:,}"
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found.refused = "is encoded as UTF-16; an image list must be UTF-8 text"
    else:
        _judge(found, data.decode("utf-8-sig", "surrogateescape"), folders, bases)
    return found


def _judge(found: ImageList, text: str, folders: Folders, bases: Sequence[str]) -> None:
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if line and not line.isspace():
            found.lines.append(number)
            found.texts.append(line)
    finder = _Finder(found, folders, bases)
    seen: set[str] = set()
    for line in found.texts:
        problem, place = finder.judge(line)
        if problem is None and place is not None:
            if place in seen:
                problem = "repeated"
            else:
                seen.add(place)
                found.images.append(place)
        found.paths.append(None if place is None else folders.root.relative(place))
        found.problems.append(problem)
    found.texts = [line if len(line) <= MAX_TEXT else line[:MAX_TEXT] for line in found.texts]
    if finder.used:
        found.lines_from = max(finder.used, key=lambda base: finder.used[base])


class _Finder:
    """Looks lines up in the listings of their folders."""

    def __init__(self, found: ImageList, folders: Folders, bases: Sequence[str]) -> None:
        self.found = found
        self.folders = folders
        self.own = os.path.dirname(found.file)
        self.bases = list(bases)
        self.used: dict[str, int] = {}
        self.tried = 0
        self.known: dict[str, frozenset[str]] = {}

    def judge(self, line: str) -> tuple[str | None, str | None]:
        """The problem of a line, and the path that it names."""
        if BROKEN.search(line):
            return "undecodable", None
        if not line.startswith("./"):
            if WEB_ADDRESS.match(line):
                return "remote", None
            if is_absolute(line):
                self.found.absolute_lines += 1
                return self._absolute(line)
        if "\\" in line:
            self.found.absolute_lines += 1
            line = line.replace("\\", "/")
        return self._look(_joined(self.own, line[2:])) if line.startswith("./") else self._relative(line)

    def _relative(self, line: str) -> tuple[str | None, str | None]:
        first: tuple[str | None, str | None] | None = None
        for position, base in enumerate(self.bases):
            verdict = self._look(_joined(base, line))
            if verdict[0] is None:
                self.used[base] = self.used.get(base, 0) + 1
                if position:
                    self.bases.insert(0, self.bases.pop(position))
                return verdict
            first = first or verdict
        elsewhere = None if self.used or line != line.strip() else self._moved(line)
        return elsewhere or first or ("missing", None)

    def _absolute(self, line: str) -> tuple[str | None, str | None]:
        verdict = self._look(_joined("", line)) if line.startswith("/") else ("missing", None)
        if verdict[0] is None or self.folders.root.contained:
            return verdict if line.startswith("/") else ("outside", None)
        return self._moved(line) or verdict

    def _moved(self, line: str) -> tuple[str | None, str | None] | None:
        """The file that a line means whose first folders do not exist here, as in lists from another machine."""
        for prefix, folder in self.found.moved:
            if line.startswith(prefix):
                moved = self._look(_joined(folder, SEPARATORS.sub("/", line[len(prefix) :])))
                if moved[0] is None:
                    self.found.moved[prefix, folder] += 1
                    return moved
        return self._by_tail(line)

    def _by_tail(self, line: str) -> tuple[str | None, str | None] | None:
        """The file that the last parts of a path name, if its first parts do not exist here; or one of its folder."""
        if self.tried >= MAX_MOVED:
            return None
        self.tried += 1
        starts = [match.end() for match in SEPARATORS.finditer(line)]
        for begin in starts[-MAX_TAIL:]:
            for base in self.bases:
                path = _joined(base, SEPARATORS.sub("/", line[begin:]))
                verdict = self._look(path)
                if verdict[0] is None or (begin != starts[-1] and self.known[os.path.dirname(path)]):
                    start = (line[:begin], base)
                    self.found.moved[start] = self.found.moved.get(start, 0) + int(verdict[0] is None)
                    return verdict
        return None

    def _look(self, path: str) -> tuple[str | None, str | None]:
        folder, _, name = path.rpartition(os.sep)
        if folder not in self.known:
            root = self.folders.root
            allowed = not root.contained or (is_inside(folder, root.path) and root.allows(path))
            self.known[folder] = frozenset(self.folders.listing(folder or os.sep).images if allowed else ())
        if name in self.known[folder]:
            return None, path
        root = self.folders.root
        if root.contained and not (is_inside(folder, root.path) and root.allows(path)):
            return "outside", None
        return self._problem(path, folder or os.sep, name), path

    def _problem(self, path: str, folder: str, name: str) -> str | None:
        listing = self.folders.listing(folder)
        if name in listing.names or name in listing.folders:
            return "special"
        hidden = name.startswith(".") and suffix(name) in TRAINER_SUFFIXES
        return None if hidden and os.path.isfile(path) else "missing"


def _joined(base: str, text: str) -> str:
    path = f"{base}{os.sep}{text}" if base else text
    return os.path.normpath(path) if os.sep != "/" or UNTIDY.search(path) else path
