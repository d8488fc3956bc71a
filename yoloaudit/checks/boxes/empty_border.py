"""empty-border: boxes with nothing but plain background along a side."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.checks.columns import above
from yoloaudit.dataset.tables import BORDERS, Borders, Boxes, Defects
from yoloaudit.findings import Severity

OBJECT: dict[str, str | bytes | Picture | None] = {"images/train/a.png": Picture(seed=1, margin=0.3)}


class EmptyBorder(Check):
    """Box with nothing but plain background along a side.

    The guide wants no space between an object and its box; space teaches a detector to draw loose boxes. Along this
    side, and just outside of it, the image is flat, while the rest of the box is not. Draw the side in, if what it
    leaves out is background. It is looked at in a small copy of the image: only boxes of at least 22 % of the image's
    width and height are judged, a background with any texture hides the space, and an object as flat as its background
    is taken for it.
    """

    severity = Severity.INFO
    kind = "heuristic"
    message = "empty at the {sides} of the box, above {max_empty:.0%}"
    max_empty: float = Field(
        0.15, gt=0, lt=1, description="share of the box's width or height that may be empty along a side"
    )

    good = (
        Example(files=OBJECT | {"labels/train/a.txt": "0 0.5 0.5 0.4 0.4\n"}),
        Example(files=OBJECT | {"labels/train/a.txt": "0 0.49 0.5 0.42 0.4\n"}, title="5 % at the left"),
        Example(files=OBJECT | {"labels/train/a.txt": "0 0.35 0.5 0.7 0.4\n"}, title="the side is the image's edge"),
    )
    bad = (
        Example(files=OBJECT | {"labels/train/a.txt": "0 0.44 0.5 0.52 0.4\n"}, title="23 % at the left"),
        Example(files=OBJECT | {"labels/train/a.txt": "0 0.5 0.5 0.8 0.8\n"}, title="25 % on all sides"),
    )

    def find(self, boxes: Boxes, borders: Borders) -> Defects:
        empty = borders.reindex(boxes.index).to_numpy()
        large = np.flatnonzero((empty >= self.max_empty).any(axis=1))
        widest = np.nanmax(empty[large], axis=1, initial=0)
        sides = [
            ", ".join(
                f"{side} ({share:.0%})" for side, share in zip(BORDERS, shares, strict=True) if share >= self.max_empty
            )
            for shares in empty[large].tolist()
        ]
        rows = boxes.iloc[large].assign(widest=widest)
        return self.flag(rows, value="widest", limit=self.max_empty, sides=sides, score=above(self.max_empty, widest))
