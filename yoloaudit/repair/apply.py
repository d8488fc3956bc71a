"""Edits → the data set with all of them done, or as it was: journal first, then every file whole, then the mark."""

from __future__ import annotations

import errno
import os
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from yoloaudit.errors import WriteError
from yoloaudit.files import create, sync_all, sync_folder
from yoloaudit.progress import Progress, Step, silent
from yoloaudit.repair import journal as journals
from yoloaudit.repair.edits import Edit, Move, NotMended, Write
from yoloaudit.repair.journal import Entry, Journal
from yoloaudit.repair.places import HOME, Places, digest_of
from yoloaudit.repair.undo import take_back

STOPPING = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
"""Errors after which no other file would fare better: all is taken back."""


class Refused(NamedTuple):
    """An edit that was not done, and why."""

    edit: Edit
    why: str


@dataclass
class Applied:
    """What was done, under which number it can be taken back (None: nothing was), and what was refused."""

    done: list[Edit] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    number: int | None = None


class _Seen(NamedTuple):
    """An edit that may be done, and the file as it was when that was decided."""

    edit: Edit
    facts: os.stat_result | None


def apply(
    places: Places,
    edits: Sequence[Edit],
    made_by: str,
    *,
    progress: Progress = silent,
    clock: Callable[[], float] = time.time,
) -> Applied:
    """Do all edits that may be done. Raises WriteError where the disk fails, and then nothing has changed.

    The caller holds the lock of the data set. An edit of a file that is not as it was planned for is refused, and so is
    one of a link, a hard link or a read-only file; the others go on.
    """
    applied = Applied()
    seen = _judged(places, edits, applied)
    if not seen:
        return applied
    journal = _journal(places, seen, journals.following(places), made_by, clock())
    os.makedirs(os.path.join(places.path, HOME), exist_ok=True)
    journals.write(places, journal)
    try:
        _carry_out(places, journal, seen, applied, progress)
        if applied.done:
            journals.close(places, journal)
            applied.number = journal.number
            return applied
    except BaseException as error:
        take_back(places, journal)
        if isinstance(error, OSError):
            raise WriteError(f"nothing was changed: {error.strerror or error}. Make room, then fix again") from None
        raise
    take_back(places, journal)
    return applied


def _judged(places: Places, edits: Sequence[Edit], applied: Applied) -> list[_Seen]:
    seen = []
    for edit in edits:
        try:
            seen.append(_Seen(edit, _may(places, edit)))
        except NotMended as why:
            applied.refused.append(Refused(edit, str(why)))
    return seen


def _may(places: Places, edit: Edit) -> os.stat_result | None:
    """The facts of the file that an edit is for; raises NotMended where the edit may not be done."""
    if isinstance(edit, Move):
        facts = places.facts(edit.path)
        if facts is None or places.digest(edit.path) != edit.digest:
            raise NotMended("has changed since it was looked at", "changed")
        if _is_taken(places, edit, facts):
            raise NotMended(f"cannot be moved: {edit.to} exists", "refused")
        return facts
    facts = places.changeable(edit.path)
    if places.read(edit.path) != edit.old:
        raise NotMended("has changed since it was looked at", "changed")
    return facts


def _is_taken(places: Places, edit: Move, facts: os.stat_result) -> bool:
    """Whether there is another file where this one is to go; a file system may take two letter cases for one name."""
    try:
        other = os.lstat(places.full(edit.to))
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return not os.path.samestat(other, facts)


def _journal(places: Places, seen: Sequence[_Seen], number: int, made_by: str, now: float) -> Journal:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
    folders = _missing_folders(places, [path for edit, _ in seen for path in _new_paths(edit)])
    return Journal(number, secrets.token_hex(8), made_by, when, [_entry(*each) for each in seen], folders)


def _new_paths(edit: Edit) -> list[str]:
    """Where an edit puts a file."""
    if isinstance(edit, Move):
        return [edit.to]
    return [edit.path, *([edit.keep] if edit.keep else [])]


def _missing_folders(places: Places, paths: Sequence[str]) -> list[str]:
    """Folders that have to be made for these files, the outermost first."""
    missing: set[str] = set()
    there: set[str] = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in missing and folder not in there:
            there_is = os.path.isdir(os.path.join(places.path, *folder.split("/")))
            (there if there_is else missing).add(folder)
            folder = folder.rpartition("/")[0]
    return sorted(missing)


def _entry(edit: Edit, facts: os.stat_result | None) -> Entry:
    if isinstance(edit, Move):
        return Entry(edit.path, edit.digest, to=edit.to)
    modified = None if facts is None else facts.st_mtime_ns
    digest = digest_of(edit.new)
    if edit.keep is None or edit.old is None:
        return Entry(edit.path, digest, edit.old, modified_ns=modified)
    return Entry(edit.path, digest, keep=edit.keep, was=digest_of(edit.old), modified_ns=modified)


def _carry_out(places: Places, journal: Journal, seen: Sequence[_Seen], applied: Applied, progress: Progress) -> None:
    for folder in journal.folders:
        with suppress(FileExistsError):
            os.mkdir(os.path.join(places.path, *folder.split("/")))
    with progress.task("writing", 2 * len(seen)) as step:
        staged = _staged(places, journal, seen, applied, step)
        folders: set[str] = set()
        for each, written in staged:
            try:
                folders |= _put(places, each, written)
                applied.done.append(each.edit)
            except (NotMended, OSError) as why:
                _raise_if_stopping(why)
                _unlink(written)
                applied.refused.append(Refused(each.edit, _words(why)))
            step(1)
    for folder in sorted(folders):
        sync_folder(folder)


def _staged(
    places: Places, journal: Journal, seen: Sequence[_Seen], applied: Applied, step: Step
) -> list[tuple[_Seen, str | None]]:
    """The new files, written beside the old ones and synced; edits that this fails for are refused."""
    staged: list[tuple[_Seen, str | None]] = []
    synced: list[str] = []
    for number, each in enumerate(seen):
        try:
            written = None
            if isinstance(each.edit, Write):
                written = journals.temporary(places, journal, number)
                create(written, each.edit.new, each.facts)
                synced.append(written)
                if each.edit.keep and each.edit.old is not None:
                    create(places.full(each.edit.keep), each.edit.old, each.facts)
                    synced.append(places.full(each.edit.keep))
            staged.append((each, written))
        except (NotMended, OSError) as why:
            _raise_if_stopping(why)
            applied.refused.append(Refused(each.edit, _words(why)))
        step(1)
    sync_all(synced)
    return staged


def _raise_if_stopping(why: Exception) -> None:
    if isinstance(why, OSError) and why.errno in STOPPING:
        raise why


def _put(places: Places, each: _Seen, written: str | None) -> set[str]:
    """Do one edit, if its file still is what it was; the folders that it changed."""
    edit, path = each.edit, places.full(each.edit.path)
    facts = places.facts(edit.path)
    if _stamp(facts) != _stamp(each.facts):
        raise NotMended("has changed since it was looked at", "changed")
    if isinstance(edit, Write):
        assert written is not None
        os.replace(written, path)
        return {os.path.dirname(path)}
    to = places.full(edit.to)
    if facts is not None and _is_taken(places, edit, facts):
        raise NotMended(f"cannot be moved: {edit.to} exists", "refused")
    os.rename(path, to)
    return {os.path.dirname(path), os.path.dirname(to)}


def _stamp(facts: os.stat_result | None) -> tuple[int, ...] | None:
    return None if facts is None else (facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


def _words(why: NotMended | OSError) -> str:
    return str(why) if isinstance(why, NotMended) else f"cannot be written: {why.strerror or why}"


def _unlink(path: str | None) -> None:
    if path is not None:
        with suppress(OSError):
            os.unlink(path)
