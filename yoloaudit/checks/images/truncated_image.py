"""truncated-image: images that open, but whose pixels cannot all be decoded."""

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.tables import Defects, Images, Pixels
from yoloaudit.findings import Fix, Severity, shorten

WORDS = 200
"""Letters of a decoder's message that are shown."""


class TruncatedImage(Check):
    """Image that opens, but cannot be decoded to its last pixel.

    Its header is whole, so that a look at the header passes it; the file then ends early, mostly because a copy or
    download broke off, or is damaged inside. The trainer drops it with its labels, stops at it, or trains on grey where
    pixels are missing. Restore the file from its source; the fix moves it out of the data set together with its label.
    """

    severity = Severity.ERROR
    message = "image opens, but {damage}"
    fix = Fix("quarantine", safe=False)

    good = (
        Example(files={"images/train/c.jpg": Picture(seed=3, format="JPEG")}),
        Example(
            files={"images/train/c.jpg": Picture(seed=3, format="JPEG", append=b"\n")}, title="bytes after the end"
        ),
        Example(files={"images/train/a.png": b""}, title="empty file, which unreadable-image tells of"),
    )
    bad = (
        Example(files={"images/train/c.jpg": Picture(seed=3, format="JPEG", cut=2000)}),
        Example(files={"images/train/a.png": Picture(seed=3, cut=2000)}),
        Example(files={"images/train/c.webp": Picture(seed=3, format="WEBP", cut=1000)}),
        Example(files={"images/train/c.tif": Picture(64, 64, seed=3, format="TIFF", cut=1000)}),
        Example(files={"images/train/c.bmp": Picture(64, 64, seed=3, format="BMP", cut=1)}),
    )

    def find(self, images: Images, pixels: Pixels) -> Defects:
        damaged = pixels["damage"].notna() & images["error"].isna()
        found = images[damaged]
        return self.flag(found, damage=[shorten(str(why), WORDS) for why in pixels["damage"][damaged]])
