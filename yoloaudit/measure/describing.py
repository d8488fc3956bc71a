"""Weights that judge images, and a data set → a way to get the table `crops`: every label held against the others.

Each model looks at the images that it judges, and compares the labels of these: what another model sees is in other
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import CROPS, Boxes, Crops, table
from yoloaudit.evidence import Floats, Integers
from yoloaudit.measure.asking import Eyes, pictures_of
from yoloaudit.measure.crops import Described, crops
from yoloaudit.progress import Progress
from yoloaudit.train import device as devices
from yoloaudit.train import weights
from yoloaudit.train.features import Describer
from yoloaudit.train.predict import stride_of
from yoloaudit.train.settings import Settings

CORNERS = ["x1", "y1", "x2", "y2"]
TRAINED_ON = ["used", "altered"]


def crops_of(eyes: Sequence[Eyes], dataset: Dataset, settings: Settings, *, device: str = "") -> Callable[..., Crops]:
    """The table of all labels that can be trained on, once it is asked for. Raises CheckpointError then."""

    def make(progress: Progress) -> Crops:
        rows = _labels(dataset.boxes, len(dataset.names))
        by_weights = _by_weights(eyes, set(dataset.boxes["image"].to_numpy()[rows].tolist()))
        parts = []
        with progress.task("describing labels", sum(map(len, by_weights.values()))) as step:
            for file, images in by_weights.items():
                looked = list(_looks(file, images, rows, dataset, settings, device, step))
                if looked:
                    parts.append(crops(_described(looked, dataset)))
        made = pd.concat(parts, ignore_index=True) if parts else table(CROPS, {})
        return made.sort_values("box", kind="stable", ignore_index=True)

    return make


def _labels(boxes: Boxes, classes: int) -> Integers:
    """Rows of `boxes` that have a class, and a place on an image whose size is known."""
    sound = boxes["fate"].isin(TRAINED_ON).to_numpy() & (boxes["image"] >= 0).to_numpy()
    sound &= boxes["class_id"].between(0, classes - 1).to_numpy()
    sound &= np.isfinite(boxes[CORNERS].to_numpy()).all(axis=1)
    return np.flatnonzero(sound)


def _by_weights(eyes: Sequence[Eyes], labelled: set[int]) -> Mapping[str, list[int]]:
    """The images with labels that each file of weights judges."""
    found: dict[str, list[int]] = {}
    for each in eyes:
        found.setdefault(each.weights, []).extend(row for row in each.images.tolist() if row in labelled)
    return {file: sorted(set(images)) for file, images in found.items() if images}


def _looks(
    file: str,
    images: Sequence[int],
    rows: Integers,
    dataset: Dataset,
    settings: Settings,
    device: str,
    step: Callable[[int], None],
) -> Iterator[tuple[Integers, NDArray[np.float16]]]:
    """Of each image that can be read the rows of its labels that are large enough, and how these look."""
    chosen = devices.choose(device)
    model, _ = weights.load(file, device=chosen)
    describer = Describer(model, device=chosen)
    corners: Floats = dataset.boxes[CORNERS].to_numpy(np.float64)
    image = dataset.boxes["image"].to_numpy()[rows]
    own = pd.Series(rows).groupby(image).agg(list)
    for picture in pictures_of(images, dataset, settings, stride_of(model)):
        step(1)
        if picture.image is None:
            continue
        labels = np.array(own[picture.place], np.int64)
        looks = describer.describe(picture, corners[labels])
        seen = np.isfinite(looks).all(axis=(1, 2))
        yield labels[seen], looks[seen]


def _described(looked: Sequence[tuple[Integers, NDArray[np.float16]]], dataset: Dataset) -> Described:
    rows, looks = (np.concatenate(column) for column in zip(*looked, strict=True))
    image = dataset.boxes["image"].to_numpy()[rows].astype(np.int64)
    files = pd.factorize(dataset.images["path"])[0].astype(np.int64)
    images = np.unique(image)
    first = images[np.unique(files[images], return_index=True)[1]]
    classes = dataset.boxes["class_id"].to_numpy()[rows].astype(np.int64)
    return Described(rows, looks, classes, files[image], np.isin(image, first))
