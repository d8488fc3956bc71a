"""narrow-object-scale: training boxes nearly all of one size band."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, measured, unmeasured
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity

BANDS = (32**2, 96**2)
"""Areas in square pixels between small, medium and large, as COCO's evaluation has them."""
NAMES = ("small (below 32² px)", "medium (32² to 96² px)", "large (96² px and more)")


class NarrowObjectScale(Check):
    """Training boxes nearly all of one size.

    A model that saw its objects near, or far, alone misses them at other distances, and two of its three heads learn
    little. Add images at other distances, unless objects will always be this size, as under a fixed camera. Bands are
    those of COCO's evaluation, by the area of the box once the image is scaled to the training size; COCO itself
    takes the area of the mask. It does not see distance, nor how augmentation rescales images while training.
    """

    severity = Severity.INFO
    needs = ("train",)
    message = (
        "{value:.1%} of {total:,} training boxes are {band} at image size {imgsz}, at or above {max_band_share:.0%}"
    )
    max_band_share: float = Field(0.95, gt=0, le=1, description="share of training boxes in one of three size bands")
    min_boxes: int = Field(100, ge=1, description="training boxes that it takes to judge")

    good = (
        "".join(f"0 .5 {0.1 + i / 200} .04 .04\n" for i in range(94))
        + "".join(f"0 .5 {0.1 + i / 200} .3 .3\n" for i in range(6)),
        "".join(f"0 .5 {0.1 + i / 200} .04 .04\n" for i in range(99)),
    )
    bad = (
        "".join(f"0 .5 {0.1 + i / 200} .04 .04\n" for i in range(95))
        + "".join(f"0 .5 {0.1 + i / 200} .3 .3\n" for i in range(5)),
        "".join(f"0 .5 {0.1 + i / 200} .15 .15\n" for i in range(100)),
    )

    def find(self, boxes: Boxes, imgsz: int) -> Defects:
        rows = ((boxes["split"] == "train") & (boxes["fate"] != "dropped")).to_numpy()
        width, height = (boxes[side].to_numpy()[rows].astype(np.float64) for side in ("w_train", "h_train"))
        area = width * height
        area = area[area > 0]
        if len(area) < self.min_boxes:
            return unmeasured(f"{len(area):,} training boxes of known size, below {self.min_boxes:,}")
        counts = np.bincount(np.digitize(area, BANDS), minlength=len(NAMES))
        share = float(counts.max() / len(area))
        entry = {
            "split": "train",
            "value": share,
            "limit": self.max_band_share,
            "total": len(area),
            "band": NAMES[int(counts.argmax())],
            "imgsz": imgsz,
        }
        return measured(self.flag_whole([entry] if share >= self.max_band_share else []), share, self.max_band_share)
