"""What a model saw on images, and the tables of their data set → an Evaluation: every score, and the evidence for it.

D detections, L labels, T IoU thresholds (0.50, 0.55 … 0.95). Labels are the rows that the trainer uses, as the boxes
they say, cut at the image's edges as detections are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.tables import Boxes
from yoloaudit.train.score.coco_metrics import CocoScores, coco_scores
from yoloaudit.train.score.confusion import Confusion, confusion
from yoloaudit.train.score.metrics import ClassScores, match, score_classes
from yoloaudit.train.score.pairs import Detected, Integers, Labelled, Mask
from yoloaudit.train.types import Predicted

COUNTED = ("used", "altered")
"""Fates of rows that are labels: a box row that others in its file make YOLOv5 misread is read as the box it says."""
SINGLE_NAME = "item"
"""The one class that all become with `single_class`."""
NOTHING = float("nan")


@dataclass(frozen=True)
class Overall:
    """Means over the classes that have labels, at IoU 0.5 where nothing else is said; NaN where none has."""

    precision: float
    recall: float
    f1: float
    map50: float
    map50_95: float


@dataclass(frozen=True)
class Evaluation:
    """How well a model finds what is labelled. Images are named by their rows in the table `images`."""

    names: tuple[str, ...]
    images: Integers
    """Those that could be read, in the order in which the model saw them."""
    sizes: Integers
    """Width and height of each of these, as the trainer sees it."""
    unreadable: Mapping[int, str]
    """Why the others could not be; their labels do not count."""
    foreign: Mapping[int, int]
    """Class ids beyond the names, and how many labels bear them; no model could find these, so they do not count."""
    detected: Detected
    hits: Mask
    """D × T: whether a detection is right."""
    labelled: Labelled
    overall: Overall
    by_class: ClassScores
    confusion: Confusion
    coco: CocoScores | None = None

    @property
    def backgrounds(self) -> int:
        """Images without a label that counts."""
        return len(self.images) - len(np.unique(self.labelled.images))

    def images_with(self) -> Integers:
        """In how many images each class of `by_class` is labelled."""
        counts = self.label_counts()
        return np.bincount(counts[:, 1], minlength=len(self.names))[self.by_class.classes]

    def label_counts(self) -> Integers:
        """N × 3: image, class, how many labels of this class the image has."""
        together = (self.labelled.images << 32) + self.labelled.classes
        kinds, counts = np.unique(together, return_counts=True)
        return np.stack([kinds >> 32, kinds & 0xFFFFFFFF, counts], axis=1)


def evaluate(
    predicted: Iterable[Predicted],
    boxes: Boxes,
    names: Sequence[str],
    *,
    single_class: bool = False,
    coco: bool = False,
) -> Evaluation:
    """Hold what a model saw against the labels of the same images; `boxes` may hold rows of other images, too.

    Class ids of detections are below the number of names. `single_class` makes all classes one; `coco` adds COCO's
    own scores.
    """
    names = (SINGLE_NAME,) if single_class else tuple(names)
    detected, sizes, unreadable = gather(predicted)
    labelled = labels_of(boxes, sizes)
    if single_class:
        detected = detected._replace(classes=np.zeros_like(detected.classes))
        labelled = labelled._replace(classes=np.zeros_like(labelled.classes))
    if detected.classes.max(initial=-1) >= len(names):
        raise ValueError(f"a detection of class {detected.classes.max()}, and only {len(names)} names")
    foreign = labelled.classes >= len(names)
    ids, counts = np.unique(labelled.classes[foreign], return_counts=True)
    labelled = labelled.at(~foreign)
    hits = match(detected, labelled)
    by_class = score_classes(hits, detected.scores, detected.classes, labelled.classes)
    return Evaluation(
        names=names,
        images=np.array(list(sizes), np.int64),
        sizes=np.array(list(sizes.values()), np.int64).reshape(-1, 2),
        unreadable=unreadable,
        foreign=dict(zip(ids.tolist(), counts.tolist(), strict=True)),
        detected=detected,
        hits=hits,
        labelled=labelled,
        overall=overall(by_class),
        by_class=by_class,
        confusion=confusion(detected, labelled, len(names)),
        coco=coco_scores(detected, labelled) if coco else None,
    )


def gather(predicted: Iterable[Predicted]) -> tuple[Detected, dict[int, tuple[int, int]], dict[int, str]]:
    """Detections as columns, width and height of each image that could be read, and why the others could not."""
    sizes: dict[int, tuple[int, int]] = {}
    unreadable: dict[int, str] = {}
    kept = []
    for each in predicted:
        if each.error is not None:
            unreadable[each.place] = each.error
            continue
        sizes[each.place] = (each.width, each.height)
        kept.append(each)
    places = np.array([each.place for each in kept], np.int64)
    found = [each.detections for each in kept]
    columns = Detected(
        np.repeat(places, [len(each) for each in found]),
        _joined([each.classes for each in found], np.int64),
        _joined([each.boxes for each in found], np.float32).reshape(-1, 4),
        _joined([each.scores for each in found], np.float32),
    )
    return columns, sizes, unreadable


def _joined(parts: Sequence[NDArray[Any]], kind: type) -> NDArray[Any]:
    return np.concatenate([part.reshape(-1) for part in parts]).astype(kind) if parts else np.zeros(0, kind)


def labels_of(boxes: Boxes, sizes: Mapping[int, tuple[int, int]]) -> Labelled:
    """The labels of these images (row in `images` → width, height) in pixels, cut at the edges."""
    rows = np.flatnonzero(boxes["fate"].isin(COUNTED).to_numpy() & boxes["image"].isin(list(sizes)).to_numpy())
    own = boxes.iloc[rows]
    images = own["image"].to_numpy().astype(np.int64)
    frame = np.zeros((images.max(initial=-1) + 1, 2), np.float32)
    for place, size in sizes.items():
        if place < len(frame):
            frame[place] = size
    limits = frame[images]
    centres = own[["cx", "cy"]].to_numpy(np.float32)
    half = own[["w", "h"]].to_numpy(np.float32) / 2
    corners = [np.clip((centres + sign * half) * limits, 0, limits) for sign in (-1, 1)]
    return Labelled(images, own["class_id"].to_numpy().astype(np.int64), np.concatenate(corners, axis=1))


def overall(by_class: ClassScores) -> Overall:
    """Means over classes."""
    if not len(by_class.classes):
        return Overall(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
    columns = (by_class.precision, by_class.recall, by_class.f1, by_class.ap[:, 0], by_class.ap)
    return Overall(*(float(column.mean()) for column in columns))
