"""identical-pixels: the same picture twice in one split, in other bytes."""

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.checks.columns import inside_splits, related_images
from yoloaudit.dataset.tables import Copies, Defects, Images
from yoloaudit.findings import Fix, Severity


class IdenticalPixels(Check):
    """Image whose pixels are those of another file of its split.

    The files differ, as after a change of format without loss or of the tags alone, but the picture is the same to the
    last pixel. It adds nothing to learn from. Keep one of the two; where their labels differ, see conflicting-duplicate
    first.
    """

    severity = Severity.WARNING
    message = "its pixels are those of {other}, in other bytes"
    fix = Fix("quarantine", safe=False)

    good = (
        Example(files={"images/train/c.png": Picture(seed=3)}),
        Example(files={"images/train/c.png": Picture(seed=1)}, title="equal bytes are identical-image's"),
    )
    bad = (
        Example(files={"images/train/c.bmp": Picture(seed=1, format="BMP")}, title="another format, without loss"),
        Example(files={"images/train/c.png": Picture(seed=1, append=b"more")}),
        Example(
            files={f"images/train/{end}.jpg": Picture(seed=3, format="JPEG", append=end.encode()) for end in "cd"},
            title="JPEG files that differ after their end",
        ),
    )

    def find(self, images: Images, copies: Copies) -> Defects:
        pairs = inside_splits(images, copies[copies["kind"] == "pixels"])
        others = pairs["first"].to_numpy()
        return self.flag(
            images.loc[pairs["second"]],
            other=images["path"].loc[others].to_numpy(),
            related=related_images(others),
        )
