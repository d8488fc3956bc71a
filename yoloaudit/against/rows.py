"""The rows of one image then and now → which were added, removed, moved or given another class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from yoloaudit.geometry import Floats

LEAST_OVERLAP = 0.1
"""IoU from which a box is taken for the same one, moved, if its class is the same."""
RECLASSED_OVERLAP = 0.5
"""IoU from which a box is taken for the same one where its class is another."""
MOST_COMPARED = 300
"""Rows of one image whose boxes are held against each other."""


class Row(NamedTuple):
    """A row of a label file: its class by name, the text of its other fields, its box as shares of the image."""

    name: str
    fields: str
    box: tuple[float, float, float, float] | None
    """cx cy w h; None: the row yields no box."""


class RowChange(NamedTuple):
    """What became of a row: `added`, `removed`, `moved` or `re-classed`, and its places then and now."""

    what: str
    then: int | None
    now: int | None


def row_changes(then: Sequence[Row], now: Sequence[Row]) -> list[RowChange]:
    """What became of the rows of one image; equal rows are left out, whatever their order."""
    left, right = _unequal(then, now, lambda row: (row.name, row.fields))
    found = []
    same_box, left, right = _paired(then, now, left, right, lambda row: row.fields if row.box else None)
    found += [RowChange("re-classed", one, other) for one, other in same_box]
    for what, least, same in (("moved", LEAST_OVERLAP, True), ("re-classed", RECLASSED_OVERLAP, False)):
        pairs = _overlapping(then, now, left, right, least, same)
        found += [RowChange(what, one, other) for one, other in pairs]
        left, right = _without(left, [one for one, _ in pairs]), _without(right, [other for _, other in pairs])
    far, left, right = _as_many(then, now, left, right)
    found += [RowChange("moved", one, other) for one, other in far]
    found += [RowChange("removed", place, None) for place in left]
    return found + [RowChange("added", None, place) for place in right]


def _unequal(then: Sequence[Row], now: Sequence[Row], key: Callable[[Row], object]) -> tuple[list[int], list[int]]:
    """Places of rows that the other side has not, each row answering to one."""
    _, left, right = _paired(then, now, range(len(then)), range(len(now)), key)
    return left, right


def _paired(
    then: Sequence[Row], now: Sequence[Row], left: Sequence[int], right: Sequence[int], key: Callable[[Row], object]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of places with equal keys, and the places on either side that have no partner; None is equal to nothing."""
    waiting: dict[object, list[int]] = {}
    for place in reversed(left):
        waiting.setdefault(key(then[place]), []).append(place)
    pairs, alone = [], []
    for place in right:
        wanted = key(now[place])
        if wanted is not None and waiting.get(wanted):
            pairs.append((waiting[wanted].pop(), place))
        else:
            alone.append(place)
    return pairs, _without(left, [one for one, _ in pairs]), alone


def _without(places: Sequence[int], taken: Sequence[int]) -> list[int]:
    gone = set(taken)
    return [place for place in places if place not in gone]


def _overlapping(
    then: Sequence[Row], now: Sequence[Row], left: Sequence[int], right: Sequence[int], least: float, same: bool
) -> list[tuple[int, int]]:
    """Pairs of boxes, of the same class or of two, that overlap most, each box in one pair."""
    ones = [place for place in left if then[place].box is not None][:MOST_COMPARED]
    others = [place for place in right if now[place].box is not None][:MOST_COMPARED]
    if not ones or not others:
        return []
    iou = overlaps([then[place].box for place in ones], [now[place].box for place in others])
    names = np.array([then[place].name for place in ones])[:, None] == np.array([now[place].name for place in others])
    iou[names != same] = 0
    pairs, used, taken = [], set[int](), set[int]()
    near = np.argwhere(iou >= least)
    for row, column in near[np.argsort(-iou[iou >= least], kind="stable")].tolist():
        if row not in used and column not in taken:
            used.add(row)
            taken.add(column)
            pairs.append((ones[row], others[column]))
    return pairs


def overlaps(
    then: Sequence[tuple[float, float, float, float] | None], now: Sequence[tuple[float, float, float, float] | None]
) -> Floats:
    """IoU of each two boxes, N × M; boxes are cx cy w h. NaN and boxes without area overlap with nothing."""
    a, b = (np.array(boxes, np.float64).reshape(-1, 4) for boxes in (then, now))
    low = np.maximum((a[:, :2] - a[:, 2:] / 2)[:, None], (b[:, :2] - b[:, 2:] / 2)[None])
    high = np.minimum((a[:, :2] + a[:, 2:] / 2)[:, None], (b[:, :2] + b[:, 2:] / 2)[None])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    union = (a[:, 2] * a[:, 3])[:, None] + (b[:, 2] * b[:, 3])[None] - shared
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.nan_to_num(shared / union)
    return found


def _as_many(
    then: Sequence[Row], now: Sequence[Row], left: Sequence[int], right: Sequence[int]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Where as many boxes of a class are gone as have come, they have moved far, in the order of their rows."""
    gone, come = _by_name(then, left), _by_name(now, right)
    pairs = [
        pair
        for name, places in gone.items()
        if len(places) == len(come.get(name, ()))
        for pair in zip(places, come[name], strict=True)
    ]
    return pairs, _without(left, [one for one, _ in pairs]), _without(right, [other for _, other in pairs])


def _by_name(rows: Sequence[Row], places: Sequence[int]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place in places:
        if rows[place].box is not None:
            found.setdefault(rows[place].name, []).append(place)
    return found
