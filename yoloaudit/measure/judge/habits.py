"""All labels of the data set → how a class is usually labelled, as seen from an image whose own labels do not count.

If an image's labels counted, a label could be told from its planted twin by what it adds to these numbers. What they do
not add would tell as much: numbers are rounded, so that nobody can read from them how many labels were left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from yoloaudit.evidence import Floats, Integers, overlaps
from yoloaudit.measure.judge.scenes import Scene

WEIGHT = 5.0
"""Labels that the mean over all classes counts for, in that of a class."""
HALF = 0.5


class Usual(NamedTuple):
    """Of the class of each row (Q)."""

    labels: Floats
    """log(1 + labels), to the next half."""
    size: Floats
    """Mean log share of the image's area."""
    size_spread: Floats
    aspect: Floats
    """Mean log width over height."""
    aspect_spread: Floats
    found: Floats
    """Mean of the best score of a detection of the class on a label, to the next tenth: how well the model knows it."""


class Habits:
    """Sums over the labels of each class, and over those of each image."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        facts = [_facts(scene) for scene in scenes]
        classes = np.concatenate([np.zeros(0, np.int64), *(scene.label_classes for scene in scenes)])
        self.classes, codes = np.unique(classes, return_inverse=True)
        values = np.concatenate([np.zeros((0, 3)), *facts])
        moments = np.concatenate([np.ones((len(values), 1)), values, values**2], axis=1)
        self.sums = np.zeros((len(self.classes) + 1, 7))
        np.add.at(self.sums, codes, moments)
        counts = np.cumsum([0, *(len(scene.rows) for scene in scenes)])
        self._own = {
            scene.image: (codes[low:high], moments[low:high])
            for scene, low, high in zip(scenes, counts[:-1], counts[1:], strict=True)
        }

    def of(self, scene: Scene, classes: Integers) -> Usual:
        """What is usual for these classes, without the labels of this scene."""
        at = np.searchsorted(self.classes, classes)
        known = at < len(self.classes)
        known[known] = self.classes[at[known]] == classes[known]
        at = np.where(known, at, len(self.classes))
        mine = np.zeros_like(self.sums)
        np.add.at(mine, self._own[scene.image][0], self._own[scene.image][1])
        others = self.sums - mine
        middle, variance = _moments(others.sum(axis=0))
        sums = others[at]
        count = np.maximum(np.round(sums[:, :1]), 0)
        mean = (sums[:, 1:4] + WEIGHT * middle) / (count + WEIGHT)
        square = sums[:, 4:] - 2 * mean * sums[:, 1:4] + count * mean**2
        spread = np.sqrt(np.maximum((square + WEIGHT * variance) / (count + WEIGHT), 1e-3))
        labels, found = np.round(2 * np.log1p(count[:, 0])) / 2, np.round(mean[:, 2], 1)
        return Usual(labels, mean[:, 0], spread[:, 0], mean[:, 1], spread[:, 1], found)


def _moments(sums: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of each fact, of the sums of labels of all classes."""
    count = round(float(sums[0]))
    if count < 1:
        return np.zeros(3), np.ones(3)
    mean = sums[1:4] / count
    return mean, np.maximum(sums[4:] / count - mean**2, 0)


def shape_of(boxes: Floats, scene: Scene) -> tuple[Floats, Floats]:
    """Log share of the image's area, and log width over height."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 1)
    return np.log(sides.prod(axis=1) / (scene.width * scene.height)), np.log(sides[:, 0] / sides[:, 1])


def _facts(scene: Scene) -> Floats:
    """L × 3: size, aspect, and the best score on each label."""
    size, aspect = shape_of(scene.labels, scene)
    overlap = overlaps(scene.labels, scene.boxes)[0]
    right = (overlap > HALF) & (scene.label_classes[:, None] == scene.classes[None])
    found = np.where(right, scene.scores[None], 0).max(axis=1, initial=0)
    return np.stack([size, aspect, found], axis=1)
