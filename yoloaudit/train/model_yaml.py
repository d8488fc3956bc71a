"""A model YAML of YOLOv5's form → the size and the anchors that it describes. Nothing here needs torch.

Nothing is built from its layers: they have to be those of the family, of which a file may change depth, width and
anchors. Its number of classes counts for nothing, as in YOLOv5: the data set's does.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeGuard

import numpy as np

from yoloaudit.dataset.descriptor import Entry
from yoloaudit.errors import UsageError
from yoloaudit.findings import shorten
from yoloaudit.train import family, yaml_file
from yoloaudit.train.family import MOST_MULTIPLE, Row, Size
from yoloaudit.train.types import Floats

DEPTH, WIDTH, ANCHORS, BACKBONE, HEAD = "depth_multiple", "width_multiple", "anchors", "backbone", "head"
FIXED: Mapping[str, Any] = {"ch": 3, "channel_multiple": family.CHANNEL_MULTIPLE}
"""What a file may say besides, and all that it may say there."""
KNOWN = {"nc", DEPTH, WIDTH, ANCHORS, BACKBONE, HEAD, *FIXED}
MOST_ANCHORS, LARGEST = 20, 100_000.0
"""Anchors a level; pixels."""
SUPPORTED = f"Only {DEPTH}, {WIDTH} and {ANCHORS} may differ from yolov5n.yaml or yolov5n6.yaml"


class Described(NamedTuple):
    """What a file describes."""

    size: Size
    anchors: Floats | None = None
    """L × A × 2, pixels; None: those of the family."""


def is_file(name: str) -> bool:
    """Whether a file of that name is meant, and not a size of the family."""
    return name.endswith((".yaml", ".yml")) and os.path.lexists(os.path.expanduser(name))


def described(path: str) -> Described:
    """The model of a file; UsageError with one line where there is none, or one that the family does not have."""
    shown = shorten(path, 200)
    entries = yaml_file.entries(path, "a model")
    for key, entry in entries.items():
        if key not in KNOWN or (key in FIXED and entry.value != FIXED[key]):
            said = f"{shorten(key)}: {_told(entry.value)}"
            raise UsageError(f"{shown}, line {entry.line}: {said} is not supported. {SUPPORTED}")
    levels = _levels(entries, shown)
    depth, width = (_multiple(entries, key, shown) for key in (DEPTH, WIDTH))
    return Described(family.scaled(depth, width, levels), _anchors(entries.get(ANCHORS), levels - 2, shown))


def _levels(entries: Mapping[str, Entry], shown: str) -> int:
    """5 or 6: the pyramid whose layers these are."""
    lists = [entries[key] for key in (BACKBONE, HEAD) if key in entries and isinstance(entries[key].value, list)]
    if len(lists) < 2:
        raise UsageError(f"{shown} has no list `{BACKBONE}` or no list `{HEAD}`: it describes no model")
    rows = [row for entry in lists for row in entry.value]
    lines = [line for entry in lists for line in entry.lines]
    levels = min(family.STRIDES, key=lambda levels: abs(len(family.layers(levels)) - len(rows)))
    wanted = [_written(row) for row in family.layers(levels)]
    if [_plain(row) for row in rows] == wanted:
        return levels
    pairs = zip(rows, wanted, strict=False)
    number = next((at for at, (row, layer) in enumerate(pairs) if _plain(row) != layer), None)
    if number is None:
        raise UsageError(f"{shown} has {len(rows)} layers, not {len(wanted)}. {SUPPORTED}")
    is_not = f"layer {number} is {_told(rows[number])}, not {_told(wanted[number])}"
    raise UsageError(f"{shown}, line {lines[number]}: {is_not}. {SUPPORTED}")


def _written(row: Row) -> list[Any]:
    """A layer as files write it: where from, how often, what, and with which arguments."""
    source = list(row.sources) if len(row.sources) > 1 else row.sources[0]
    match row.block:
        case "Conv":
            more = [] if row.padding is None else [row.padding]
            return [source, row.repeats, "Conv", [row.channels, row.kernel, row.stride, *more]]
        case "C3":
            return [source, row.repeats, "C3", [row.channels] if row.shortcut else [row.channels, False]]
        case "SPPF":
            return [source, row.repeats, "SPPF", [row.channels, row.kernel]]
        case "Upsample":
            return [source, row.repeats, "nn.Upsample", ["None", 2, "nearest"]]
        case "Concat":
            return [source, row.repeats, "Concat", [1]]
        case _:
            return [source, row.repeats, "Detect", ["nc", ANCHORS]]


def _plain(row: Any) -> Any:
    """A layer of a file, with None as people write it."""
    if not (isinstance(row, list) and len(row) == 4 and isinstance(row[3], list)):
        return row
    return [*row[:3], ["None" if argument is None else argument for argument in row[3]]]


def _multiple(entries: Mapping[str, Entry], key: str, shown: str) -> float:
    value = entries[key].value if key in entries else None
    if not _is_number(value) or not 0 < value <= MOST_MULTIPLE:
        line = f", line {entries[key].line}" if key in entries else ""
        raise UsageError(f"{shown}{line}: {key} is a number above 0, at most {MOST_MULTIPLE}, not {_told(value)}")
    return float(value)


def _is_number(value: Any) -> TypeGuard[float]:
    return type(value) in (int, float)


def _anchors(entry: Entry | None, levels: int, shown: str) -> Floats | None:
    """Anchors level by level, each a list of widths and heights in turn."""
    if entry is None or entry.value is None:
        return None
    rows = entry.value if isinstance(entry.value, list) else []
    lengths = {len(row) if isinstance(row, list) else 0 for row in rows}
    sides = [side for row in rows if isinstance(row, list) for side in row]
    fits = len(rows) == levels and len(lengths) == 1 and lengths <= set(range(2, 2 * MOST_ANCHORS + 1, 2))
    if not fits or not all(_is_number(side) and 0 < side <= LARGEST for side in sides):
        raise UsageError(
            f"{shown}, line {entry.line}: anchors are {levels} lists of widths and heights in pixels, not "
            f"{_told(entry.value)}. For new ones leave them out, and give the hyper-parameter `anchors`"
        )
    return np.array(rows, np.float32).reshape(levels, -1, 2)


def _told(value: Any) -> str:
    return shorten(str(value) if not isinstance(value, float) or math.isfinite(value) else "no number", 80)
