"""nested-box: a box inside another of its class that is not much larger."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.checks.columns import corners, related
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity
from yoloaudit.geometry import Integers, Mask, Pairs, area, close_pairs, containment, iou, strongest


class NestedBox(Check):
    """Box inside another of its class that is not much larger.

    One object was likely boxed twice: once loosely, once a part of it. Suppression of overlapping detections will
    never return both. Look at the pair and keep the box that encloses the object; where two objects do hide one
    another, it is no defect. Pairs that overlap so much that they are duplicate-box are left to it.
    """

    severity = Severity.INFO
    message = "lies to {inside:.0%} inside the box of line {other}, of the same class, and has {ratio:.0%} of its area"
    min_inside: float = Field(0.95, gt=0, le=1, description="share of the smaller box that lies in the larger")
    min_ratio: float = Field(0.25, gt=0, le=1, description="area of the smaller box, as a share of the larger")
    max_iou: float = Field(0.8, gt=0, le=1, description="overlap (IoU) from which the pair counts as duplicate-box")

    good = (
        "0 0.5 0.5 0.4 0.4\n0 0.5 0.5 0.19 0.19\n",
        "0 0.5 0.5 0.4 0.4\n1 0.5 0.5 0.3 0.3\n",
        "0 0.5 0.5 0.4 0.4\n0 0.5 0.5 0.396 0.396\n",
        "0 0.5 0.5 0.4 0.4\n0 0.68 0.5 0.3 0.3\n",
    )
    bad = ("0 0.5 0.5 0.4 0.4\n0 0.5 0.5 0.21 0.21\n", "0 0.6 0.5 0.2 0.2\n0 0.5 0.5 0.4 0.4\n")

    def find(self, boxes: Boxes) -> Defects:
        classes, where = boxes["class_id"].to_numpy(), corners(boxes)
        size = area(where)

        def alike(first: Integers, second: Integers) -> Mask:
            one, two = size[first], size[second]
            comparable = np.minimum(one, two) >= self.min_ratio * np.maximum(one, two)
            return np.asarray(comparable & (classes[first] == classes[second]))

        def inner_first(pairs: Pairs) -> Pairs:
            pairs = pairs.kept(iou(where[pairs.first], where[pairs.second]) < self.max_iou)
            one, two = size[pairs.first], size[pairs.second]
            return pairs.turned((two < one) | ((two == one) & (pairs.first < pairs.second)))

        # The larger is at most 1 / min_inside as high as what they share, so its width bounds the smaller's from below.
        reach = 1 - self.min_inside**2 * self.min_ratio
        pairs = close_pairs(
            boxes["image"].to_numpy(), where, self.min_inside, overlap=containment, reach=reach, accept=alike
        )
        row, other, inside = strongest(map(inner_first, pairs), len(boxes))
        return self.flag(
            boxes.iloc[row].assign(inside=inside),
            value="inside",
            limit=self.min_inside,
            ratio=size[row] / size[other],
            other=boxes["line"].to_numpy()[other],
            related=related(boxes.index[other]),
        )
