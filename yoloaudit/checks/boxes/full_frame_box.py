"""full-frame-box: boxes of the whole image in a class of small objects."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, no_defects
from yoloaudit.checks.columns import corners
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity
from yoloaudit.geometry import area, clip


class FullFrameBox(Check):
    """Box around the whole image, of a class that is usually small.

    Such a box is what a labelling tool writes for a tag of the image, or what is left of a drawing that was never
    finished. It teaches the model that everything is the object. Draw the object itself, or delete the box.
    """

    severity = Severity.WARNING
    message = "covers {covered:.1%} of the image, above {max_covered:.0%}; half of its class covers up to {typical:.1%}"
    max_covered: float = Field(0.90, gt=0, le=1, description="share of the image that a box may cover")
    max_median: float = Field(0.5, gt=0, le=1, description="median share of a class from which its boxes are let pass")

    good = ("0 0.5 0.5 0.98 0.98", "0 0.5 0.5 0.94 0.94\n0 0.2 0.2 0.1 0.1\n0 0.7 0.7 0.1 0.1\n")
    bad = (
        "0 0.5 0.5 1 1\n0 0.2 0.2 0.1 0.1\n0 0.7 0.7 0.1 0.1\n",
        "0 0.5 0.5 0.95 0.96\n0 0.2 0.2 0.1 0.1\n0 0.7 0.7 0.1 0.1\n",
    )

    def find(self, boxes: Boxes) -> Defects:
        width, height = boxes["w"].to_numpy(), boxes["h"].to_numpy()
        least = np.minimum(width, height)  # a box beyond the frame is left to coordinate-out-of-range
        large = np.flatnonzero((least > self.max_covered) & (np.maximum(width, height) <= 1))
        if not len(large):
            return no_defects()
        covered = area(clip(corners(boxes)))
        large = large[covered[large] > self.max_covered]
        classes = boxes["class_id"]
        among = classes.isin(classes.to_numpy()[large]).to_numpy()
        medians = boxes[["class_id"]][among].assign(covered=covered[among]).groupby("class_id")["covered"].median()
        typical = medians.reindex(classes.to_numpy()[large]).to_numpy()
        small = typical < self.max_median
        rows = boxes.iloc[large[small]].assign(covered=covered[large[small]])
        return self.flag(rows, value="covered", limit=self.max_covered, typical=typical[small])
