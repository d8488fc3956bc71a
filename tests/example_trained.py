"""A run as a value, and what a check of the family `training` says of it."""

from typing import Any

import numpy as np

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import ROW_FATES, Boxes, Defects, categorical
from yoloaudit.training_run import Epochs, Run


def run_of(scores: list[float] | None = None, losses: list[list[float]] | None = None, **facts: Any) -> Run:
    """A run whose mAP50 and mAP50-95 are these, with these validation losses."""
    size = len(scores or [])
    each = np.array(scores or [], np.float64)
    val = np.zeros((size, 3)) if losses is None else np.array(losses, np.float64).reshape(size, 3)
    epochs = None if scores is None else Epochs(np.arange(size), np.zeros((size, 3)), val, each, each, each, each)
    return Run("runs/exp", epochs, **{"imgsz": 640, "batch": 16, **facts})


def squares(*sides: float, fate: str = "used", split: str = "train") -> Boxes:
    """Square boxes of these sides in pixels on an image of 640 × 640."""
    boxes = boxes_of([(0, 0, 0.5, 0.5, side / 640, side / 640) for side in sides], images_of(1, split=split))
    return boxes.assign(fate=categorical(np.full(len(sides), ROW_FATES.index(fate)), ROW_FATES))


def said(check: Check, defects: Defects) -> list[str]:
    """The sentence of each defect."""
    return [check.describe({str(name): fact for name, fact in each.items()}) for each in defects.to_dict("records")]
