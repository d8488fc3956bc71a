"""Where everything of a data set lies: descriptor, class names, and every image with its label file.

`images` holds the absolute path of each image, split by split, in the trainer's order (by path text), and
`image_splits` the split of each. `labels` holds absolute paths of label files, first one for each image that has one,
then orphans; `label_splits` the split of each; `label_of` the position in `labels` of each image's label file, -1 where
there is none. A label file that two images share stands twice, and so does a file that is in two splits. No image and
no label file is opened here, and none is looked at one by one: whether it exists is told by the listing of its folder.
`listed` and `strays` are finished tables; the rest becomes tables in `assemble`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.labels import LabelRows
from yoloaudit.files import Root


@dataclass(frozen=True)
class Layout:
    """Where everything of a data set lies; see the module's docstring."""

    root: Root
    descriptor: Descriptor
    names: tuple[str, ...]
    splits: tuple[str, ...]
    images: list[str]
    image_splits: list[str]
    label_of: list[int]
    labels: list[str]
    label_splits: list[str]
    sources: Sequence[str | None] | NDArray[np.object_]
    frames: Sequence[int] | NDArray[np.int64]
    listed: DataFrame
    strays: DataFrame
    rows: LabelRows | None = None
    """Rows of a format that keeps labels elsewhere; then no label file is read."""
