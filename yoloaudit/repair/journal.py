"""What a fix is about to do ↔ a journal: one file that is whole before the first file of the data set is touched.

A journal is text: a line that says what it is, a line an edit, and a line that ends it. While files are being changed
it is called `fix-0001.open`; once all of them are, `fix-0001.done`. An open one is always taken back.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from yoloaudit.errors import DataError, FileRefused, WriteError
from yoloaudit.files import sync_folder, write_atomically
from yoloaudit.repair.places import HOME, Places

FORMAT = 1
NAME = re.compile(r"fix-(\d{4,9})\.(open|done)")
MOST_BYTES = 16_000_000_000
DAMAGED = "is no whole journal of a fix. Move it away, then nothing of it can be undone"


class Entry(NamedTuple):
    """An edit as it is undone: `to` is where a file was moved; else it was written anew, and `old` was its content."""

    path: str
    digest: str | None
    """SHA-256 of what the file holds now; of one that was moved, what it held all along."""
    old: bytes | None = None
    """None with a `keep`: the old file was put there; None without: there was no file."""
    keep: str | None = None
    was: str | None = None
    """SHA-256 of the old file that was put there."""
    modified_ns: int | None = None
    """When the old file was last changed, in nanoseconds since the epoch."""
    to: str | None = None


@dataclass(frozen=True)
class Journal:
    """A fix as it is undone."""

    number: int
    token: str
    """Part of the names of temporary files."""
    made_by: str
    """The command, as it was typed."""
    when: str
    entries: Sequence[Entry]
    folders: Sequence[str] = ()
    """Folders that are made for it, the outermost first."""
    open: bool = True

    @property
    def name(self) -> str:
        """Its path below the root."""
        return f"{HOME}/fix-{self.number:04}.{'open' if self.open else 'done'}"


def numbers(places: Places) -> list[tuple[int, bool]]:
    """Journals that there are, by number, and whether each is open."""
    try:
        names = os.listdir(os.path.join(places.path, HOME))
    except OSError:
        return []
    found = [match for name in names if (match := NAME.fullmatch(name))]
    return sorted((int(match[1]), match[2] == "open") for match in found)


def following(places: Places) -> int:
    """The number of the next journal."""
    known = numbers(places)
    return known[-1][0] + 1 if known else 1


def last(places: Places) -> Journal | None:
    """The newest journal, None where there is none; raises DataError for one that is not whole."""
    known = numbers(places)
    return read(places, *known[-1]) if known else None


def read(places: Places, number: int, is_open: bool) -> Journal:
    """A journal by its number; raises DataError."""
    name = Journal(number, "", "", "", (), open=is_open).name
    try:
        data = places.root.read(os.path.join(places.path, *name.split("/")), MOST_BYTES).data
    except FileRefused as refused:
        raise DataError(f"{name} {refused}, so the fix cannot be taken back") from None
    body, _, ending = data.removesuffix(b"\n").rpartition(b"\n")
    try:
        end = json.loads(ending)
        lines = [json.loads(line) for line in body.split(b"\n")]
        if end.get("sha256") != hashlib.sha256(body).hexdigest() or lines[0].get("format") != FORMAT:
            raise DataError(f"{name} {DAMAGED}")
        head, *edits = lines
        entries = [_entry(edit) for edit in edits]
        token = str(head["token"])
        if not re.fullmatch("[0-9a-f]{8,64}", token):
            raise DataError(f"{name} {DAMAGED}")
        folders = [str(folder) for folder in head["folders"]]
        return Journal(number, token, str(head["made_by"]), str(head["when"]), entries, folders, is_open)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DataError(f"{name} {DAMAGED}") from None


def write(places: Places, journal: Journal) -> None:
    """Write it, synced; raises WriteError, and then there is none."""
    place = os.path.join(places.path, *journal.name.split("/"))
    body = "\n".join(_lines(journal)).encode("ascii")
    end = json.dumps({"end": len(journal.entries), "sha256": hashlib.sha256(body).hexdigest()})
    try:
        write_atomically(place, body + f"\n{end}\n".encode("ascii"))
    except WriteError as error:
        raise WriteError(f"nothing was changed, because the journal cannot be written: {error}") from None
    sync_folder(os.path.dirname(place))


def close(places: Places, journal: Journal) -> None:
    """All of it is done."""
    _rename(places, journal, is_open=False)


def reopen(places: Places, journal: Journal) -> Journal:
    """It is about to be taken back."""
    return _rename(places, journal, is_open=True)


def remove(places: Places, journal: Journal) -> None:
    """It has been taken back."""
    os.unlink(os.path.join(places.path, *journal.name.split("/")))
    sync_folder(os.path.join(places.path, HOME))


def _rename(places: Places, journal: Journal, *, is_open: bool) -> Journal:
    if journal.open == is_open:
        return journal
    other = replace(journal, open=is_open)
    old, new = (os.path.join(places.path, *each.name.split("/")) for each in (journal, other))
    os.replace(old, new)
    sync_folder(os.path.dirname(new))
    return other


def _lines(journal: Journal) -> Iterator[str]:
    head = {"yoloaudit": "fix", "format": FORMAT, "token": journal.token, "when": journal.when}
    yield json.dumps({**head, "made_by": journal.made_by, "folders": list(journal.folders)})
    for entry in journal.entries:
        facts: dict[str, Any] = {"path": entry.path, "digest": entry.digest}
        if entry.to is not None:
            facts["to"] = entry.to
        if entry.old is not None:
            facts["old"] = base64.b64encode(entry.old).decode("ascii")
        if entry.keep is not None:
            facts |= {"keep": entry.keep, "was": entry.was}
        if entry.modified_ns is not None:
            facts["modified_ns"] = entry.modified_ns
        yield json.dumps(facts)


def _entry(facts: Mapping[str, Any]) -> Entry:
    old, modified = facts.get("old"), facts.get("modified_ns")
    try:
        content = None if old is None else base64.b64decode(old, validate=True)
    except binascii.Error:
        raise ValueError(old) from None
    if modified is not None and not 0 <= int(modified) < 2**63:
        raise ValueError(modified)
    texts = [None if facts.get(name) is None else str(facts[name]) for name in ("digest", "keep", "was", "to")]
    digest, keep, was, to = texts
    return Entry(str(facts["path"]), digest, content, keep, was, None if modified is None else int(modified), to)


def temporary(places: Places, journal: Journal, number: int) -> str:
    """The file beside that of an entry which is to take its place: of a name that only this journal knows."""
    folder = os.path.dirname(places.full(journal.entries[number].path))
    return os.path.join(folder, f".yoloaudit-{journal.token}-{number}")
