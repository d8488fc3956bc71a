"""ignored-image-type: images of a suffix that the trainer does not read."""

from yoloaudit.checks.base import Check, Example
from yoloaudit.dataset.tables import Defects, Strays
from yoloaudit.findings import Severity


class IgnoredImageType(Check):
    """Image of a suffix that the trainer does not read.

    The trainer lists bmp, dng, jpeg, jpg, mpo, png, tif, tiff, webp and pfm, and passes over everything else without a
    word. The image and its label are not trained on. Convert it to one of these.
    """

    severity = Severity.WARNING
    message = "the trainer does not read .{detail} and passes over this image"

    good = ("0 0.5 0.5 0.2 0.2\n", Example({"images/train/notes.md": "a\n"}))
    bad = (Example({"images/train/c.gif": "GIF89a"}), Example({"images/train/c.HEIC": ""}))

    def find(self, strays: Strays) -> Defects:
        return self.flag(strays[strays["kind"] == "ignored-image"])
