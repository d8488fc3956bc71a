"""One line of a label file → a row: the grammar of numbers and fields that auditor and trainer share."""

from __future__ import annotations

import math
import re
import zlib
from typing import NamedTuple

import numpy as np

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
MAX_DIGITS = 128
"""A longer token is no number that anybody wrote on purpose."""
FLOAT32_MAX = float(np.finfo(np.float32).max)


class Row(NamedTuple):
    """A parsed row: `error` is None or the check that reports it; the box is shares of the image."""

    error: str | None
    kind: str | None
    tokens: int
    class_value: float = math.nan
    cx: float = math.nan
    cy: float = math.nan
    w: float = math.nan
    h: float = math.nan
    outline: int = 0
    """A number that tells polygons apart whose boxes are equal; 0 for a box."""


def split_fields(line: str) -> list[str]:
    """Fields of a line: runs of anything but space and tab."""
    return [field for field in re.split("[ \t]+", line) if field]


def why_no_number(token: str) -> str | None:
    """None for a finite number in float32, else the check that reports the token."""
    if len(token) > MAX_DIGITS:
        return "non-numeric-value"
    if NUMBER.fullmatch(token):
        return None if abs(float(token)) <= FLOAT32_MAX else "non-finite-value"
    return "non-finite-value" if NOT_FINITE.fullmatch(token) else "non-numeric-value"


def first_fault(line: str, error: str) -> tuple[str, str]:
    """The first field of a line that this check reports: what it stands for, `class` or `value`, and its text."""
    for place, field in enumerate(split_fields(line)):
        if why_no_number(field) == error:
            return "value" if place else "class", field
    return "value", line


def parse_row(fields: list[str], *, polygons: bool) -> Row:
    """A row from its fields; `polygons`: the file holds a row of more than 6 fields, so all rows are read as points."""
    count = len(fields)
    errors = {error for field in fields if (error := why_no_number(field))}
    if errors:
        error = "non-numeric-value" if "non-numeric-value" in errors else "non-finite-value"
        return Row(error, None, count)
    values = [float(np.float32(float(field))) for field in fields]
    if polygons:
        return _parse_polygon(values)
    if count == 5:
        class_value, cx, cy, w, h = values
        return Row(None, "box", count, class_value, cx, cy, w, h)
    error = "confidence-column" if count == 6 and 0 <= values[5] <= 1 else "wrong-field-count"
    return Row(error, None, count, values[0] if values else math.nan)


def _parse_polygon(values: list[float]) -> Row:
    """The box around the points, as the trainer makes it; a 5-field row is two points to it."""
    count = len(values)
    if count < 3:
        return Row("wrong-field-count", None, count, values[0] if values else math.nan)
    if count % 2 == 0:
        return Row("broken-polygon", "polygon", count, values[0])
    xs, ys = values[1::2], values[2::2]
    low_x, high_x, low_y, high_y = min(xs), max(xs), min(ys), max(ys)
    kind = "box" if count == 5 else "polygon"
    return Row(
        None,
        kind,
        count,
        values[0],
        (low_x + high_x) / 2,
        (low_y + high_y) / 2,
        high_x - low_x,
        high_y - low_y,
        outline=0 if kind == "box" else zlib.crc32(np.array(values, np.float32).tobytes()),
    )
