"""leaked-image: images that are in two splits, byte by byte or pixel by pixel."""

import numpy as np

from yoloaudit.checks.base import Check, Example, Picture, measured
from yoloaudit.checks.splits import origins, related_to, share_of_val, split_codes, taking_part
from yoloaudit.dataset.tables import SPLITS, Defects, Hashes, Images
from yoloaudit.findings import Fix, Severity


class LeakedImage(Check):
    """Image of a later split that is in an earlier one too.

    What the model was trained on cannot show what it will do with anything else: it knows the answer, and every number
    of the run is too good. The two files hold the same bytes, or the same pixels in other bytes. Leave the image in one
    split: move it to train, or take the copy out of train. An image of test that is in val is a leak as well, because
    the best weights are chosen by val. Images that the trainer drops do not count.
    """

    severity = Severity.ERROR
    needs = ("train",)
    message = "the same {what} as {path} of {origin}"
    fix = Fix("move", safe=False)

    good = (
        Example({"images/val/c.png": Picture(seed=3)}, title="another image"),
        Example({"images/train/c.png": Picture(seed=1)}, title="a copy in the same split"),
    )
    bad = (
        Example({"images/val/c.png": Picture(seed=1)}, title="the same file"),
        Example({"images/val/c.bmp": Picture(seed=1, format="BMP")}, title="the same pixels in another format"),
        Example(
            {
                "data.yaml": "path: .\ntrain: images/train\nval: images/val\ntest: images/test\nnames: [cat, dog]\n",
                "images/test/c.png": Picture(seed=2),
            },
            title="an image of test that is in val",
        ),
    )

    def find(self, images: Images, hashes: Hashes) -> Defects:
        kept, split = taking_part(images), split_codes(images)
        by_bytes, by_pixels = (
            origins(np.where(kept, hashes[name].to_numpy(), -1), split) for name in ("content", "pixels")
        )
        origin = np.where(by_bytes >= 0, by_bytes, by_pixels)
        at = np.flatnonzero(origin >= 0)
        defects = self.flag(
            images.iloc[at],
            what=np.where(by_bytes[at] >= 0, "file", "pixels").astype(object),
            origin=np.array(SPLITS, dtype=object)[split[origin[at]]],
            path=images["path"].to_numpy()[origin[at]],
            related=related_to(images, origin[at]),
        )
        return measured(defects, share_of_val(split, kept, origin >= 0), 0.0)
