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
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

import numpy as np
from platformdirs import user_cache_dir

from yoloaudit.measure.decode import DECODERS, KEY_BYTES
from yoloaudit.measure.facts import NO_TEXTS, RECORD, Facts, Key, Pictures, Records, Texts
from yoloaudit.measure.pixels import GREY_SIDE

VERSION = 4
"""Goes up with every change of what is measured or how it is kept."""
RECIPE = f"yoloaudit {VERSION} {RECORD.itemsize} {DECODERS}"
APPLICATION = 0x594F4C4F
LOCK_SECONDS = 1.0
"""A lock of another process is waited for no longer; what could not be kept is measured again next time."""
PAGE_BYTES = 32768
PICTURES_A_ROW = 7
"""As many as fit into a page: rows are few when they are written, and one picture is one page when it is read."""
ROWS_AT_ONCE = 500
TABLES = [
    "CREATE TABLE recipe (text TEXT NOT NULL)",
    "CREATE TABLE files (path BLOB PRIMARY KEY, facts BLOB NOT NULL)",
    "CREATE TABLE pictures (contents BLOB NOT NULL, greys BLOB NOT NULL)",
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
        self._places: dict[Key, tuple[int, int]] | None = None
        """Where pictures are kept, by content; None where that has to be looked up."""
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
        whole, size = facts.records.tobytes(), RECORD.itemsize
        for place, (path, texts) in enumerate(zip(paths, facts.texts, strict=True)):
            body = whole[place * size : (place + 1) * size]
            if texts != NO_TEXTS:
                body += json.dumps(texts).encode()
            rows.append((path, _checksum(path, body) + body))
        self._write("INSERT OR REPLACE INTO files VALUES (?, ?)", rows)
        shown = np.flatnonzero(facts.records["decoded"]) if pictures else np.zeros(0, np.int64)
        several: list[tuple[bytes, bytes]] = []
        for start in range(0, len(shown), PICTURES_A_ROW):
            some = shown[start : start + PICTURES_A_ROW]
            contents, greys = facts.records["content"][some].tobytes(), facts.pictures[some].tobytes()
            several.append((contents, greys + _checksum(contents, greys)))
        self._write("INSERT INTO pictures VALUES (?, ?)", several)
        self._places = None

    def commit(self) -> None:
        """Make what was kept last."""
        self._try(self._database.commit, None)

    def pictures(self, contents: Sequence[Key]) -> tuple[Pictures, list[int]]:
        """The grey pictures of these contents, N × 64 × 64, and the positions of those that are not here (zeros)."""
        if self._places is None:
            self._places = dict(self._kept_places())
        where = [self._places.get(key) for key in contents]
        rows = list(dict.fromkeys(place[0] for place in where if place is not None))
        held: dict[int, bytes] = {}
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[start : start + ROWS_AT_ONCE]
            query = f"SELECT rowid, contents, greys FROM pictures WHERE rowid IN ({','.join('?' * len(part))})"  # noqa: S608
            held |= {row: greys for row, keys, greys in self._rows(query, part) if _are_whole(keys, greys)}
        pictures = np.zeros((len(contents), PICTURE_BYTES), np.uint8)
        missing: list[int] = []
        for position, place in enumerate(where):
            if place is None or place[0] not in held:
                missing.append(position)
            else:
                offset = place[1] * PICTURE_BYTES
                pictures[position] = np.frombuffer(held[place[0]], np.uint8, PICTURE_BYTES, offset)
        return pictures.reshape(len(contents), GREY_SIDE, GREY_SIDE), missing

    def _kept_places(self) -> Iterator[tuple[Key, tuple[int, int]]]:
        """Each content of which there is a picture, with its row and its place in that row."""
        for row, keys in self._rows("SELECT rowid, contents FROM pictures"):
            if isinstance(keys, bytes):
                for place in range(len(keys) // KEY_BYTES):
                    yield keys[place * KEY_BYTES : (place + 1) * KEY_BYTES], (row, place)

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


def _are_whole(contents: Any, greys: Any) -> bool:
    """Whether a row holds the pictures that it says, as they were written."""
    if not isinstance(contents, bytes) or not isinstance(greys, bytes):
        return False
    size = len(contents) // KEY_BYTES * PICTURE_BYTES
    return len(greys) == size + CHECKSUM_BYTES and _checksum(contents, greys[:size]) == greys[size:]


def _texts(data: bytes) -> Texts:
    try:
        parts = json.loads(data)
        return Texts(*(part if isinstance(part, str) else None for part in parts))
    except (ValueError, TypeError, RecursionError):
        return NO_TEXTS
