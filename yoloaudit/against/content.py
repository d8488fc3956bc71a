"""Files → ids that are equal where the bytes are: those of git where they can be had, else a hash of what is read."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from blake3 import blake3

from yoloaudit.against.git import LINK, Indexed
from yoloaudit.dataset.folders import suffix
from yoloaudit.dataset.images import TRAINER_SUFFIXES
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root, is_inside

MOST_BYTES = 1 << 30
PART = 1 << 20
READERS = 4

Ids: TypeAlias = Callable[[Root, Sequence[str]], list[str]]
"""(root, absolute paths) → the id of each file's bytes; empty where it cannot be read."""


class Tracked:
    """Ids of files of a working tree as git gives them: from the index where a file has not changed since."""

    def __init__(self, top: str, index: Mapping[str, Indexed], written_ns: int, sha256: bool = False) -> None:
        self.top = top
        self.index = index
        self.written_ns = written_ns
        self.sha256 = sha256
        self._known: dict[str, str] = {}

    def __call__(self, root: Root, paths: Sequence[str]) -> list[str]:
        """The ids of these files, each told once."""
        known = self._known
        new = [path for path in dict.fromkeys(paths) if path not in known]
        known.update((path, self._indexed(path)) for path in new)
        left = [path for path in new if not known[path]]
        with ThreadPoolExecutor(READERS) as pool:
            known.update(zip(left, pool.map(lambda path: blob_id(root, path, self.sha256), left), strict=True))
        return [known[path] for path in paths]

    def _indexed(self, path: str, followed: bool = False) -> str:
        """The blob that the index has for a file, if the file is still what it was then; links are followed."""
        entry = self.index.get(os.path.relpath(path, self.top)) if followed else self._entry(path)
        if entry is None or entry.mode == LINK:
            real = path if followed else os.path.realpath(path)
            return "" if followed or real == path else self._indexed(real, followed=True)
        try:
            facts = os.lstat(path)
        except (OSError, ValueError):
            return ""
        times = (facts.st_ctime_ns, facts.st_mtime_ns) == (entry.changed_ns, entry.modified_ns)
        same = (facts.st_ino & 0xFFFFFFFF, facts.st_size & 0xFFFFFFFF) == (entry.inode, entry.size)
        settled = max(facts.st_mtime_ns, facts.st_ctime_ns) < self.written_ns
        return entry.blob if times and same and settled and stat.S_ISREG(facts.st_mode) else ""

    def _entry(self, path: str) -> Indexed | None:
        prefix = self.top.rstrip(os.sep) + os.sep
        return self.index.get(path[len(prefix) :].replace(os.sep, "/")) if path.startswith(prefix) else None


class Compared:
    """Ids of files of two folders: an image is read only where one of the other folder has as many bytes."""

    def __init__(self, sizes: frozenset[int] = frozenset()) -> None:
        self.sizes = sizes
        """Of the images of the other folder."""
        self._known: dict[str, str] = {}

    def __call__(self, root: Root, paths: Sequence[str]) -> list[str]:
        """The ids of these files, each told once."""
        known = self._known
        new = [path for path in dict.fromkeys(paths) if path not in known]
        sizes = dict(zip(new, sizes_of(root, new), strict=True))
        left = [path for path in new if sizes[path] in self.sizes or suffix(path) not in TRAINER_SUFFIXES]
        known.update((path, f"{sizes[path]} {path}" if sizes[path] >= 0 else "") for path in new)
        with ThreadPoolExecutor(READERS) as pool:
            known.update(zip(left, pool.map(lambda path: hashed(root, path), left), strict=True))
        return [known[path] for path in paths]


def sizes_of(root: Root, paths: Sequence[str]) -> list[int]:
    """Bytes of each of these files, -1 where there is none that may be looked at."""
    return [_size(root, path) for path in paths]


def _size(root: Root, path: str) -> int:
    try:
        if root.contained and not is_inside(os.path.realpath(path), root.path):
            return -1
        facts = os.stat(path)
    except (OSError, ValueError):
        return -1
    return facts.st_size if stat.S_ISREG(facts.st_mode) else -1


def blob_id(root: Root, path: str, sha256: bool = False) -> str:
    """The id that git would give to the bytes of a file; empty where it cannot be read."""
    try:
        with root.open(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MOST_BYTES:
                return f"large {size} {path}"
            digest = hashlib.sha256() if sha256 else hashlib.sha1(usedforsecurity=False)
            digest.update(b"blob %d\0" % size)
            while part := file.read(PART):
                digest.update(part)
            return digest.hexdigest()
    except (FileRefused, OSError):
        return ""


def hashed(root: Root, path: str) -> str:
    """A hash of the bytes of a file; empty where it cannot be read."""
    try:
        with root.open(path) as file:
            if (size := os.fstat(file.fileno()).st_size) > MOST_BYTES:
                return f"large {size} {path}"
            digest = blake3()
            while part := file.read(PART):
                digest.update(part)
            return digest.hexdigest()
    except (FileRefused, OSError):
        return ""
