"""The tree of a commit → a folder that looks like it did then, as far as it has to, for as long as it is needed.

At first there are its folders, what describes a data set, and the images that are nowhere at hand. All other names come
when they are asked for: empty, but for labels, since what they hold is known from where it still is.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import MappingProxyType

from yoloaudit.against.git import LINK, SUBMODULE, Entry, Repository
from yoloaudit.against.pointers import MOST_BYTES as POINTER
from yoloaudit.against.pointers import lfs_pointer
from yoloaudit.dataset.folders import suffix
from yoloaudit.dataset.images import TRAINER_SUFFIXES
from yoloaudit.dataset.label_files import NO_LABELS
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root, create, is_inside

DESCRIBING = frozenset(("yaml", "yml", "data", "names", "list", "lst"))
TEXTS = DESCRIBING | {"txt", "json", "xml"}
"""Suffixes of files that describe a data set or hold its labels."""
PATH_ENDS = rb"(?=[/\\\s\"',\]}#]|$)"
MOST_TEXT, MOST_IMAGE = 100_000_000, 256 << 20
MOST_IMAGES = 4 << 30
"""Bytes of all images that are laid out."""
MEMORY, PAGE, ROOM = "/dev/shm", 8192, 4  # noqa: S108 - a folder with a name of its own is made in it


class Mirror:
    """A folder that stands for the top of a working tree as it was; paths are relative to it, with `/`."""

    def __init__(self, folder: str, repository: Repository, tree: Mapping[str, Entry], kept: Mapping[str, str]) -> None:
        self.folder = folder
        self.repository = repository
        self.kept = kept
        self.blobs: dict[str, str] = {**kept}
        """The id of what each file holds."""
        self.unknown: dict[str, str] = {}
        """Files whose content cannot be had, and why."""
        self.links: dict[str, list[str]] = {}
        """Links by the blob that says where they lead."""
        self._laid: set[str] = set()
        self._made: set[str] = set()
        for path, (mode, blob) in tree.items():
            if mode == SUBMODULE or not _is_safe(path):
                self.unknown[path] = "is a git submodule" if mode == SUBMODULE else "has a name that no file has"
            elif mode == LINK:
                self.links.setdefault(blob, []).append(path)
            else:
                self.blobs[path] = blob

    @property
    def top(self) -> str:
        """The folder that this one stands for."""
        return self.repository.top

    def begin(self, at_hand: Container[str]) -> None:
        """Lay out the folders, what describes, and images whose ids are not `at_hand`."""
        create(os.path.join(self.folder, ".git"), b"")
        for folder in {path.rpartition("/")[0] for path in self.blobs} - {""}:
            self._folder(os.path.join(self.folder, *folder.split("/")))
        describing = [path for path in self.blobs if suffix(path) in DESCRIBING]
        found = dict(self.contents(describing))
        self._lay(found)
        mentioned = b"\n".join(found[path] for path in describing if path in found)
        texts = [path for path in self.blobs if suffix(path) == "txt" and _is_mentioned(path, mentioned)]
        images = [path for path, blob in self.blobs.items() if suffix(path) in TRAINER_SUFFIXES and blob not in at_hand]
        self._lay(dict(self.contents(texts)))
        for path, data in self.contents(images):
            self._lay({path: data})

    def complete(self) -> None:
        """Lay out everything else: labels and other texts as they were, other files empty, links last."""
        texts = [path for path in self.blobs if suffix(path) in TEXTS and path not in self._laid]
        for path, data in self.contents(texts):
            self._lay({path: data})
        self._lay(dict.fromkeys((path for path in self.blobs if path not in self._laid), b""))
        for blob, target in self.repository.blobs(list(self.links)):  # when no file can be laid through one any more
            for path in self.links[blob]:
                self._link(path, target)

    def contents(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """These files and what they hold; without those that cannot be had."""
        wanted: dict[str, list[str]] = {}
        today = Root(self.top, contained=True)
        for path in paths:
            if path in self.kept:
                with suppress(FileRefused):
                    yield path, self._content(path, today.read(os.path.join(self.top, path), MOST_TEXT).data)
                continue
            wanted.setdefault(self.blobs[path], []).append(path)
        sizes, left = self.repository.sizes(list(wanted)), MOST_IMAGES
        for blob in list(wanted):
            size, is_text = sizes.get(blob), suffix(wanted[blob][0]) in TEXTS
            left -= 0 if is_text or size is None else size
            if size is None or size > (MOST_TEXT if is_text else MOST_IMAGE) or left < 0:
                why = "is not in this clone" if size is None else f"is {size:,} bytes"
                self.unknown.update(dict.fromkeys(wanted.pop(blob), why))
        for blob, data in self.repository.blobs(list(wanted)):
            for path in wanted[blob]:
                yield path, self._content(path, data)

    def _content(self, path: str, data: bytes) -> bytes:
        """The bytes of a file: what a pointer stands for, if that is at hand; paths into the tree lead to here."""
        if len(data) <= POINTER and (pointer := lfs_pointer(data)) is not None:
            content = self.repository.stored(pointer.oid, pointer.size) if pointer.size <= MOST_IMAGE else None
            if content is None:
                self.unknown[path] = "is kept by Git LFS, and its content is not here"
            return content or b""
        if suffix(path) in DESCRIBING | {"txt"} and (there := os.fsencode(self.top)) in data:
            here = os.fsencode(self.folder)
            return re.sub(re.escape(there) + PATH_ENDS, lambda _: here, data)
        return data

    def _lay(self, files: Mapping[str, bytes]) -> None:
        for path, data in files.items():
            place = os.path.join(self.folder, *path.split("/"))
            try:
                self._folder(os.path.dirname(place))
                create(place, data)
                self._laid.add(path)
            except OSError as error:
                self.unknown[path] = f"cannot be laid out: {error.strerror or error}"

    def _link(self, path: str, data: bytes) -> None:
        """A link as it was; one into the working tree leads to here instead."""
        place, target = os.path.join(self.folder, *path.split("/")), os.fsdecode(data)
        if target.startswith(self.top + os.sep):
            target = self.folder + target[len(self.top) :]
        folder = os.path.dirname(place)
        with suppress(OSError, ValueError):
            if is_inside(os.path.realpath(folder), self.folder):
                os.makedirs(folder, exist_ok=True)
                os.symlink(target, place)

    def _folder(self, folder: str) -> None:
        if folder not in self._made:
            with suppress(OSError):
                os.makedirs(folder, exist_ok=True)
            self._made.add(folder)

    def ids(self, paths: Sequence[str]) -> list[str]:
        """The ids of these files, by their absolute paths; empty where they are not in here."""
        return [self._id(path) for path in paths]

    def _id(self, path: str) -> str:
        known = self.blobs.get(self.relative(path) or "")
        if known is not None or not self.links:
            return known or ""
        return self.blobs.get(self.relative(os.path.realpath(path)) or "", "")

    def relative(self, path: str) -> str | None:
        """A path in here, relative to the top; None for any other."""
        if path == self.folder:
            return ""
        prefix = self.folder + os.sep
        return path[len(prefix) :].replace(os.sep, "/") if path.startswith(prefix) else None

    def then(self, path: str) -> str:
        """Where a file in here would be in the working tree; a path elsewhere stays as it is."""
        inside = self.relative(path)
        return path if inside is None else os.path.join(self.top, inside) if inside else self.top

    def there(self, path: str) -> str:
        """Where a file of the working tree is in here; a path elsewhere stays as it is."""
        inside = os.path.relpath(path, self.top)
        return os.path.normpath(os.path.join(self.folder, inside)) if is_inside(path, self.top) else path


@contextmanager
def mirrored(
    repository: Repository,
    tree: Mapping[str, Entry],
    at_hand: Container[str],
    kept: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Mirror]:
    """Lay out a tree; `at_hand` are the ids of images whose content is in the working tree.

    `kept` are files outside of git that are taken to be as they were, with the id of each.
    """
    outer = tempfile.mkdtemp(prefix="yoloaudit-", dir=_in_memory(repository, tree, at_hand))
    try:
        folder = os.path.join(os.path.realpath(outer), "then")
        os.mkdir(folder)
        mirror = Mirror(folder, repository, tree, kept)
        mirror.begin(at_hand)
        yield mirror
    finally:
        shutil.rmtree(outer, ignore_errors=True)


def _in_memory(repository: Repository, tree: Mapping[str, Entry], at_hand: Container[str]) -> str | None:
    """Where files are made in a tenth of the time, if all of them fit there many times over."""
    try:
        free = os.statvfs(MEMORY)
    except (OSError, AttributeError):
        return None
    images = {blob for path, (_, blob) in tree.items() if suffix(path) in TRAINER_SUFFIXES and blob not in at_hand}
    needed = len(tree) * PAGE + (sum(repository.sizes(list(images)).values()) if images else 0)
    fits = free.f_bavail * free.f_frsize > needed * ROOM and free.f_favail > len(tree) * ROOM
    return MEMORY if fits and os.access(MEMORY, os.W_OK | os.X_OK) else None


def _is_mentioned(path: str, descriptors: bytes) -> bool:
    """Whether a text file may be a list of images, and no label file."""
    name = path.rpartition("/")[2]
    return name.lower() in NO_LABELS or os.fsencode(name) in descriptors


def _is_safe(path: str) -> bool:
    """Whether every part of a path is a name: a tree that was forged may hold others."""
    parts = path.split("/")
    return all(part not in ("", ".", "..") and part.lower() != ".git" for part in parts)
