"""Judgements of labels → defects: graded by probability, with what the model proposes, and where it knows that from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import Series
from pydantic import Field

from yoloaudit.checks.base import Check, measured, unmeasured
from yoloaudit.dataset.tables import Boxes, Defects, Images, Judgements, Predictions, Skill
from yoloaudit.findings import Severity, Suggestion

CORNERS = ["x1", "y1", "x2", "y2"]
ORIGINS = {
    "out-of-fold": "out-of-fold prediction",
    "val": "val prediction",
    "in-sample": "in-sample prediction, so discounted",
    "imported": "imported prediction",
}
"""What a message says of how the model came to see the image."""
UNTRAINED = ("out-of-fold", "val", "imported")
"""Sources of predictions on images that the model is not known to have been trained on."""
NOT_LOOKED_AT = "no label lies in an image that the model looked at"


class JudgedCheck(Check):
    """Base of the checks that tell judgements of one kind, each with its probability."""

    kind = "model"
    severity = Severity.WARNING
    min_score: float = Field(0.1, gt=0, le=1, description="least probability of a defect that is told")
    likely: float = Field(0.5, gt=0, le=1, description="probability from which it is a warning; below, information")

    def of_kind(self, judgements: Judgements, kind: str) -> Judgements:
        """The judgements of a kind that are probable enough."""
        wanted = (judgements["kind"] == kind).to_numpy() & (judgements["score"].to_numpy() >= self.min_score)
        return judgements[wanted]

    def flag_judged(self, rows: Judgements, boxes: Boxes, **facts: Any) -> Defects:
        """Defects at these judgements, with score, severity, proposal and origin; `facts` are further columns."""
        score = rows["score"].to_numpy(np.float64)
        grades = [(Severity.WARNING if each >= self.likely else Severity.INFO).value for each in score.tolist()]
        proposed = suggestions(rows, boxes)
        defects = self.flag(rows, score=score, severity=grades, suggestion=proposed, origin=origins(rows))
        for name, fact in facts.items():
            defects[name] = fact
        return defects

    def estimated(self, defects: Defects, rows: Judgements, labels: int) -> Defects:
        """Defects with the share of the labels that they are expected to be of: the sum of their probabilities."""
        if not labels and not len(rows):
            return unmeasured(NOT_LOOKED_AT, 0.0)
        expected = float(rows["score"].sum())
        return measured(defects, expected / max(labels, expected, 1.0), 0.0)


def origins(rows: Judgements) -> list[str]:
    """For each judgement, what a message says of its source."""
    return [ORIGINS.get(source, "prediction") for source in rows["source"].astype(object).tolist()]


def suggestions(rows: Judgements, boxes: Boxes) -> list[Suggestion | None]:
    """What is proposed; box and class are those of the label where the model proposes no other. None: nothing."""
    corners, classes = rows[CORNERS].to_numpy(np.float64), rows["class_id"].to_numpy().copy()
    row = rows["box"].to_numpy()
    labelled, silent = row >= 0, (rows["kind"] == "spurious").to_numpy()
    given = boxes.reindex(row[labelled])
    own = np.full_like(corners, np.nan)
    own[labelled] = given[CORNERS].to_numpy(np.float64)
    corners = np.where(np.isfinite(corners), corners, own)
    named = np.full(len(rows), -1)
    named[labelled] = given["class_id"].fillna(-1).to_numpy()
    classes = np.where(classes >= 0, classes, named)
    sound = np.isfinite(corners).all(axis=1) & (classes >= 0) & ~silent
    scores = rows["detection"].to_numpy(np.float64)
    return [
        suggestion(*values) if good else None
        for good, *values in zip(sound.tolist(), classes.tolist(), corners.tolist(), scores.tolist(), strict=True)
    ]


def suggestion(class_id: int, corners: Sequence[float], score: float) -> Suggestion:
    """A proposal, rounded as a report shows it."""
    x1, y1, x2, y2 = (round(float(side), 2) for side in corners)
    return Suggestion(int(class_id), (x1, y1, x2, y2), round(float(score), 4))


def thresholds(skill: Skill, class_ids: NDArray[Any]) -> NDArray[np.float64]:
    """The score from which detections of each of these classes are nearly always right; NaN where none is known."""
    known = np.append(skill["threshold"].to_numpy(np.float64), np.nan)
    fits = (class_ids >= 0) & (class_ids < len(skill))
    return np.asarray(known[np.where(fits, class_ids, -1)])


def labels_looked_at(boxes: Boxes, seen: Series) -> int:
    """How many labels lie in images that the model looked at."""
    return int(boxes["image"].isin(seen.index[seen.to_numpy()]).sum())


def on_backgrounds(rows: Judgements, images: Images, skill: Skill) -> NDArray[np.bool_]:
    """Which of these missing objects are sure detections on images that are labelled as empty, and not trained on."""
    empty = images.index[(images["fate"] == "background").to_numpy()]
    sure = rows["detection"].to_numpy() >= thresholds(skill, rows["class_id"].to_numpy())
    return rows["image"].isin(empty).to_numpy() & rows["source"].isin(UNTRAINED).to_numpy() & sure


def sure_detections(predictions: Predictions, skill: Skill) -> Predictions:
    """The detections that are nearly always right."""
    return predictions[predictions["score"].to_numpy() >= thresholds(skill, predictions["class_id"].to_numpy())]
