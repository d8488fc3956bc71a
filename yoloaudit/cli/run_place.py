"""Project and name of a run → its folder, made; it is gone again if nothing was written into it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from yoloaudit.errors import UsageError
from yoloaudit.files import is_inside, run_folder
from yoloaudit.findings import shorten


@contextmanager
def run_place(project: str, name: str, exist_ok: bool, read: Iterable[str]) -> Iterator[str]:
    """The folder of a run that reads these files, while it lasts. Raises UsageError, WriteError.

    One that was there before is not taken if any of these files lies in it: what is written could bear its name.
    """
    there = os.path.join(project, name)
    old = os.path.isdir(there)
    if old and exist_ok:
        _refuse_own(there, read)
    folder = run_folder(project, name, exist_ok)
    try:
        yield folder
    finally:
        if not (old and exist_ok):
            with suppress(OSError):
                os.rmdir(folder)


def _refuse_own(folder: str, read: Iterable[str]) -> None:
    real = os.path.realpath(folder)
    own = next((path for path in read if is_inside(os.path.realpath(path), real)), None)
    if own is not None:
        raise UsageError(f"--exist-ok would write into {shorten(folder, 200)}, where {shorten(own, 200)} is read from")
