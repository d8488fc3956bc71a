"""What a model saw, as tables from a few numbers; and a judge that says what it is told to."""

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.base import Check
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import (
    JUDGED,
    JUDGEMENTS,
    PREDICTION_SOURCES,
    PREDICTIONS,
    ROW_FATES,
    SKILL,
    Boxes,
    Defects,
    Images,
    Judgements,
    Predictions,
    Skill,
    categorical,
    table,
)

CORNERS = ("x1", "y1", "x2", "y2")


def labels_of(rows: Sequence[Sequence[float]], images: Images | None = None) -> Boxes:
    """Rows of image, class, x1, y1, x2, y2 in pixels of images of 640 × 640."""
    values = np.array(rows, np.float64).reshape(-1, 6)
    corners = values[:, 2:] / 640
    centres = np.hstack([(corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]])
    count = int(values[:, 0].max(initial=0)) + 1
    boxes = boxes_of(np.hstack([values[:, :2], centres]).tolist(), images_of(count) if images is None else images)
    return boxes.assign(fate=categorical(np.zeros(len(boxes)), ROW_FATES))


def predictions_of(rows: Sequence[Sequence[float]], source: str = "imported") -> Predictions:
    """Rows of image, class, score, x1, y1, x2, y2 in pixels, sorted as they have to be."""
    values = np.array(rows, np.float64).reshape(-1, 7)
    values = values[np.lexsort((-values[:, 2], values[:, 0]))]
    columns: dict[str, Any] = dict(zip(("image", "class_id", "score", *CORNERS), values.T, strict=True))
    codes = np.full(len(values), PREDICTION_SOURCES.index(source))
    return table(PREDICTIONS, columns | {"source": categorical(codes, PREDICTION_SOURCES)})


def judgements_of(*rows: tuple[Any, ...], source: str = "val") -> Judgements:
    """Rows of image, box, kind, score, class, four sides (or None) and detection; the model's edges stray by 2 px."""
    none = (float("nan"),) * 4
    columns: dict[str, Any] = {
        "image": [row[0] for row in rows],
        "box": [row[1] for row in rows],
        "kind": categorical([JUDGED.index(row[2]) for row in rows], JUDGED),
        "score": [row[3] for row in rows],
        "class_id": [row[4] for row in rows],
        **{name: [(row[5] or none)[at] for row in rows] for at, name in enumerate(CORNERS)},
        "error_px": [2.0] * len(rows),
        "detection": [row[6] if len(row) > 6 else 0.9 for row in rows],
        "source": categorical([PREDICTION_SOURCES.index(source)] * len(rows), PREDICTION_SOURCES),
    }
    return table(JUDGEMENTS, columns)


def skill_of(classes: int, **columns: Any) -> Skill:
    """A model that knows each class well."""
    usual = {"labels": 100, "detections": 500, "ap50": 0.8, "recall": 0.7, "threshold": 0.5, "confident": 80}
    values = {name: np.broadcast_to(fact, classes) for name, fact in (usual | columns).items()}
    return table(SKILL, values)


def all_seen(images: Images) -> pd.Series:
    return pd.Series(True, index=images.index)


def said(check: Check, defects: Defects) -> list[str]:
    """The sentence of each defect."""
    return [check.describe({str(name): fact for name, fact in each.items()}) for each in defects.to_dict("records")]


def stand_in(monkeypatch: pytest.MonkeyPatch, *rows: tuple[Any, ...]) -> list[Any]:
    """Replace the judge by one that gives these judgements; the list gets what it is asked."""
    calls: list[Any] = []

    def judge(dataset: Dataset, *tables: Any, **how: Any) -> Judgements:
        calls.append((dataset, *tables, how))
        return judgements_of(*rows)

    module = ModuleType("yoloaudit.measure.judge.judgements")
    module.judge = judge  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return calls
