"""What is known of one image file, as one record of fixed length and a few texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.images import Header
from yoloaudit.files import Stamp
from yoloaudit.measure.decode import KEY_BYTES
from yoloaudit.measure.pixels import GREY_SIDE, NOT_MEASURED, Measured

KEY = f"V{KEY_BYTES}"
STAMP = [(name, "i8") for name in Stamp._fields]
HEADER = [
    ("width", "i4"),
    ("height", "i4"),
    ("bytes", "i8"),
    ("format", "S16"),
    ("mode", "S8"),
    ("channels", "i1"),
    ("frames", "i4"),
    ("orientation", "i1"),
    ("complete", "?"),
]
PIXELS = [(name, "?" if name == "grey" else "f4") for name in Measured._fields]
RECORD = np.dtype(
    [
        *STAMP,
        ("seen", "i8"),  # nanoseconds since 1970 when it was looked at; 0 never
        ("state", "i1"),  # one of the states below
        ("content", KEY),  # hash of the bytes; zeros: unread
        *HEADER,
        ("decoded", "?"),
        *PIXELS,
        ("contrast", "f4"),
        ("entropy", "f4"),
        ("perceptual", "u8"),
        ("reduced", "u8"),
        ("exact", KEY),
        ("taken", "i8"),
    ]
)
UNREAD, LOOKED, UNCHANGED, POSTPONED = range(4)
"""States: nothing could be read; looked at; still has the expected content; large, and left for later."""

MOST_SIDE = np.iinfo(np.int32).max
NO_KEY = bytes(KEY_BYTES)
NO_STAMP = Stamp(0, 0, 0, 0)
NO_HEADER = Header()

Records = NDArray[np.void]
Pictures = NDArray[np.uint8]
Key = bytes


class Texts(NamedTuple):
    """What a record has no room for."""

    error: str | None = None
    """Why the file cannot be opened as an image."""
    damage: str | None = None
    camera: str | None = None


NO_TEXTS = Texts()


class Look(NamedTuple):
    """What one look at a file found."""

    seen: int
    state: int = UNREAD
    stamp: Stamp = NO_STAMP
    content: Key = NO_KEY
    header: Header = NO_HEADER
    measured: Measured | None = None
    """The numbers of its pixels, if it was decoded."""
    reduced: int = 0
    exact: Key = NO_KEY
    taken: int = -1
    texts: Texts = NO_TEXTS


class Facts(NamedTuple):
    """What is known of some files: one record, texts and grey picture (64 × 64) for each, in order."""

    records: Records
    texts: list[Texts]
    pictures: Pictures


def blank(count: int) -> Facts:
    """Nothing known of so many files."""
    records = np.zeros(count, RECORD)
    records["taken"] = -1
    records["orientation"] = 1
    records["frames"] = 1
    records["complete"] = True
    return Facts(records, [NO_TEXTS] * count, np.zeros((count, GREY_SIDE, GREY_SIDE), np.uint8))


def records_of(looks: Sequence[Look]) -> Records:
    """A record of each look; what is counted from many images at once is still 0."""
    return np.array([_row(look) for look in looks], RECORD)


def _row(look: Look) -> tuple[Any, ...]:
    """The fields of a record in order. One tuple a file: writing field by field takes ten times as long."""
    width, height, size, form, mode, channels, frames, orientation, complete, _ = look.header
    sides = min(width, MOST_SIDE), min(height, MOST_SIDE)
    header = (*sides, size, form or "", mode or "", channels, frames, orientation, complete)
    decoded, measured = (False, NOT_MEASURED) if look.measured is None else (True, look.measured)
    start = (*look.stamp, look.seen, look.state, look.content, *header)
    return (*start, decoded, *measured, 0, 0, 0, look.reduced, look.exact, look.taken)
