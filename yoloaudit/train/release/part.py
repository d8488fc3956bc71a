"""The place of a file that comes bit by bit → its bytes so far, kept beside it until it is whole.

Two processes may fetch the same file at once, and either may be stopped or killed at any time.
"""

from __future__ import annotations

import os
from contextlib import suppress

from yoloaudit.claims import claim
from yoloaudit.errors import FileRefused, WriteError
from yoloaudit.files import Root, as_others, beside, write_all, write_atomically, writing


class Part:
    """The bytes of a file that is not whole yet, beside its place; nobody sees them there before `finish`.

    Bytes that an earlier try left are there again, with the mark by which their sender knows them. While another
    process adds to those, this one begins with none, and keeps none. Raises WriteError.
    """

    def __init__(self, path: str) -> None:
        self.path, self._place, self._finished = path, f"{path}.part", False
        with writing(path):
            file = claim(self._place)
            self._kept = file is not None
            if file is None:
                file, self._place = beside(path)
        self.file = file
        self.size = self.file.seek(0, os.SEEK_END)
        self.mark = self._read_mark() if self.size else ""
        """Empty: what these bytes are part of is not known."""

    @property
    def lasts(self) -> bool:
        """Whether these bytes are there again next time."""
        return self._kept and self.size > 0 and self.mark != ""

    def restart(self, mark: str) -> None:
        """Throw the bytes away; those that are appended from here on bear this mark."""
        with writing(self.path):
            self.file.seek(0)
            self.file.truncate()
        self.size, self.mark = 0, mark
        if self._kept:
            write_atomically(f"{self._place}.mark", mark.encode())

    def append(self, data: bytes) -> None:
        try:
            with writing(self.path):
                write_all(self.file, data)
        except WriteError:
            self.mark = ""  # a full disk is not kept full
            raise
        self.size += len(data)

    def finish(self) -> None:
        """The file is whole: put it into its place."""
        with writing(self.path):
            os.fsync(self.file.fileno())
            if not self._kept:
                self.file.close()
                as_others(self._place)
            self._forget_mark()
            self._finished = True
            os.replace(self._place, self.path)  # before the claim ends: who has it next finds no part of this name

    def close(self) -> None:
        """End the claim; bytes that nobody could take up again are removed."""
        if not self._kept:
            self.file.close()
        if not self._finished and not self.lasts:
            self._forget_mark()
            with suppress(OSError):
                os.unlink(self._place)
        self.file.close()

    def _read_mark(self) -> str:
        with suppress(FileRefused):
            return Root("").read(f"{self._place}.mark", 1000).data.decode("ascii", "replace")
        return ""

    def _forget_mark(self) -> None:
        with suppress(OSError):
            os.unlink(f"{self._place}.mark")
