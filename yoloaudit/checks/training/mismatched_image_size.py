"""mismatched-image-size: a model that is used at another size than it was trained at."""

from yoloaudit.checks.base import Check, Example, Training, measured, unmeasured
from yoloaudit.checks.training import NO_SIZE
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Severity
from yoloaudit.training_run import Run


class MismatchedImageSize(Check):
    """Model that is validated or used at another image size than it was trained at.

    Objects then have other sizes than those that the model learnt, and its scores are not those that it will have.
    The guide asks for one size throughout. The size of the last validation is held against that of the training, and
    so is the one that `--imgsz` names, which is where the model is to be used. Validate and detect with the same
    `--imgsz`.
    """

    severity = Severity.WARNING
    message = "trained at {trained:,} px, {used} at {value:,.0f} px"

    good = (Example(run=Training(), title="640 px in training and in validation"),)
    bad = (
        Example(run=Training(record={"evaluation": {"imgsz": 1280}}), title="validated at 1280 px"),
        Example(run=Training(options={"imgsz": 320}), title="trained at 320 px, to be used at 640"),
    )

    def find(self, run: Run, imgsz: int) -> Defects:
        if run.imgsz is None:
            return unmeasured(NO_SIZE)
        sizes = {"validated": run.evaluated_at or run.imgsz, "to be used": imgsz}
        others = {used: size for used, size in sizes.items() if size != run.imgsz}
        entries = [
            {"file": run.file("opt.yaml"), "trained": run.imgsz, "used": used, "value": float(size)}
            | {"limit": float(run.imgsz)}
            for used, size in others.items()
        ]
        shown = next(iter(others.values()), run.imgsz)
        return measured(self.flag_whole(entries), float(shown), float(run.imgsz))
