"""weak-model: a model that is not good enough to judge labels."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Looked, measured
from yoloaudit.dataset.tables import Defects, Skill
from yoloaudit.findings import Severity


class WeakModel(Check):
    """Model that is not good enough to judge labels.

    What a model sees says something of the labels only where it knows the objects. This one finds too few of them, so
    that all its other findings are withheld. Train longer, train a larger model, or bring predictions of a better one
    (`--predictions`). Where its classes are in another order than those of the data set, it looks the same.
    """

    severity = Severity.INFO
    kind = "model"
    withholds = True
    message = "the model is not good enough to judge labels: {reason}"
    min_map50: float = Field(0.30, ge=0, le=1, description="mAP50 that the model must have, by the labels as they are")
    min_confident: int = Field(
        50, ge=0, description="detections it must have above the thresholds from which they are nearly always right"
    )

    good = (Example(model=Looked(ap50=(0.31, 0.31), confident=25)),)
    bad = (
        Example(model=Looked(ap50=(0.5, 0.05)), title="mAP50 of 0.275"),
        Example(model=Looked(confident=24), title="48 sure detections"),
        Example(model=Looked(ap50=(float("nan"), float("nan"))), title="no labels"),
    )

    def find(self, skill: Skill) -> Defects:
        known = skill["ap50"].to_numpy(np.float64)
        known = known[~np.isnan(known)]
        map50 = float(known.mean()) if len(known) else None
        confident = int(skill["confident"].sum())
        reason = None
        if map50 is None:
            reason = "no image that it looked at has a label of a class that it could be held against"
        elif map50 < self.min_map50:
            reason = f"mAP50 is {map50:.3f}, below {self.min_map50:g}"
        elif confident < self.min_confident:
            several = "detection is" if confident == 1 else "detections are"
            reason = f"{confident:,} {several} sure, fewer than {self.min_confident:,}"
        entry = {"reason": reason, "value": map50, "limit": self.min_map50}
        return measured(self.flag_whole([entry] if reason else []), map50 or 0.0, self.min_map50)
