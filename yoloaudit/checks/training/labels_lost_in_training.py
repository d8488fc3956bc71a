"""labels-lost-in-training: boxes that the trainer drops whatever augmentation does to them."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Training, measured, unmeasured
from yoloaudit.checks.training import NO_BOXES, NO_SIZE, at_size, labelled
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity
from yoloaudit.training_run import Run

LEAST_SIDE, MOST_ASPECT = 2.0, 100.0
"""Pixels and ratio up to which the trainer drops a box."""
EXAMPLES = 10


class LabelsLostInTraining(Check):
    """Many boxes that never reach the model.

    While training, boxes of 2 px or less on a side, or a hundred times as long as wide, are dropped after each image
    was scaled by up to `1 + scale`. These are so small or so thin that they are dropped at the largest scale, too: the
    object stays in the picture and is learnt as background. Train at a larger image size, cut images into tiles, or
    take the labels out.
    """

    severity = Severity.WARNING
    message = (
        "{lost:,} of {total:,} training boxes ({value:.1%}) never survive scaling and filtering at {imgsz:,} px, "
        "more than {limit:.0%}"
    )
    max_lost_share: float = Field(0.01, ge=0, lt=1, description="share of the training boxes that may be lost")

    good = (labelled(*[40.0] * 99, 1.0), labelled(*[40.0] * 20, 1.4))
    bad = (
        labelled(*[40.0] * 97, 1.0, 1.0),
        Example({"labels/train/a.txt": "0 0.5 0.5 0.9 0.004\n"}, title="a hundred times as wide as high, and more"),
        Example({"labels/train/a.txt": "0 0.5 0.5 0.02 0.02\n"}, run=Training(options={"imgsz": 64}), title="at 64 px"),
    )

    def find(self, boxes: Boxes, imgsz: int, run: Run) -> Defects:
        if run.imgsz is None:
            return unmeasured(NO_SIZE, self.max_lost_share)
        rows, sides = at_size(boxes, imgsz, run)
        if not len(rows):
            return unmeasured(NO_BOXES, self.max_lost_share)
        short, long = sides.min(axis=1), sides.max(axis=1)
        lost = (short * (1 + run.scale) <= LEAST_SIDE) | (long >= MOST_ASPECT * np.maximum(short, 1e-9))
        share = float(lost.mean())
        entry = {
            "split": "train",
            "value": share,
            "limit": self.max_lost_share,
            "lost": int(lost.sum()),
            "total": len(lost),
            "imgsz": run.imgsz,
            "related": [{"row": row} for row in rows[lost][:EXAMPLES].tolist()],
        }
        return measured(self.flag_whole([entry] if share > self.max_lost_share else []), share, self.max_lost_share)
