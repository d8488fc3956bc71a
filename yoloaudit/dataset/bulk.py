"""Label files that hold nothing but plain numbers → their rows, many files at once: boxes, or polygons and boxes."""

from __future__ import annotations

import re
import warnings
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.grammar import MAX_DIGITS
from yoloaudit.dataset.tables import KINDS

PLAIN = b"0123456789. \t\r\n"
"""Text of these bytes alone is parsed in bulk."""
_NUMBER = rb"(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)"
PLAIN_ROWS = re.compile(rb"(?:[ \t]*+%b(?:[ \t]++%b)*+[ \t]*+\r?+\n|\r?+\n)*+" % (_NUMBER, _NUMBER))
"""Such text with nothing but numbers in its rows."""
LONG_FIELD = re.compile(rb"[0-9.]{%d}" % (MAX_DIGITS + 1))
Files: TypeAlias = Sequence[tuple[int, bytes]]
"""Files by their position among all that are read."""


@dataclass
class ParsedRows:
    """Rows of some label files, in columns as in LabelRows."""

    file: NDArray[np.int32]
    line: NDArray[np.int32]
    text: bytes
    error: NDArray[np.int8]
    kind: NDArray[np.int8]
    tokens: NDArray[np.int32]
    values: NDArray[np.float32]
    outlines: NDArray[np.uint32]


@dataclass
class _Lines:
    """The lines of some files as one text: T lines that are not empty."""

    files: Files
    texts: list[bytes]
    blob: bytes
    counts: NDArray[np.int64]
    """Lines of each file, empty ones included."""
    full: NDArray[np.bool_]
    """Which lines are not empty."""
    tokens: NDArray[np.int32]
    """Fields of each line that is not empty (T)."""
    lengths: NDArray[np.intp]
    """Bytes of each line that is not empty (T)."""
    owner: NDArray[np.intp]
    """Which of the files each line that is not empty belongs to (T)."""


def parse_in_bulk(files: Files) -> tuple[list[ParsedRows], Files]:
    """The rows of plain files, and the files that have to be read line by line, in order."""
    odd = [item for item in files if item[1].translate(None, PLAIN) or _lone_return(item[1])]
    plain = _without(files, odd)
    boxes, uneven = _parsed(plain, _boxes)
    polygons, uneven = _parsed(uneven, _polygons)
    return [*boxes, *polygons], sorted([*odd, *uneven])


def _lone_return(data: bytes) -> bool:
    return b"\r" in data and b"\r" in data.replace(b"\r\n", b"")


def _without(files: Files, some: Files) -> Files:
    left_out = {position for position, _ in some}
    return [item for item in files if item[0] not in left_out] if some else files


def _parsed(files: Files, parse: Callable[[_Lines], ParsedRows | NDArray[np.intp]]) -> tuple[list[ParsedRows], Files]:
    """Rows of all files that `parse` takes, and the files that it does not; it may find them one kind after another."""
    refused: list[tuple[int, bytes]] = []
    while files:
        rows = parse(_lines_of(files))
        if isinstance(rows, ParsedRows):
            return [rows], refused
        some = [files[index] for index in rows.tolist()] or list(files)
        refused += some
        files = _without(files, some)
    return [], refused


def _lines_of(files: Files) -> _Lines:
    texts = [data if data.endswith(b"\n") else data + b"\n" for _, data in files]
    counts = np.fromiter((text.count(b"\n") for text in texts), np.int64, len(files))
    blob = b"".join(texts).replace(b"\r\n", b"\n")
    letters = np.frombuffer(blob, np.uint8)
    starts = letters > 32
    starts[1:] &= letters[:-1] <= 32
    ends = np.flatnonzero(letters == 10)
    begins = np.append(0, ends[:-1] + 1)
    full = ends > begins
    tokens = np.add.reduceat(starts, begins, dtype=np.int32)[full]
    owner = np.repeat(np.arange(len(files)), counts)[full]
    return _Lines(files, texts, blob, counts, full, tokens, (ends - begins)[full], owner)


def _boxes(lines: _Lines) -> ParsedRows | NDArray[np.intp]:
    """Rows of 5 numbers; or which files hold anything else."""
    uneven = (lines.tokens != 5) | (lines.lengths > MAX_DIGITS)
    if uneven.any():
        return np.unique(lines.owner[uneven])
    values = _numbers(lines)
    if values is None:
        return _misread(lines)
    rows = values.reshape(-1, 5)
    endless = ~np.isfinite(rows).all(axis=1)
    if endless.any():
        return np.unique(lines.owner[endless])
    size = len(rows)
    return _rows(lines, np.zeros(size, np.int8), rows, np.zeros(size, np.uint32))


def _polygons(lines: _Lines) -> ParsedRows | NDArray[np.intp]:
    """Rows of a class and points, 5 numbers being two of them, in files of which a row has more; or the other files."""
    many = np.zeros(len(lines.files), np.bool_)
    many[lines.owner[lines.tokens > 6]] = True
    uneven = (lines.tokens < 5) | (lines.tokens % 2 == 0) | ~many[lines.owner]
    if LONG_FIELD.search(lines.blob):
        return np.array([index for index, text in enumerate(lines.texts) if LONG_FIELD.search(text)], np.intp)
    if uneven.any():
        return np.unique(lines.owner[uneven])
    values = _numbers(lines)
    if values is None:
        return _misread(lines)
    ends = np.cumsum(lines.tokens)
    starts = ends - lines.tokens
    endless = ~np.isfinite(np.add.reduceat(np.abs(values, dtype=np.float64), starts)) if len(starts) else starts > 0
    if endless.any():
        return np.unique(lines.owner[endless])
    points = np.delete(values, starts).astype(np.float64)
    first = (starts - np.arange(len(starts))) // 2
    low_x, low_y = (np.minimum.reduceat(points[axis::2], first) for axis in (0, 1))
    high_x, high_y = (np.maximum.reduceat(points[axis::2], first) for axis in (0, 1))
    boxes = np.stack(
        [values[starts], (low_x + high_x) / 2, (low_y + high_y) / 2, high_x - low_x, high_y - low_y], axis=1
    )
    raw = values.tobytes()
    outlines = np.fromiter(
        (zlib.crc32(raw[4 * start : 4 * end]) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)),
        np.uint32,
        len(starts),
    )
    two = lines.tokens == 5
    outlines[two] = 0
    kinds = np.where(two, KINDS.index("box"), KINDS.index("polygon")).astype(np.int8)
    return _rows(lines, kinds, boxes.astype(np.float32), outlines)


def _rows(
    lines: _Lines, kinds: NDArray[np.int8], values: NDArray[np.float32], outlines: NDArray[np.uint32]
) -> ParsedRows:
    positions = np.fromiter((position for position, _ in lines.files), np.int32, len(lines.files))
    numbers = np.arange(1, len(lines.full) + 1) - np.repeat(np.cumsum(lines.counts) - lines.counts, lines.counts)
    return ParsedRows(
        positions[lines.owner],
        numbers[lines.full].astype(np.int32),
        lines.blob if lines.full.all() else re.sub(rb"\n+", b"\n", lines.blob).lstrip(b"\n"),
        np.full(len(values), -1, np.int8),
        kinds,
        lines.tokens,
        values,
        outlines,
    )


def _numbers(lines: _Lines) -> NDArray[np.float32] | None:
    """All numbers; None if one cannot be read, or is more than one as `0.5.5`. One that is too large is infinite."""
    if not len(lines.tokens):
        return np.zeros(0, np.float32)
    with warnings.catch_warnings(), np.errstate(over="ignore"):
        warnings.simplefilter("error", DeprecationWarning)
        try:
            values = np.fromstring(lines.blob, dtype=np.float64, sep=" ")
        except (DeprecationWarning, ValueError):
            return None
        return values.astype(np.float32) if len(values) == int(lines.tokens.sum()) else None


def _misread(lines: _Lines) -> NDArray[np.intp]:
    """Files with a field that is no number."""
    return np.array([index for index, text in enumerate(lines.texts) if not PLAIN_ROWS.fullmatch(text)], np.intp)
