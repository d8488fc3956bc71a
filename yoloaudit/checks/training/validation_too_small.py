"""validation-too-small: a score that could have been another with other images."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Training, measured, unmeasured
from yoloaudit.checks.training import NO_EVIDENCE
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Severity
from yoloaudit.training_run import Run


class ValidationTooSmall(Check):
    """mAP that is known to plus or minus several points only.

    Drawn anew from the validation images, with replacement, mAP50 lies in so wide an interval (95 %, bootstrap) that
    two trainings have to differ by more than that before one can be called the better. Add validation images, and
    compare runs image by image (`yoloaudit compare`), which sees smaller differences.
    """

    severity = Severity.WARNING
    message = "mAP50 is {map50:.3f}, by {images:,} validation images known to lie between {low:.3f} and {high:.3f} only"
    max_half_width: float = Field(
        0.05, gt=0, lt=1, description="half the width of the 95 % interval of mAP50 that is let pass"
    )

    good = (Example(run=Training(images=2000)), Example(run=Training(images=100, right=1.0), title="all found"))
    bad = (Example(run=Training(images=60)),)

    def find(self, run: Run) -> Defects:
        if run.map50 is None:
            return unmeasured(NO_EVIDENCE, self.max_half_width)
        known = run.map50
        if known.half <= self.max_half_width:
            return measured(self.flag_whole(), known.half, self.max_half_width)
        entry = {
            "split": "val",
            "file": run.file("record.json"),
            "value": known.half,
            "limit": self.max_half_width,
            "map50": known.value,
            "images": known.images,
            "low": known.low,
            "high": known.high,
        }
        return measured(self.flag_whole([entry]), known.half, self.max_half_width)
