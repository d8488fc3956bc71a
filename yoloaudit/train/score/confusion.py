"""Detections and labels as columns → the confusion matrix: how often each class is taken for each, or for background.

Every detection above the confidence and every label counts once. YOLOv5's own matrix leaves out false positives in
images where nothing is found, and in all images without labels, and of two detections by one box it keeps the less
confident; `as_yolov5` counts as it does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.score.pairs import Detected, Integers, Labelled, strongest

CONFIDENCE = np.float32(0.25)
OVERLAP = 0.45


@dataclass(frozen=True)
class Confusion:
    """The cells of the matrix that are not 0; C classes, and C itself stands for background."""

    classes: int
    cells: Integers
    """N × 3: predicted class, true class, how often; sorted. Background as true class: a false positive; as predicted
    class: a label that was missed."""

    def matrix(self) -> Integers:
        """(C + 1) × (C + 1): rows predicted, columns true."""
        whole = np.zeros((self.classes + 1, self.classes + 1), np.int64)
        whole[self.cells[:, 0], self.cells[:, 1]] = self.cells[:, 2]
        return whole


def confusion(detected: Detected, labelled: Labelled, classes: int, *, as_yolov5: bool = False) -> Confusion:
    """Pair detections with labels by overlap alone, and count the pairs of classes; class ids are below `classes`.

    A detection goes to the label that it overlaps most, by more than 0.45; a label keeps the detection that overlaps
    it most, of equal ones the more confident. What is left over on either side is held against background.
    """
    sure = detected.at(detected.scores > CONFIDENCE)
    pairs = strongest(sure, labelled, OVERLAP, by_class=False)
    among_equal = -pairs.detection if as_yolov5 else pairs.detection
    order = np.lexsort((among_equal, -pairs.overlap, pairs.label))
    order = order[(pairs.overlap > OVERLAP)[order]]
    label, first = np.unique(pairs.label[order], return_index=True)
    detection = pairs.detection[order[first]]
    alone, missed = _rest(len(sure.scores), detection), _rest(len(labelled.classes), label)
    if as_yolov5:
        alone = alone[np.isin(sure.images[alone], labelled.images[label])]
    predicted = [sure.classes[detection], sure.classes[alone], np.full(len(missed), classes)]
    true = [labelled.classes[label], np.full(len(alone), classes), labelled.classes[missed]]
    return Confusion(classes, _counted(np.concatenate(predicted), np.concatenate(true)))


def _rest(size: int, taken: Integers) -> Integers:
    return np.setdiff1d(np.arange(size), taken, assume_unique=True)


def _counted(predicted: NDArray[np.int64], true: NDArray[np.int64]) -> Integers:
    kinds, counts = np.unique((predicted.astype(np.int64) << 32) + true, return_counts=True)
    return np.stack([kinds >> 32, kinds & 0xFFFFFFFF, counts], axis=1)
