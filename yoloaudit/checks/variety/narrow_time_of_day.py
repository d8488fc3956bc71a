"""narrow-time-of-day: photographs from too few parts of the day."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, measured, unmeasured
from yoloaudit.checks.capture import capture_of, spread_in_words
from yoloaudit.dataset.tables import Defects, Images, Pixels
from yoloaudit.findings import Severity

PARTS = ("night (0 to 6 h)", "morning (6 to 12 h)", "afternoon (12 to 18 h)", "evening (18 to 24 h)")
HOUR, HOURS_OF_A_PART = 3600, 6


def shots(*hours: int) -> Example:
    """Photographs taken at these hours, day by day."""
    return Example(
        {
            f"images/train/{i}.jpg": Picture(
                64, 64, seed=i, format="JPEG", taken=f"2024:05:{i % 28 + 1:02} {hour:02}:30:00"
            )
            for i, hour in enumerate(hours)
        }
    )


class NarrowTimeOfDay(Check):
    """Training images from too few parts of the day.

    The guide recommends images from different times of day. A model that saw its objects in the light of two parts of
    the day alone has not learnt them by that of the others. Take images at other hours. The time is that of the
    photograph in its EXIF block; a part of the day counts as covered if a twentieth of the images with a time are from
    it. Where fewer than half of the images tell their time, nothing is said. It does not see whether the camera's
    clock was right or where on earth it was, nor daylight: a photograph taken indoors at night counts as night.
    """

    severity = Severity.INFO
    needs = ("train",)
    message = (
        "{timed:,} training images that tell when they were taken cover {covered} of 4 parts of the day, "
        "below {min_parts}: {parts}"
    )
    min_parts: int = Field(3, ge=1, le=4, description="parts of the day, of six hours each, that images are from")
    min_part_share: float = Field(
        0.05, gt=0, lt=1, description="share of the images with a time from which on a part of the day is covered"
    )
    min_known_share: float = Field(0.5, gt=0, le=1, description="share of images with a time that it takes to judge")
    min_images: int = Field(30, ge=1, description="training images with a time that it takes to judge")

    good = (shots(*[9, 14, 19] * 12), shots(*[12] * 28))
    bad = (shots(*[9, 14] * 18), shots(*[9, 14] * 20, 23))

    def find(self, images: Images, pixels: Pixels) -> Defects:
        capture = capture_of(images, pixels)
        if doubt := capture.doubt(self.min_images, self.min_known_share):
            return unmeasured(doubt, self.min_parts)
        parts = np.bincount(capture.taken // HOUR % 24 // HOURS_OF_A_PART, minlength=len(PARTS))
        covered = int((parts >= self.min_part_share * parts.sum()).sum())
        entry = {
            "split": "train",
            "value": float(covered),
            "limit": float(self.min_parts),
            "timed": len(capture.taken),
            "covered": covered,
            "parts": spread_in_words(PARTS, parts),
        }
        return measured(self.flag_whole([entry] if covered < self.min_parts else []), float(covered), self.min_parts)
