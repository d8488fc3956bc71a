"""The first bytes of a JPEG file → the facts of its frame header, or None where another reader has to look.

Markers and their order are those of ITU-T T.81, annex B; Exif lies in APP1 (Exif 2.32, 4.5.4), an MPO's index in APP2.
"""

from __future__ import annotations

from typing import NamedTuple

from yoloaudit.dataset.exif import orientation_of

PLAIN_FRAMES = (0xC0, 0xC1, 0xC2)
"""Baseline, extended sequential and progressive frames: what every decoder reads."""
PROGRESSIVE = 0xC2
SEGMENTS = frozenset({0xC4, 0xCC, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)})
"""Tables, comments and application data, which may come before the frame."""
START_OF_SCAN = 0xDA
MODES = {1: "L", 3: "RGB", 4: "CMYK"}
MAX_SEGMENTS = 256
"""Segments before the frame header, or before the first scan, that are looked through."""


class Frame(NamedTuple):
    """What a JPEG says of itself before its pixels; width and height as stored."""

    width: int
    height: int
    mode: str
    progressive: bool
    exif: bytes | None

    @property
    def orientation(self) -> int:
        """The EXIF orientation, 1 where there is none."""
        return 1 if self.exif is None else orientation_of(self.exif)


def frame_of(data: bytes) -> Frame | None:
    """The frame header; None if it is not among these bytes, or anything about it is out of the ordinary."""
    exif: bytes | None = None
    at = 2
    for _ in range(MAX_SEGMENTS):
        head = data[at : at + 4]
        if len(head) < 4 or head[0] != 0xFF:
            return None
        marker, length = head[1], head[2] << 8 | head[3]
        if marker in PLAIN_FRAMES:
            return _frame(data[at + 4 : at + 10], marker, exif)
        if marker not in SEGMENTS or length < 2:
            return None
        if marker == 0xE1 and exif is None and data[at + 4 : at + 10] == b"Exif\0\0":
            exif = data[at + 10 : at + 2 + length]
        if marker == 0xE2 and data[at + 4 : at + 8] == b"MPF\0":
            return None
        at += 2 + length
    return None


def passes_once(data: bytes) -> bool:
    """Whether a decoder passes over the picture once: it is not progressive, and its first scan holds all components.

    Decoders refuse a second scan then; of any other JPEG they read as many as its author likes. False in doubt.
    """
    at, components = 2, -1
    for _ in range(MAX_SEGMENTS):
        head = data[at : at + 10]
        if len(head) < 10 or head[0] != 0xFF:
            return False
        if head[1] == START_OF_SCAN:
            return head[4] == components
        if head[1] in PLAIN_FRAMES and head[1] != PROGRESSIVE:
            components = head[9]
        elif head[1] not in SEGMENTS:
            return False
        at += 2 + (head[2] << 8 | head[3])
    return False


def _frame(rest: bytes, marker: int, exif: bytes | None) -> Frame | None:
    if len(rest) < 6 or rest[0] != 8:
        return None
    height, width, mode = rest[1] << 8 | rest[2], rest[3] << 8 | rest[4], MODES.get(rest[5])
    if not width or not height or mode is None:
        return None
    return Frame(width, height, mode, marker == PROGRESSIVE, exif)
