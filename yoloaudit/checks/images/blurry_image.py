"""blurry-image: images without fine detail, in a data set that has it."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, no_defects
from yoloaudit.dataset.tables import Defects, Pixels
from yoloaudit.findings import Severity

SHARP: dict[str, str | bytes | Picture | None] = {
    f"images/train/{name}.png": Picture(160, 160, seed=3 + name) for name in range(8)
}


class BlurryImage(Check):
    """Image without fine detail, in a data set that has it.

    Its sharpness, the spread of the Laplacian on the image at a reduced size of some 60 to 90 pixels, is small for its
    contrast, and small beside that of the other images. A lens out of focus or a drop on the glass hides where
    objects end; a blur over 2 % of the shorter side is nearly always seen. Look whether the objects can be told. Not
    seen are a blur of half a percent, one along a single direction, as by a moving camera, one in a part of the image
    only, and a data set that is blurred throughout. An image of nothing but soft shades, as fog, is taken for blurred.
    """

    severity = Severity.INFO
    kind = "heuristic"
    message = "sharpness is {ratio:.2f} of the contrast, below {min_sharpness:g}; the median image has {median:.2f}"
    min_sharpness: float = Field(
        0.32,
        gt=0,
        description="standard deviation of the Laplacian of the grey levels, in units of theirs, at least",
    )
    ranges: float = Field(
        1.5, ge=0, description="interquartile ranges of log sharpness below the lower quartile that are still usual"
    )
    min_images: int = Field(10, ge=4, description="images that a judgement needs")

    good = (
        Example(
            files=SHARP | {"images/train/a.png": Picture(seed=1, blur=4)}, title="a blur of 0.6 % of the image's side"
        ),
        Example(files={"images/train/a.png": Picture(seed=1, blur=20)}, title="too few images to compare with"),
    )
    bad = (
        Example(
            files=SHARP | {"images/train/a.png": Picture(seed=1, blur=6)}, title="a blur of 1 % of the image's side"
        ),
        Example(files=SHARP | {"images/train/a.png": Picture(320, 320, seed=1, blur=10)}, title="blurred by 3 %"),
    )

    def find(self, pixels: Pixels) -> Defects:
        seen = pixels[pixels["decoded"] & (pixels["sharpness"] > 0) & (pixels["contrast"] > 0)]
        if len(seen) < self.min_images:
            return no_defects()
        ratio = seen["sharpness"].to_numpy(dtype=float) / (255 * seen["contrast"].to_numpy(dtype=float))
        first, median, third = np.percentile(np.log(ratio), [25, 50, 75])
        usual = np.exp(first - self.ranges * (third - first))
        soft = (ratio < self.min_sharpness) & (ratio < usual)
        score = 1 - 0.5 * ratio[soft] / self.min_sharpness
        rows = seen[soft].assign(ratio=ratio[soft])
        return self.flag(rows, value="ratio", limit=self.min_sharpness, median=np.exp(median), score=score)
