"""merged-boxes: one detection over several labels of its class, or several in one label."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Looked, measured
from yoloaudit.checks.columns import named
from yoloaudit.checks.judged import CORNERS, suggestion, sure_detections
from yoloaudit.dataset.tables import Boxes, Defects, Matches, Predictions, Skill
from yoloaudit.findings import Severity, Suggestion
from yoloaudit.geometry import area, facing, intersection, iou

MOST_INSIDE = 20
"""Boxes inside another that are looked at, the largest."""
APART = 0.5
"""Overlap (IoU) below which two boxes inside another are two."""
HALVES = "0 0.4 0.5 0.2 0.4\n0 0.6 0.5 0.2 0.4\n"
LEFT, RIGHT, BOTH = (192.0, 192.0, 320.0, 448.0), (320.0, 192.0, 448.0, 448.0), (192.0, 192.0, 448.0, 448.0)
IMAGE = "images/train/a.png"


class Group(NamedTuple):
    """A box, and those of its class that lie in it: positions."""

    outer: int
    inner: NDArray[np.int64]


class Fact(NamedTuple):
    """What is said of a group; the text names the class as `name`."""

    text: str
    score: float
    suggestion: Suggestion | None
    related: list[dict[str, int]]


class MergedBoxes(Check):
    """One box for what is several elsewhere, or several for one.

    The model is sure of one object where several labels of its class lie side by side in it, or of several in one
    label. Either is a habit of labelling that is not kept everywhere: a bunch is boxed as one here, fruit by fruit
    there. Decide which it is to be, and label all images so.
    """

    severity = Severity.INFO
    kind = "model"
    message = "{text}"
    min_inside: float = Field(0.8, gt=0.5, le=1, description="share of a box that lies in the other, to count as in it")
    explained: float = Field(
        0.7, ge=0.5, le=1, description="overlap (IoU) from which a detection and a label are the same one object"
    )
    min_filled: float = Field(0.5, gt=0, le=1, description="share of the outer box that those in it must fill")

    good = (
        Example({"labels/train/a.txt": HALVES}, model=Looked(((IMAGE, 0, 0.4, *BOTH),)), title="not sure enough"),
        Example({"labels/train/a.txt": HALVES}, model=Looked(((IMAGE, 1, 0.9, *BOTH),)), title="of another class"),
        Example(
            {"labels/train/a.txt": HALVES},
            model=Looked(((IMAGE, 0, 0.9, *BOTH), (IMAGE, 0, 0.9, *LEFT), (IMAGE, 0, 0.9, *RIGHT))),
            title="each is found by itself, too",
        ),
    )
    bad = (
        Example({"labels/train/a.txt": HALVES}, model=Looked(((IMAGE, 0, 0.9, *BOTH),)), title="one over two labels"),
        Example(
            {"labels/train/a.txt": "0 0.5 0.5 0.4 0.4\n"},
            model=Looked(((IMAGE, 0, 0.9, *LEFT), (IMAGE, 0, 0.8, *RIGHT))),
            title="two in one label",
        ),
    )

    def find(
        self, predictions: Predictions, boxes: Boxes, matches: Matches, skill: Skill, names: tuple[str, ...]
    ) -> Defects:
        sure = sure_detections(predictions, skill)
        fits = (matches["iou"] >= self.explained).to_numpy() & matches["detection"].isin(sure.index).to_numpy()
        explained = matches[fits]
        alone = boxes[~boxes.index.isin(explained["box"]) & np.isfinite(boxes[CORNERS].to_numpy()).all(axis=1)]
        free = sure[~sure.index.isin(explained["detection"])]
        merged, split = list(self.groups(free, alone)), list(self.groups(alone, free))
        facts = [*(_merged(group, free, alone) for group in merged), *(_split(group, free) for group in split)]
        rows = alone.iloc[[int(group.inner[0]) for group in merged] + [group.outer for group in split]]
        called = named(names, rows["class_id"].to_numpy())
        defects = self.flag(
            rows,
            text=[fact.text.format(name=repr(name)) for fact, name in zip(facts, called, strict=True)],
            score=np.array([fact.score for fact in facts]),
            suggestion=[fact.suggestion for fact in facts],
            related=[fact.related for fact in facts],
        )
        return measured(defects, float(len(defects)))

    def groups(self, outer: DataFrame, inner: DataFrame) -> Iterator[Group]:
        """Outer boxes in which two or more of the same class lie side by side and fill it."""
        large, small = outer[CORNERS].to_numpy(np.float64), inner[CORNERS].to_numpy(np.float64)
        class_of, own_class = outer["class_id"].to_numpy(), inner["class_id"].to_numpy()
        reach = (1 - self.min_inside) / self.min_inside
        owners, members = outer["image"].to_numpy(), inner["image"].to_numpy()
        for first, second in facing(owners, large, members, small, reach, 1.0):
            same = class_of[first] == own_class[second]
            first, second = first[same], second[same]
            size = area(small[second])
            inside = (intersection(large[first], small[second]) >= self.min_inside * size) & (size > 0)
            first, second = first[inside], second[inside]
            order = np.argsort(first, kind="stable")
            several, starts, counts = np.unique(first[order], return_index=True, return_counts=True)
            for box, start, count in zip(several.tolist(), starts.tolist(), counts.tolist(), strict=True):
                if count > 1:
                    apart = _apart(second[order[start : start + count]], small)
                    filled = area(small[apart]).sum() >= self.min_filled * area(large[[box]])[0]
                    if len(apart) > 1 and filled:
                        yield Group(box, apart)


def _merged(group: Group, detections: Predictions, labels: Boxes) -> Fact:
    """A detection over several labels."""
    own = detections.iloc[group.outer]
    text = f"this and {len(group.inner) - 1:,} more of {{name}} lie in one detection of it (score {own['score']:.2f})"
    proposed = suggestion(own["class_id"], own[CORNERS].tolist(), own["score"])
    related = [{"row": row} for row in labels.index[group.inner[1:]].tolist()]
    return Fact(text, float(own["score"]), proposed, related)


def _split(group: Group, detections: Predictions) -> Fact:
    """Several detections in a label; the score is that of the second: one alone would be no reason."""
    score = float(np.sort(detections["score"].to_numpy()[group.inner])[-2])
    text = f"{len(group.inner):,} detections of {{name}} lie side by side in this label of it (score {score:.2f})"
    return Fact(text, score, None, [])


def _apart(positions: NDArray[np.int64], corners: NDArray[np.float64]) -> NDArray[np.int64]:
    """Of these boxes the largest, and each further one that overlaps none of those taken by much; in their order."""
    taken: list[int] = []
    for position in positions[np.argsort(-area(corners[positions]), kind="stable")][:MOST_INSIDE].tolist():
        others = corners[taken]
        if not len(taken) or (iou(np.repeat(corners[[position]], len(taken), axis=0), others) < APART).all():
            taken.append(position)
    return np.sort(np.array(taken, np.int64))
