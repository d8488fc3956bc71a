"""unusual-color-mode: images that are stored in another way than 8-bit RGB or grey."""

import numpy as np

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Severity

PLAIN = {"1", "L", "RGB", "YCbCr"}
MODES = {
    "CMYK": "the ink colours CMYK, which decoders turn into other shades",
    "P": "a palette",
    "PA": "a palette with transparency",
    "LA": "grey with transparency, which the trainer throws away",
    "La": "grey with transparency, which the trainer throws away",
    "RGBA": "colour with transparency, which the trainer throws away",
    "RGBa": "colour with transparency, which the trainer throws away",
    "I": "more than 8 bits a pixel, which the trainer cuts to 8",
    "F": "floating-point pixels, which the trainer cuts to 8 bits",
}
DEEP = "16 bits a pixel, which the trainer cuts to 8"


class UnusualColorMode(Check):
    """Image that is not stored as 8-bit colour or grey, or that holds several frames.

    The trainer reads three channels of 8 bits and the first frame. Whatever else is in the file is converted or lost,
    and differently so by different libraries: what was labelled may not be what is trained on. Convert such images
    once, and look at the result.
    """

    severity = Severity.WARNING
    message = "image holds {what}"

    good = (
        Example(files={"images/train/a.png": Picture(mode="L")}),
        Example(files={"images/train/c.jpg": Picture(format="JPEG")}),
    )
    bad = (
        Example(files={"images/train/a.png": Picture(mode="RGBA")}),
        Example(files={"images/train/a.png": Picture(mode="P")}),
        Example(files={"images/train/a.png": Picture(mode="I;16")}),
        Example(files={"images/train/c.jpg": Picture(mode="CMYK", format="JPEG")}),
    )

    def find(self, images: Images) -> Defects:
        odd = images["mode"].notna() & ~images["mode"].isin(PLAIN)
        found = images[odd | (images["frames"] > 1)]
        texts = {mode: _describe(mode) for mode in found["mode"].dropna().unique()}
        what = np.where(
            found["frames"] > 1, "several frames, of which the trainer reads the first", found["mode"].map(texts)
        )
        return self.flag(found, what=what)


def _describe(mode: str) -> str:
    return DEEP if mode.startswith("I;") else MODES.get(mode, f"pixels of mode {mode}")
