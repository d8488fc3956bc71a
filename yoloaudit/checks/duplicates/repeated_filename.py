"""repeated-filename: one file name in several folders of a split."""

import numpy as np

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.checks.columns import related_images
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Severity


class RepeatedFilename(Check):
    """File name that stands in several folders of a split.

    Tools that go by the bare name, as many converters and viewers of predictions do, take one image for the other, and
    a copy into one folder overwrites one of them. Put the folder's name in front of the file's.
    """

    severity = Severity.INFO
    message = "{other} has the same file name"

    good = (
        Example(files={"images/train/more/c.png": Picture(seed=3)}),
        Example(files={"images/val/a.png": Picture(seed=3)}, title="in another split"),
    )
    bad = (
        Example(files={"images/train/more/a.png": Picture(seed=3)}),
        Example(files={"images/train/1/c.png": Picture(seed=3), "images/train/2/c.png": Picture(seed=4)}),
    )

    def find(self, images: Images) -> Defects:
        paths = images["path"]
        names = paths.str.rsplit("/", n=1).str[-1]
        first = paths.index.to_series().groupby([names, images["split"].cat.codes]).transform("first")
        again = first[(first != first.index) & (paths.to_numpy() != paths.loc[first].to_numpy())]
        others = again.to_numpy(dtype=np.int64)
        return self.flag(images.loc[again.index], other=paths.loc[others].to_numpy(), related=related_images(others))
