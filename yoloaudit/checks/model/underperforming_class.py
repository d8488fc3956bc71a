"""underperforming-class: a class that the model knows much less well than the others."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Looked, measured, unmeasured
from yoloaudit.checks.columns import named
from yoloaudit.dataset.tables import Defects, Skill
from yoloaudit.findings import Severity

FOUR = {"data.yaml": "path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog, cow, owl]\n"}


class UnderperformingClass(Check):
    """Class that the model knows much less well than the others.

    Its AP50 is less than half of that of the median class. It has too few examples, its objects are small or look like
    something else, or its labels are wrong more often than others. See what else is said of the class, then add images
    that show it.
    """

    severity = Severity.INFO
    kind = "model"
    message = (
        "AP50 of {class_name!r} is {value:.2f}, less than {limit:.2f}, which is {min_share:.0%} of the median class's "
        "({labels:,} labels)"
    )
    min_share: float = Field(0.5, gt=0, le=1, description="AP50 that a class should have, as a share of the median's")
    min_labels: int = Field(10, ge=1, description="labels that a class must have to be told")
    min_classes: int = Field(3, ge=2, description="classes with so many labels that it takes")

    good = (
        Example(FOUR, model=Looked(ap50=(0.8, 0.8, 0.8, 0.41))),
        Example(model=Looked(ap50=(0.8, 0.1)), title="two classes have no median to speak of"),
    )
    bad = (Example(FOUR, model=Looked(ap50=(0.8, 0.8, 0.8, 0.39)), title="AP50 0.39 where the median is 0.8"),)

    def find(self, skill: Skill, names: tuple[str, ...]) -> Defects:
        known = skill[(skill["labels"] >= self.min_labels).to_numpy() & skill["ap50"].notna().to_numpy()]
        if len(known) < self.min_classes:
            return unmeasured(f"fewer than {self.min_classes} classes have {self.min_labels} labels to be held against")
        ap50 = known["ap50"].to_numpy(np.float64)
        limit = float(np.median(ap50)) * self.min_share
        poor = known[ap50 < limit]
        ids = poor.index.to_numpy()
        entries = [
            {"class_id": number, "class_name": name, "value": value, "limit": limit, "labels": labels}
            for number, name, value, labels in zip(
                ids.tolist(), named(names, ids), poor["ap50"].tolist(), poor["labels"].tolist(), strict=True
            )
        ]
        return measured(self.flag_whole(entries), float(ap50.min()), limit)
