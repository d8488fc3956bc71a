"""identical-image: the same file twice in one split."""

import numpy as np

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.checks.columns import related_images
from yoloaudit.dataset.tables import Defects, Hashes, Images
from yoloaudit.findings import Fix, Severity


class IdenticalImage(Check):
    """Image file that stands in its split again under another name.

    A copy adds nothing to learn from: it only makes its objects count twice, and in val it makes some images weigh more
    than others. Keep one of the copies; where their labels differ, see conflicting-duplicate first.
    """

    severity = Severity.WARNING
    message = "its bytes are those of {other}"
    fix = Fix("quarantine", safe=False)

    good = (Example(files={"images/train/c.png": Picture(seed=3)}),)
    bad = (
        Example(files={"images/train/c.png": Picture(seed=1)}),
        Example(files={"images/train/c.png": b"not an image", "images/train/d.png": b"not an image"}),
    )

    def find(self, images: Images, hashes: Hashes) -> Defects:
        read = hashes[hashes["content"] >= 0]
        keys = [read["content"], images["split"].cat.codes.loc[read.index]]
        first = read.index.to_series().groupby(keys).transform("first")
        paths = images["path"]
        # one file that is listed twice is no copy of itself
        copy = first[(first != first.index) & (paths.loc[first.index].to_numpy() != paths.loc[first].to_numpy())]
        others = copy.to_numpy(dtype=np.int64)
        return self.flag(images.loc[copy.index], other=paths.loc[others].to_numpy(), related=related_images(others))
