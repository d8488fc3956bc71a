"""position-bias: training boxes that gather at a few places of the image."""

import math

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, measured, unmeasured
from yoloaudit.checks.distributions import entropy
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity
from yoloaudit.geometry import Integers

CELLS = 10
"""Cells along each side of the grid that centres are counted in."""


class PositionBias(Check):
    """Training boxes that gather at a few places of the image.

    The model may learn where objects stand instead of what they are, and the corners of the image never train it.
    Crop or collect images that show objects elsewhere; mosaic and translation while training help in part. Counted is
    the entropy of the centres in a grid of 10 × 10 cells, as a share of its maximum (with Miller and Madow's correction
    for few boxes). It does not see that large objects can only stand in the middle, or that a fixed camera will
    always show them there.
    """

    severity = Severity.INFO
    needs = ("train",)
    message = (
        "the centres of {total:,} training boxes spread to {value:.0%} of the highest entropy of a 10 × 10 grid, "
        "below {min_spread:.0%}: half of them lie in {cells} of 100 cells"
    )
    min_spread: float = Field(0.6, gt=0, le=1, description="entropy of the centres as a share of its maximum")
    min_boxes: int = Field(100, ge=1, description="training boxes that it takes to judge")

    good = (
        "".join(f"0 {0.05 + i % 10 / 10} {0.05 + i // 10 / 10} .1 .1\n" for i in range(100)),
        "".join(f"0 {0.25 + i % 5 / 10} {0.25 + i // 5 % 5 / 10} .1 {0.1 + i / 1000}\n" for i in range(100)),
        "".join(f"0 .5 .5 .1 {i / 1000}\n" for i in range(1, 100)),
    )
    bad = (
        "".join(f"0 .5 .5 .1 {i / 1000}\n" for i in range(1, 101)),
        "".join(f"0 {0.35 + i % 4 / 10} {0.35 + i // 4 % 3 / 10} .1 {0.1 + i / 1000}\n" for i in range(108)),
    )

    def find(self, boxes: Boxes) -> Defects:
        rows = ((boxes["split"] == "train") & (boxes["fate"] != "dropped")).to_numpy()
        total = int(rows.sum())
        if total < self.min_boxes:
            return unmeasured(f"{total:,} training boxes, below {self.min_boxes:,}")
        column, row = (
            np.minimum(np.clip(boxes[side].to_numpy()[rows], 0, 1) * CELLS, CELLS - 1).astype(np.int64)
            for side in ("cx", "cy")
        )
        counts = np.bincount(row * CELLS + column, minlength=CELLS**2)
        spread = spread_of(counts)
        held = np.cumsum(np.sort(counts)[::-1])
        entry = {
            "split": "train",
            "value": spread,
            "limit": self.min_spread,
            "total": total,
            "cells": int(np.searchsorted(held, total / 2)) + 1,
        }
        return measured(self.flag_whole([entry] if spread < self.min_spread else []), spread, self.min_spread)


def spread_of(counts: Integers) -> float:
    """Entropy as a share of its maximum; few boxes cannot fill all cells, so (K − 1) / 2n nats are added.

    K are the cells that hold any of the n boxes (Miller 1955, "Note on the bias of information estimates").
    """
    missing = (int(np.count_nonzero(counts)) - 1) / (2 * int(counts.sum()) * math.log(2))
    return min(1.0, (entropy(counts) + missing) / math.log2(len(counts)))
