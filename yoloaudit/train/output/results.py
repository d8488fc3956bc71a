"""An Evaluation → its detections as the table `predictions`, and as YOLO label files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from yoloaudit.dataset.tables import PREDICTIONS, Predictions, table
from yoloaudit.train.output.safe_names import Different, safe, stem_of
from yoloaudit.train.output.saving import label_text
from yoloaudit.train.score.evaluate import Evaluation
from yoloaudit.train.types import Detections, Predicted


def predictions_of(evaluation: Evaluation) -> Predictions:
    """All detections, by image; `source` is not said."""
    order = np.argsort(evaluation.detected.images, kind="stable")
    found = evaluation.detected.at(order)
    sides = {name: found.boxes[:, at] for at, name in enumerate(("x1", "y1", "x2", "y2"))}
    return table(PREDICTIONS, {"image": found.images, "class_id": found.classes, "score": found.scores, **sides})


def label_files(evaluation: Evaluation, paths: Sequence[str], *, scores: bool = False) -> Iterator[tuple[str, bytes]]:
    """Name and content of a label file for each image with detections; `paths` of the table `images`, by row.

    A row is class, centre and size as shares of the image, and with `scores` the score. Of images of one name, those
    after the first get a number.
    """
    order = np.argsort(evaluation.detected.images, kind="stable")
    found = evaluation.detected.at(order)
    images, starts = np.unique(found.images, return_index=True)
    sizes = dict(zip(evaluation.images.tolist(), evaluation.sizes.tolist(), strict=True))
    names = Different()
    ends = np.append(starts[1:], len(order))[: len(images)]
    for image, start, end in zip(images.tolist(), starts, ends, strict=True):
        own = found.at(np.arange(start, end))
        seen = Detections(own.boxes, own.scores, own.classes)
        width, height = sizes[image]
        text = label_text(Predicted(image, seen, height, width), seen, scores)
        yield f"{names.name(safe(stem_of(paths[image]), 'image'))}.txt", text.encode("ascii")
