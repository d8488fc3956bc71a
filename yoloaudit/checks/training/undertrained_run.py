"""undertrained-run: the best epoch is among the last."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Training, measured, unmeasured
from yoloaudit.checks.training import NO_EPOCHS
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Severity
from yoloaudit.training_run import Run

STEPS = (300, 600, 1200)
"""Epochs that the guide names."""


class UndertrainedRun(Check):
    """Run that was still getting better when it ended.

    Its best epoch (0.1 mAP50 + 0.9 mAP50-95) is among the last ones. The guide says to start with 300 epochs, and to
    train longer, for 600 or 1200, where overfitting does not occur. `yoloaudit train --epochs` with more of them; the
    learning rate falls over all epochs, so start anew rather than going on.
    """

    severity = Severity.INFO
    message = "epoch {best:,} of {epochs:,}{stopped} was the best, so it was still getting better: train for {more:,}"
    last_share: float = Field(0.05, gt=0, lt=1, description="share of the epochs, at the end, that are called the last")

    good = (
        Example(run=Training(epochs=100, best=94), title="five epochs without a better one"),
        Example(run=Training(epochs=100, best=40)),
    )
    bad = (
        Example(run=Training(epochs=100, best=95)),
        Example(run=Training(epochs=3, best=2), title="three epochs, the last one the best"),
        Example(run=Training(epochs=50, best=49, options={"epochs": 300}), title="it ended after 50 of 300 epochs"),
    )

    def find(self, run: Run) -> Defects:
        epochs, limit = run.epochs, 1 - self.last_share
        if epochs is None or epochs.best is None:
            return unmeasured(NO_EPOCHS, limit)
        share = (epochs.best + 1) / len(epochs)
        if share <= limit:
            return measured(self.flag_whole(), share, limit)
        planned = run.planned or 0
        cut = planned > len(epochs)
        more = planned if cut else next((step for step in STEPS if step > len(epochs)), 2 * len(epochs))
        entry = {
            "file": run.file("results.csv"),
            "value": share,
            "limit": limit,
            "best": epochs.best + 1,
            "epochs": len(epochs),
            "stopped": f" ({planned:,} were planned)" if cut else "",
            "more": more,
        }
        return measured(self.flag_whole([entry]), share, limit)
