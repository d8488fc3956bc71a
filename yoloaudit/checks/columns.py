"""Columns that several checks of boxes add to their rows: corners, class names, related rows, scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from yoloaudit.dataset.tables import Boxes, Copies, Images
from yoloaudit.findings import shorten
from yoloaudit.geometry import Floats, Integers, corners_of


def corners(boxes: Boxes) -> Floats:
    """x1 y1 x2 y2 as shares of the image, known for images of unknown size too."""
    return corners_of(boxes[["cx", "cy", "w", "h"]].to_numpy())


def named(names: Sequence[str], ids: Integers) -> list[str]:
    """Class names for a message; the number where there is no name."""
    return [shorten(names[number]) if 0 <= number < len(names) else str(number) for number in ids.tolist()]


def related(ids: Any) -> list[list[dict[str, int]]]:
    """One related row for each defect."""
    return [[{"row": row}] for row in ids.tolist()]


def above(limit: float, values: Any) -> Any:
    """A score for numbers beyond a limit: 0.5 at the limit, towards 1 far above it."""
    return 1 - 0.5 * limit / np.maximum(values, limit)


def related_images(images: Integers) -> list[list[dict[str, int]]]:
    """The `related` column: one image for each defect."""
    return [[{"image": image}] for image in images.tolist()]


def inside_splits(images: Images, copies: Copies) -> Copies:
    """The pairs whose two images are in one split."""
    split = images["split"].cat.codes
    inside: Copies = copies[split.loc[copies["first"]].to_numpy() == split.loc[copies["second"]].to_numpy()]
    return inside
