"""Label files → rows, broken lines included: text in bulk where it is plain numbers, line by line where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.bulk import ParsedRows, parse_in_bulk
from yoloaudit.dataset.grammar import Row, parse_row, split_fields
from yoloaudit.dataset.tables import KINDS, ROW_ERRORS
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root


@dataclass(frozen=True)
class Budget:
    """What one label file may hold."""

    bytes: int = 100_000_000
    rows: int = 5_000_000


UNTRUSTED = Budget(bytes=10_000_000, rows=100_000)


@dataclass
class LabelRows:
    """Rows of a run of label files, as columns; files are in the order they were given."""

    lines: NDArray[np.int32]
    sizes: NDArray[np.int64]
    """In bytes."""
    modified: NDArray[np.float64]
    errors: dict[int, str] = field(default_factory=dict)
    """Why a file cannot be read as text, by its position."""
    flaws: dict[int, str] = field(default_factory=dict)
    file: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    line: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    text: bytes = b""
    """The rows' text in UTF-8 (undecodable bytes kept by surrogates), one a line."""
    error: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))
    kind: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))
    tokens: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    values: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 5), np.float32))
    """class cx cy w h, NaN where a row yields no box."""
    outlines: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))
    """Tells polygons apart whose boxes are equal."""
    duplicate: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))


def read_labels(root: Root, paths: Sequence[str], budget: Budget) -> LabelRows:
    """Read and parse label files; whatever cannot be read is said in `errors`."""
    count = len(paths)
    rows = LabelRows(np.zeros(count, np.int32), np.zeros(count, np.int64), np.zeros(count, np.float64))
    plain: list[tuple[int, bytes]] = []
    for position, path in enumerate(paths):
        try:
            content = root.read(path, budget.bytes)
        except FileRefused as refused:
            rows.errors[position] = str(refused)
            continue
        rows.sizes[position] = content.size
        rows.modified[position] = content.modified
        if content.data:
            plain.append((position, content.data))
    bulk, odd = parse_in_bulk(plain)
    slow = [_parse_file(position, data, rows) for position, data in odd]
    return _joined(rows, [*bulk, *slow], budget)


def _parse_file(position: int, data: bytes, rows: LabelRows) -> ParsedRows:
    """The rows of one file, line by line; says in `rows` what is odd about the file as a whole."""
    text, error, flaw = decode(data)
    if error:
        rows.errors[position] = error
    if flaw:
        rows.flaws[position] = flaw
    body = text.strip()
    lead = text[: len(text) - len(text.lstrip())].count("\n") if body else 0
    numbered = [(number, line) for number, line in enumerate(body.split("\n"), lead + 1) if line] if body else []
    fields = [split_fields(line) for _, line in numbered]
    polygons = any(len(row) > 6 for row in fields)
    parsed = [
        Row("undecodable-label", None, len(row)) if error else parse_row(row, polygons=polygons) for row in fields
    ]
    lines = text.split("\n")
    return ParsedRows(
        np.full(len(parsed), position, np.int32),
        np.array([number for number, _ in numbered], np.int32),
        "".join(lines[number - 1] + "\n" for number, _ in numbered).encode("utf-8", "surrogatepass"),
        np.array([-1 if row.error is None else ROW_ERRORS.index(row.error) for row in parsed], np.int8),
        np.array([-1 if row.kind is None else KINDS.index(row.kind) for row in parsed], np.int8),
        np.array([row.tokens for row in parsed], np.int32),
        np.array([row[3:8] for row in parsed], np.float32).reshape(-1, 5),
        np.array([row.outline for row in parsed], np.uint32),
    )


def decode(data: bytes) -> tuple[str, str | None, str | None]:
    """Text of a label file with line feeds only, why it is no text, and what is odd about it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or max(data[::2].count(0), data[1::2].count(0)) > len(data) // 4:
        return data.decode("latin-1").replace("\n", " ").replace("\r", " "), "is UTF-16 text, not UTF-8", None
    if b"\0" in data:
        return data.decode("utf-8", "surrogateescape"), "holds NUL bytes: binary data, not text", None
    error = flaw = None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text, error = data.decode("utf-8", "surrogateescape"), "is not UTF-8 text"
    if text.startswith("\ufeff"):
        text, flaw = text[1:], "byte order mark"
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        text = text.replace("\r", "\n")
        flaw = flaw or "carriage returns alone"
    return text, error, flaw


def _joined(rows: LabelRows, parts: Sequence[ParsedRows], budget: Budget) -> LabelRows:
    parts = [part for part in parts if len(part.file)]
    if parts:
        rows.file = np.concatenate([part.file for part in parts])
        rows.line = np.concatenate([part.line for part in parts])
        rows.text = b"".join(part.text for part in parts)
        rows.error = np.concatenate([part.error for part in parts])
        rows.kind = np.concatenate([part.kind for part in parts])
        rows.tokens = np.concatenate([part.tokens for part in parts])
        rows.values = np.concatenate([part.values for part in parts])
        rows.outlines = np.concatenate([part.outlines for part in parts])
        _in_order(rows)
        rows.duplicate = duplicates(rows.file, rows.values, rows.outlines) & (rows.error < 0)
        rows.lines[:] = np.bincount(rows.file[rows.tokens > 0], minlength=len(rows.lines))
    for position in np.flatnonzero(rows.lines > budget.rows):
        rows.flaws[int(position)] = f"{rows.lines[position]:,} rows, above the limit of {budget.rows:,}"
    return rows


def _in_order(rows: LabelRows) -> None:
    """Sort the rows by file; within a file they are in order already."""
    if (np.diff(rows.file) >= 0).all():
        return
    order = np.argsort(rows.file, kind="stable")
    texts = rows.text.split(b"\n")
    rows.text = b"".join(texts[index] + b"\n" for index in order)
    for name in ("file", "line", "error", "kind", "tokens", "values", "outlines"):
        setattr(rows, name, getattr(rows, name)[order])


def duplicates(file: NDArray[np.int32], values: NDArray[np.float32], outlines: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which rows repeat an earlier row of their file exactly, as float32 (signed zeros are equal)."""
    bits = (values + np.float32(0.0)).view(np.uint32).astype(np.uint64)
    key = file.astype(np.uint64) ^ (outlines.astype(np.uint64) << np.uint64(32))
    for column in range(5):
        key = (key ^ bits[:, column]) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    ordered = np.sort(key)
    repeated = np.zeros(len(file), np.bool_)
    if (ordered[1:] == ordered[:-1]).any():
        order = np.argsort(key, kind="stable")
        same = key[order][1:] == key[order][:-1]
        later, earlier = order[1:][same], order[:-1][same]
        equal = (file[later] == file[earlier]) & (outlines[later] == outlines[earlier])
        equal &= (values[later] == values[earlier]).all(axis=1)
        repeated[later[equal]] = True
    return repeated


def lost_label(why: str) -> LabelRows:
    """What stands for a label file that cost a worker its life."""
    rows = LabelRows(np.zeros(1, np.int32), np.zeros(1, np.int64), np.zeros(1, np.float64))
    rows.errors[0] = why
    return rows
