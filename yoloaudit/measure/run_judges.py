"""A run folder and a data set → which of its weights judge which images; and the table `predictions` of what they see.

A run with folds has a model for each, which judges the images that it never saw; its main model judges the others.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.dataset.coco.safe_json import JsonRefused, read_json
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import PREDICTION_SOURCES
from yoloaudit.errors import FileRefused, UsageError
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.measure.predictions import SOURCES, Measured, predictions
from yoloaudit.measure.runs import MOST_CONTAINERS, MOST_JSON, RECORD
from yoloaudit.training_run import FOLDS

if TYPE_CHECKING:
    from yoloaudit.train.settings import Settings

BEST = "weights/best.pt"
UNSEEN = "out-of-fold"


class Judge(NamedTuple):
    """Weights, and the images that they judge."""

    weights: str
    """The file."""
    images: tuple[str, ...]
    """Paths below the root of the data set."""
    source: str
    """How these weights came to see these images: one of PREDICTION_SOURCES."""


def weights_of_fold(number: int) -> str:
    """Where in a run folder the best weights of a fold are."""
    return f"{FOLDS}/{number}/{BEST}"


def judges_of(run: str, dataset: Dataset) -> list[Judge]:
    """Each image of the data set once, with the weights of the run that judge it: those that never saw it, if any did.

    Images that were in no fold are judged by the main model; of those in train it must be thought that it saw them.
    Raises UsageError where the record of the run cannot be believed, or weights are missing.
    """
    root = Root(os.path.realpath(run), contained=True)
    paths = dataset.images["path"].to_numpy()
    there = set(paths.tolist())
    judges, judged = [], set[str]()
    for number, images in enumerate(_folds(root, run)):
        again = next((path for path in images if path in judged), None)
        if again is not None:
            raise UsageError(f"{_named(run)} has {shorten(again, 200)} in two folds. Train it anew")
        judged |= set(images)
        own = tuple(path for path in images if path in there)
        judges.append(Judge(_weights(root, run, weights_of_fold(number)), own, UNSEEN))
    splits = dataset.images["split"].astype(str).map(SOURCES).to_numpy()
    rest: dict[str, dict[str, None]] = {source: {} for source in PREDICTION_SOURCES}
    for path, source in zip(paths.tolist(), splits.tolist(), strict=True):
        if path not in judged:
            rest[source][path] = None
    main = {source: tuple(images) for source, images in rest.items() if images}
    best = _weights(root, run, BEST) if main else ""
    return [*judges, *(Judge(best, images, source) for source, images in main.items())]


def _named(run: str) -> str:
    return f"the record of {shorten(run, 200)}"


def _folds(root: Root, run: str) -> list[list[str]]:
    """The images that the model of each fold judges; none where the run has no folds."""
    path = os.path.join(root.path, RECORD)
    if not os.path.lexists(path):
        return []
    try:
        record = read_json(root.read(path, MOST_JSON).data, MOST_CONTAINERS).value
        told = record.get(FOLDS) if isinstance(record, dict) else None
        models = [] if told is None else told["models"]
        images: list[Any] = [model["images"] for model in models]
        if not all(isinstance(each, list) and all(isinstance(path, str) for path in each) for each in images):
            raise TypeError
    except (FileRefused, JsonRefused) as refused:
        raise UsageError(f"{_named(run)} cannot be read: {shorten(str(refused), 200)}") from None
    except (LookupError, TypeError, AttributeError):
        raise UsageError(f"{_named(run)} does not say which images its folds hold. Train it anew") from None
    return images


def _weights(root: Root, run: str, name: str) -> str:
    path = os.path.join(root.path, *name.split("/"))
    try:
        root.open(path).close()  # refuses a link that leads out of the folder
    except FileRefused as refused:
        said = str(refused).replace("the data set's folder", "the run folder")
        raise UsageError(f"{shorten(run, 200)}: {name} {said}. Is the training finished?") from None
    return os.path.join(run, *name.split("/"))


def seen_by_run(run: str, dataset: Dataset, settings: Settings, **how: Any) -> Measured:
    """What the weights of a run see on all images of the data set; `how` is as `predictions` takes it."""
    by_weights: dict[str, dict[str, str]] = {}
    for judge in judges_of(run, dataset):
        by_weights.setdefault(judge.weights, {}).update(dict.fromkeys(judge.images, judge.source))
    paths = dataset.images["path"]
    sources = {weights: paths.map(own).to_numpy(object) for weights, own in by_weights.items()}
    if not sources:
        sources = {os.path.join(run, *BEST.split("/")): paths.to_numpy(object)}
    parts = [_seen(weights, dataset, source, settings, how) for weights, source in sources.items()]
    tables = pd.concat([part.table for part in parts], ignore_index=True)
    unreadable: Mapping[int, str] = {row: why for part in parts for row, why in part.unreadable.items()}
    return Measured(
        tables.sort_values("image", kind="stable", ignore_index=True),
        dict(sorted(unreadable.items())),
        sum(part.looked_at for part in parts),
        next((part.problem for part in parts if part.problem), None),
    )


def _seen(
    weights: str, dataset: Dataset, source: NDArray[np.object_], settings: Settings, how: Mapping[str, Any]
) -> Measured:
    """What these weights see on the images that have a source; the others are passed over."""
    split = pd.Categorical(source, categories=PREDICTION_SOURCES)
    own = replace(dataset, images=dataset.images.assign(split=split))
    sources = {name: name for name in PREDICTION_SOURCES}
    return predictions(weights, own, settings, splits=PREDICTION_SOURCES, sources=sources, **how)
