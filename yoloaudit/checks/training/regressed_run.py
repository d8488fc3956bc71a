"""regressed-run: a run that is worse than an earlier one, beyond chance."""

from yoloaudit.checks.base import Check, Example, Training, measured, unmeasured
from yoloaudit.checks.training import NO_EVIDENCE
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Severity
from yoloaudit.training_run import Run


class RegressedRun(Check):
    """Run whose mAP is below that of the stored baseline, beyond chance.

    Both runs are scored on the validation images that they have in common, with the same labels, drawn anew with
    replacement: all of the 95 % interval of the difference in mAP50-95 lies below 0. It says nothing of another
    training with another seed. See what changed between the two, and where: `yoloaudit compare`.
    """

    severity = Severity.ERROR
    message = (
        "mAP50-95 is {gap:.3f} below that of {baseline}, by {images:,} images that both were held against (95 % "
        "interval of the difference: {low:.3f} to {high:.3f})"
    )

    good = (
        Example(run=Training(), baseline=Training(), title="the same"),
        Example(run=Training(right=0.8), baseline=Training(right=0.7), title="better"),
        Example(run=Training(images=40, right=0.7), baseline=Training(images=40, right=0.75), title="within chance"),
    )
    bad = (Example(run=Training(right=0.6), baseline=Training(right=0.8)),)

    def find(self, run: Run) -> Defects:
        if run.baseline is None:
            return unmeasured("it takes an earlier run: --baseline DIR")
        if run.difference is None:
            return unmeasured(f"{NO_EVIDENCE}, or the two have no validation images in common")
        gap = run.difference
        if gap.high >= 0:
            return measured(self.flag_whole(), gap.value, 0.0)
        entry = {
            "split": "val",
            "file": run.file("record.json"),
            "value": gap.value,
            "limit": 0.0,
            "gap": -gap.value,
            "baseline": run.baseline.folder[-100:],
            "images": gap.images,
            "low": gap.low,
            "high": gap.high,
        }
        return measured(self.flag_whole([entry]), gap.value, 0.0)
