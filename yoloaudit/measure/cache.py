"""Facts of image files in SQLite: what a later scan need not look at again. A cache is a hint, and never trusted.

A row counts only if its checksum holds. A cache that is no database, belongs to something else or was written by
another recipe is made anew. Nothing is unpickled, and no failure of the cache ends a scan.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

import numpy as np
from platformdirs import user_cache_dir

from yoloaudit.measure.decode import DECODERS
from yoloaudit.measure.facts import NO_TEXTS, RECORD, Facts, Key, Pictures, Records, Texts
from yoloaudit.measure.pixels import GREY_SIDE

VERSION = 2
"""Goes up with every change of what is measured or how it is kept."""
RECIPE = f"yoloaudit {VERSION} {RECORD.itemsize} {DECODERS}"
APPLICATION = 0x594F4C4F
LOCK_SECONDS = 1.0
"""A lock of another process is waited for no longer; what could not be kept is measured again next time."""
PAGE_BYTES = 32768
"""So large that several pictures fit, and none is cut."""
PICTURES_AT_ONCE = 500
TABLES = [
    "CREATE TABLE recipe (text TEXT NOT NULL)",
    "CREATE TABLE files (path BLOB PRIMARY KEY, facts BLOB NOT NULL)",
    "CREATE TABLE pictures (content BLOB PRIMARY KEY, grey BLOB NOT NULL)",
]
CHECKSUM_BYTES = 4
PICTURE_BYTES = GREY_SIDE * GREY_SIDE

T = TypeVar("T")


def default_folder() -> str | None:
    """Where the operating system wants caches; None where there is no such place."""
    folder = user_cache_dir("yoloaudit", appauthor=False)
    return folder if os.path.isabs(folder) else None


class Known(NamedTuple):
    """What a cache knows: paths below the root, and a record and texts for each."""

    paths: list[bytes]
    records: Records
    texts: list[Texts]


NOTHING = Known([], np.zeros(0, RECORD), [])


class Cache:
    """Facts of the files of one data set; without a folder it lasts as long as this object."""

    def __init__(self, folder: str | None = None, root: str = "", limit: int = 0) -> None:
        """`root` and the pixel `limit` tell data sets and recipes apart that share the folder."""
        self.problem: str | None = None
        """Why nothing is kept for the next time."""
        self.path: str | None = None
        if folder is not None:
            name = hashlib.sha256(f"{limit}\0{root}".encode("utf-8", "surrogateescape")).hexdigest()[:24]
            self.path = os.path.join(folder, f"{name}.sqlite")
        self._database = self._open()

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._database.close()

    def known(self) -> Known:
        """Everything that is kept and whole."""
        paths: list[bytes] = []
        records: list[bytes] = []
        texts: list[Texts] = []
        size = CHECKSUM_BYTES + RECORD.itemsize
        for path, facts in self._rows("SELECT path, facts FROM files"):
            if not isinstance(path, bytes) or not isinstance(facts, bytes) or len(facts) < size:
                continue
            if _checksum(path, facts[CHECKSUM_BYTES:]) != facts[:CHECKSUM_BYTES]:
                continue
            paths.append(path)
            records.append(facts[CHECKSUM_BYTES:size])
            texts.append(_texts(facts[size:]) if len(facts) > size else NO_TEXTS)
        return Known(paths, np.frombuffer(b"".join(records), RECORD), texts) if paths else NOTHING

    def keep(self, paths: Sequence[bytes], facts: Facts, *, pictures: bool = True) -> None:
        """Keep these facts, and the grey pictures of what was decoded."""
        rows: list[tuple[bytes, bytes]] = []
        greys: list[tuple[bytes, bytes]] = []
        for path, record, texts in zip(paths, facts.records, facts.texts, strict=True):
            body = record.tobytes() + (b"" if texts == NO_TEXTS else json.dumps(texts).encode())
            rows.append((path, _checksum(path, body) + body))
        self._write("INSERT OR REPLACE INTO files VALUES (?, ?)", rows)
        for place in np.flatnonzero(facts.records["decoded"]) if pictures else ():
            content, grey = facts.records["content"][place].tobytes(), facts.pictures[place].tobytes()
            greys.append((content, grey + _checksum(content, grey)))
        self._write("INSERT OR REPLACE INTO pictures VALUES (?, ?)", greys)

    def commit(self) -> None:
        """Make what was kept last."""
        self._try(self._database.commit, None)

    def pictures(self, contents: Sequence[Key]) -> tuple[Pictures, list[int]]:
        """The grey pictures of these contents, N × 64 × 64, and the positions of those that are not here (zeros)."""
        found: dict[Key, bytes] = {}
        wanted = list(dict.fromkeys(contents))
        for start in range(0, len(wanted), PICTURES_AT_ONCE):
            part = wanted[start : start + PICTURES_AT_ONCE]
            query = f"SELECT content, grey FROM pictures WHERE content IN ({','.join('?' * len(part))})"  # noqa: S608
            for content, grey in self._rows(query, part):
                if isinstance(grey, bytes) and _checksum(content, grey[:PICTURE_BYTES]) == grey[PICTURE_BYTES:]:
                    found[content] = grey[:PICTURE_BYTES]
        blank = bytes(PICTURE_BYTES)
        pictures = np.frombuffer(bytearray().join(found.get(key, blank) for key in contents), np.uint8)
        missing = [position for position, key in enumerate(contents) if key not in found]
        return pictures.reshape(len(contents), GREY_SIDE, GREY_SIDE), missing

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        nothing: list[Any] = []
        return self._try(lambda: self._database.execute(query, values).fetchall(), nothing)

    def _write(self, statement: str, rows: Sequence[tuple[bytes, ...]]) -> None:
        if rows:
            self._try(lambda: self._database.executemany(statement, rows), None)

    def _try(self, action: Callable[[], T], otherwise: T) -> T:
        try:
            return action()
        except (sqlite3.Error, OverflowError, MemoryError) as error:
            self.problem = str(error)
            return otherwise

    def _open(self) -> sqlite3.Connection:
        if self.path is None:
            return _passing()
        try:
            folder = os.path.dirname(self.path)
            os.makedirs(folder, mode=0o700, exist_ok=True)
            if os.path.islink(self.path):
                raise OSError("it is a link")
            return _ours(self.path)
        except (sqlite3.Error, OSError) as error:
            self.problem = str(error)
            return _passing()


def _passing() -> sqlite3.Connection:
    """A database that is gone once it is closed: a file without a name, or memory where none can be written."""
    try:
        return _laid_out(_connect(""))
    except sqlite3.Error:
        return _laid_out(_connect(":memory:"))


def _ours(path: str) -> sqlite3.Connection:
    """The database at this path, made anew unless it is ours and whole."""
    for _ in range(2):
        database, kept = None, False
        try:
            database = _connect(path)
            kept = _is_ours(database)
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


def _connect(path: str) -> sqlite3.Connection:
    """A database whose own text cannot run anything."""
    database = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level="IMMEDIATE", check_same_thread=False)
    try:
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of a new database
        database.execute("PRAGMA synchronous = OFF")  # checksums tell what a loss of power may leave
    except sqlite3.Error:
        database.close()
        raise
    return database


def _is_ours(database: sqlite3.Connection) -> bool:
    """Whether this is a cache by this recipe; an empty database becomes one."""
    database.execute("BEGIN IMMEDIATE")
    if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        _laid_out(database)
        return True
    ours = database.execute("PRAGMA application_id").fetchone()[0] == APPLICATION
    layout = [row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")]
    recipe = database.execute("SELECT text FROM recipe").fetchall() if ours and layout == TABLES else None
    database.rollback()
    return recipe == [(RECIPE,)]


def _laid_out(database: sqlite3.Connection) -> sqlite3.Connection:
    for statement in TABLES:
        database.execute(statement)
    database.execute("INSERT INTO recipe VALUES (?)", (RECIPE,))
    database.execute(f"PRAGMA application_id = {APPLICATION}")
    database.commit()
    return database


def _checksum(key: bytes, body: bytes) -> bytes:
    return zlib.crc32(body, zlib.crc32(key)).to_bytes(CHECKSUM_BYTES, "big")


def _texts(data: bytes) -> Texts:
    try:
        parts = json.loads(data)
        return Texts(*(part if isinstance(part, str) else None for part in parts))
    except (ValueError, TypeError, RecursionError):
        return NO_TEXTS
