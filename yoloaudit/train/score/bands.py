"""Evidence with boxes → the same by size of object: which labels and detections count in each of COCO's bands.

Sizes are areas of boxes in square pixels of the image at its native size, as COCO's evaluation takes them. What is
labelled outside a band neither counts nor makes a detection wrong: a detection that is right on a label counts in the
band of that label, any other in the band of its own box. D detections, T IoU thresholds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yoloaudit.geometry import area
from yoloaudit.train.score.coco_metrics import AREAS
from yoloaudit.train.score.evidence import Evidence, counts_of
from yoloaudit.train.score.metrics import THRESHOLDS
from yoloaudit.train.score.pairs import Detected, Integers, Mask, strongest
from yoloaudit.train.types import Floats

BANDS = tuple(name for name in AREAS if name != "all")
EDGES = np.array([AREAS["medium"][0], AREAS["large"][0]])
"""Square pixels from which on a box is of the next band; COCO counts a box that is just as large to both."""


class Band(NamedTuple):
    """What counts of one size."""

    name: str
    labels: Integers
    """As Evidence.labels, of this size alone."""
    counted: Mask
    """D × T."""


def bands_of(evidence: Evidence) -> list[Band]:
    """The bands from small to large; none where the evidence has no boxes."""
    if evidence.boxes is None or evidence.truth is None:
        return []
    truth = evidence.truth
    detected = Detected(evidence.image, evidence.classes, evidence.boxes, evidence.scores)
    own, of_label = band_numbers(evidence.boxes), band_numbers(truth.boxes)
    met = own.copy()
    pairs = strongest(detected, truth, float(THRESHOLDS.min()) - 0.01)
    met[pairs.detection] = of_label[pairs.label]
    of_detection = np.where(evidence.hits, met[:, None], own[:, None])
    return [
        Band(name, counts_of(truth.at(of_label == number)), of_detection == number) for number, name in enumerate(BANDS)
    ]


def band_numbers(boxes: Floats) -> Integers:
    """0, 1 or 2 for each box: small, medium or large."""
    return np.searchsorted(EDGES, area(boxes), "right").astype(np.int64)
