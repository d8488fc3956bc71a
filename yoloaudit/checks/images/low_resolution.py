"""low-resolution: many images smaller than the training size."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, measured, no_defects
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Severity


class LowResolution(Check):
    """Many images smaller than the training size.

    An image is scaled up until its longer side is the training size. That adds pixels, but no detail, and costs time in
    every epoch. Train at the images' own size (`--img`), or collect larger images.
    """

    severity = Severity.INFO
    message = (
        "{count:,} of {total:,} images ({value:.0%}) have a long side below {imgsz} px, more than {max_small_share:.0%}"
    )
    max_small_share: float = Field(
        0.1, ge=0, lt=1, description="share of images that may be smaller than the training size"
    )

    good = (Example(files={"images/train/a.png": Picture(640, 40)}),)
    bad = (
        Example(files={"images/train/a.png": Picture(639, 639)}),
        Example(files={"images/train/a.png": Picture(320, 200)}, settings={"max_small_share": 0.4}),
    )

    def find(self, images: Images, imgsz: int) -> Defects:
        longer = images[["width", "height"]].max(axis=1)
        longer = longer[longer > 0]
        if longer.empty:
            return measured(no_defects(), None, self.max_small_share)
        count = int((longer < imgsz).sum())
        share = count / len(longer)
        entry = {"value": share, "limit": self.max_small_share, "count": count, "total": len(longer), "imgsz": imgsz}
        return measured(self.flag_whole([entry] if share > self.max_small_share else []), share, self.max_small_share)
