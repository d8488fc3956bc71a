"""Boxes that may be of one object → how much they overlap, what they agree on, and how far from a given box that is.

N and M boxes, x1 y1 x2 y2 in pixels; Q rows that are held against D detections.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from yoloaudit.geometry import area, iou

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

TRUST = 0.06
"""Standard deviation of a good detector's edges, as a share of the side."""
NOTHING = 1e-6
"""Weight below which no box says anything."""


def overlaps(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """IoU of each box with each other (N × M), and the area that they share in square pixels."""
    sides = []
    for axis in (0, 1):
        low = np.maximum(first[:, None, axis], second[None, :, axis])
        high = np.minimum(first[:, None, axis + 2], second[None, :, axis + 2])
        sides.append(np.maximum(high - low, 0))
    shared = sides[0] * sides[1]
    union = area(first)[:, None] + area(second)[None] - shared
    return shared / np.maximum(union, 1e-9), shared


def log_odds(share: Floats, least: float = 1e-4) -> Floats:
    """Logit, cut off where scores say no more."""
    held = np.clip(share, least, 1 - least)
    return np.asarray(np.log(held / (1 - held)))


def top(values: Floats, mask: Mask) -> Floats:
    """The highest score of each row (Q × D → Q) that the mask lets pass, as log odds."""
    return log_odds(np.where(mask, values, 0).max(axis=1, initial=0))


def fused(weight: Floats | csr_array, boxes: Floats, own: Floats) -> tuple[Floats, Floats, Floats]:
    """The weighted mean of boxes (weights Q × D), its spread an edge (both Q × 4), and the log of the weight (Q).

    A row that no box has weight for keeps its own box.
    """
    total = weight @ np.ones((len(boxes), 1))
    safe = np.maximum(total, 1e-9)
    centre = boxes.mean(axis=0) if len(boxes) else np.zeros(4)  # of differences, as squares of pixels lose digits
    mean = weight @ (boxes - centre) / safe
    spread = np.sqrt(np.maximum(weight @ (boxes - centre) ** 2 / safe - mean**2, 0))
    near = total > NOTHING
    return np.where(near, mean + centre, own), np.where(near, spread, 0), np.log(1e-4 + total[:, 0])


def room(own: Floats, boxes: Floats) -> Floats:
    """Q × 4: space of each row's box around the object's, left, top, right, bottom, in shares of the row's sides."""
    sides = np.tile(np.maximum(own[:, 2:] - own[:, :2], 1), 2)
    return np.asarray((boxes - own) * np.array([1, 1, -1, -1]) / sides)


def margins(own: Floats, boxes: Floats, spread: Floats, weight: Floats) -> list[Floats]:
    """What `fused` made of a row, as numbers: the room on each side, its extremes and sums, and how sure it is."""
    sides = np.tile(np.maximum(own[:, 2:] - own[:, :2], 1), 2)
    space = room(own, boxes)
    apart = space / np.hypot(spread / sides, TRUST)
    left, up, right, down = space.T
    return [
        weight,
        *space.T,
        space.max(axis=1),
        space.min(axis=1),
        np.abs(space).max(axis=1),
        np.abs(space).sum(axis=1),
        space.sum(axis=1),
        np.abs(left - right),
        np.abs(up - down),
        (spread / sides).mean(axis=1),
        iou(own, boxes),
        np.abs(apart).max(axis=1),
        np.sqrt((apart**2).sum(axis=1)),
    ]
