"""A path as a report has it → the file that may be changed, or why it may not: links, hard links, places outside."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from functools import cached_property

from yoloaudit.dataset.folders import suffix
from yoloaudit.dataset.images import TRAINER_SUFFIXES
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root, is_inside
from yoloaudit.repair.edits import NotMended

HOME = ".yoloaudit"
"""The folder in the root that holds journals and what was put aside; trainers pass hidden folders over."""
ASIDE = (f"{HOME}/quarantine/", f"{HOME}/kept/")
"""What is put aside lies in one of these."""
SUFFIXES = frozenset((*TRAINER_SUFFIXES, "txt", "yaml", "yml", "data", "cache"))
"""No other files are ever changed, whatever a journal says that came with a data set."""
MOST_BYTES = 1_000_000_000
"""The largest file that is changed."""


@dataclass(frozen=True)
class Places:
    """The files of one data set; `path` is its real folder."""

    path: str
    _folders: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)
    _known: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def root(self) -> Root:
        """For reading, never out of the folder."""
        return Root(self.path, contained=True)

    def full(self, path: str) -> str:
        """The absolute path; raises NotMended for one that leads out, is hidden, or is of no kind that is changed."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._judged(path)
        return known

    def _judged(self, path: str) -> str:
        aside = next((place for place in ASIDE if path.startswith(place)), "")
        parts = path[len(aside) :].split("/")
        if "\0" in path or os.path.isabs(path) or any(part in ("", ".", "..") for part in parts):
            raise NotMended("lies outside the data set's folder: only files inside it are changed", "refused")
        if any(part.startswith(".") for part in parts):
            raise NotMended("is hidden, or lies in a hidden folder: such files are never changed", "refused")
        if suffix(path) not in SUFFIXES:
            raise NotMended("is neither a label nor an image by its name: such files are never changed", "refused")
        full = os.path.join(self.path, *path.split("/"))
        try:
            os.fsencode(full)
        except UnicodeEncodeError:
            raise NotMended("has a name that no file can have", "refused") from None
        if why := self._why_not(os.path.dirname(full)):
            raise NotMended(why, "refused")
        return full

    def _why_not(self, folder: str) -> str | None:
        if folder not in self._folders:
            real = os.path.realpath(folder)
            outside = not is_inside(real, os.path.realpath(self.path))
            why = "lies in a folder that is a link to outside the data set's folder" if outside else None
            self._folders[folder] = why
        return self._folders[folder]

    def facts(self, path: str) -> os.stat_result | None:
        """What the file system says of a file that may be changed, None where there is none; raises NotMended."""
        full = self.full(path)
        try:
            facts = os.lstat(full)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NotMended(f"cannot be looked at: {error.strerror or error}", "refused") from None
        if stat.S_ISLNK(facts.st_mode):
            raise NotMended("is a link: the file it leads to is not changed by way of it", "refused")
        if not stat.S_ISREG(facts.st_mode):
            raise NotMended("is no regular file", "refused")
        return facts

    def changeable(self, path: str) -> os.stat_result | None:
        """Like `facts`; raises NotMended also for a read-only file, and for one that has other names."""
        facts = self.facts(path)
        if facts is not None and facts.st_nlink > 1:
            more = facts.st_nlink - 1
            names = "another name" if more == 1 else f"{more:,} other names"
            raise NotMended(f"is a hard link: {names} of the file would keep what it says now", "refused")
        if facts is not None and not facts.st_mode & 0o222:
            raise NotMended("is read-only", "refused")
        return facts

    def read(self, path: str, most: int = MOST_BYTES) -> bytes | None:
        """The content of a file, None where there is none; raises NotMended."""
        if self.facts(path) is None:
            return None
        try:
            return self.root.read(self.full(path), most).data
        except FileRefused as refused:
            if refused.reason == "missing":
                return None
            raise NotMended(str(refused), "refused") from None

    def digest(self, path: str) -> str | None:
        """SHA-256 of a file's content, None where there is none; raises NotMended."""
        data = self.read(path)
        return None if data is None else digest_of(data)


def digest_of(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
