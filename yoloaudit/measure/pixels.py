"""The reduced pixels of an image → brightness, contrast, sharpness, entropy, colour, and a small grey picture of it.

Brightness is the perceived one, √(0.241 R² + 0.691 G² + 0.068 B²) / 255 (Finley's HSP model); grey levels are those
of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GREY_SIDE = 64
"""Pixels along each side of the small grey picture, whatever the image's shape."""
PERCENTILES = (0.05, 0.5, 0.99)
GREY_SPREAD = 4.0
"""Levels of 255 by which the channels of a pixel may differ for it to be grey: what JPEG's rounding makes of grey."""
LUMA = (0.299, 0.587, 0.114)
PERCEIVED = (0.241, 0.691, 0.068)

Floats = NDArray[np.float32]


class Measured(NamedTuple):
    """Numbers of one image: shares of 1, but for the sharpness (grey levels of 255)."""

    brightness_p5: float
    brightness_p50: float
    brightness_p99: float
    contrast: float
    sharpness: float
    saturation: float
    grey: bool
    red: float
    green: float
    blue: float


def measure(rgb: NDArray[np.uint8]) -> tuple[Measured, NDArray[np.uint8], NDArray[np.uint8]]:
    """Numbers of an image of H × W × 3, its grey levels (H × W), and its small grey picture (64 × 64)."""
    height, width, _ = rgb.shape
    planes = np.ascontiguousarray(rgb.transpose(2, 0, 1)).reshape(3, -1).astype(np.float32)
    levels = _weighted(planes, LUMA)
    low, middle, high = _brightness(planes)
    spread = planes.max(axis=0) - planes.min(axis=0)
    red, green, blue = (float(mean) / 255 for mean in planes.mean(axis=1))
    numbers = Measured(
        low,
        middle,
        high,
        contrast=float(levels.std()) / 255,
        sharpness=sharpness(levels.reshape(height, width)),
        saturation=float(spread.mean()) / 255,
        grey=bool(spread.max() <= GREY_SPREAD),
        red=red,
        green=green,
        blue=blue,
    )
    grey = np.rint(levels).astype(np.uint8).reshape(height, width)
    return numbers, grey, small(grey)


def sharpness(levels: Floats) -> float:
    """Standard deviation of the Laplacian of four neighbours; 0 for an image without an inside."""
    if min(levels.shape) < 3:
        return 0.0
    inside = levels[1:-1, 1:-1]
    return float((4 * inside - levels[:-2, 1:-1] - levels[2:, 1:-1] - levels[1:-1, :-2] - levels[1:-1, 2:]).std())


def small(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey levels squashed to 64 × 64, each the mean of what it covers."""
    return np.asarray(Image.fromarray(grey).resize((GREY_SIDE, GREY_SIDE), Image.Resampling.BOX))


def entropy(histograms: NDArray[np.int64]) -> NDArray[np.float32]:
    """Shannon entropy in bits of N × 256 histograms of grey levels."""
    share = histograms / np.maximum(histograms.sum(axis=1, keepdims=True), 1)
    bits = np.log2(share, out=np.zeros_like(share), where=share > 0)
    summed: NDArray[np.float32] = (-(share * bits).sum(axis=1)).astype(np.float32)
    return summed


def _brightness(planes: Floats) -> tuple[float, float, float]:
    squares = _weighted(planes * planes, PERCEIVED)
    squares.sort()
    last = len(squares) - 1
    low, middle, high = (float(np.sqrt(squares[round(share * last)])) / 255 for share in PERCENTILES)
    return low, middle, high


def _weighted(planes: Floats, weights: tuple[float, float, float]) -> Floats:
    total: Floats = planes[0] * np.float32(weights[0])
    total += planes[1] * np.float32(weights[1])
    total += planes[2] * np.float32(weights[2])
    return total
