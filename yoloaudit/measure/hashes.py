"""Small grey pictures → perceptual hashes; hashes of bytes and pixels → numbers that tell equal images.

The perceptual hash is that of Zauner (2010), "Implementation and benchmarking of perceptual image hash functions", 3.2:
the signs, around their median, of the lowest 8 × 8 coefficients of the discrete cosine transform of 32 × 32 pixels.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SIDE, LOW = 32, 8


def _basis() -> NDArray[np.float32]:
    """The first LOW rows of the DCT-II over SIDE samples, LOW × SIDE."""
    frequency, place = np.mgrid[:LOW, :SIDE]
    basis: NDArray[np.float32] = np.cos(np.pi * frequency * (2 * place + 1) / (2 * SIDE)).astype(np.float32)
    return basis


BASIS = _basis()


def perceptual(pictures: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """64-bit hashes of N × 64 × 64 grey pictures; 0 for one without any contrast."""
    if not len(pictures):
        return np.zeros(0, np.uint64)
    wide = pictures[:, ::2].astype(np.float32)
    wide += pictures[:, 1::2]
    halves = wide[:, :, ::2] + wide[:, :, 1::2]
    low = (BASIS @ halves @ BASIS.T).reshape(len(pictures), LOW * LOW)
    place = (LOW * LOW - 1) // 2
    middle = np.partition(low[:, 1:], place, axis=1)[:, place : place + 1]
    bits = low > middle
    bits[:, 0] = False  # the mean says nothing of what is shown
    bits[(halves == halves[:, :1, :1]).all(axis=(1, 2))] = False
    words: NDArray[np.uint64] = np.packbits(bits, axis=1).view(np.uint64).reshape(-1)
    return words


def codes_of(keys: NDArray[np.void]) -> NDArray[np.int64]:
    """A number for each key of 16 bytes, equal for equal keys; -1 for zeros, which say nothing."""
    words = np.ascontiguousarray(keys).view(np.uint64).reshape(-1, 2)
    known = words.any(axis=1)
    codes = np.full(len(words), -1, dtype=np.int64)
    if known.any():
        codes[known] = _factorized(words[known])
    return codes


def _factorized(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """By the first half of each key, unless that is equal where the other half is not."""
    codes, halves = pd.factorize(words[:, 0])
    other = np.zeros(len(halves), np.uint64)
    other[codes] = words[:, 1]
    if (other[codes] == words[:, 1]).all():
        return codes
    return pd.factorize(pd.MultiIndex.from_arrays([words[:, 0], words[:, 1]]))[0]
