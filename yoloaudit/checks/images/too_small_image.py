"""too-small-image: images with a side below 10 pixels."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Severity


class TooSmallImage(Check):
    """Image with a side of less than 10 pixels.

    The trainer drops such an image with its labels. It is mostly a thumbnail, a tracking pixel or a failed crop: take
    it out, or put the original in its place.
    """

    severity = Severity.ERROR
    message = "image is {width} × {height} px, a side is below {min_side} px: the trainer drops it"
    min_side: int = Field(10, ge=1, description="shortest side that the trainer accepts, in pixels")

    good = (Example(files={"images/train/a.png": Picture(10, 10)}),)
    bad = (Example(files={"images/train/a.png": Picture(640, 9)}), Example(files={"images/train/a.png": Picture(1, 1)}))

    def find(self, images: Images) -> Defects:
        shorter = images[["width", "height"]].min(axis=1)
        small = (shorter > 0) & (shorter < self.min_side)
        return self.flag(images[small].assign(shorter=shorter[small]), value="shorter", limit=self.min_side)
