"""narrow-season: photographs from one quarter of the year."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, measured, unmeasured
from yoloaudit.checks.capture import capture_of, spread_in_words
from yoloaudit.dataset.tables import Defects, Images, Pixels
from yoloaudit.findings import Severity

QUARTERS = ("January to March", "April to June", "July to September", "October to December")
MONTHS_OF_A_QUARTER = 3


def shots(*months: int) -> Example:
    """Photographs taken in these months."""
    return Example(
        {
            f"images/train/{i}.jpg": Picture(
                64, 64, seed=i, format="JPEG", taken=f"2024:{month:02}:{i % 28 + 1:02} 12:30:00"
            )
            for i, month in enumerate(months)
        }
    )


class NarrowSeason(Check):
    """Training images from one quarter of the year.

    The guide recommends images from different seasons. Foliage, snow, clothing and the height of the sun change over
    the year, and the model knows those of one quarter alone. Take images in other months. The date is that of the
    photograph in its EXIF block; a quarter counts as covered if a twentieth of the images with a date are from it.
    Where fewer than half of the images tell their date, nothing is said. It does not see whether the camera's clock
    was right, nor the season itself: March and April are two quarters, and indoors no season shows.
    """

    severity = Severity.INFO
    needs = ("train",)
    message = (
        "{timed:,} training images that tell when they were taken cover {covered} of 4 quarters of the year, "
        "below {min_quarters}: {quarters}"
    )
    min_quarters: int = Field(2, ge=1, le=4, description="quarters of the year that images are from")
    min_quarter_share: float = Field(
        0.05, gt=0, lt=1, description="share of the images with a date from which on a quarter is covered"
    )
    min_known_share: float = Field(0.5, gt=0, le=1, description="share of images with a date that it takes to judge")
    min_images: int = Field(30, ge=1, description="training images with a date that it takes to judge")

    good = (shots(*[3, 4] * 18), shots(*[7] * 28))
    bad = (shots(*[7, 8, 9] * 12), shots(*[5] * 40, 7))

    def find(self, images: Images, pixels: Pixels) -> Defects:
        capture = capture_of(images, pixels)
        if doubt := capture.doubt(self.min_images, self.min_known_share):
            return unmeasured(doubt, self.min_quarters)
        months = capture.taken.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12
        quarters = np.bincount(months // MONTHS_OF_A_QUARTER, minlength=len(QUARTERS))
        covered = int((quarters >= self.min_quarter_share * quarters.sum()).sum())
        entry = {
            "split": "train",
            "value": float(covered),
            "limit": float(self.min_quarters),
            "timed": len(capture.taken),
            "covered": covered,
            "quarters": spread_in_words(QUARTERS, quarters),
        }
        found = [entry] if covered < self.min_quarters else []
        return measured(self.flag_whole(found), float(covered), self.min_quarters)
