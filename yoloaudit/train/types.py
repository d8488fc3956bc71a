"""Values that pass between the parts of the detector; nothing here needs torch to be imported.

B images in a batch, H × W pixels, N boxes, T targets of a batch, C classes, L levels of the head, A anchors a level.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Detections:
    """What a model sees on one image, the highest score first."""

    boxes: Floats
    """N × 4: x1 y1 x2 y2 in pixels of the image as the trainer sees it (EXIF rotation applied)."""
    scores: Floats
    """N: objectness × class probability, 0 to 1."""
    classes: Integers
    """N: class ids from 0."""

    def __len__(self) -> int:
        return len(self.scores)


NO_DETECTIONS = Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))


@dataclass(frozen=True)
class Batch:
    """Images that pass through a model together."""

    images: Tensor
    """B × 3 × H × W, uint8, RGB."""
    targets: Tensor
    """T × 6, float32: image in the batch, class, then cx cy w h as shares of H × W."""
    places: tuple[int, ...]
    """Row of each image in the table `images` (or the list of paths) that it comes from."""


@dataclass(frozen=True)
class Sample:
    """One image with its labels, as training sees it."""

    image: Pixels
    """H × W × 3, uint8, BGR."""
    boxes: Floats
    """N × 4: x1 y1 x2 y2 in pixels of the image; always 32-bit, as wider ones assign borderline targets otherwise."""
    classes: Integers
    """N."""
    segments: tuple[Floats, ...] = ()
    """A polygon (P × 2, pixels) for each box, empty where it has none; no polygons at all where no box has one."""


@dataclass(frozen=True)
class Losses:
    """Losses of a batch, weighted by their gains; means over what they are of, not multiplied by the batch."""

    box: Tensor
    objectness: Tensor
    classes: Tensor
    total: Tensor
    """Their sum times the number of images: what is differentiated."""


@dataclass(frozen=True)
class Step:
    """One batch of training is done."""

    epoch: int
    batch: int
    batches: int
    """In an epoch."""
    losses: tuple[float, float, float]
    """Box, objectness, classes: of this batch."""
    images: int
    seconds: float
    """Since the step before."""
    stepped: bool
    """Whether the optimizer moved: it gathers gradients of several batches up to the nominal batch of 64."""


@dataclass(frozen=True)
class Epoch:
    """One epoch of training is done, and the averaged model has been held against val."""

    epoch: int
    losses: tuple[float, float, float]
    """Means over the epoch."""
    rates: tuple[float, float, float]
    """Learning rates of the groups: biases, weights that decay, weights of normalisation."""
    precision: float
    recall: float
    map50: float
    map50_95: float
    val_losses: tuple[float, float, float]
    fitness: float
    """0.1 mAP50 + 0.9 mAP50-95; 0 where nothing can be scored."""
    best: bool
    seconds: float


@dataclass(frozen=True)
class Predicted:
    """The outcome of one image."""

    place: int
    """Its row in the table `images`, or its place in the list of paths that was handed in."""
    detections: Detections
    height: int = 0
    width: int = 0
    """Of the image as the trainer sees it; 0 where it cannot be read."""
    error: str | None = None
    """Why it could not be read; it then has no detections."""


@dataclass(frozen=True)
class Checkpoint:
    """What a file of weights holds, read without running anything of it."""

    state: dict[str, NDArray[Any]]
    """Parameters and buffers by their names (`model.0.conv.weight` …), in the order and dtype of the file."""
    layout: str
    """`yolov5` (a pickled module), `state-dict`, `safetensors` or `yoloaudit`."""
    size: str | None = None
    """n, s, m, l, x, n6 … x6, or one between, as d0.5w0.4; None where the tensors are of no size of the family."""
    version: str | None = None
    """Of the trainer that wrote it, as far as can be told: `v5.0`, `v6.0 to v6.2`, `v7.0` …"""
    names: tuple[str, ...] = ()
    classes: int = 0
    anchors: Floats | None = None
    """L × A × 2: width and height in pixels at the network's input."""
    strides: tuple[int, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    """Plain values that the file carries along: epoch, date, options, hyper-parameters."""
    sha256: str = ""
    path: str = ""
