"""A picture → the same in other colours, or mixed with another.

H × W × 3, uint8, BGR.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np

from yoloaudit.train.config import Hyper
from yoloaudit.train.samples.streams import Numbers
from yoloaudit.train.types import Pixels

Gains: TypeAlias = tuple[float, float, float]
"""Factors of hue, saturation and value."""
HUES = 180
"""OpenCV's hues of 8 bits: 0 to 179."""
MIX = 32.0
"""Both parameters of the beta distribution that the share of a picture in a mix is drawn from."""
_LEVELS = np.arange(256, dtype=np.float64)


def draw_gains(hyper: Hyper, stream: Numbers) -> Gains | None:
    """Factors within these bounds; None, and nothing drawn, where all bounds are 0."""
    bounds = hyper.hsv_h, hyper.hsv_s, hyper.hsv_v
    if not any(bounds):
        return None
    hue, saturation, value = (stream.uniform(-1, 1, 3) * bounds + 1).tolist()
    return hue, saturation, value


def draw_share(stream: Numbers) -> float:
    """The share of the first picture in a mix."""
    return float(stream.beta(MIX, MIX))


def coloured(image: Pixels, gains: Gains) -> Pixels:
    """The picture with hue, saturation and value multiplied, each rounded down to 8 bits."""
    hues = (_LEVELS * gains[0] % HUES).astype(np.uint8)
    saturations, values = (np.clip(_LEVELS * gain, 0, 255).astype(np.uint8) for gain in gains[1:])
    planes = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2HSV))
    tables = zip(planes, (hues, saturations, values), strict=True)
    changed = cv2.merge([cv2.LUT(plane, table) for plane, table in tables])
    return cv2.cvtColor(changed, cv2.COLOR_HSV2BGR)  # type: ignore[return-value]  # OpenCV says: any array


def mixed(first: Pixels, second: Pixels, share: float) -> Pixels:
    """`share` of the first picture and the rest of the second, rounded down."""
    return (first * share + second * (1 - share)).astype(np.uint8)
