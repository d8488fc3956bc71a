"""beyond-max-detections: images with more boxes than the detector returns."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Severity


class BeyondMaxDetections(Check):
    """Image with more boxes than the detector returns.

    Validation and detection keep the 300 most confident boxes of an image, so the rest count as missed whatever the
    model has learnt. Cut such images into tiles, or raise `max_det` wherever the model is used.
    """

    severity = Severity.WARNING
    message = "{count:,} boxes, above the {max_boxes:,} that are kept of one image"
    max_boxes: int = Field(300, ge=1, description="boxes that an image may have: the trainer's max_det")

    good = ("".join(f"0 {0.1 + i / 1000} .5 .1 .1\n" for i in range(300)),)
    bad = ("".join(f"0 {0.1 + i / 1000} .5 .1 .1\n" for i in range(301)),)

    def find(self, boxes: Boxes, images: Images) -> Defects:
        counts = np.bincount(boxes["image"].to_numpy())
        beyond = np.flatnonzero(counts > self.max_boxes)
        rows = images.loc[beyond].assign(count=counts[beyond])
        return self.flag(rows, value="count", limit=self.max_boxes)
