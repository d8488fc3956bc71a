"""The only place that opens files, writes them atomically and resolves paths."""

from __future__ import annotations

import io
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from yoloaudit.errors import FileRefused, UsageError, WriteError

OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
MAX_DEPTH = 32
"""Folders below a split folder that are still entered."""


class Stamp(NamedTuple):
    """What the file system says of a file: another stamp, another content."""

    size: int
    modified_ns: int
    changed_ns: int
    inode: int


class Content(NamedTuple):
    """The bytes of a file, when it was last changed (seconds since the epoch), and its stamp."""

    data: bytes
    size: int
    modified: float
    stamp: Stamp


@dataclass(frozen=True)
class Root:
    """A data set's folder and what may be opened from it; `contained` keeps every file inside the folder.

    Paths are absolute. A link is followed where its target is allowed; nothing but a regular file is ever read.
    """

    path: str
    contained: bool = False
    _folders: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    def allows(self, path: str) -> bool:
        """Whether the real place of this path is inside the root, or may lie anywhere."""
        if not self.contained:
            return True
        folder = os.path.dirname(path)
        known = self._folders.get(folder)
        if known is None:
            known = self._folders[folder] = is_inside(os.path.realpath(folder), self.path)
        return known

    def relative(self, path: str) -> str:
        """The path for a report: below the root with `/`, elsewhere as it is."""
        if path == self.path:
            return "."
        prefix = self.path.rstrip(os.sep) + os.sep
        inside = path[len(prefix) :] if path.startswith(prefix) else path
        return inside.replace(os.sep, "/") if os.sep != "/" else inside

    def read(self, path: str, most: int, *, head: bool = False) -> Content:
        """The bytes of a regular file; FileRefused for anything else and, unless `head`, for more than `most`."""
        descriptor = self._open(path)
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise FileRefused("special", f"is {kind_of(facts.st_mode)}, not a regular file")
            if facts.st_size > most and not head:
                raise FileRefused("large", f"is {facts.st_size:,} bytes, above the limit of {most:,}")
            data = _read(descriptor, min(facts.st_size, most))
            return Content(data, facts.st_size, facts.st_mtime, stamp_of(facts))
        except OSError as error:
            raise FileRefused("denied", f"cannot be read: {error.strerror or error}") from None
        finally:
            os.close(descriptor)

    def open(self, path: str) -> BinaryIO:
        """A regular file to read from; raises FileRefused for anything else."""
        descriptor = self._open(path)
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            os.close(descriptor)
            raise FileRefused("special", f"is {kind_of(mode)}, not a regular file")
        return os.fdopen(descriptor, "rb")

    def _open(self, path: str) -> int:
        if not self.allows(path):
            raise FileRefused("outside", "lies outside the data set's folder")
        if self.contained and not NO_FOLLOW and os.path.islink(path):
            return self._open_link(path)
        try:
            return os.open(path, OPEN_FLAGS | NO_FOLLOW)
        except (OSError, ValueError) as error:
            if os.path.islink(path) if "\0" not in path else False:
                return self._open_link(path)
            raise refusal(error) from None

    def _open_link(self, path: str) -> int:
        target = os.path.realpath(path)
        if self.contained and not is_inside(target, self.path):
            raise FileRefused("outside", "is a link to outside the data set's folder")
        try:
            return os.open(target, OPEN_FLAGS | NO_FOLLOW)
        except OSError as error:
            if not os.path.exists(target):
                raise FileRefused("missing", "is a link to a file that does not exist") from None
            raise refusal(error) from None


def stamp_of(facts: os.stat_result) -> Stamp:
    """The stamp in the facts of a file."""
    return Stamp(facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)


def _write_through(path: str, data: bytes) -> None:
    with writing(path), open(path, "wb", buffering=0) as file:
        write_all(file, data)


def write_all(file: io.FileIO, data: bytes) -> None:
    """Write all of it, in as many calls as that takes."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) or 0 :]


@contextmanager
def writing(path: str) -> Iterator[None]:
    """Errors of the system become a WriteError that names this path."""
    try:
        yield
    except OSError as error:
        raise WriteError(f"cannot write {path}: {error.strerror or error}. Name a place that can be written") from None


def is_inside(path: str, folder: str) -> bool:
    """Whether a real path is the folder or lies below it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def kind_of(mode: int) -> str:
    """What a file that is not regular is, in words."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def refusal(error: OSError | ValueError) -> FileRefused:
    """An open that failed, in words."""
    if isinstance(error, ValueError):
        return FileRefused("missing", "has a name that no file can have")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return FileRefused("missing", "does not exist")
    if isinstance(error, IsADirectoryError):
        return FileRefused("special", "is a folder, not a regular file")
    return FileRefused("denied", f"cannot be opened: {error.strerror or error}")


def _read(descriptor: int, size: int) -> bytes:
    data = os.read(descriptor, size + 1) if size < 1 << 20 else b""
    if len(data) == size and data:
        return data
    parts = [data]
    left = size - len(data)
    while left > 0 and (part := os.read(descriptor, min(left, 1 << 22))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)[:size]


def write_atomically(path: str, data: bytes) -> None:
    """Write a file whole or not at all: a temporary file beside it, synced, then renamed over it.

    What is no regular file, as a pipe or /dev/stdout, is written to as it stands.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        return _write_through(path, data)
    folder = os.path.dirname(os.path.abspath(path))
    temporary = None
    try:
        with writing(path):
            descriptor, temporary = tempfile.mkstemp(prefix=".yoloaudit-", dir=folder)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            as_others(temporary)
            os.replace(temporary, path)
            temporary = None
    finally:
        if temporary is not None:
            os.unlink(temporary)


def as_others(temporary: str) -> None:
    """Give a temporary file, which only its owner may read, the permissions that any new file gets."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(temporary, 0o666 & ~mask)


def run_folder(project: str, name: str, exist_ok: bool = False) -> str:
    """Make the folder of a run: `<project>/<name>`, or the first of `<name>2`, `<name>3` … that is not there; its path.

    Two processes never get the same one. With `exist_ok` it is `<project>/<name>`, whether it is there or not.
    """
    if not name.strip(" ./\\") or "\0" in project + name:
        raise UsageError("a run needs a name for its folder, as in --name exp")
    first = os.path.join(project, name).rstrip(os.sep)
    with writing(first):
        os.makedirs(os.path.dirname(os.path.abspath(first)), exist_ok=True)
        if exist_ok:
            os.makedirs(first, exist_ok=True)
            return first
        number = 1
        while True:
            folder = f"{first}{'' if number == 1 else number}"
            with suppress(FileExistsError):
                os.mkdir(folder)
                return folder
            number += 1


def beside(path: str) -> tuple[io.FileIO, str]:
    """An empty file in the same folder that nobody else knows, to write and to read; and its path."""
    descriptor, place = tempfile.mkstemp(prefix=".yoloaudit-", dir=os.path.dirname(path))
    return os.fdopen(descriptor, "r+b", buffering=0), place


def sync_folder(folder: str) -> None:
    """What was renamed in a folder survives a power cut; where folders cannot be synced, nothing is lost by trying."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def create(path: str, data: bytes, like: os.stat_result | None = None) -> None:
    """Write a file that must not be there yet, with the permissions and the owner of another. Raises OSError.

    It is not synced: `sync_all` does that for many at once.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW, 0o666), "wb", buffering=0) as file:
        write_all(file, data)
        if like is not None and hasattr(os, "fchmod"):
            with suppress(PermissionError):
                os.fchown(file.fileno(), like.st_uid, like.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(like.st_mode))


def sync_all(paths: Sequence[str], few: int = 32) -> None:
    """These files survive a power cut; more than a `few` are synced together with all that the system has to write."""
    together = len(paths) > few and hasattr(os, "sync")
    if together:
        os.sync()
    for path in () if together else paths:
        with os.fdopen(os.open(path, os.O_RDWR | NO_FOLLOW), "r+b", buffering=0) as file:
            os.fsync(file.fileno())
