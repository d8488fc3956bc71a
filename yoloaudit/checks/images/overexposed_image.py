"""overexposed-image: images in which even the darkest parts are nearly white."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.tables import Defects, Pixels
from yoloaudit.findings import Severity


class OverexposedImage(Check):
    """Image in which even the darkest parts are nearly white.

    Of its pixels, 95 % lie within a twentieth of full brightness, as in an overexposed photograph: what was there is
    burnt out and cannot be brought back. Drawings and scans on white paper look the same by this number and are right
    as they are. Look whether the objects can be told; expose anew or take it out.
    """

    severity = Severity.INFO
    kind = "heuristic"
    message = "95 % of the pixels are brighter than {brightness_p5:.2f} of 1, less than {min_shade:g} below white"
    min_shade: float = Field(
        0.05, gt=0, lt=1, description="1 less the 5th percentile of the perceived brightness, 0 to 1, at least"
    )

    good = (Example(files={"images/train/a.png": Picture(seed=3, light=10)}),)
    bad = (
        Example(files={"images/train/a.png": Picture(seed=3, light=20)}),
        Example(files={"images/train/a.png": Picture(seed=3, light=100)}),
    )

    def find(self, pixels: Pixels) -> Defects:
        shade = 1 - pixels["brightness_p5"]
        pale = pixels["decoded"] & (shade < self.min_shade)
        score = 1 - 0.5 * shade[pale] / self.min_shade
        return self.flag(pixels[pale].assign(shade=shade[pale]), value="shade", limit=self.min_shade, score=score)
