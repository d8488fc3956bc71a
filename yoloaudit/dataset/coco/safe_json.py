"""The bytes of a JSON file → its value, within bounds on depth, count and digits; refused with the reason otherwise."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

MAX_DEPTH = 64
MAX_DIGITS = 40
MAX_REPEATED = 8
"""Keys that stand twice and are named."""
VALUES_A_CONTAINER = 8
"""So many values may be read for each list or object that may be."""
CHUNK = 1 << 20
BRACKETS = b"[]{}"
NO_BRACKETS = bytes(set(range(256)) - set(BRACKETS))
OPENING = 0x02
"""The bit that sets [ and { apart from ] and }."""
ONLY_DIGITS = bytes(48 if 48 <= letter <= 57 else 32 for letter in range(256))


class JsonRefused(Exception):
    """Text that is not read as JSON: why, and on which line."""

    def __init__(self, why: str, line: int = 1) -> None:
        super().__init__(why)
        self.line = line


class Document(NamedTuple):
    """The value of a JSON text, and the keys that stand twice in one of its objects (the later one counts)."""

    value: Any
    repeated: tuple[str, ...]


def read_json(data: bytes, most: int) -> Document:
    """The value of a JSON text of at most `most` lists and objects, and 8 times as many values; raises JsonRefused.

    NaN and Infinity are read as the numbers they name, for the caller to judge.
    """
    text = _text(data)
    _refuse_structure(data, most)
    repeated: dict[str, None] = {}

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs) and len(repeated) < MAX_REPEATED:
            repeated.update((key, None) for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        return value

    options: dict[str, Any] = {"object_pairs_hook": mapping}
    if b"0" * (MAX_DIGITS + 1) in data.translate(ONLY_DIGITS):
        options["parse_int"] = _integer
    try:
        with without_collector():
            return Document(json.loads(text, **options), tuple(repeated))
    except json.JSONDecodeError as error:
        raise JsonRefused(f"is not valid JSON: {error.msg} (column {error.colno})", error.lineno) from None
    except RecursionError:
        raise JsonRefused(f"is nested more than {MAX_DEPTH} levels deep, the limit for JSON") from None


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector from walking through millions of new values, none of which is garbage."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def shown(value: object, most: int = 200) -> str:
    """A value of a JSON text, as text on one line."""
    if type(value) in (int, float):
        return str(value)
    try:
        return json.dumps(value, separators=(",", ":"), default=str)[:most]
    except (RecursionError, ValueError):
        return "…"


def _text(data: bytes) -> str:
    if not data.strip():
        raise JsonRefused("is empty: a JSON object is expected")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data:
        raise JsonRefused("holds NUL bytes: UTF-16 or binary data, not JSON in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise JsonRefused(f"is not UTF-8, so no JSON: byte 0x{data[error.start]:02x} cannot be decoded", line) from None


def _refuse_structure(data: bytes, most: int) -> None:
    """Count before anything is built; marks inside of strings are counted too, which no real text notices."""
    values = data.count(b",")
    if values > most * VALUES_A_CONTAINER:
        raise JsonRefused(f"holds {values:,} values, above the limit of {most * VALUES_A_CONTAINER:,} for JSON")
    marks = data.translate(None, NO_BRACKETS)
    opened = marks.count(b"[") + marks.count(b"{")
    if opened > most:
        raise JsonRefused(f"holds {opened:,} lists and objects, above the limit of {most:,} for JSON")
    depth = 0
    for start in range(0, len(marks), CHUNK):
        steps = np.where(np.frombuffer(marks[start : start + CHUNK], np.uint8) & OPENING, 1, -1)
        depths = depth + np.cumsum(steps)
        if depths.max() > MAX_DEPTH:
            raise JsonRefused(f"is nested more than {MAX_DEPTH} levels deep, the limit for JSON")
        depth = int(depths[-1])


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise JsonRefused(f"holds an integer of {len(digits):,} digits, above the limit of {MAX_DIGITS} for JSON")
    return int(digits)
