"""pixel-coordinates: labels written in pixels of the image."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, no_defects
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Fix, Severity


class PixelCoordinates(Check):
    """Labels written in pixels instead of shares of the image.

    Centre, width and height are shares of the image's width and height, from 0 to 1. The trainer drops every image
    with a larger value, so a data set in pixels trains on nothing. Divide x and width by the image's width, y and
    height by its height.
    """

    severity = Severity.ERROR
    message = "{cx:g} {cy:g} {w:g} {h:g} are pixels of the image, not shares of it: the trainer drops the image"
    kind = "heuristic"
    fix = Fix("normalise", safe=False)
    explains = (
        "coordinate-out-of-range",
        "box-outside-image",
        "full-frame-box",
        "extreme-aspect-box",
        "size-outlier",
        "aspect-outlier",
    )
    whole = True
    min_value: float = Field(1.5, gt=1, description="a value above this is taken for pixels")
    min_share: float = Field(0.9, gt=0, le=1, description="share of a file's rows that must look like pixels")
    min_files: int = Field(10, ge=1, description="files that must look like pixels, unless all files do")

    good = (
        "0 1.2 0.5 0.2 0.2",
        Example(files={"labels/train/a.txt": "0 320 320 64 64\n"}, title="one file of two"),
        Example(
            files=dict.fromkeys(("labels/train/a.txt", "labels/val/b.txt"), "0 900 320 64 64\n"), title="not within"
        ),
    )
    bad = (
        Example(
            files=dict.fromkeys(("labels/train/a.txt", "labels/val/b.txt"), "0 320 320 64 64\n"), title="all files"
        ),
        Example(files={"labels/train/a.txt": "0 320 320 64 64\n"}, settings={"min_files": 1}),
    )

    def find(self, boxes: Boxes, images: Images) -> Defects:
        cx, cy, w, h = (boxes[name].to_numpy() for name in ("cx", "cy", "w", "h"))
        large = np.maximum(np.maximum(cx, w), np.maximum(cy, h)) > self.min_value
        if not large.any():
            return no_defects()
        rows = boxes[large]
        sides = images[["width", "height"]].reindex(rows["image"]).to_numpy()
        within = (rows[["cx", "cy"]].to_numpy() <= sides) & (rows[["w", "h"]].to_numpy() <= sides)
        rows = rows[within.all(axis=1) & (rows[["cx", "cy", "w", "h"]].to_numpy() >= 0).all(axis=1)]
        label = boxes["label"].to_numpy()
        total = np.bincount(label)
        alike = np.bincount(rows["label"], minlength=len(total))
        files = (alike > 0) & (alike >= self.min_share * total)
        if not files.any() or files.sum() < min(self.min_files, (total > 0).sum()):
            return no_defects()
        found = rows[files[rows["label"].to_numpy()]]
        return self.flag(found, score=len(found) / len(boxes))
