"""unreadable-image: images that cannot be opened, or that the trainer does not read."""

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Fix, Severity


class UnreadableImage(Check):
    """Image that cannot be opened, or is of a format that the trainer does not read.

    The trainer lists the file by its suffix, fails to open it and drops it, with no more than a line in its log.
    Restore the file from its source, or convert it; the fix moves it out of the data set together with its label.
    """

    severity = Severity.ERROR
    message = "image {error}: the trainer drops it"
    fix = Fix("quarantine", safe=False)

    good = (Example(files={"images/train/c.jpg": Picture(format="JPEG")}),)
    bad = (
        Example(files={"images/train/a.png": b""}, title="empty file"),
        Example(files={"images/train/a.png": "<!DOCTYPE html><p>404"}, title="a page that says 404"),
        Example(files={"images/train/c.jpg": Picture(format="GIF")}, title="GIF under the name of a JPEG"),
    )

    def find(self, images: Images) -> Defects:
        shorter = images[["width", "height"]].min(axis=1)
        broken = images[images["error"].notna() & ~shorter.between(1, 9)]
        return self.flag(broken.assign(error=broken["error"].astype(str).str.slice(0, 200)))
