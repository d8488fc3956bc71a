"""Labels of a data set and how well each class is found → how often each image is to be drawn. No torch here.

N labels, M images, C classes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.types import Integers

Exact = NDArray[np.float64]


def class_weights(classes: Integers, count: int) -> Exact:
    """C: rare classes weigh more. 1 over the labels of each class (1 at least), scaled to a mean of 1.

    `classes` holds the class id of each label, N.
    """
    each = 1 / np.maximum(np.bincount(classes, minlength=count)[:count], 1)
    weights: Exact = each / each.sum() * count
    return weights


def image_weights(images: Integers, classes: Integers, weights: Exact, total: int) -> Exact:
    """M: the summed weights of each image's labels; an image without labels weighs 0.

    `images` and `classes` hold the place of the image and the class id of each label, N; `total` is M.
    """
    return np.bincount(images, weights=weights[classes], minlength=total).astype(np.float64)


def by_success(weights: Exact, maps: Exact) -> Exact:
    """C: class weights for the next epoch, where classes with a low mAP (0 to 1) weigh more."""
    return weights * (1 - maps) ** 2 / len(weights)


def draw(weights: Exact, rng: np.random.Generator) -> Integers:
    """M images, drawn with replacement by their weights; all alike where no image weighs anything."""
    total = weights.sum()
    shares = weights / total if total > 0 else None
    return rng.choice(len(weights), len(weights), p=shares).astype(np.int64)
