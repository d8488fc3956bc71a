"""Quantiles of many groups at once, for checks that look for outliers within a class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.dataset.tables import Boxes
from yoloaudit.geometry import Floats, Integers, Mask, key_values, sort_key


def quantiles(groups: Integers, values: Floats, shares: Sequence[float]) -> Floats:
    """Quantiles (linear between ranks) of the values of each group 0 … G − 1, none of them empty: (G, shares)."""
    ordered = np.sort(sort_key(groups, values))
    sizes = np.bincount(groups)
    starts = np.cumsum(sizes) - sizes
    rank = (sizes - 1)[:, None] * np.asarray(shares)
    low = np.floor(rank).astype(np.int64)
    high = np.minimum(low + 1, (sizes - 1)[:, None])
    below, beyond = (key_values(ordered[starts[:, None] + place]).astype(np.float64) for place in (low, high))
    return np.asarray(below + (beyond - below) * (rank - low))


def classes_of_size(boxes: Boxes, sound: Mask, least: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of sound boxes whose class has `least` of them, and a running number of their class."""
    positions = np.flatnonzero(sound)
    codes, _ = pd.factorize(boxes["class_id"].to_numpy()[positions])
    kept = np.bincount(codes)[codes] >= least
    codes, _ = pd.factorize(codes[kept])
    return positions[kept], codes
