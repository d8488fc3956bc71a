"""Objects with polygons → some of them again, mirrored, where they hide little of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from yoloaudit.train.samples.streams import Uniform
from yoloaudit.train.types import Floats, Integers, Pixels

MOST_HIDDEN = 0.30
"""Share of any other box that a pasted one may cover."""

MOST_PAIRS = 2_000_000
"""Each pasted object is held against all others; a crowd gets fewer of them."""


class Pasted(NamedTuple):
    """Boxes, classes and polygons with the pasted ones at their end; and the outlines that are to be mirrored."""

    boxes: Floats
    classes: Integers
    polygons: tuple[Floats, ...]
    outlines: tuple[Floats, ...] = ()


def chosen(polygons: Sequence[Floats], share: float, stream: Uniform) -> list[int]:
    """Which objects are pasted: a share of those with a polygon; nothing is drawn where there are none."""
    able = [number for number, polygon in enumerate(polygons) if len(polygon)]
    if not share or not able:
        return []
    count = min(round(share * len(able)), MOST_PAIRS // len(polygons))
    return [able[number] for number in stream.sample(range(len(able)), count)]


def paste(
    boxes: Floats, classes: Integers, polygons: tuple[Floats, ...], width: int, share: float, stream: Uniform
) -> Pasted:
    """Mirror a share of the objects in a canvas of this width; one that would hide much of another is left out."""
    pasted: list[Floats] = []
    more: list[int] = []
    for number in chosen(polygons, share, stream):
        left, top, right, bottom = boxes[number]
        mirrored = np.array([[width - right, top, width - left, bottom]], np.float32)
        if all((covered(mirrored[0], others) < MOST_HIDDEN).all() for others in (boxes, *pasted)):
            pasted.append(mirrored)
            more.append(number)
    if not more:
        return Pasted(boxes, classes, polygons)
    outlines = tuple(polygons[number] for number in more)
    flipped = tuple(np.stack([width - outline[:, 0], outline[:, 1]], axis=1) for outline in outlines)
    return Pasted(np.concatenate([boxes, *pasted]), np.append(classes, classes[more]), polygons + flipped, outlines)


def covered(box: Floats, others: Floats) -> Floats:
    """The share of each other box (N × 4) that a box covers; 0 for one without an area."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    common = np.clip(high - low, 0, None).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    shares: Floats = common / np.where(areas > 0, areas, np.inf).astype(np.float32)
    return shares


def painted(canvas: Pixels, outlines: Sequence[Floats]) -> Pixels:
    """The canvas (changed in place) with the objects in these outlines mirrored onto it."""
    mask = np.zeros(canvas.shape[:2], np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [outline.astype(np.int32)], 1)  # one by one: together, what two share would be left out
    np.copyto(canvas, canvas[:, ::-1].copy(), where=mask[:, ::-1, None].astype(np.bool_))
    return canvas
