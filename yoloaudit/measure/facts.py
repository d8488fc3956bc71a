"""What is known of one image file, as one record of fixed length and a few texts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.images import Header
from yoloaudit.files import Stamp
from yoloaudit.measure.decode import KEY_BYTES
from yoloaudit.measure.pixels import GREY_SIDE, Measured

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


def put_header(record: Any, header: Header) -> None:
    """Write a header into a record."""
    most = np.iinfo(np.int32).max
    record["width"], record["height"] = min(header.width, most), min(header.height, most)
    for name in ("bytes", "channels", "frames", "orientation", "complete"):
        record[name] = getattr(header, name)
    record["format"] = (header.format or "").encode()
    record["mode"] = (header.mode or "").encode()


def put_measured(record: Any, measured: Measured) -> None:
    """Write the numbers of the pixels into a record."""
    for name, value in zip(Measured._fields, measured, strict=True):
        record[name] = value
    record["decoded"] = True
