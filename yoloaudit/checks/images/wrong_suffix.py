"""wrong-suffix: images whose content is of another format than their suffix says."""

import numpy as np

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Fix, Severity

FORMATS = {
    "bmp": ("BMP", "DIB"),
    "dng": ("DNG", "TIFF"),
    "jpeg": ("JPEG", "MPO"),
    "jpg": ("JPEG", "MPO"),
    "mpo": ("JPEG", "MPO"),
    "pfm": ("PFM", "PPM"),
    "png": ("PNG",),
    "tif": ("TIFF",),
    "tiff": ("TIFF",),
    "webp": ("WEBP",),
}
RIGHT = {(suffix, name) for suffix, names in FORMATS.items() for name in names}


class WrongSuffix(Check):
    """Image whose content is of another format than its suffix says.

    Most readers look at the content and do not mind, others fail or pick a wrong decoder, and a set that was mixed from
    several exports may hold the same picture twice. Rename the file to the suffix of its content; its label keeps its
    name unless two images then share a stem.
    """

    severity = Severity.WARNING
    message = "content is {format}, the suffix says {suffix}"
    fix = Fix("rename", safe=False)

    good = (
        Example(files={"images/train/c.JPG": Picture(format="JPEG")}),
        Example(files={"images/train/c.tif": Picture(format="TIFF")}),
    )
    bad = (
        Example(files={"images/train/c.jpg": Picture(format="PNG")}),
        Example(files={"images/train/c.webp": Picture(format="JPEG")}),
    )

    def find(self, images: Images) -> Defects:
        known = images[images["format"].notna()]
        suffix = known["path"].map(lambda path: path.rpartition(".")[2].lower())
        pairs = zip(suffix, known["format"], strict=True)
        wrong = np.fromiter((pair not in RIGHT and pair[0] in FORMATS for pair in pairs), dtype=bool, count=len(known))
        found = known[wrong].assign(suffix=suffix[wrong])
        fixes = found["error"].map(lambda error: None if isinstance(error, str) else self.fix)
        return self.flag(found, fix=fixes)
