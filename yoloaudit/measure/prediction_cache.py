"""What a model saw on images, by their content, in SQLite: what need not be looked at again. A hint, never trusted.

One file for a model and the way it looks. A row counts only if its checksum holds. Nothing is unpickled, and no failure
of the cache ends anything.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from blake3 import blake3

from yoloaudit.measure.hint import Form, Hint

VERSION = 1
"""Goes up with every change of how images are looked at, or of how it is kept."""
RECIPE = f"yoloaudit predictions {VERSION}"
APPLICATION = 0x594F4C50
AT_ONCE = 500
CHECKSUM_BYTES = 16
TABLES = ("CREATE TABLE seen (content BLOB PRIMARY KEY, body BLOB NOT NULL)",)
DETECTION = np.dtype([("box", "<f4", 4), ("score", "<f4"), ("class_id", "<i4")])
SIZE = np.dtype([("height", "<i4"), ("width", "<i4")])


class Known(NamedTuple):
    """What was seen on an image of this size."""

    height: int
    width: int
    detections: Any
    """N records of DETECTION."""


class PredictionCache(Hint):
    """What one model saw; without a folder it lasts as long as this object."""

    def __init__(self, folder: str | None, weights: str, settings: Mapping[str, Any]) -> None:
        """`weights` is the SHA-256 of the model's file; `settings` are all that change what it sees."""
        recipe = "\n".join([RECIPE, weights, *(f"{name} {settings[name]!r}" for name in sorted(settings))])
        name = hashlib.sha256(recipe.encode()).hexdigest()[:24]
        path = None if folder is None else os.path.join(folder, f"seen-{name}.sqlite")
        super().__init__(path, Form(APPLICATION, TABLES, recipe))

    def known(self, contents: Sequence[bytes]) -> dict[bytes, Known]:
        """What was seen on those of these contents that are here and whole."""
        found: dict[bytes, Known] = {}
        wanted = list(dict.fromkeys(contents))
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            query = f"SELECT content, body FROM seen WHERE content IN ({','.join('?' * len(part))})"  # noqa: S608
            for content, body in self.rows(query, part):
                known = _unpacked(content, body)
                if known is not None:
                    found[content] = known
        return found

    def keep(self, seen: Sequence[tuple[bytes, Known]]) -> None:
        """Keep what was seen on the images of these contents, for good; others may write in between."""
        rows = [(content, _packed(content, known)) for content, known in seen]
        if rows:
            self.write("INSERT OR REPLACE INTO seen VALUES (?, ?)", rows)
            self.commit()


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
