"""A recipe → its pixels, on the processor."""

from __future__ import annotations

import cv2

from yoloaudit.train.samples import colour, mosaic, paste, warp
from yoloaudit.train.samples.augment import Recipe, Scene
from yoloaudit.train.types import Pixels

FLIPS = {(True, False): 0, (False, True): 1, (True, True): -1}
"""OpenCV's codes of (upside down, mirrored)."""


def picture(recipe: Recipe) -> Pixels:
    """H × W × 3, BGR."""
    image = scene(recipe.scenes[0])
    if len(recipe.scenes) > 1:
        image = colour.mixed(image, scene(recipe.scenes[1]), recipe.share)
    if recipe.gains is not None:
        image = colour.coloured(image, recipe.gains)
    flip = FLIPS.get((recipe.upside_down, recipe.mirrored))
    return image if flip is None else cv2.flip(image, flip)  # type: ignore[return-value]  # OpenCV says: any array


def scene(made: Scene) -> Pixels:
    """One canvas as it is looked at: H × W × 3, BGR."""
    image = mosaic.composed(made.canvas, spare=made.matrix is not None)
    if made.canvas.outlines:
        image = paste.painted(image, made.canvas.outlines)
    if made.matrix is None:
        return image
    seen = warp.warped(image, made.matrix, made.shape)  # twice as fast on four channels as on three, and the same
    return cv2.cvtColor(seen, cv2.COLOR_BGRA2BGR)  # type: ignore[return-value]  # OpenCV says: any array


def paint(recipe: Recipe, into: Pixels) -> None:
    """Write the picture into 3 × H × W contiguous bytes, RGB."""
    cv2.split(picture(recipe), [into[2], into[1], into[0]])
