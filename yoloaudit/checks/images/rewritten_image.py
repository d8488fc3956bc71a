"""rewritten-image: JPEG files that the trainer overwrites."""

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Fix, Severity


class RewrittenImage(Check):
    """JPEG that does not end in FF D9, and that the trainer overwrites.

    A JPEG without the end marker at its very end was cut short, or carries bytes after the image. The trainer encodes
    it anew over the original, without asking: its hash changes, and its pixels a little. Keep a copy, then write the
    image whole yourself.
    """

    severity = Severity.WARNING
    message = "JPEG does not end in the marker FF D9: the trainer encodes it anew over the original"
    fix = Fix("rewrite", safe=False)

    good = (Example(files={"images/train/c.jpg": Picture(format="JPEG")}),)
    bad = (
        Example(files={"images/train/c.jpg": Picture(format="JPEG", cut=2)}, title="no end marker"),
        Example(files={"images/train/c.jpg": Picture(format="JPEG", append=b"\n")}, title="bytes after the image"),
    )

    def find(self, images: Images) -> Defects:
        jpeg = (images["format"] == "JPEG") & images["error"].isna()
        return self.flag(images[jpeg & ~images["complete"]])
