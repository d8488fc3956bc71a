"""size-outlier: boxes far larger or smaller than others of their class."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.checks.columns import above
from yoloaudit.checks.spread import classes_of_size, quantiles
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity

LEAST_SPREAD = 0.1
"""Spread of log area that a class has at least: in a class of one size, a hair's difference is no outlier."""


class SizeOutlier(Check):
    """Box far larger or smaller than others of its class.

    How far is told by the robust z of the area's logarithm at the training size: distance from the class median in
    units of the scaled median deviation, of which no less than 10 % of area is taken. Such a box is often a slip of
    the mouse, a wrong class, or two objects in one box. Look at it; what is rare but right may stay.
    """

    severity = Severity.INFO
    kind = "heuristic"
    message = (
        "{w_train:.0f} × {h_train:.0f} px, {times:.3g} times the median area of its class: z {z:.1f}, above {max_z:g}"
    )
    max_z: float = Field(5.0, gt=0, description="robust z of the log area that is let pass")
    min_boxes: int = Field(50, ge=2, description="boxes that a class has at least before it is judged")

    good = (
        "".join(f"0 .5 .5 {0.1 + i / 500} {0.1 + i / 500}\n" for i in range(60)),
        "".join(f"0 .5 .5 {0.1 + i / 500} {0.1 + i / 500}\n" for i in range(40)) + "0 .5 .5 .01 .01\n",
    )
    bad = (
        "".join(f"0 .5 .5 {0.1 + i / 500} {0.1 + i / 500}\n" for i in range(60)) + "0 .5 .5 .01 .01\n",
        "".join(f"0 {0.3 + i / 500} .5 .1 .1\n" for i in range(60)) + "0 .5 .5 .14 .14\n",
    )

    def find(self, boxes: Boxes) -> Defects:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            size = np.log(boxes["w_train"].to_numpy()) + np.log(boxes["h_train"].to_numpy())
        positions, codes = classes_of_size(boxes, np.isfinite(size), self.min_boxes)
        size = size[positions]
        apart = size - quantiles(codes, size, [0.5])[codes, 0]
        spread = 1.4826 * quantiles(codes, np.abs(apart), [0.5])[:, 0]
        z = np.abs(apart) / np.maximum(spread, LEAST_SPREAD)[codes]
        far = z > self.max_z
        rows = boxes.iloc[positions[far]].assign(z=z[far])
        times = np.exp(apart[far])
        return self.flag(rows, value="z", limit=self.max_z, times=times, score=above(self.max_z, z[far]))
