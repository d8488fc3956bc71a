"""A picture of any size → one of the network's size, and boxes on that one → boxes on the picture.

H × W × 3 pixels, uint8; N boxes. A shape is (height, width), as NumPy has it; ratio and padding are (across, down).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.types import Floats

cv2.setNumThreads(1)  # pictures are small, and its threads wait busily for the next one, in the network's way

Pixels = NDArray[np.uint8]
Shape = tuple[int, int]

GREY = (114, 114, 114)
"""What pads a picture."""


class Letterboxed(NamedTuple):
    """How a picture was made to fit: first scaled by `ratio`, then moved by `padding`."""

    ratio: tuple[float, float] = (1.0, 1.0)
    """Pixels at the network's input for a pixel of the picture: across, down."""
    padding: tuple[float, float] = (0.0, 0.0)
    """Half of the pixels that pad it: across, down. A half pixel lies on the right, or below."""


def resize(image: Pixels, side: int, *, augmenting: bool = False) -> Pixels:
    """The picture with `side` pixels on its longer side, the other one rounded up.

    It shrinks by area, which leaves no fine pattern behind, unless `augmenting`; it grows bilinearly.
    """
    height, width = image.shape[:2]
    ratio = side / max(height, width)
    if ratio == 1:
        return image
    size = min(math.ceil(width * ratio), side), min(math.ceil(height * ratio), side)
    return _scaled(image, size, cv2.INTER_LINEAR if augmenting or ratio > 1 else cv2.INTER_AREA)


def letterbox(
    image: Pixels,
    shape: Shape,
    *,
    auto: bool = True,
    scale_fill: bool = False,
    scale_up: bool = True,
    stride: int = 32,
) -> tuple[Pixels, Letterboxed]:
    """The picture scaled into `shape`, its proportions kept, and padded with grey evenly on both sides.

    With `auto` it is padded to the next multiple of `stride` only, so that one side may stay below that of `shape`.
    With `scale_fill`, without `auto`, it is stretched instead. Without `scale_up` a small picture is not enlarged.
    """
    height, width = image.shape[:2]
    gain = min(shape[0] / height, shape[1] / width)
    if not scale_up:
        gain = min(gain, 1.0)
    ratio = gain, gain
    size = max(1, round(width * gain)), max(1, round(height * gain))
    across, down = shape[1] - size[0], shape[0] - size[1]
    if auto:
        across, down = across % stride, down % stride
    elif scale_fill:
        across, down, size = 0, 0, (shape[1], shape[0])
        ratio = shape[1] / width, shape[0] / height
    if size != (width, height):
        image = _scaled(image, size, cv2.INTER_LINEAR)
    return _padded(image, across, down), Letterboxed(ratio, (across / 2, down / 2))


def scale_back(boxes: Floats, fitted: Shape, native: Shape, letterboxed: Letterboxed | None = None) -> Floats:
    """Boxes (N × 4: x1 y1 x2 y2) in pixels of a picture of shape `fitted`, in those of the picture it was made from.

    Without `letterboxed` it is assumed that proportions were kept and both sides padded evenly. All boxes end up within
    `native`; those that are not numbers stay so.
    """
    ratio, padding = letterboxed or _assumed(fitted, native)
    moved = (boxes - np.array(padding * 2, np.float32)) / np.array(ratio * 2, np.float32)
    inside: Floats = np.clip(moved, 0, np.array([native[1], native[0]] * 2, np.float32)).astype(np.float32, copy=False)
    return inside


def _assumed(fitted: Shape, native: Shape) -> Letterboxed:
    gain = min(fitted[0] / native[0], fitted[1] / native[1])
    padding = (fitted[1] - native[1] * gain) / 2, (fitted[0] - native[0] * gain) / 2
    return Letterboxed((gain, gain), padding)


def _scaled(image: Pixels, size: tuple[int, int], method: int) -> Pixels:
    """The picture at this size (width, height)."""
    made: Pixels = cv2.resize(image, size, interpolation=method)  # type: ignore[assignment]  # OpenCV says: any array
    return made


def _padded(image: Pixels, across: int, down: int) -> Pixels:
    if not across and not down:
        return image
    left, top = round(across / 2 - 0.1), round(down / 2 - 0.1)
    sides = top, down - top, left, across - left
    made: Pixels = cv2.copyMakeBorder(image, *sides, cv2.BORDER_CONSTANT, value=GREY)  # type: ignore[assignment]  # as above
    return made
