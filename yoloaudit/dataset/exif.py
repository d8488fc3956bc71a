"""The bytes of an Exif block → orientation, camera and time of a photograph."""

from __future__ import annotations

import calendar
import re
import warnings
from typing import Any, NamedTuple

from PIL import Image

ORIENTATION, MAKER, MODEL, CHANGED = 0x0112, 0x010F, 0x0110, 0x0132
DETAILS, TAKEN, SERIAL = 0x8769, 0x9003, 0xA431
TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
MOST_TEXT = 64
"""Characters of a camera's name that are kept."""


class Shot(NamedTuple):
    """Where a photograph comes from: maker, model and serial number; seconds since 1970 by the camera's clock."""

    camera: str | None = None
    taken: int = -1


NO_SHOT = Shot()


def orientation_of(block: bytes) -> int:
    """The orientation tag, 1 to 8; 1 where it is absent or makes no sense."""
    return plain_orientation(_tags(block).get(ORIENTATION))


def plain_orientation(value: object) -> int:
    """An orientation tag's value, 1 unless it is 1 to 8."""
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def shot_of(block: bytes) -> Shot:
    """Camera and time by the Exif tags Make, Model, BodySerialNumber and DateTimeOriginal (else DateTime)."""
    tags = _tags(block)
    details = _details(tags)
    parts = [_text(tags.get(MAKER)), _text(tags.get(MODEL)), _text(details.get(SERIAL))]
    camera = " ".join(dict.fromkeys(part for part in parts if part))
    taken = _seconds(_text(details.get(TAKEN)))
    return Shot(camera or None, taken if taken >= 0 else _seconds(_text(tags.get(CHANGED))))


def _tags(block: bytes) -> Image.Exif:
    tags = Image.Exif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tags.load(block)
            tags.get(ORIENTATION)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - Pillow raises many kinds on damaged blocks
        return Image.Exif()
    return tags


def _details(tags: Image.Exif) -> dict[int, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return dict(tags.get_ifd(DETAILS))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - as above
        return {}


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value[: 4 * MOST_TEXT].decode("utf-8", "replace")
    return " ".join(value.replace("\0", " ").split())[:MOST_TEXT] if isinstance(value, str) else ""


def _seconds(text: str) -> int:
    """`YYYY:MM:DD hh:mm:ss` as seconds since 1970, no time zone applied; -1 where it is no time."""
    match = TIME.match(text)
    if match is None:
        return -1
    year, month, day, hour, minute, second = (int(part) for part in match.groups())
    if not (1970 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61):
        return -1
    return calendar.timegm((year, month, day, hour, minute, second))
