"""What a model saw on images, by their content, in SQLite: what need not be looked at again. A hint, never trusted.

One file for a model and the way it looks. A row counts only if its checksum holds; a file that is no database, or was
written by another recipe, is made anew. Nothing is unpickled, and no failure of the cache ends anything.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

import numpy as np
from blake3 import blake3

VERSION = 1
"""Goes up with every change of how images are looked at, or of how it is kept."""
RECIPE = f"yoloaudit predictions {VERSION}"
APPLICATION = 0x594F4C50
LOCK_SECONDS = 1.0
"""A lock of another process is waited for no longer; what could not be kept is looked at again next time."""
AT_ONCE = 500
CHECKSUM_BYTES = 16
TABLES = [
    "CREATE TABLE recipe (text TEXT NOT NULL)",
    "CREATE TABLE seen (content BLOB PRIMARY KEY, body BLOB NOT NULL)",
]
DETECTION = np.dtype([("box", "<f4", 4), ("score", "<f4"), ("class_id", "<i4")])
SIZE = np.dtype([("height", "<i4"), ("width", "<i4")])

T = TypeVar("T")


class Known(NamedTuple):
    """What was seen on an image of this size."""

    height: int
    width: int
    detections: Any
    """N records of DETECTION."""


class PredictionCache:
    """What one model saw; without a folder it lasts as long as this object."""

    def __init__(self, folder: str | None, weights: str, settings: Mapping[str, Any]) -> None:
        """`weights` is the SHA-256 of the model's file; `settings` are all that change what it sees."""
        self.problem: str | None = None
        """Why nothing is kept for the next time."""
        self.path: str | None = None
        self.recipe = "\n".join([RECIPE, weights, *(f"{name} {settings[name]!r}" for name in sorted(settings))])
        if folder is not None:
            name = hashlib.sha256(self.recipe.encode()).hexdigest()[:24]
            self.path = os.path.join(folder, f"seen-{name}.sqlite")
        self._database = self._open()

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._database.close()

    def known(self, contents: Sequence[bytes]) -> dict[bytes, Known]:
        """What was seen on those of these contents that are here and whole."""
        found: dict[bytes, Known] = {}
        wanted = list(dict.fromkeys(contents))
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            query = f"SELECT content, body FROM seen WHERE content IN ({','.join('?' * len(part))})"  # noqa: S608
            for content, body in self._rows(query, part):
                known = _unpacked(content, body)
                if known is not None:
                    found[content] = known
        return found

    def keep(self, seen: Sequence[tuple[bytes, Known]]) -> None:
        """Keep what was seen on the images of these contents, for good; others may write in between."""
        rows = [(content, _packed(content, known)) for content, known in seen]
        if rows:
            self._try(lambda: self._database.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", rows), None)
            self._try(self._database.commit, None)

    def _rows(self, query: str, values: Sequence[Any]) -> list[Any]:
        nothing: list[Any] = []
        return self._try(lambda: self._database.execute(query, values).fetchall(), nothing)

    def _try(self, action: Callable[[], T], otherwise: T) -> T:
        try:
            return action()
        except (sqlite3.Error, OverflowError, MemoryError) as error:
            self.problem = str(error)
            return otherwise

    def _open(self) -> sqlite3.Connection:
        if self.path is None:
            return _connect("", self.recipe)
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            if os.path.islink(self.path):
                raise OSError("it is a link")
            return _ours(self.path, self.recipe)
        except (sqlite3.Error, OSError) as error:
            self.problem = str(error)
            return _connect("", self.recipe)


def _ours(path: str, recipe: str) -> sqlite3.Connection:
    """The database at this path, made anew unless it is ours and whole."""
    for _ in range(2):
        database, kept = None, False
        try:
            database = _connect(path, recipe)
            kept = _is_ours(database, recipe)
            if kept:
                return database
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise
        finally:
            if database is not None and not kept:
                database.close()
        for suffix in ("", "-journal"):
            with suppress(FileNotFoundError):
                os.unlink(path + suffix)
    raise sqlite3.DatabaseError("it cannot be made anew")


def _connect(path: str, recipe: str) -> sqlite3.Connection:
    """A database whose own text cannot run anything; the empty path is one that is gone once it is closed."""
    database = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level="IMMEDIATE", check_same_thread=False)
    try:
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute(f"PRAGMA synchronous = {'NORMAL' if path else 'OFF'}")
        if not path:
            _lay_out(database, recipe)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _is_ours(database: sqlite3.Connection, recipe: str) -> bool:
    """Whether this was made by this recipe; an empty database becomes one."""
    database.execute("BEGIN IMMEDIATE")
    if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        _lay_out(database, recipe)
        return True
    ours = database.execute("PRAGMA application_id").fetchone()[0] == APPLICATION
    layout = [row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")]
    written = database.execute("SELECT text FROM recipe").fetchall() if ours and layout == TABLES else None
    database.rollback()
    return written == [(recipe,)]


def _lay_out(database: sqlite3.Connection, recipe: str) -> None:
    for statement in TABLES:
        database.execute(statement)
    database.execute("INSERT INTO recipe VALUES (?)", (recipe,))
    database.execute(f"PRAGMA application_id = {APPLICATION}")
    database.commit()


def _packed(content: bytes, known: Known) -> bytes:
    size = np.array((known.height, known.width), SIZE)
    packed: bytes = size.tobytes() + known.detections.astype(DETECTION).tobytes()
    return _checksum(content, packed) + packed


def _checksum(content: bytes, packed: bytes) -> bytes:
    return blake3(content + packed).digest(CHECKSUM_BYTES)


def _unpacked(content: Any, body: Any) -> Known | None:
    if not isinstance(content, bytes) or not isinstance(body, bytes):
        return None
    packed = body[CHECKSUM_BYTES:]
    if _checksum(content, packed) != body[:CHECKSUM_BYTES] or (len(packed) - SIZE.itemsize) % DETECTION.itemsize:
        return None
    height, width = np.frombuffer(packed[: SIZE.itemsize], SIZE)[0].tolist()
    return Known(height, width, np.frombuffer(packed[SIZE.itemsize :], DETECTION))
