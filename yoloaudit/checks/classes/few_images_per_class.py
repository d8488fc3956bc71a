"""few-images-per-class: the guide's 1500 images per class."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, measured
from yoloaudit.checks.counts import appearances
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity, shorten


class FewImagesPerClass(Check):
    """Class that too few training images show.

    The guide recommends at least 1500 images per class. A class that is seen in few images is learnt from few scenes.
    Collect more images of it; `--guide-scale` lowers the bar for data sets that are small on purpose.
    """

    severity = Severity.WARNING
    needs = ("train",)
    message = "{images:,} training images show class {name!r}, {missing:,} short of {min_images:,}"
    min_images: int = Field(1500, ge=1, description="training images that a class should be in")

    good = (Example(settings={"min_images": 1}, files={"labels/train/a.txt": "0 .5 .5 .2 .2\n1 .2 .2 .1 .1\n"}),)
    bad = (
        Example(settings={"min_images": 2}),
        Example(settings={"min_images": 2}, files={"labels/train/a.txt": "0 .5 .5 .2 .2\n0 .2 .2 .1 .1\n"}),
    )

    def find(self, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        images = np.bincount(appearances(boxes, len(names), "train").class_id, minlength=len(names))
        defects = self.flag_whole(
            {
                "split": "train",
                "class_id": class_id,
                "name": shorten(names[class_id]),
                "images": int(images[class_id]),
                "missing": self.min_images - int(images[class_id]),
                "value": float(images[class_id]),
                "limit": float(self.min_images),
            }
            for class_id in np.flatnonzero(images < self.min_images).tolist()
        )
        return measured(defects, float(images.min()) if len(names) else None, float(self.min_images))
