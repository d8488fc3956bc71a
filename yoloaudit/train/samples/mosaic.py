"""Pictures of a side of s pixels → four or nine of them on one canvas of 2 s × 2 s, with their boxes.

A point is (x, y), a shape (height, width); offsets are where a picture's first pixel lies on the canvas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import cv2
import numpy as np

from yoloaudit.train.images.augment import GREY, Shape
from yoloaudit.train.samples.streams import Uniform
from yoloaudit.train.types import Floats, Integers, Pixels, Sample

Point = tuple[int, int]


class Loaded(NamedTuple):
    """A picture of a data set at the size it is trained at."""

    place: int
    """Its number among the pictures of the split; another one than was asked for, where that could not be read."""
    sample: Sample


Load = Callable[[int], Loaded]


class Tile(NamedTuple):
    """A picture on a canvas; what lies outside of that is cut off."""

    place: int
    image: Pixels
    left: int
    top: int


@dataclass(frozen=True)
class Canvas:
    """Pictures on grey, and what is to be learned from them."""

    tiles: tuple[Tile, ...]
    shape: Shape
    boxes: Floats
    """N × 4: x1 y1 x2 y2 in pixels of the canvas."""
    classes: Integers
    polygons: tuple[Floats, ...] = ()
    """One for each box, or none at all; empty where a box has none."""
    outlines: tuple[Floats, ...] = ()
    """Of objects that are painted once more, mirrored."""


def four(place: int, count: int, load: Load, side: int, stream: Uniform) -> Canvas:
    """The picture at `place` and three others of `count`, in any order, around a point that is drawn, too."""
    down, across = (int(stream.uniform(side / 2, 3 * side / 2)) for _ in range(2))
    loaded = _others(place, count, 3, load, stream)
    return laid(loaded, around([shape_of(picture) for picture in loaded], (across, down)), (2 * side, 2 * side))


def nine(place: int, count: int, load: Load, side: int, stream: Uniform) -> Canvas:
    """The picture at `place` and eight others of `count`, in any order: a part of them, drawn, of 2 s × 2 s."""
    loaded = _others(place, count, 8, load, stream)
    down, across = (int(stream.uniform(0, side)) for _ in range(2))
    corners = spiral([shape_of(picture) for picture in loaded], side)
    return laid(loaded, [(left - across, top - down) for left, top in corners], (2 * side, 2 * side))


def _others(place: int, count: int, more: int, load: Load, stream: Uniform) -> list[Loaded]:
    places = [place, *stream.choices(range(count), k=more)]
    stream.shuffle(places)
    return [load(number) for number in places]


def around(shapes: Sequence[Shape], centre: Point) -> list[Point]:
    """Offsets of four pictures that touch a point: left above it, right above, left below, right below."""
    across, down = centre
    (height, width), (right_height, _), (_, below_width), _ = shapes
    return [
        (across - width, down - height),
        (across, down - right_height),
        (across - below_width, down),
        (across, down),
    ]


def spiral(shapes: Sequence[Shape], side: int) -> list[Point]:
    """Offsets of nine pictures on 3 s × 3 s: the first at (s, s), the others clockwise around it from above it."""
    heights, widths = zip(*shapes, strict=True)
    right, below = side + widths[0], side + heights[0]
    return [
        (side, side),
        (side, side - heights[1]),
        (side + widths[1], side - heights[2]),
        (right, side),
        (right, side + heights[3]),
        (right - widths[5], below),
        (right - widths[5] - widths[6], below),
        (side - widths[7], below - heights[7]),
        (side - widths[8], below - heights[7] - heights[8]),
    ]


def laid(loaded: Sequence[Loaded], offsets: Sequence[Point], shape: Shape) -> Canvas:
    """Pictures at these offsets on a canvas; boxes and polygons are cut off at its border."""
    tiles = tuple(
        Tile(place, sample.image, left, top) for (place, sample), (left, top) in zip(loaded, offsets, strict=True)
    )
    samples = [sample for _, sample in loaded]
    boxes = np.concatenate([sample.boxes for sample in samples])
    counts = [len(sample.boxes) for sample in samples]
    boxes += np.repeat(np.array([[*offset, *offset] for offset in offsets], np.float32), counts, axis=0)
    limits = np.array([shape[1], shape[0]], np.float32)
    np.clip(boxes, 0, np.tile(limits, 2), out=boxes)
    polygons = _laid_outlines(samples, offsets, limits) if any(sample.segments for sample in samples) else ()
    return Canvas(tiles, shape, boxes, np.concatenate([sample.classes for sample in samples]), polygons)


def _laid_outlines(samples: Sequence[Sample], offsets: Sequence[Point], limits: Floats) -> tuple[Floats, ...]:
    """The polygon of each box at its place, cut off at the border; without points where a box has none."""
    outlines = [sample.segments or [_NO_POINTS] * len(sample.boxes) for sample in samples]
    counts = [sum(map(len, polygons)) for polygons in outlines]
    points = np.concatenate([polygon for polygons in outlines for polygon in polygons])
    points += np.repeat(np.array(offsets, np.float32), counts, axis=0)
    np.clip(points, 0, limits, out=points)
    ends = list(accumulate(len(polygon) for polygons in outlines for polygon in polygons))
    return tuple(points[first:last] for first, last in zip([0, *ends], ends, strict=False))


_NO_POINTS = np.zeros((0, 2), np.float32)


def composed(canvas: Canvas, *, spare: bool = False) -> Pixels:
    """The canvas in pixels: H × W × 3, or × 4 with a `spare` channel that means nothing."""
    height, width = canvas.shape
    made: Pixels = np.full((height, width, 4 if spare else 3), GREY[0], np.uint8)
    for tile in canvas.tiles:
        here, there = overlap(tile.left, tile.image.shape[1], width), overlap(tile.top, tile.image.shape[0], height)
        part, room = tile.image[there.of, here.of], made[there.on, here.on]
        if spare and part.size:
            cv2.cvtColor(part, cv2.COLOR_BGR2BGRA, dst=room)
        elif part.size:
            room[:] = part
    return made


class Overlap(NamedTuple):
    """Where a picture and its canvas overlap along one side."""

    on: slice
    """In pixels of the canvas."""
    of: slice
    """In those of the picture."""


def overlap(offset: int, length: int, whole: int) -> Overlap:
    """Along one side: a picture of this length at an offset, on a canvas of length `whole`; empty if they miss."""
    first = min(max(offset, 0), whole)
    last = max(min(offset + length, whole), first)
    return Overlap(slice(first, last), slice(first - offset, last - offset))


def shape_of(loaded: Loaded) -> Shape:
    """Height and width of a picture."""
    height, width, _ = loaded.sample.image.shape
    return height, width
