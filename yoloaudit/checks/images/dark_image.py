"""dark-image: images in which even the brightest parts are dark."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.tables import Defects, Pixels
from yoloaudit.findings import Severity


class DarkImage(Check):
    """Image in which even the brightest parts are dark.

    Of its pixels, 99 % lie below a third of full brightness, as in an underexposed photograph, a shot into the night or
    a frame before the light went on. Annotators miss objects in it, and a model learns noise. Look whether the objects
    can be told; expose anew or take it out, unless such light is what the model will meet.
    """

    severity = Severity.INFO
    kind = "heuristic"
    message = "99 % of the pixels are no brighter than {brightness_p99:.2f} of 1, below {min_brightness:g}"
    min_brightness: float = Field(
        0.32, gt=0, le=1, description="99th percentile of the perceived brightness, 0 to 1, at least"
    )

    good = (Example(files={"images/train/a.png": Picture(seed=3, light=0.4)}),)
    bad = (
        Example(files={"images/train/a.png": Picture(seed=3, light=0.36)}),
        Example(files={"images/train/a.png": Picture(seed=3, light=0.1)}),
    )

    def find(self, pixels: Pixels) -> Defects:
        dark = pixels[pixels["decoded"] & (pixels["brightness_p99"] < self.min_brightness)]
        score = 1 - 0.5 * dark["brightness_p99"] / self.min_brightness
        return self.flag(dark, value="brightness_p99", limit=self.min_brightness, score=score)
