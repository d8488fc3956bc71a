"""Small tables for tests of checks: boxes and images from a few numbers, as loading makes them."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from yoloaudit.dataset.tables import BOXES, IMAGES, KINDS, ROW_ERRORS, SPLITS, Boxes, Images, categorical, table
from yoloaudit.dataset.trainer_view import add_pixels

Rows: TypeAlias = list[tuple[float, float, float, float, float, float]]
"""Image, class, cx, cy, w, h."""


def images_of(
    count: int,
    *,
    split: str | Sequence[str] = "train",
    width: int = 640,
    height: int = 640,
    source: str | Sequence[str | None] | None = None,
    frame: Sequence[int] | None = None,
    fate: str | Sequence[str] = "used",
) -> Images:
    """So many images, each with a label file of the same number."""
    return table(
        IMAGES,
        {
            "split": pd.Categorical(spread(split, count), categories=SPLITS),
            "path": [f"images/{number}.png" for number in range(count)],
            "width": np.full(count, width),
            "height": np.full(count, height),
            "orientation": np.ones(count),
            "label": np.arange(count),
            "source": spread(source, count),
            "frame": np.full(count, -1) if frame is None else frame,
            "fate": pd.Categorical(spread(fate, count), categories=["used", "background", "dropped"]),
        },
    )


def boxes_of(rows: Sequence[Sequence[float]], images: Images, imgsz: int = 640) -> Boxes:
    """Rows of image, class, cx, cy, w, h; lines count from 1 in each image."""
    values = np.asarray(rows, dtype=np.float64).reshape(-1, 6)
    image = values[:, 0].astype(np.int32)
    boxes = table(
        BOXES,
        {
            "image": image,
            "label": image,
            "line": pd.Series(image).groupby(image).cumcount().to_numpy() + 1,
            "raw": [" ".join(f"{value:g}" for value in row[1:]) for row in values],
            "error": categorical(np.full(len(image), -1), ROW_ERRORS),
            "kind": categorical(np.zeros(len(image)), KINDS),
            "class_value": values[:, 1],
            "class_id": values[:, 1],
            **{name: values[:, column] for column, name in enumerate(("cx", "cy", "w", "h"), 2)},
            "split": pd.Categorical(images["split"].astype(object).to_numpy()[image], categories=SPLITS),
        },
    )
    add_pixels(boxes, images, imgsz)
    return boxes


def spread(value: Any, count: int) -> list[Any]:
    """One value for all, or the values themselves."""
    return [value] * count if value is None or isinstance(value, str) else list(value)
