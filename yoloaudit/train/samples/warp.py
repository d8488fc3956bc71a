"""A picture and its boxes → the same turned, scaled, sheared, shifted and tilted at random.

N boxes: x1 y1 x2 y2 in pixels. Matrices are 3 × 3, float64, and act on (x, y, 1). A shape is (height, width).
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.config import Hyper
from yoloaudit.train.images.augment import GREY, Shape
from yoloaudit.train.samples.streams import Uniform
from yoloaudit.train.types import Pixels

Matrix: TypeAlias = NDArray[np.float64]
Boxes: TypeAlias = NDArray[np.float64]
"""Boxes between two steps; those of a sample are 32-bit."""

SMALLEST_PX, MOST_ASPECT = 2, 100
LEFT_OF_BOX, LEFT_OF_POLYGON = 0.10, 0.01
"""Shares of its scaled area that a box must keep."""
CORNERS = [0, 1, 2, 3, 0, 3, 2, 1]


class Drawn(NamedTuple):
    """How a picture is looked at, in the order in which it is drawn."""

    tilt_x: float = 0.0
    tilt_y: float = 0.0
    degrees: float = 0.0
    """Counter-clockwise."""
    scale: float = 1.0
    shear_x: float = 0.0
    shear_y: float = 0.0
    """In degrees, too."""
    shift_x: float = 0.5
    shift_y: float = 0.5
    """Where the picture's middle comes to lie, as shares of the output."""


def draw(hyper: Hyper, stream: Uniform) -> Drawn:
    """A way to look at a picture within these bounds: eight draws, whatever the bounds."""
    tilt, turn, scale, shear, shift = hyper.perspective, hyper.degrees, hyper.scale, hyper.shear, hyper.translate
    return Drawn(
        stream.uniform(-tilt, tilt),
        stream.uniform(-tilt, tilt),
        stream.uniform(-turn, turn),
        stream.uniform(1 - scale, 1 + scale),
        stream.uniform(-shear, shear),
        stream.uniform(-shear, shear),
        stream.uniform(0.5 - shift, 0.5 + shift),
        stream.uniform(0.5 - shift, 0.5 + shift),
    )


def matrix(drawn: Drawn, shape: Shape, output: Shape) -> Matrix:
    """What maps pixels of a picture of this shape to those of the output: T · S · R · P · C of the specification."""
    height, width = shape
    turn = math.radians(drawn.degrees)
    cosine, sine = drawn.scale * math.cos(turn), drawn.scale * math.sin(turn)
    shear_x, shear_y = math.tan(math.radians(drawn.shear_x)), math.tan(math.radians(drawn.shear_y))
    centred = np.array([[1.0, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    tilted = np.array([[1.0, 0, 0], [0, 1, 0], [drawn.tilt_x, drawn.tilt_y, 1]])
    turned = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])
    sheared = np.array([[1.0, shear_x, 0], [shear_y, 1, 0], [0, 0, 1]])
    shifted = np.array([[1.0, 0, drawn.shift_x * output[1]], [0, 1, drawn.shift_y * output[0]], [0, 0, 1]])
    made: Matrix = shifted @ sheared @ turned @ tilted @ centred
    return made


def changes(made: Matrix, shape: Shape, output: Shape) -> bool:
    """Whether a picture looks different through this matrix."""
    return shape != output or not np.array_equal(made, np.eye(3))


def warped(image: Pixels, made: Matrix, output: Shape) -> Pixels:
    """The picture through a matrix, bilinear, grey where there is nothing."""
    size, outside = (output[1], output[0]), (GREY[0],) * 4
    if tilts(made):
        return cv2.warpPerspective(image, made, size, borderValue=outside)  # type: ignore[return-value]  # any array
    return cv2.warpAffine(image, made[:2], size, borderValue=outside)  # type: ignore[return-value]  # any array


def tilts(made: Matrix) -> bool:
    """Whether parallels may meet."""
    return bool(made[2, 0] or made[2, 1])


def moved(points: NDArray[np.floating], made: Matrix) -> Boxes:
    """Points (P × 2) through a matrix."""
    ahead = points @ made[:2, :2].T + made[:2, 2]
    if not tilts(made):
        return ahead
    with np.errstate(divide="ignore", invalid="ignore"):
        through: Boxes = ahead / (points @ made[2, :2] + made[2, 2])[:, None]
    return through


def moved_boxes(boxes: NDArray[np.floating], made: Matrix, output: Shape) -> Boxes:
    """The hull of each box's four corners through a matrix, as far as it lies in the output."""
    corners = moved(boxes[:, CORNERS].reshape(-1, 2), made).reshape(-1, 4, 2)
    hulls = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    clipped: Boxes = np.clip(hulls, 0, (output[1], output[0], output[1], output[0]))
    return clipped


def candidates(
    before: NDArray[np.floating], after: Boxes, scale: float, share: NDArray[np.floating] | float = LEFT_OF_BOX
) -> NDArray[np.bool_]:
    """Which boxes are still worth learning: more than 2 px a side, not too thin, and enough of the area left.

    `share` is the least part of the area before, scaled, that is left.
    """
    width, height = after[:, 2] - after[:, 0], after[:, 3] - after[:, 1]
    scaled = before * scale
    area = (scaled[:, 2] - scaled[:, 0]) * (scaled[:, 3] - scaled[:, 1])
    large = (width > SMALLEST_PX) & (height > SMALLEST_PX)
    kept: NDArray[np.bool_] = (
        large & (np.maximum(width, height) < MOST_ASPECT * np.minimum(width, height)) & (width * height > share * area)
    )
    return kept
