"""low-precision: coordinates with too few decimals for their image."""

import re

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame, Series
from pydantic import Field

from yoloaudit.checks.base import Check, Example, no_defects
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Severity

COORDINATES = ["cx", "cy", "w", "h"]
MOST_DECIMALS = 6
"""More than a 32-bit number holds."""


class LowPrecision(Check):
    """Coordinates rounded so hard that boxes move by pixels.

    With 2 decimals a side of a 640 px image is known to 3 px only, so small objects are not closely enclosed. It comes
    from an export that rounds. Export again with 6 decimals; the lost digits cannot be recovered from the labels.
    """

    severity = Severity.INFO
    message = "all rows of the file have at most {decimals} decimals, which moves a side by up to {moved:.1f} px"
    max_move: float = Field(1.0, gt=0, description="how far rounding may move a side, in pixels of the image")

    good = (
        Example(files={"labels/train/a.txt": "0 0.512 0.5 0.2 0.2\n", "labels/val/b.txt": "1 0.5 0.487 0.2 0.2\n"}),
        Example(files=dict.fromkeys(("labels/train/a.txt", "labels/val/b.txt"), "1 0.500000 0.500000 0.250000 0.25\n")),
        Example(
            files=dict.fromkeys(("labels/train/a.txt", "labels/val/b.txt"), "1 0.5 0.5 1 1\n"), title="whole image"
        ),
    )
    bad = ("0 0.51 0.47 0.22 0.2", "0 0.51 0.47 0.22 0.2\n1 0.5 0.5 1 1")

    def find(self, boxes: Boxes, images: Images) -> Defects:
        if boxes.empty:
            return no_defects()
        label, image = boxes["label"].to_numpy(), boxes["image"].to_numpy()
        side = np.zeros(images.index.max() + 1)
        side[images.index] = images[["width", "height"]].max(axis=1)
        too_few = np.ceil(np.log10(np.maximum(side / (2 * self.max_move), 1)) - 1e-9).astype(np.int64) - 1
        allowed = np.minimum(too_few, MOST_DECIMALS)[image]
        coarse = (boxes["kind"] == "box").to_numpy() & (allowed >= 0)
        for name in COORDINATES:
            coarse[coarse] = has_decimals(boxes[name].to_numpy()[coarse], allowed[coarse])
        fine = np.zeros(label.max() + 1, dtype=bool)
        fine[label[~coarse]] = True
        partial = (boxes["w"].to_numpy() < 1) | (boxes["h"].to_numpy() < 1)
        chosen = ~fine[label] & partial
        return self._flag_files(boxes[chosen], allowed[chosen], side)

    def _flag_files(self, rows: DataFrame, allowed: NDArray[np.int64], side: NDArray[np.float64]) -> Defects:
        """The first row of each file, unless its text has decimals that happen to be 0."""
        needed = allowed.copy()
        for decimals in range(allowed.max(initial=0)):
            digits = np.full(len(rows), decimals)
            enough = np.all([has_decimals(rows[name].to_numpy(), digits) for name in COORDINATES], axis=0)
            needed[enough & (needed > decimals)] = decimals
        first = ~rows["label"].duplicated().to_numpy()
        most = Series(needed).groupby(rows["label"].to_numpy()).max()
        found = rows[first].assign(decimals=most.loc[rows["label"][first]].to_numpy())
        written = np.array([written_decimals(raw) for raw in found["raw"]], dtype=np.int64)
        found = found[written <= allowed[first]]
        moved = 0.5 * 10.0 ** -found["decimals"] * side[found["image"].to_numpy()]
        return self.flag(found.assign(moved=moved), value="moved", limit=self.max_move)


def has_decimals(values: NDArray[np.float32], decimals: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether each value is a share of at most so many decimals, as far as a 32-bit number tells."""
    scale = (10.0 ** np.arange(MOST_DECIMALS + 1))[decimals]
    scaled = values * scale
    return np.asarray((np.abs(scaled - np.rint(scaled)) <= 1e-7 * scale) & (values <= 1), dtype=np.bool_)


def written_decimals(raw: str) -> int:
    """The most decimals of a coordinate as it is written."""
    return max((len(digits) for digits in re.findall(r"\.([0-9]*)", raw)), default=0)
