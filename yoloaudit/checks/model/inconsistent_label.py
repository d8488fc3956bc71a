"""inconsistent-label: an object that looks like those of another class."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Looked, measured
from yoloaudit.checks.columns import named
from yoloaudit.checks.judged import CORNERS, suggestion
from yoloaudit.dataset.tables import Boxes, Crops, Defects
from yoloaudit.findings import Severity


class InconsistentLabel(Check):
    """Object that looks like those of another class.

    Of the labelled objects that look most like this one to the model, most bear another class. One of two people who
    understood a class differently may have labelled it; or the classes cannot be told apart by look. Compare it with
    objects of both classes.
    """

    severity = Severity.INFO
    kind = "model"
    message = (
        "labelled {label_name!r}, but of the {neighbours} objects that look most like it {share:.0%} are "
        "{class_name!r}, at or above {min_share:.0%}"
    )
    min_share: float = Field(0.6, gt=0, le=1, description="share of the neighbours that bear the one other class")
    min_neighbours: int = Field(10, ge=1, description="neighbours that have to be asked")

    good = (
        Example(model=Looked(crops=((1, 10, 0.59, 1),))),
        Example(model=Looked(crops=((1, 9, 1.0, 1),)), title="nine neighbours"),
    )
    bad = (Example(model=Looked(crops=((1, 10, 0.6, 1),)), title="six of ten neighbours are dogs"),)

    def find(self, crops: Crops, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        odd = (crops["share"].to_numpy() >= np.float32(self.min_share)) & crops["box"].isin(boxes.index).to_numpy()
        rows = crops[odd & (crops["neighbours"].to_numpy() >= self.min_neighbours)]
        own = boxes.loc[rows["box"]]
        values = rows["class_id"].tolist(), own[CORNERS].to_numpy(np.float64).tolist(), rows["share"].tolist()
        defects = self.flag(
            rows,
            value="share",
            limit=self.min_share,
            score=rows["share"].to_numpy(np.float64),
            suggestion=[suggestion(*each) for each in zip(*values, strict=True)],
            class_name=named(names, rows["class_id"].to_numpy()),
            label_name=named(names, own["class_id"].to_numpy()),
        )
        return measured(defects, float(len(defects)))
