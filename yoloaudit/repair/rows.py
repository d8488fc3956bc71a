"""One defect of a row → the row without it: a pure function for each kind of fix that findings name.

The functions are called in the order of ROWS, so that each sees what those before it made of the row. Each raises
NotMended where it cannot help; the row is then as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from yoloaudit.repair.edits import NotMended
from yoloaudit.repair.label_text import Frame, LabelText
from yoloaudit.repair.numbers import FIELD, fields_of, numbers_of, with_fields, with_values

Mender: TypeAlias = Callable[[LabelText, int, Frame | None], str]
"""Changes a line of the text; what it did, in words."""
SEPARATORS = re.compile("[ \t]*[,;][ \t,;]*")
BOX_FIELDS = 5
AMONG_POLYGONS = "stands among polygons, which makes it another box: mixed-geometry comes first"


def separators(text: LabelText, line: int, _: Frame | None) -> str:
    """Spaces for commas and semicolons."""
    raw = SEPARATORS.sub(" ", _raw(text, line)).strip(" \t")
    numbers_of(raw)
    text.lines.put(line, raw)
    return "spaces put for other separators"


def drop_column(text: LabelText, line: int, _: Frame | None) -> str:
    """The row without its sixth field."""
    raw = _raw(text, line)
    spans = list(FIELD.finditer(raw.rstrip()))
    if len(spans) != BOX_FIELDS + 1:
        raise NotMended("does not have six fields any more", "changed")
    text.lines.put(line, raw[: spans[-2].end()] + raw[spans[-1].end() :])
    return "column of confidences dropped"


def rewrite_class(text: LabelText, line: int, _: Frame | None) -> str:
    """A class written as 1.0 as 1."""
    raw = _raw(text, line)
    value = float(np.float32(numbers_of(raw)[0]))
    if not value.is_integer() or abs(value) >= 2**31:
        raise NotMended("its class is no whole number: which one is meant only you can say")
    text.lines.put(line, with_fields(raw, {0: str(int(value))}))
    return "class written as a whole number"


def shift(text: LabelText, line: int, _: Frame | None) -> str:
    """One less for the class."""
    raw = _raw(text, line)
    field = fields_of(raw)[0]
    try:
        value = float(field)
    except ValueError:
        raise NotMended("its class is no number") from None
    if not value.is_integer() or not 1 <= value < 2**31:
        raise NotMended("its class is no whole number from 1 on")
    text.lines.put(line, with_fields(raw, {0: str(int(value) - 1)}))
    return "1 taken off the class id"


def normalise(text: LabelText, line: int, frame: Frame | None) -> str:
    """Pixels as shares of the image."""
    if frame is None:
        raise NotMended("the size of its image is not known, so pixels cannot be turned into shares", "refused")
    raw, values = _raw(text, line), _coordinates(text, line)
    sides = [frame.width, frame.height] * (len(values) // 2)
    text.lines.put(
        line, with_values(raw, 1, [value / side for value, side in zip(values, sides, strict=True)], text.decimals)
    )
    return "pixels turned into shares of the image"


def convert(text: LabelText, line: int, _: Frame | None) -> str:
    """Corners as centre and size."""
    raw, (x1, y1, x2, y2) = _raw(text, line), _box(text, line)
    if x2 <= x1 or y2 <= y1:
        raise NotMended("is no pair of corners in order", "changed")
    text.lines.put(line, with_values(raw, 1, [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], text.decimals))
    return "corners turned into centre and size"


def clip(text: LabelText, line: int, _: Frame | None) -> str:
    """The part inside the image; of a polygon, each point moved to the edge."""
    raw = _raw(text, line)
    if text.polygons and len(fields_of(raw)) != BOX_FIELDS:
        values = [min(max(value, 0.0), 1.0) for value in _coordinates(text, line)]
    else:
        cx, cy, w, h = _box(text, line)
        (cx, w), (cy, h) = _clipped(cx, w), _clipped(cy, h)
        values = [cx, cy, w, h]
    text.lines.put(line, with_values(raw, 1, values, text.decimals))
    return "clipped to the image"


def _clipped(centre: float, size: float) -> tuple[float, float]:
    """Centre and size of an interval as far as it lies in 0 to 1; as it is where it lies inside."""
    low, high = centre - size / 2, centre + size / 2
    if size > 0 and low >= 0 and high <= 1:
        return centre, size
    low, high = max(low, 0.0), min(high, 1.0)
    if not low < high:
        raise NotMended("nothing of the box lies inside the image, or it has no size: draw it anew, or drop the row")
    return (low + high) / 2, high - low


def drop(text: LabelText, line: int, _: Frame | None) -> str:
    """No row."""
    _raw(text, line)
    text.lines.drop(line)
    return "row dropped"


ROWS: Mapping[str, Mender] = {
    "separators": separators,
    "drop-column": drop_column,
    "rewrite-class": rewrite_class,
    "normalise": normalise,
    "convert": convert,
    "clip": clip,
    "delete": drop,
    "drop-line": drop,
}
"""Kinds of fixes of a row, in the order in which they are done."""


def polygon_to_box(text: LabelText) -> int:
    """The box around each polygon of a file, in the place of the polygon; how many."""
    rows = [(line, raw) for line, raw in text.rows() if len(fields_of(raw)) != BOX_FIELDS]
    boxes = [(line, raw, text.row(line)) for line, raw in rows]
    for line, _, row in boxes:
        if row is None or row.error is not None or row.kind != "polygon":
            raise NotMended(f"line {line} of the file is neither a box nor a polygon: mend it first")
    for line, raw, row in boxes:
        assert row is not None
        start, end = _outer(raw)
        values = " ".join(f"{value:.{text.decimals}f}" for value in (row.cx, row.cy, row.w, row.h))
        text.lines.put(line, f"{start}{fields_of(raw)[0]} {values}{end}")
    text.polygons = False
    return len(boxes)


def _outer(raw: str) -> tuple[str, str]:
    """What surrounds the fields of a row."""
    body = raw.strip()
    start = raw.find(body)
    return raw[:start], raw[start + len(body) :]


def _raw(text: LabelText, line: int) -> str:
    raw = text.lines.text(line)
    if raw is None or not raw.strip():
        raise NotMended("the row is gone", "changed")
    return raw


def _coordinates(text: LabelText, line: int) -> list[float]:
    values = numbers_of(_raw(text, line))[1:]
    if text.polygons and len(values) == BOX_FIELDS - 1:
        raise NotMended(AMONG_POLYGONS)
    if len(values) % 2 or (not text.polygons and len(values) != BOX_FIELDS - 1):
        raise NotMended("is neither a box nor a polygon")
    return values


def _box(text: LabelText, line: int) -> tuple[float, float, float, float]:
    values = _coordinates(text, line)
    if len(values) != BOX_FIELDS - 1:
        raise NotMended("is no box")
    cx, cy, w, h = values
    return cx, cy, w, h
