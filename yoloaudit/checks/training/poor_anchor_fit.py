"""poor-anchor-fit: boxes that no anchor of the model comes near in size."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Training, measured, unmeasured
from yoloaudit.checks.training import NO_BOXES, NO_SIZE, at_size, labelled
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity
from yoloaudit.training_run import Run

CHUNK = 200_000


class PoorAnchorFit(Check):
    """Many boxes that no anchor of the model comes near in size.

    A box is learnt by anchors of which no side is more than four times longer or shorter; one that has none is never
    learnt at all. The best possible recall is the share of boxes that have one, at the run's image size. Let the
    trainer fit anchors (`--autoanchor`), which a model that was trained before pays for, or train at another size.
    """

    severity = Severity.INFO
    message = (
        "best possible recall {value:.1%}, not above {limit:.0%}: {lost:,} of {total:,} training boxes fit no anchor "
        "at {imgsz:,} px"
    )
    min_recall: float = Field(0.98, gt=0, lt=1, description="share of boxes that should have an anchor, and more")

    good = (labelled(*[40.0] * 99, 1.0),)
    bad = (
        labelled(*[40.0] * 48, 1.0),
        Example(
            {"labels/train/a.txt": "0 0.5 0.5 0.03 0.03\n"},
            run=Training(options={"imgsz": 64}),
            title="20 px of a picture of 640, trained at 64",
        ),
    )

    def find(self, boxes: Boxes, imgsz: int, run: Run) -> Defects:
        if run.imgsz is None:
            return unmeasured(NO_SIZE, self.min_recall)
        if run.anchors is None:
            return unmeasured("the run holds no weights that tell its anchors", self.min_recall)
        sides = at_size(boxes, imgsz, run).sides
        sides = sides[(sides > 0).all(axis=1)]
        if not len(sides):
            return unmeasured(NO_BOXES, self.min_recall)
        fits = fitting(sides, run.anchors.reshape(-1, 2), run.anchor_t)
        recall = float(fits.mean())
        entry = {
            "split": "train",
            "value": recall,
            "limit": self.min_recall,
            "lost": int((~fits).sum()),
            "total": len(fits),
            "imgsz": run.imgsz,
        }
        return measured(self.flag_whole([entry] if recall <= self.min_recall else []), recall, self.min_recall)


def fitting(sides: NDArray[np.float64], anchors: NDArray[np.float32], ratio: float) -> NDArray[np.bool_]:
    """N: whether a box (N × 2 sides) has an anchor of which no side is `ratio` times longer or shorter."""
    fits = np.zeros(len(sides), np.bool_)
    for start in range(0, len(sides), CHUNK):
        shares = sides[start : start + CHUNK, None] / anchors[None]
        worst = np.minimum(shares, 1 / shares).min(axis=2)
        fits[start : start + CHUNK] = worst.max(axis=1) > 1 / ratio
    return fits
