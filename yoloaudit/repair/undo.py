"""A journal → the files as they were before it, byte for byte; what was changed since is left, and said."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from yoloaudit.errors import WriteError
from yoloaudit.files import create, sync_all, sync_folder
from yoloaudit.progress import Progress, silent
from yoloaudit.repair import journal as journals
from yoloaudit.repair.edits import NotMended
from yoloaudit.repair.journal import Entry, Journal
from yoloaudit.repair.places import HOME, Places, digest_of

CHANGED = "has changed since the fix, and stays as it is"


class Kept(NamedTuple):
    """A file that was not taken back, why, and where its earlier content was put, if there is any."""

    path: str
    why: str
    earlier: str | None = None


@dataclass
class Undone:
    """Which fix was taken back: how many files are as they were, and which are not."""

    journal: Journal
    restored: int = 0
    kept: list[Kept] = field(default_factory=list)


def undo(places: Places, *, progress: Progress = silent) -> Undone | None:
    """Take the newest fix back, None where there is none. The caller holds the lock of the data set."""
    journal = journals.last(places)
    return None if journal is None else take_back(places, journals.reopen(places, journal), progress=progress)


def take_back(places: Places, journal: Journal, *, progress: Progress = silent) -> Undone:
    """Undo an open journal, whether all, some or none of it was done; after a kill it may be called again.

    Raises WriteError where a file cannot be written; the journal then stays open, and may be taken back later.
    """
    undone = Undone(journal)
    failed: list[str] = []
    _clean(places, journal)
    folders: set[str] = set()
    with progress.task("taking back", len(journal.entries)) as step:
        for number in reversed(_staged(places, journal, undone, failed)):
            entry = journal.entries[number]
            try:
                folders |= _restore(places, journal, number)
                undone.restored += 1
            except NotMended as why:
                _put_aside(places, journal, entry, str(why), undone)
            except OSError as error:
                failed.append(_failure(entry, error))
            step(1)
    for folder in sorted(folders):
        sync_folder(folder)
    _clean(places, journal)
    if failed:
        more = f", and {len(failed) - 1:,} more" if len(failed) > 1 else ""
        advice = "Once that is possible, `yoloaudit fix DATA --undo` takes back the rest"
        raise WriteError(f"{failed[0]}{more}; {undone.restored:,} files are as they were before. {advice}")
    for folder in reversed(journal.folders):
        with suppress(OSError, NotMended):
            places.full(f"{folder}/x.txt")
            os.rmdir(os.path.join(places.path, *folder.split("/")))
    journals.remove(places, journal)
    return undone


def _failure(entry: Entry, error: OSError) -> str:
    return f"{entry.path} cannot be written: {error.strerror or error}"


def _staged(places: Places, journal: Journal, undone: Undone, failed: list[str]) -> list[int]:
    """Entries with something to do; the old content of those that were rewritten is written beside them and synced."""
    wanted, synced = [], []
    for number, entry in enumerate(journal.entries):
        try:
            if not _is_done(places, entry):
                continue
            if entry.old is not None:
                place = journals.temporary(places, journal, number)
                create(place, entry.old, places.facts(entry.path))
                if entry.modified_ns is not None:
                    os.utime(place, ns=(entry.modified_ns, entry.modified_ns))
                synced.append(place)
            wanted.append(number)
        except NotMended as why:
            _put_aside(places, journal, entry, str(why), undone)
        except OSError as error:
            failed.append(_failure(entry, error))
    sync_all(synced)
    return wanted


def _is_done(places: Places, entry: Entry) -> bool:
    """Whether there is anything to take back; raises NotMended where something else has happened to the file."""
    if entry.to is not None:
        return _is_moved(places, entry, entry.to)
    now = places.digest(entry.path)
    if now == entry.digest:
        return True
    if now != (entry.was if entry.old is None else digest_of(entry.old)):
        raise NotMended(CHANGED, "changed")
    if entry.keep is not None:
        with suppress(FileNotFoundError):
            os.unlink(places.full(entry.keep))
    return False


def _is_moved(places: Places, entry: Entry, to: str) -> bool:
    here, there = places.facts(entry.path), places.facts(to)
    if there is None and here is None:
        raise NotMended(f"is neither where it was nor at {to}", "changed")
    if there is None:
        return False
    if here is not None and os.path.samestat(here, there):
        folder, name = os.path.split(places.full(to))
        return name in os.listdir(folder)
    unchanged = places.digest(to) == entry.digest
    if here is not None and unchanged:
        raise NotMended(f"is there again; what was moved stays at {to}", "changed")
    if here is None and not unchanged:
        raise NotMended(f"was changed after it was moved to {to}, and stays there", "changed")
    return here is None


def _restore(places: Places, journal: Journal, number: int) -> set[str]:
    """Take one entry back; the folders that this changed."""
    entry = journal.entries[number]
    path = places.full(entry.path)
    source = None
    if entry.to is not None:
        source = places.full(entry.to)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.rename(source, path)
    elif entry.keep is not None:
        source = places.full(entry.keep)
        if entry.modified_ns is not None:
            os.utime(source, ns=(entry.modified_ns, entry.modified_ns))
        os.replace(source, path)
    elif entry.old is not None:
        os.replace(journals.temporary(places, journal, number), path)
    else:
        os.unlink(path)
    return {os.path.dirname(place) for place in (path, source) if place is not None}


def _put_aside(places: Places, journal: Journal, entry: Entry, why: str, undone: Undone) -> None:
    """Say that a file is not taken back; its earlier content is put aside, for nothing is ever lost."""
    earlier = entry.keep
    if entry.old is not None:
        earlier = f"{HOME}/kept/{journal.number:04}/{entry.path}"
        try:
            place = places.full(earlier)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with suppress(FileExistsError):
                create(place, entry.old)
        except (NotMended, OSError):
            earlier = None
    undone.kept.append(Kept(entry.path, why, earlier))


def _clean(places: Places, journal: Journal) -> None:
    """Take temporary files away."""
    for number in range(len(journal.entries)):
        with suppress(OSError, NotMended):
            os.unlink(journals.temporary(places, journal, number))


def recovered(places: Places, *, progress: Progress = silent) -> Sequence[Undone]:
    """Take back every fix that was cut off in the middle. The caller holds the lock of the data set."""
    found = [number for number, is_open in journals.numbers(places) if is_open]
    return [take_back(places, journals.read(places, number, True), progress=progress) for number in reversed(found)]
