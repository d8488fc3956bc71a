"""Rows of more than 6 fields → what they look like: polygons, oriented boxes, or boxes with keypoints."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.tables import KINDS

POSE_SAMPLES = 200
"""Rows of more than 6 fields that are looked at to tell what they are."""


def name_kinds(kinds: NDArray[np.int8], tokens: NDArray[np.int32], raw: Sequence[str]) -> None:
    """Tell oriented boxes and keypoints from polygons, in place."""
    many = np.flatnonzero((tokens > 6) & (kinds == KINDS.index("polygon")))
    if not len(many):
        return
    some = many[:: max(1, len(many) // POSE_SAMPLES)]
    what = looks_like(tokens[many], [[float(field) for field in raw[row].split()] for row in some])
    if what:
        kinds[many] = KINDS.index(what)


def looks_like(tokens: NDArray[np.int32], samples: Sequence[list[float]]) -> str | None:
    """What rows of more than 6 fields look like, told from the field counts of all and the values of some.

    `oriented`: every row has 4 corners. `keypoints`: every row has as many fields, the first four are a box and the
    others are points inside it, in twos, or in threes with a visibility of 0, 1 or 2 (COCO's three values).
    """
    counts = np.unique(tokens)
    if len(counts) != 1 or not samples:
        return None
    size = int(counts[0])
    if size == 9:
        return "oriented"
    for step in (3, 2):
        if size > 6 and (size - 5) % step == 0 and all(_is_pose(values, step) for values in samples):
            return "keypoints"
    return None


def _is_pose(values: list[float], step: int) -> bool:
    cx, cy, w, h = values[1:5]
    if not (0 < w <= 1 and 0 < h <= 1 and all(map(math.isfinite, values))):
        return False
    points = [values[start : start + step] for start in range(5, len(values), step)]
    if step == 3 and any(point[2] not in (0, 1, 2) for point in points):
        return False
    seen = [point for point in points if point[0] or point[1]]
    within = sum(abs(x - cx) <= w * 0.6 and abs(y - cy) <= h * 0.6 for x, y, *_ in seen)
    return bool(seen) and within >= 0.9 * len(seen)
