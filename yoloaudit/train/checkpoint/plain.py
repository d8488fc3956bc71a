"""Inert records → plain values: texts, numbers, lists and mappings of them, within bounds; what is none is left out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np

from yoloaudit.findings import shorten
from yoloaudit.train.checkpoint.inert import Record

MOST_VALUES = 5_000
MOST_DEPTH = 12
MOST_TEXT = 1_000
MOST_ELEMENTS = 100
"""Elements of an array, parts of a path."""
NOTHING = object()
"""Stands for what has no plain value."""
SPENT = object()
"""Stands for what comes after as many values as may be."""


def plain(value: Any, most: int = MOST_VALUES) -> Any:
    """The plain value of what a pickle describes; None where it has none.

    At most `most` values in all, and 12 levels: the rest is left out. Numbers that are not finite become None, tuples
    and sets lists, keys texts; paths and dates become texts.
    """
    made = _plain(value, 0, iter(range(most)))
    return None if made is NOTHING or made is SPENT else made


def _plain(value: Any, depth: int, left: Iterator[int]) -> Any:
    if next(left, None) is None:
        return SPENT
    if depth > MOST_DEPTH:
        return NOTHING
    if value is None or type(value) is bool:
        return value
    if type(value) is str:
        return shorten(value, MOST_TEXT)
    if type(value) is int:
        return value if -(1 << 63) <= value < 1 << 63 else str(value)
    if type(value) is float:
        return value if math.isfinite(value) else None
    if type(value) in (list, tuple):
        return [made for _, made in _each(enumerate(value), depth, left)]
    if type(value) is dict:
        return {shorten(str(key), MOST_TEXT): made for key, made in _each(value.items(), depth, left)}
    return _record(value, depth, left) if type(value) is Record else NOTHING


def _each(items: Iterable[tuple[Any, Any]], depth: int, left: Iterator[int]) -> Iterator[tuple[Any, Any]]:
    """Items with the plain values that they have, until the budget is spent."""
    for key, item in items:
        made = _plain(item, depth + 1, left)
        if made is SPENT:
            return
        if made is not NOTHING:
            yield key, made


def _record(record: Record, depth: int, left: Iterator[int]) -> Any:
    name, arguments = record.name.name, record.arguments
    if name == "set":
        return _plain(arguments[0] if arguments else [], depth + 1, left)
    if name == "Size":
        return _plain(arguments[0] if arguments else NOTHING, depth + 1, left)
    if name == "device":
        return shorten(":".join(str(part) for part in arguments[:2] if type(part) in (str, int)), MOST_TEXT)
    if name.endswith("Path"):
        return _path(name, arguments)
    if name in ("date", "datetime"):
        return _date(name, arguments)
    if name in ("scalar", "_reconstruct"):
        return _numbers(record)
    return NOTHING


def _path(name: str, parts: tuple[Any, ...]) -> Any:
    if len(parts) > MOST_ELEMENTS or any(type(part) is not str for part in parts):
        return NOTHING
    kind = PureWindowsPath if "Windows" in name else PurePosixPath
    return shorten(str(kind(*(part[:MOST_TEXT] for part in parts))), MOST_TEXT)


def _date(name: str, arguments: tuple[Any, ...]) -> Any:
    """ISO text; Python pickles a date as its year in two bytes, month, day, and the time of the day."""
    packed = _bytes(arguments[0]) if len(arguments) == 1 else b""
    year = int.from_bytes(packed[:2], "big")
    try:
        if name == "date" and len(packed) == 4:
            return date(year, packed[2], packed[3]).isoformat()
        if name == "datetime" and len(packed) == 10:
            month, day, hour, minute, second, *rest = packed[2:]
            return datetime(year, month, day, hour, minute, second, int.from_bytes(rest, "big")).isoformat()
    except ValueError:
        return NOTHING
    return NOTHING


def _numbers(record: Record) -> Any:
    """A NumPy scalar as a number; an array as the list of its elements, in the order of its memory."""
    if record.name.name == "scalar" and len(record.arguments) == 2:
        kind, data = record.arguments
    elif type(record.state) is tuple and len(record.state) == 5:
        kind, data = record.state[2], record.state[4]
    else:
        return NOTHING
    if type(kind) is not Record or kind.name.name != "dtype":
        return NOTHING
    dtype = np.dtype(kind.arguments[0])
    order = kind.state[1] if type(kind.state) is tuple and len(kind.state) > 1 else "<"
    packed = _bytes(data, MOST_ELEMENTS * 8)
    if order not in ("<", "|", "=") or not packed or len(packed) % dtype.itemsize:
        return NOTHING
    numbers = [None if number != number or abs(number) == math.inf else number for number in _elements(packed, dtype)]
    return numbers[0] if record.name.name == "scalar" else numbers


def _elements(packed: bytes, dtype: np.dtype[Any]) -> list[Any]:
    if dtype.kind == "b":
        return [bool(byte) for byte in packed]
    elements: list[Any] = np.frombuffer(packed, dtype).tolist()
    return elements


def _bytes(value: Any, most: int = 16) -> bytes:
    """Bytes as they are, or as NumPy writes them at protocol 2: a text to be encoded; none if there are too many."""
    if type(value) is Record and value.name.name == "encode" and len(value.arguments) == 2:
        text, encoding = value.arguments
        if type(text) is str and encoding == "latin1" and len(text) <= most:
            return text.encode("latin-1", "ignore")
    return value if type(value) is bytes and len(value) <= most else b""
