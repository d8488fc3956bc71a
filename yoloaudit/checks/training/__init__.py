"""Checks of a run of training: its settings, its epochs, and its labels as the trainer was given them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.checks.base import Example
from yoloaudit.dataset.tables import Boxes
from yoloaudit.training_run import Run

TRAINED_ON = ("used", "altered")
"""Fates of rows that the trainer is given."""
NO_SIZE = "the run does not say at what image size it was trained"
NO_BOXES = "there are no labels to measure it on; --data names the data set of the run"
NO_EVIDENCE = "the run keeps no evidence by image, as `yoloaudit baseline` does"
NO_EPOCHS = "the run has no results.csv with scores"


class AtSize(NamedTuple):
    """The boxes of the training split as the trainer was given them."""

    rows: NDArray[np.int64]
    """N: their rows in `boxes`."""
    sides: NDArray[np.float64]
    """N × 2: width and height in pixels once their images are scaled to the run's size."""


def at_size(boxes: Boxes, imgsz: int, run: Run) -> AtSize:
    """The boxes at the run's image size; `imgsz` is the one that the table was made for. None of unknown size."""
    wanted = boxes["fate"].isin(TRAINED_ON).to_numpy() & (boxes["split"] == "train").to_numpy()
    sides = boxes.loc[wanted, ["w_train", "h_train"]].to_numpy(np.float64) * ((run.imgsz or imgsz) / imgsz)
    known = np.isfinite(sides).all(axis=1)
    return AtSize(boxes.index.to_numpy()[wanted][known].astype(np.int64), sides[known])


def labelled(*sizes: float, of: int = 640) -> Example:
    """An example with square training boxes of these sides in pixels, of an image of so many pixels."""
    rows = [f"0 {0.1 + 0.8 * n / max(1, len(sizes)):.4f} 0.5 {s / of:.6f} {s / of:.6f}" for n, s in enumerate(sizes)]
    return Example({"labels/train/a.txt": "".join(f"{row}\n" for row in rows)})
