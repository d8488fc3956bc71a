"""How often classes occur, and how well they are found → how often each image is shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]


def class_weights(instances: NDArray[np.int64]) -> Weights:
    """The rarer a class, the heavier: C weights from C counts, 1 on average."""
    rare = 1 / np.maximum(instances, 1)
    weights: Weights = rare / rare.sum() * len(instances)
    return weights


def image_weights(counts: NDArray[np.int64], maps: Weights) -> Weights:
    """A weight for each image, from how many objects of each class it shows (I × C), and mAP by class (C)."""
    classes = class_weights(counts.sum(axis=0)) * (1 - maps) ** 2 / counts.shape[1]
    weighed: Weights = counts @ classes
    return weighed
