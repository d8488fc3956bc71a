"""exif-rotation: images that an EXIF tag turns or mirrors."""

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Fix, Severity

TURNED = (5, 6, 7, 8)
"""Orientations that swap width and height."""
NO_PIXELS = 1.5
"""A coordinate above this is in pixels."""


class ExifRotation(Check):
    """Image that an EXIF tag turns or mirrors.

    The trainer turns the pixels as the tag says and expects labels of the turned image; a labelling tool that ignores
    the tag shows the image as stored, and all its boxes are then wrong. Look at a few of them, then turn the pixels for
    good and take the tag away. For tags 5 and 7 the trainer's idea of width and height is swapped besides.
    """

    severity = Severity.WARNING
    message = "EXIF orientation is {orientation}: the trainer sees {width} × {height} px; {labels}"
    fix = Fix("rotate", safe=False)

    good = (Example(files={"images/train/c.jpg": Picture(format="JPEG", orientation=1)}),)
    bad = (
        Example(files={"images/train/c.jpg": Picture(format="JPEG", orientation=6)}),
        Example(files={"images/train/c.jpg": Picture(format="JPEG", orientation=2)}),
        Example(
            files={
                "images/train/c.jpg": Picture(400, 200, format="JPEG", orientation=8),
                "labels/train/c.txt": "0 350 100 80 80\n",
            },
            title="boxes of the image as stored",
        ),
    )

    def find(self, images: Images, boxes: Boxes) -> Defects:
        turned = images[images["orientation"].between(2, 8)]
        stored = turned.index.isin(labelled_as_stored(turned, boxes))
        return self.flag(
            turned,
            value="orientation",
            limit=1,
            severity=np.where(stored, Severity.ERROR.value, Severity.WARNING.value),
            labels=np.where(stored, "its boxes fit only the image as stored", "labels must be made for that view"),
        )


def labelled_as_stored(images: DataFrame, boxes: Boxes) -> NDArray[np.int32]:
    """Ids of turned images with a box in pixels that leaves the turned frame and fits the stored one."""
    swapped = images[images["orientation"].isin(TURNED)]
    rows = boxes[boxes["image"].isin(swapped.index)]
    rows = rows[rows[["cx", "cy", "w", "h"]].max(axis=1) > NO_PIXELS]
    right, bottom = rows["cx"] + rows["w"] / 2, rows["cy"] + rows["h"] / 2
    width, height = (swapped[side].loc[rows["image"]].to_numpy() for side in ("width", "height"))
    fits_turned = (right <= width) & (bottom <= height)
    fits_stored = (right <= height) & (bottom <= width)
    return rows["image"][fits_stored & ~fits_turned].to_numpy()
