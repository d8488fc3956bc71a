"""narrow-lighting: training images of much the same brightness."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.appearance import trained_on
from yoloaudit.checks.base import Check, Example, Picture, measured, unmeasured
from yoloaudit.checks.distributions import entropy
from yoloaudit.dataset.tables import Defects, Images, Pixels
from yoloaudit.findings import Severity

BINS = 8


class NarrowLighting(Check):
    """Training images of much the same brightness.

    The guide recommends images of different lighting. Where most images are equally bright, the model has not learnt
    what its objects look like in other light; add images from there, unless it will never meet any, as under a
    microscope. Counted is the entropy of a histogram with 8 bins of each image's median brightness (Shannon, in bits:
    0 where all are in one bin, 3 where all bins are equally full). It does not see where light comes from, its
    colour, shadows, or what a camera's automatic exposure evens out, and takes a dark object for dark light.
    """

    severity = Severity.INFO
    needs = ("train",)
    message = (
        "the median brightness of {total:,} training images has an entropy of {value:.2f} bits in 8 bins, "
        "below {min_entropy:g}: nine of ten lie between {low:.2f} and {high:.2f} of 1"
    )
    min_entropy: float = Field(1.5, gt=0, le=3, description="entropy of the brightness of images, in bits of 8 bins")
    min_images: int = Field(30, ge=1, description="training images that it takes to judge")

    good = (
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i, light=0.3 + i / 30) for i in range(36)},
            title="from dark to bright",
        ),
        Example({f"images/train/{i}.png": Picture(64, 64, seed=i) for i in range(28)}, title="29 images are too few"),
    )
    bad = (
        Example({f"images/train/{i}.png": Picture(64, 64, seed=i) for i in range(36)}, title="one light"),
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i, light=0.1 if i % 2 else 4) for i in range(36)},
            title="dark or bright, and nothing between: 1 bit",
        ),
    )

    def find(self, images: Images, pixels: Pixels) -> Defects:
        seen = trained_on(images) & pixels["decoded"].to_numpy()
        brightness = pixels["brightness_p50"].to_numpy()[seen]
        if len(brightness) < self.min_images:
            return unmeasured(f"{len(brightness):,} training images, below {self.min_images:,}", self.min_entropy)
        bins = np.clip((brightness * BINS).astype(np.int64), 0, BINS - 1)
        bits = entropy(np.bincount(bins, minlength=BINS))
        low, high = np.quantile(brightness, (0.05, 0.95)).tolist()
        entry = {
            "split": "train",
            "value": bits,
            "limit": self.min_entropy,
            "total": len(brightness),
            "low": low,
            "high": high,
        }
        return measured(self.flag_whole([entry] if bits < self.min_entropy else []), bits, self.min_entropy)
