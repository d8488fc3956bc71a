"""The reduced pixels of an image → brightness, contrast, sharpness, entropy, colour, and a small grey picture of it.

Brightness is the perceived one, √(0.241 R² + 0.691 G² + 0.068 B²) / 255 (Finley's HSP model); grey levels are those
of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

GREY_SIDE = 64
"""Pixels along each side of the small grey picture, whatever the image's shape."""
PERCENTILES = (0.05, 0.5, 0.99)
GREY_SPREAD = 4
"""Levels of 255 by which the channels of a pixel may differ for it to be grey: what JPEG's rounding makes of grey."""
PERCEIVED = np.array([0.241, 0.691, 0.068], np.float32)

cv2.setNumThreads(1)  # images are small, and there is a process for each core


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


NOT_MEASURED = Measured(0.0, 0.0, 0.0, 0.0, 0.0, False, 0.0, 0.0, 0.0)


def measure(rgb: NDArray[np.uint8]) -> tuple[Measured, NDArray[np.uint8]]:
    """Numbers of an image of H × W × 3, and its grey levels (H × W)."""
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    planes = np.empty((3, *grey.shape), np.uint8)
    cv2.split(rgb, list(planes))
    one, two, three = planes
    spread = cv2.subtract(cv2.max(cv2.max(one, two), three), cv2.min(cv2.min(one, two), three))
    red, green, blue, _ = cv2.mean(rgb)
    numbers = Measured(
        *_brightness(planes.reshape(3, -1)),
        sharpness=sharpness(grey),
        saturation=cv2.mean(spread)[0] / 255,
        grey=bool(spread.max() <= GREY_SPREAD),
        red=red / 255,
        green=green / 255,
        blue=blue / 255,
    )
    return numbers, grey


def sharpness(grey: NDArray[np.uint8]) -> float:
    """Standard deviation of the Laplacian of four neighbours; 0 for an image without an inside."""
    if min(grey.shape) < 3:
        return 0.0
    edges = cv2.Laplacian(grey, cv2.CV_16S, ksize=1)[1:-1, 1:-1]
    return float(cv2.meanStdDev(edges)[1][0, 0])


def small(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey levels squashed to 64 × 64: means over the area of each pixel, and in between where it is enlarged."""
    return np.asarray(cv2.resize(grey, (GREY_SIDE, GREY_SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def histogram(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How many pixels have each of the 256 grey levels: 256 counts."""
    return np.asarray(cv2.calcHist([grey], [0], None, [256], [0, 256]), np.float32).reshape(256)


def contrast(histograms: NDArray[np.float64]) -> NDArray[np.float32]:
    """Standard deviation, as a share of 255, of the grey levels counted in N × 256 histograms."""
    share = histograms / np.maximum(histograms.sum(axis=1, keepdims=True), 1)
    levels = np.arange(256)
    variance = share @ (levels * levels) - (share @ levels) ** 2
    spread: NDArray[np.float32] = (np.sqrt(np.maximum(variance, 0)) / 255).astype(np.float32)
    return spread


def entropy(histograms: NDArray[np.float64]) -> NDArray[np.float32]:
    """Shannon entropy in bits of N × 256 histograms of grey levels."""
    share = histograms / np.maximum(histograms.sum(axis=1, keepdims=True), 1)
    bits = np.log2(share, out=np.zeros_like(share), where=share > 0)
    summed: NDArray[np.float32] = (-(share * bits).sum(axis=1)).astype(np.float32)
    return summed


def _brightness(planes: NDArray[np.uint8]) -> tuple[float, float, float]:
    levels = planes.astype(np.float32)
    levels *= levels
    squares = (PERCEIVED @ levels + np.float32(0.5)).astype(np.uint16)
    squares.sort()
    last = len(squares) - 1
    low, middle, high = (sqrt(squares[round(share * last)]) / 255 for share in PERCENTILES)
    return low, middle, high
