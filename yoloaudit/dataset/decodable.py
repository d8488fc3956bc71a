"""The header of an image file, and its bytes → whether it may be decoded, and what that may cost.

One set of limits for all who decode: what measures images, and what shows them to a network.
"""

from __future__ import annotations

from yoloaudit.dataset.images import Header
from yoloaudit.dataset.jpeg import passes_once

MOST_PIXELS, MOST_PIXELS_UNTRUSTED = 89_478_485, 64_000_000
"""Images of more pixels are not decoded: Pillow's limit, and ours for data that are not trusted."""
MOST_BYTES = 256 << 20
"""Files of more bytes are not read."""
LARGE_PIXELS, LARGE_BYTES = 1 << 24, 1 << 24
"""Images above these are decoded one at a time, so that memory does not grow with the number of workers."""
MOST_SCANS = 100
"""Scans of a JPEG that are still decoded: each costs a pass over the whole image."""
ENDS_EARLY = "ends early: the decoder ran out of data before the last pixel"
START_OF_SCAN = b"\xff\xda"


def most_pixels(untrusted: bool) -> int:
    """Pixels of an image that is still decoded."""
    return MOST_PIXELS_UNTRUSTED if untrusted else MOST_PIXELS


def refused(header: Header, most: int) -> str | None:
    """Why a file with this header is not decoded, in words to follow its name; None if it may be."""
    if header.error is not None:
        return header.error
    if header.width * header.height > most:
        return f"is {header.width:,} × {header.height:,} px, above the limit of {most:,} pixels"
    return None


def is_jpeg(header: Header) -> bool:
    """Whether JPEG decoders read it."""
    return header.format in ("JPEG", "MPO")


def refused_scans(data: bytes, header: Header) -> str | None:
    """Why the bytes of a file whose header may be decoded are not: a JPEG of too many scans; None if they may be.

    One that is read in a single pass may hold whatever it likes behind it, such as the film that a phone adds.
    """
    if not is_jpeg(header) or passes_once(data):
        return None
    scans = data.count(START_OF_SCAN)
    return f"has {scans:,} scans, more than {MOST_SCANS}: it is not decoded" if scans > MOST_SCANS else None
