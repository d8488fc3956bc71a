"""oversized-image: images of more pixels than Pillow decodes without a warning."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Severity


class OversizedImage(Check):
    """Image of more than 89.5 million pixels.

    Pillow takes such an image for a decompression bomb, and one decode costs hundreds of megabytes in every worker.
    It is never decoded here unless asked for. The trainer scales it down to the training size in any case: scale it
    down yourself, or cut it into tiles where its objects are small. In a data set that is not trusted it is an error.
    """

    severity = Severity.WARNING
    message = "image is {width} × {height} px, {pixels:,} pixels, above {max_pixels:,}"
    max_pixels: int = Field(89_478_485, ge=1, description="most pixels of an image; the default is Pillow's limit")

    good = (Example(files={"images/train/a.png": Picture(20, 20)}, settings={"max_pixels": 640 * 640}),)
    bad = (
        Example(files={"images/train/a.png": Picture(20, 21)}, settings={"max_pixels": 400}),
        Example(settings={"max_pixels": 640 * 640 - 1}),
    )

    def find(self, images: Images, descriptor: Descriptor) -> Defects:
        pixels = images["width"].astype("int64") * images["height"].astype("int64")
        large = pixels > self.max_pixels
        return self.flag(
            images[large].assign(pixels=pixels[large]),
            value="pixels",
            limit=self.max_pixels,
            severity=(Severity.ERROR if descriptor.untrusted else Severity.WARNING).value,
        )
