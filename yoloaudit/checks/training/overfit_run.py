"""overfit-run: the best epoch is long past, and validation losses have been rising since."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Training, measured, unmeasured
from yoloaudit.checks.training import NO_EPOCHS
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Severity
from yoloaudit.training_run import Epochs, Run

NAMES, GAINS = ("box", "objectness", "class"), ("box", "obj", "cls")
WINDOW = 0.05
"""Share of the epochs that are averaged from the best one on, and at the end."""


class OverfitRun(Check):
    """Run that got worse for more than half of its epochs.

    Its best epoch (0.1 mAP50 + 0.9 mAP50-95) lies in the first half, and the validation losses have risen since: what
    was learnt after it was the training images by heart. `best.pt` is of the best epoch, so nothing is lost but time.
    The guide says to reduce epochs; stronger augmentation (hyp.scratch-high.yaml) delays it, and a lower gain of the
    loss that rises most helps in that one. More images help most.
    """

    severity = Severity.INFO
    message = (
        "epoch {best:,} of {epochs:,} was the best, and validation losses have risen by {rise:.0%} since, most of all "
        "the {component} loss (hyp['{gain}'])"
    )
    max_best_share: float = Field(
        0.5, gt=0, lt=1, description="share of the epochs within which a best one is called early"
    )
    min_rise: float = Field(
        0.05, ge=0, description="share by which the validation losses have to rise from the best epoch to the end"
    )

    good = (
        Example(run=Training(best=50, rise=0.5), title="the 51st of 100 epochs is in the second half"),
        Example(run=Training(best=20, rise=0.04), title="validation losses are level"),
    )
    bad = (
        Example(run=Training(best=49, rise=0.3), title="the 50th of 100 epochs was the best"),
        Example(run=Training(epochs=300, best=60, rise=0.08)),
    )

    def find(self, run: Run) -> Defects:
        epochs = run.epochs
        if epochs is None or epochs.best is None:
            return unmeasured(NO_EPOCHS, self.max_best_share)
        rises = rises_of(epochs, epochs.best)
        if rises is None:
            return unmeasured("the run has no validation losses", self.max_best_share)
        share = (epochs.best + 1) / len(epochs)
        before, after = rises
        rise = float(after.sum() / before.sum() - 1)
        if share > self.max_best_share or rise < self.min_rise:
            return measured(self.flag_whole(), share, self.max_best_share)
        worst = int((after - before).argmax())
        entry = {
            "file": run.file("results.csv"),
            "value": share,
            "limit": self.max_best_share,
            "best": int(epochs.numbers[epochs.best]) + 1,
            "epochs": len(epochs),
            "rise": rise,
            "component": NAMES[worst],
            "gain": GAINS[worst],
        }
        return measured(self.flag_whole([entry]), share, self.max_best_share)


def rises_of(epochs: Epochs, best: int) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """The three validation losses from the best epoch on, and at the end; None where they were not measured."""
    width = max(1, round(WINDOW * len(epochs)))
    parts = epochs.val_losses[best : best + width], epochs.val_losses[-width:]
    whole = [part[np.isfinite(part).all(axis=1)] for part in parts]
    if not all(len(part) for part in whole):
        return None
    before, after = (part.mean(axis=0) for part in whole)
    return (before, after) if before.sum() > 0 else None
