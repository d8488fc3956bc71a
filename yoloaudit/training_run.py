"""A run of training as a value: what it was told, what became of it epoch by epoch, and how sure its scores are.

E epochs, L levels of the head, A anchors a level. Losses are box, objectness, classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Exact: TypeAlias = NDArray[np.float64]
FOLDS = "folds"
"""The folder in a run folder that holds the runs of its folds, and what its record says of them."""
SHARES = (0.1, 0.9)
"""Of mAP50 and mAP50-95 in what YOLOv5 calls fitness: the epoch with the highest is the best."""


class Setting(NamedTuple):
    """A setting of a run, as text, and what it is by default."""

    name: str
    """`imgsz` (an option) or `lr0` (a hyper-parameter)."""
    value: str
    default: str
    kind: Literal["option", "hyper-parameter"] = "option"


class Interval(NamedTuple):
    """A number that was measured on some images, and where it lies with 95 % confidence."""

    value: float
    low: float
    high: float
    images: int

    @property
    def half(self) -> float:
        """Half its width: the number is known to plus or minus this."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, eq=False)
class Epochs:
    """What was measured after each epoch; NaN where it was not."""

    numbers: NDArray[np.int64]
    """E: as written, from 0."""
    losses: Exact
    """E × 3: means over the training images of the epoch."""
    val_losses: Exact
    """E × 3."""
    precision: Exact
    recall: Exact
    map50: Exact
    map50_95: Exact

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def fitness(self) -> Exact:
        """E: 0.1 mAP50 + 0.9 mAP50-95."""
        return SHARES[0] * self.map50 + SHARES[1] * self.map50_95

    @property
    def best(self) -> int | None:
        """Position of the first epoch with the highest fitness; None where nothing was scored above 0."""
        fitness = np.nan_to_num(self.fitness, nan=0.0)
        at = int(fitness.argmax()) if len(fitness) else 0
        return at if len(fitness) and fitness[at] > 0 else None


@dataclass(frozen=True, eq=False)
class Run:
    """A run folder, of yoloaudit or of YOLOv5. What the folder does not tell is None."""

    folder: str
    """As the user named it, with `/`."""
    epochs: Epochs | None = None
    planned: int | None = None
    """Epochs that it was to take."""
    imgsz: int | None = None
    batch: int | None = None
    most_batch: int | None = None
    """The largest batch that the device had room for, where that was measured."""
    evaluated_at: int | None = None
    """Image size of the last validation."""
    anchors: NDArray[np.float32] | None = None
    """L × A × 2: width and height in pixels at the network's input."""
    anchor_t: float = 4.0
    """A box and an anchor fit if no side is this many times longer."""
    scale: float = 0.5
    """Largest change of an image's scale in training, as a share."""
    changed: tuple[Setting, ...] | None = None
    """Settings that are not the default, of those that matter to what is learnt."""
    map50: Interval | None = None
    """mAP50 of its last validation."""
    baseline: Run | None = None
    """An earlier run that it is held against."""
    difference: Interval | None = None
    """mAP50-95 of this run less that of the baseline, on the images that both were held against."""
    problems: tuple[str, ...] = ()
    """Files of the folder that could not be read, a sentence each."""
    data: str | None = None
    """The data set that it was trained on, as it was named then."""
    fingerprint: str | None = None
    """Of that data set, as it was then."""

    def file(self, name: str) -> str:
        """A file of the folder, for a finding."""
        return f"{self.folder.rstrip('/')}/{name}"
