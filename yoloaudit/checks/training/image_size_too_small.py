"""image-size-too-small: many boxes of only a few pixels at the size that the run was trained at."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Training, measured, unmeasured
from yoloaudit.checks.training import NO_BOXES, NO_SIZE, at_size, labelled
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity
from yoloaudit.training_run import Run

SIZES = (320, 416, 512, 640, 768, 960, 1280, 1536, 1920, 2560)
"""Image sizes that are tried, in pixels."""


class ImageSizeTooSmall(Check):
    """Many small objects at the size of the training.

    The finest grid of the model has a cell every 8 px: a box of less than 16 px is seen in no more than two of them.
    The guide asks for a larger `--img` where there are many small objects, such as 1280. The next size is named at
    which they are no longer many; it takes images of that size, a larger one only adds pixels without detail.
    """

    severity = Severity.INFO
    message = (
        "{small:,} of {total:,} training boxes ({value:.0%}) have a side below {min_side:g} px at {imgsz:,} px, more "
        "than {limit:.0%}; {advice}"
    )
    min_side: float = Field(16.0, gt=0, description="shorter side below which a box is small, in pixels at that size")
    max_small_share: float = Field(0.2, ge=0, lt=1, description="share of the training boxes that may be small")

    good = (labelled(*[16.1] * 10), labelled(15.0, *[40.0] * 4))
    bad = (
        labelled(15.0, *[40.0] * 3),
        Example(
            {"labels/train/a.txt": "0 0.5 0.5 0.04 0.04\n"},
            run=Training(options={"imgsz": 320}),
            title="25 px of a picture of 640, trained at 320",
        ),
    )

    def find(self, boxes: Boxes, imgsz: int, run: Run) -> Defects:
        if run.imgsz is None:
            return unmeasured(NO_SIZE, self.max_small_share)
        sides = at_size(boxes, imgsz, run).sides.min(axis=1, initial=np.inf)
        if not len(sides):
            return unmeasured(NO_BOXES, self.max_small_share)
        share = float((sides < self.min_side).mean())
        entry = {
            "split": "train",
            "value": share,
            "limit": self.max_small_share,
            "small": int((sides < self.min_side).sum()),
            "total": len(sides),
            "imgsz": run.imgsz,
            "advice": self.advice(sides / run.imgsz, run.imgsz),
        }
        return measured(self.flag_whole([entry] if share > self.max_small_share else []), share, self.max_small_share)

    def advice(self, shares: NDArray[np.float64], imgsz: int) -> str:
        """The next size at which they are no longer many; `shares` are shorter sides in image sizes."""
        larger = [size for size in SIZES if size > imgsz]
        for size in larger:
            small = float((shares * size < self.min_side).mean())
            if small <= self.max_small_share:
                return f"at --img {size} it would be {small:.0%}"
        return f"still many at --img {larger[-1]}: cut the images into tiles" if larger else "cut the images into tiles"
