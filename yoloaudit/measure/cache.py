"""Facts of image files in SQLite: what a later scan need not look at again. A cache is a hint, and never trusted.

A row counts only if its checksum holds. Nothing is unpickled, and no failure of the cache ends a scan.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from platformdirs import user_cache_dir

from yoloaudit.measure.decode import DECODERS, KEY_BYTES
from yoloaudit.measure.facts import NO_TEXTS, RECORD, Facts, Key, Pictures, Records, Texts
from yoloaudit.measure.hint import Form, Hint
from yoloaudit.measure.pixels import GREY_SIDE

VERSION = 4
"""Goes up with every change of what is measured or how it is kept."""
RECIPE = f"yoloaudit {VERSION} {RECORD.itemsize} {DECODERS}"
PICTURES_A_ROW = 7
"""As many as fit into a page of the database: few rows are written, and one picture is one page when it is read."""
ROWS_AT_ONCE = 500
TABLES = (
    "CREATE TABLE files (path BLOB PRIMARY KEY, facts BLOB NOT NULL)",
    "CREATE TABLE pictures (contents BLOB NOT NULL, greys BLOB NOT NULL)",
)
FORM = Form(0x594F4C4F, TABLES, RECIPE)
CHECKSUM_BYTES = 4
PICTURE_BYTES = GREY_SIDE * GREY_SIDE


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


class Cache(Hint):
    """Facts of the files of one data set; without a folder it lasts as long as this object."""

    def __init__(self, folder: str | None = None, root: str = "", limit: int = 0) -> None:
        """`root` and the pixel `limit` tell data sets and recipes apart that share the folder."""
        name = hashlib.sha256(f"{limit}\0{root}".encode("utf-8", "surrogateescape")).hexdigest()[:24]
        super().__init__(None if folder is None else os.path.join(folder, f"{name}.sqlite"), FORM)
        self._places: dict[Key, tuple[int, int]] | None = None
        """Where pictures are kept, by content; None where that has to be looked up."""

    def known(self) -> Known:
        """Everything that is kept and whole."""
        paths: list[bytes] = []
        records: list[bytes] = []
        texts: list[Texts] = []
        size = CHECKSUM_BYTES + RECORD.itemsize
        for path, facts in self.rows("SELECT path, facts FROM files"):
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
        self.write("INSERT OR REPLACE INTO files VALUES (?, ?)", rows)
        shown = np.flatnonzero(facts.records["decoded"]) if pictures else np.zeros(0, np.int64)
        several: list[tuple[bytes, bytes]] = []
        for start in range(0, len(shown), PICTURES_A_ROW):
            some = shown[start : start + PICTURES_A_ROW]
            contents, greys = facts.records["content"][some].tobytes(), facts.pictures[some].tobytes()
            several.append((contents, greys + _checksum(contents, greys)))
        self.write("INSERT INTO pictures VALUES (?, ?)", several)
        self._places = None

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
            held |= {row: greys for row, keys, greys in self.rows(query, part) if _are_whole(keys, greys)}
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
        for row, keys in self.rows("SELECT rowid, contents FROM pictures"):
            if isinstance(keys, bytes):
                for place in range(len(keys) // KEY_BYTES):
                    yield keys[place * KEY_BYTES : (place + 1) * KEY_BYTES], (row, place)


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
