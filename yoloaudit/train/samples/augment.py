"""A place in the data and two random streams → what a training sample shows, and what is to be learned from it.

What is drawn is drawn in the order of the specification. No pixel is touched here: a `Recipe` says how the picture is
made, and `paint` (on the processor) or `gpu` (on a device) make it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yoloaudit.train.config import Hyper
from yoloaudit.train.images.augment import Shape, letterbox
from yoloaudit.train.samples import colour, mosaic, paste, warp
from yoloaudit.train.samples.colour import Gains
from yoloaudit.train.samples.mosaic import Canvas, Load, Loaded, Tile
from yoloaudit.train.samples.outlines import moved_polygons
from yoloaudit.train.samples.streams import Streams, Uniform
from yoloaudit.train.samples.warp import Matrix
from yoloaudit.train.types import Floats, Integers

EDGE = 1e-3
"""Pixels that boxes keep from the right and the lower border before they become shares of the sides."""


@dataclass(frozen=True)
class Scene:
    """A canvas, and how it is looked at."""

    canvas: Canvas
    matrix: Matrix | None
    """From pixels of the canvas to those of the output; None where it is the canvas itself."""
    shape: Shape
    """Of the output."""
    boxes: Floats
    """N × 4: x1 y1 x2 y2 in pixels of the output."""
    classes: Integers


@dataclass(frozen=True)
class Recipe:
    """How a sample is made."""

    scenes: tuple[Scene, ...]
    """One, or two that are mixed."""
    share: float
    """Of the first scene in a mix."""
    gains: Gains | None
    upside_down: bool
    mirrored: bool
    targets: Floats
    """N × 5: class, then cx cy w h as shares of the output, flipped already."""

    @property
    def shape(self) -> Shape:
        """Of the output."""
        return self.scenes[0].shape


def augmented(
    place: int, count: int, load: Load, shape: Shape, hyper: Hyper, streams: Streams, *, rect: bool, tiles: int = 4
) -> Recipe:
    """A sample about the picture at `place` of `count`, at this shape; `tiles` of a mosaic are 4 or 9.

    With `rect` there is no mosaic; otherwise the shape is a square.
    """
    stream = streams.python
    share = 1.0
    if not rect and stream.random() < hyper.mosaic:
        scenes = [_mosaic(place, count, load, shape[0], hyper, stream, tiles)]
        if stream.random() < hyper.mixup:
            scenes.append(_mosaic(stream.randrange(count), count, load, shape[0], hyper, stream, tiles))
            share = colour.draw_share(streams.numpy)
    else:
        scenes = [looked_at(fitted(load(place), shape, enlarge=True), shape, hyper, stream)]
    gains = colour.draw_gains(hyper, streams.numpy)
    upside_down, mirrored = stream.random() < hyper.flipud, stream.random() < hyper.fliplr
    targets = _flipped(shares(scenes), upside_down, mirrored)
    return Recipe(tuple(scenes), share, gains, upside_down, mirrored, targets)


def plain(place: int, load: Load, shape: Shape) -> Recipe:
    """The picture as it is, padded to a shape: what is validated on. Nothing is drawn."""
    canvas = fitted(load(place), shape, enlarge=False)
    scene = Scene(canvas, None, shape, canvas.boxes, canvas.classes)
    return Recipe((scene,), 1.0, None, False, False, shares([scene]))


def _mosaic(place: int, count: int, load: Load, side: int, hyper: Hyper, stream: Uniform, tiles: int) -> Scene:
    canvas = (mosaic.nine if tiles == 9 else mosaic.four)(place, count, load, side, stream)
    if hyper.copy_paste:
        boxes, classes, polygons = canvas.boxes, canvas.classes, canvas.polygons
        pasted = paste.paste(boxes, classes, polygons, canvas.shape[1], hyper.copy_paste, stream)
        canvas = Canvas(canvas.tiles, canvas.shape, *pasted)
    return looked_at(canvas, (side, side), hyper, stream)


def looked_at(canvas: Canvas, shape: Shape, hyper: Hyper, stream: Uniform) -> Scene:
    """The middle of a canvas in a random perspective; boxes of which too little is left are left out."""
    drawn = warp.draw(hyper, stream)
    made = warp.matrix(drawn, canvas.shape, shape)
    seen = warp.moved_boxes(canvas.boxes, made, shape)
    least: float | Floats = warp.LEFT_OF_BOX
    outlined = np.array([len(polygon) > 0 for polygon in canvas.polygons], np.bool_)
    if outlined.any():
        seen[outlined] = moved_polygons([polygon for polygon in canvas.polygons if len(polygon)], made, shape)
        least = np.where(outlined, warp.LEFT_OF_POLYGON, warp.LEFT_OF_BOX).astype(np.float32)
    kept = warp.candidates(canvas.boxes, seen, drawn.scale, least)
    changed = made if warp.changes(made, canvas.shape, shape) else None
    return Scene(canvas, changed, shape, seen[kept].astype(np.float32), canvas.classes[kept])


def fitted(loaded: Loaded, shape: Shape, *, enlarge: bool) -> Canvas:
    """A picture in the middle of a canvas of this shape, scaled only where it would not fit, or may be enlarged."""
    sample = loaded.sample
    height, width = mosaic.shape_of(loaded)
    gain = min(shape[0] / height, shape[1] / width)
    gain = gain if enlarge else min(gain, 1.0)
    across, down = shape[1] - round(width * gain), shape[0] - round(height * gain)
    tile = Tile(loaded.place, sample.image, round(across / 2 - 0.1), round(down / 2 - 0.1))
    if (height + down, width + across) != shape:
        image, _ = letterbox(sample.image, shape, auto=False, scale_up=enlarge)
        tile = Tile(loaded.place, image, 0, 0)
    ratio, padding = np.float32(gain), np.array([across / 2, down / 2], np.float32)
    boxes = sample.boxes * ratio + np.tile(padding, 2)
    polygons = tuple(polygon * ratio + padding for polygon in sample.segments)
    return Canvas((tile,), shape, boxes, sample.classes, polygons)


def shares(scenes: list[Scene]) -> Floats:
    """Targets of scenes of one shape, all together: N × 5, class, then cx cy w h as shares of the sides."""
    height, width = scenes[0].shape
    boxes = np.concatenate([scene.boxes for scene in scenes])
    limits = np.array([width - EDGE, height - EDGE] * 2, np.float32)
    sides = np.array([width, height], np.float32)
    clipped = np.clip(boxes, 0, limits)
    targets = np.empty((len(boxes), 5), np.float32)
    targets[:, 0] = np.concatenate([scene.classes for scene in scenes])
    targets[:, 1:3] = (clipped[:, :2] + clipped[:, 2:]) / 2 / sides
    targets[:, 3:5] = (clipped[:, 2:] - clipped[:, :2]) / sides
    return targets


def _flipped(targets: Floats, upside_down: bool, mirrored: bool) -> Floats:
    if upside_down:
        targets[:, 2] = 1 - targets[:, 2]
    if mirrored:
        targets[:, 1] = 1 - targets[:, 1]
    return targets
