"""aspect-outlier: boxes of another shape than others of their class."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.checks.columns import above
from yoloaudit.checks.spread import classes_of_size, quantiles
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity

LEAST_RANGE = 0.1
"""Range between the quartiles of log aspect that a class has at least: a hair's difference is no outlier."""


class AspectOutlier(Check):
    """Box of another shape than others of its class.

    The logarithm of width by height lies more than three times the range between the quartiles of its class (taken
    as no less than 10 %) beyond one of them. Such a box often cuts the object, holds two of them, or has the wrong
    class. Look at it; what is rare but right may stay.
    """

    severity = Severity.INFO
    kind = "heuristic"
    message = (
        "{w_px:.0f} × {h_px:.0f} px: width by height is {aspect:.3g}, outside {low:.3g} to {high:.3g}, "
        "which is {max_ranges:g} quartile ranges around its class"
    )
    max_ranges: float = Field(3.0, gt=0, description="quartile ranges beyond the quartiles that are let pass")
    min_boxes: int = Field(50, ge=4, description="boxes that a class has at least before it is judged")

    good = (
        "".join(f"0 .5 .5 {0.1 + i / 500} .2\n" for i in range(60)),
        "".join(f"0 .5 .5 {0.1 + i / 500} .2\n" for i in range(40)) + "0 .5 .5 .9 .02\n",
    )
    bad = (
        "".join(f"0 .5 .5 {0.1 + i / 500} .2\n" for i in range(60)) + "0 .5 .5 .9 .02\n",
        "".join(f"0 {0.3 + i / 500} .5 .1 .1\n" for i in range(60)) + "0 .5 .5 .1 .15\n",
    )

    def find(self, boxes: Boxes) -> Defects:
        width, height = boxes["w_px"].to_numpy(), boxes["h_px"].to_numpy()
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            aspect = np.log(width) - np.log(height)
        positions, codes = classes_of_size(boxes, np.isfinite(aspect), self.min_boxes)
        aspect = aspect[positions]
        quartiles = quantiles(codes, aspect, [0.25, 0.75])
        unit = np.maximum(quartiles[:, 1] - quartiles[:, 0], LEAST_RANGE)
        low, high = quartiles[:, 0] - self.max_ranges * unit, quartiles[:, 1] + self.max_ranges * unit
        beyond = np.maximum(low[codes] - aspect, aspect - high[codes])
        odd = beyond > 0
        of = codes[odd]
        return self.flag(
            boxes.iloc[positions[odd]].assign(aspect=np.exp(aspect[odd])),
            value="aspect",
            low=np.exp(low[of]),
            high=np.exp(high[of]),
            score=above(self.max_ranges, self.max_ranges + beyond[odd] / unit[of]),
        ).assign(limit=np.exp(np.where(aspect[odd] > high[of], high[of], low[of])))
