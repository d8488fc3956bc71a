"""The labels of the real data set whose figures upstream gave, as columns."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.example_models import GOLDEN, SHARED
from yoloaudit.train.types import Floats

COCO128 = SHARED / "data" / "coco128"
needs_coco128 = pytest.mark.skipif(
    not (COCO128.exists() and GOLDEN.exists()), reason="needs upstream's figures and coco128 in shared"
)


class Labels(NamedTuple):
    """N labels of M images, in the order of their file names."""

    images: NDArray[np.int64]
    """N: place of the image."""
    classes: NDArray[np.int64]
    """N."""
    shares: Floats
    """N × 2: width and height as shares of the image."""
    sides: Floats
    """M × 2: width and height of each image in pixels."""


@cache
def coco128(split: str) -> Labels:
    """The labels of `train2017` or `val2017`."""
    paths = sorted((COCO128 / "images" / split).glob("*.jpg"))
    sides, rows = [], []
    for place, path in enumerate(paths):
        with Image.open(path) as image:
            sides.append(image.size)
        file = COCO128 / "labels" / split / f"{path.stem}.txt"
        lines = file.read_text().split("\n") if file.exists() else []
        rows += [(place, *map(np.float32, line.split())) for line in lines if line.strip()]
    table = np.array(rows, np.float32)
    images, classes = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    return Labels(images, classes, table[:, 4:6], np.array(sides, np.float32))
