"""One fix at a time: a lock in the data set that the system lets go of when its owner dies."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from yoloaudit.claims import claim
from yoloaudit.errors import DataError, FileRefused, UsageError
from yoloaudit.files import write_all
from yoloaudit.repair.places import HOME, Places

LEFTOVER = ".yoloaudit-"
"""How the name of a journal begins that was not yet whole."""
TRIES = 5
"""A lock that its owner takes away between two looks at it is asked for again."""


@contextmanager
def held(places: Places) -> Iterator[None]:
    """Hold the lock of a data set; raises UsageError where another process does. Leaves no folder that is empty."""
    folder = home(places)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"{folder} cannot be made: {error.strerror or error}, and a fix keeps its journal there"
        ) from None
    place = os.path.join(folder, "lock")
    file = next((file for _ in range(TRIES) if (file := claim(place)) is not None or os.path.lexists(place)), None)
    if file is None and sys.platform != "win32":
        raise _refusal(places, place)
    try:
        if file is not None:
            file.truncate(0)
            write_all(file, f"{os.getpid()}\n".encode("ascii"))
        _tidy(folder)
        yield
    finally:
        with suppress(OSError):
            os.unlink(place)
        with suppress(OSError):
            os.rmdir(folder)
        if file is not None:
            file.close()


def home(places: Places) -> str:
    """The folder of journals; raises DataError where something else bears its name."""
    folder = os.path.join(places.path, HOME)
    try:
        mode = os.lstat(folder).st_mode
    except OSError:
        return folder
    if not stat.S_ISDIR(mode):
        raise DataError(f"{folder} is no folder, but a fix keeps its journal in a folder of that name. Move it away")
    return folder


def _refusal(places: Places, place: str) -> UsageError | DataError:
    """Why the lock cannot be had."""
    with suppress(FileRefused, ValueError):
        owner = int(places.root.read(place, 32).data)
        return UsageError(f"another fix of this data set is running (process {owner}). Wait until it is done")
    if os.path.lexists(place):
        return UsageError(f"{place} cannot be locked: another fix is beginning, or this file system knows no locks")
    return DataError(f"{os.path.dirname(place)} cannot be written to, and a fix keeps its journal there")


def _tidy(folder: str) -> None:
    """Journals that were cut off while they were written: nothing was changed under them."""
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(LEFTOVER):
                os.unlink(os.path.join(folder, name))
