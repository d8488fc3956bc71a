"""small-batch: batches smaller than 16, or than what the hardware holds."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Training, measured, unmeasured
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Severity
from yoloaudit.training_run import Run


class SmallBatch(Check):
    """Batch that is small, or smaller than what the hardware holds.

    Batch normalisation learns its statistics from each batch: from few images they are poor. The guide asks for the
    largest batch that the hardware allows; `--batch-size -1` finds it on a GPU, and where a run of yoloaudit measured
    it, the run is held against that.
    """

    severity = Severity.INFO
    message = "batch {batch:,}, below {limit:,.0f}: {why}"
    min_batch: int = Field(16, ge=1, description="images that a batch should have")
    min_share: float = Field(
        0.5, gt=0, le=1, description="share of the largest batch that fits, where that was measured, which it should be"
    )

    good = (
        Example(run=Training(options={"batch_size": 16})),
        Example(run=Training(options={"batch_size": 32}, record={"most_batch": 64})),
        Example(run=Training(options={"batch_size": 8}), title="it is few, but all", settings={"min_batch": 8}),
    )
    bad = (
        Example(run=Training(options={"batch_size": 15})),
        Example(run=Training(options={"batch_size": 31}, record={"most_batch": 64}), title="64 images would fit"),
    )

    def find(self, run: Run) -> Defects:
        if run.batch is None:
            return unmeasured("the run does not say how large its batches were", float(self.min_batch))
        fits = None if run.most_batch is None else run.most_batch * self.min_share
        limit = max(float(self.min_batch), fits or 0.0)
        if run.batch >= limit:
            return measured(self.flag_whole(), float(run.batch), limit)
        by_fit = run.most_batch is not None and limit > self.min_batch
        why = f"the hardware holds {run.most_batch:,}" if by_fit else "statistics of batch normalisation will be poor"
        entry = {"file": run.file("opt.yaml"), "batch": run.batch, "value": float(run.batch), "limit": limit}
        return measured(self.flag_whole([entry | {"why": why}]), float(run.batch), limit)
