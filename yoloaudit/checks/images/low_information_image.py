"""low-information-image: images of so few tones that next to nothing can be told apart."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, no_defects
from yoloaudit.dataset.tables import Defects, Pixels
from yoloaudit.findings import Severity
from yoloaudit.geometry import Mask

UPPER_HALVES = 6.0
"""How often the way from the median to the upper quartile lies between the median and the lowest usual entropy: four
standard deviations of a normal distribution, told by its upper half alone, as nearly half of the images may be poor."""
BLACK, WHITE = 0.1, 0.9


class LowInformationImage(Check):
    """Image of so few tones that next to nothing can be told apart.

    The entropy of its grey levels is low, and lower than is usual in the data set: a blank frame, a lens cap, a failed
    download, a uniform wall. Plain drawings, screens and captchas are this simple by nature, and where a data set
    consists of them, only its blank images are told. Take it out, or see why the camera delivered it. A blank image is
    told here alone, not as dark, overexposed, blurry or grey besides.
    """

    severity = Severity.WARNING
    kind = "heuristic"
    message = "grey levels hold {entropy:.1f} bits, below {min_entropy:g}: {look}"
    explains = ("dark-image", "overexposed-image", "blurry-image", "grayscale-minority")
    min_entropy: float = Field(3.0, gt=0, le=8, description="entropy of the grey levels in bits, at least")
    blank_contrast: float = Field(
        0.01, ge=0, le=0.5, description="standard deviation of the grey levels, 0 to 0.5, below which an image is blank"
    )

    good = (
        Example(files={"images/train/c.png": Picture(seed=3, light=0.1)}, title="3.8 bits"),
        Example(
            files={
                f"images/{split}/{name}.png": Picture(seed=3, light=20)
                for split, name in (("train", "a"), ("val", "b"))
            },
            title="all images are as plain",
        ),
    )
    bad = (
        Example(files={"images/train/c.png": Picture()}, title="a black frame"),
        Example(files={"images/train/c.png": Picture(seed=3, light=10)}, title="1.5 bits"),
        Example(
            files={"images/train/a.png": Picture(), "images/val/b.png": Picture()}, title="all images are black frames"
        ),
    )

    def find(self, pixels: Pixels) -> Defects:
        seen = pixels[pixels["decoded"]]
        if seen.empty:
            return no_defects()
        middle, upper = np.percentile(seen["entropy"], [50, 75])
        usual = middle - UPPER_HALVES * (upper - middle)
        blank = seen["contrast"] < self.blank_contrast
        poor = seen[(seen["entropy"] < self.min_entropy) & (blank | (seen["entropy"] < usual))]
        poor = poor.assign(entropy=poor["entropy"].abs())  # no bits are not minus none
        score = 1 - 0.5 * poor["entropy"] / self.min_entropy
        defects = self.flag(
            poor, value="entropy", limit=self.min_entropy, score=score, look=_look(poor, blank[poor.index].to_numpy())
        )
        defects.attrs["images"] = poor.index[blank[poor.index]].to_numpy()
        return defects


def _look(poor: Pixels, blank: Mask) -> NDArray[np.str_]:
    """What such an image looks like, in words."""
    tone = np.select(
        [poor["brightness_p99"] < BLACK, poor["brightness_p5"] > WHITE],
        ["nothing but black", "nothing but white"],
        "nothing but one tone",
    )
    return np.where(blank, tone, "few tones, unlike most of the others")
