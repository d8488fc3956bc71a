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
GREY_SPREAD = 4
"""Levels of 255 by which the channels of a pixel may differ for it to be grey: what JPEG's rounding makes of grey."""
PERCEIVED = np.array([[0.241], [0.691], [0.068]], np.float32)


class Measured(NamedTuple):
    """Numbers of one image: shares of 1, but for the sharpness (grey levels of 255)."""

    brightness_p5: float
    brightness_p50: float
    brightness_p99: float
    sharpness: float
    saturation: float
    grey: bool
    red: float
    green: float
    blue: float


def measure(rgb: NDArray[np.uint8]) -> tuple[Measured, NDArray[np.uint8], NDArray[np.uint8]]:
    """Numbers of an image of H × W × 3, its grey levels (H × W), and its small grey picture (64 × 64)."""
    picture = Image.fromarray(rgb).convert("L")
    grey = np.asarray(picture)
    planes = np.ascontiguousarray(rgb.transpose(2, 0, 1)).reshape(3, -1)
    low, middle, high = _brightness(planes)
    spread = np.maximum(np.maximum(planes[0], planes[1]), planes[2])
    spread -= np.minimum(np.minimum(planes[0], planes[1]), planes[2])
    total = 255 * planes.shape[1]
    red, green, blue = (float(sum_) / total for sum_ in planes.sum(axis=1, dtype=np.uint32))
    numbers = Measured(
        low,
        middle,
        high,
        sharpness=sharpness(grey),
        saturation=float(spread.sum(dtype=np.uint32)) / total,
        grey=bool(spread.max() <= GREY_SPREAD),
        red=red,
        green=green,
        blue=blue,
    )
    return numbers, grey, np.asarray(_squashed(picture))


def sharpness(grey: NDArray[np.uint8]) -> float:
    """Standard deviation of the Laplacian of four neighbours; 0 for an image without an inside."""
    if min(grey.shape) < 3:
        return 0.0
    levels = grey.astype(np.float32)
    edges = 4 * levels[1:-1, 1:-1]
    edges -= levels[:-2, 1:-1]
    edges -= levels[2:, 1:-1]
    edges -= levels[1:-1, :-2]
    edges -= levels[1:-1, 2:]
    flat = edges.ravel()
    mean = float(flat.mean(dtype=np.float64))
    return float(np.sqrt(max(0.0, float(np.vdot(flat, flat)) / len(flat) - mean * mean)))


def small(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey levels squashed to 64 × 64; the triangle filter keeps copies of other sizes alike, which a box does not."""
    return np.asarray(_squashed(Image.fromarray(grey)))


def _squashed(picture: Image.Image) -> Image.Image:
    return picture.resize((GREY_SIDE, GREY_SIDE), Image.Resampling.BILINEAR)


def contrast(histograms: NDArray[np.int64]) -> NDArray[np.float32]:
    """Standard deviation, as a share of 255, of the grey levels counted in N × 256 histograms."""
    share = histograms / np.maximum(histograms.sum(axis=1, keepdims=True), 1)
    levels = np.arange(256)
    variance = share @ (levels * levels) - (share @ levels) ** 2
    spread: NDArray[np.float32] = (np.sqrt(np.maximum(variance, 0)) / 255).astype(np.float32)
    return spread


def entropy(histograms: NDArray[np.int64]) -> NDArray[np.float32]:
    """Shannon entropy in bits of N × 256 histograms of grey levels."""
    share = histograms / np.maximum(histograms.sum(axis=1, keepdims=True), 1)
    bits = np.log2(share, out=np.zeros_like(share), where=share > 0)
    summed: NDArray[np.float32] = (-(share * bits).sum(axis=1)).astype(np.float32)
    return summed


def _brightness(planes: NDArray[np.uint8]) -> tuple[float, float, float]:
    levels = planes.astype(np.float32)
    levels *= levels
    levels *= PERCEIVED
    squares = levels[0]
    squares += levels[1]
    squares += levels[2]
    squares.sort()
    last = len(squares) - 1
    low, middle, high = (float(np.sqrt(squares[round(share * last)])) / 255 for share in PERCENTILES)
    return low, middle, high
