"""A model and a data set → the table `predictions`; only images whose content changed since are looked at again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import PREDICTION_SOURCES, PREDICTIONS, Predictions, categorical, table
from yoloaudit.files import Root, is_inside
from yoloaudit.measure.prediction_cache import DETECTION, Known, PredictionCache
from yoloaudit.progress import Progress, silent

if TYPE_CHECKING:
    from yoloaudit.train.images.data import Source
    from yoloaudit.train.settings import Settings
    from yoloaudit.train.types import Checkpoint, Detections

SOURCES: Mapping[str, str] = {"train": "in-sample", "val": "val", "test": "val"}
"""What a model that was trained on this data set's train split is to the images of each split."""
KEEP_SECONDS = 2.0
NO_MATTER = ("batch", "rect", "alone", "workers")
"""Settings that do not change what is seen on an image by itself."""
PACKAGES = ("torch", "torchvision", "opencv-python-headless", "opencv-python")
"""Whose versions may."""
NOTHING = np.zeros(0, DETECTION)


class Measured(NamedTuple):
    """What a model sees on a data set."""

    table: Predictions
    unreadable: Mapping[int, str]
    """Rows of `images` that the model could not look at, and why."""
    looked_at: int
    """Images that passed through the model; of the rest it was known what it sees."""
    problem: str | None
    """Why nothing is kept for the next time."""


def predictions(
    weights: str,
    dataset: Dataset,
    settings: Settings,
    *,
    splits: Sequence[str] = (),
    sources: Mapping[str, str] = SOURCES,
    device: str = "",
    cache: str | None = None,
    contents: Mapping[int, bytes] | None = None,
    tell: Callable[[str], None] | None = None,
    progress: Progress = silent,
) -> Measured:
    """What the model in a file (or an official one) sees on the images of these splits; all, if none is named.

    Every image passes through the model in the shape that suits it alone, so that the result is a matter of its content
    and of nothing else. `sources` says for each split what goes into the column of that name; `cache` is the folder
    where results are kept. `contents` are hashes of images by row, where they are known already (measure.scan has
    them); the others are read. torch is imported only if there is an image to look at. Raises CheckpointError.
    """
    from yoloaudit.train.checkpoint import read as checkpoint
    from yoloaudit.train.images import data
    from yoloaudit.train.release import locate as releases

    found = checkpoint.read(releases.locate(weights, tell=tell or _ignore, progress=progress))
    source = data.of_split(dataset, splits)
    most = source.most_pixels if settings.max_pixels is None else settings.max_pixels
    looks = replace(settings, rect=True, alone=True, max_pixels=most)
    kept = _kept(cache, source.root, found.sha256, _matters(looks, device))
    try:
        keys = _keys(source, looks, contents or {}, progress)
        known = kept.known([key for key in keys if key])
        seen = {place: known[key] for place, key in zip(source.places, keys, strict=True) if key in known}
        unreadable = {place: error for place, error in zip(source.places, source.errors, strict=True) if error}
        unknown = [at for at, place in enumerate(source.places) if place not in seen and place not in unreadable]
        left = source.only(unknown)
        fresh = dict(_look(found, left, looks, device, kept, progress)) if len(left) else {}
    finally:
        kept.close()
    looked_at = {place: outcome for place, outcome in fresh.items() if not isinstance(outcome, str)}
    unreadable |= {place: outcome for place, outcome in fresh.items() if isinstance(outcome, str)}
    table = predictions_table(dataset, seen | looked_at, sources)
    return Measured(table, unreadable, len(looked_at), kept.problem)


def _kept(cache: str | None, root: Root, weights: str, matters: Mapping[str, Any]) -> PredictionCache:
    inside = cache is not None and is_inside(os.path.realpath(cache), root.path)
    kept = PredictionCache(None if inside else cache, weights, matters)
    if inside:
        kept.problem = "its folder lies inside the data set, where nothing is written"
    return kept


def _ignore(_sentence: str) -> None:
    pass


def _matters(looks: Settings, device: str) -> dict[str, Any]:
    """All that changes what is seen on an image, besides the image and the weights."""
    matters = {name: value for name, value in asdict(looks).items() if name not in NO_MATTER}
    return matters | {"device": device} | {f"version of {name}": _version(name) for name in PACKAGES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _keys(source: Source, looks: Settings, contents: Mapping[int, bytes], progress: Progress) -> list[bytes]:
    """The hash of each image's bytes; empty where it cannot be read."""
    from yoloaudit.train.images.ahead import ahead

    with progress.task("reading images", len(source)) as step:
        keys = []
        work = partial(_key, source, contents)
        for key in ahead(work, range(len(source)), looks.workers, 2 * looks.workers):
            keys.append(key)
            step(1)
    return keys


def _key(source: Source, contents: Mapping[int, bytes], at: int) -> bytes:
    from yoloaudit.train.images.picture import key_of_file

    known = contents.get(source.places[at])
    if known is not None or source.errors[at] is not None:
        return known or b""
    return key_of_file(source.root, source.paths[at])


def _look(
    found: Checkpoint, source: Source, looks: Settings, device: str, kept: PredictionCache, progress: Progress
) -> Iterator[tuple[int, Known | str]]:
    """The row of each image, and what is seen on it or why nothing is; kept as it comes."""
    from yoloaudit.train import device as devices
    from yoloaudit.train import weights
    from yoloaudit.train.predict import predict_files

    chosen = devices.choose(device)
    model = weights.detector(found).to(chosen)
    waiting: list[tuple[bytes, Known]] = []
    written = time.monotonic()
    try:
        with progress.task("detecting", len(source)) as step:
            for file, predicted in predict_files(model, source, looks, device=chosen):
                step(1)
                if predicted.error is not None:
                    yield predicted.place, predicted.error
                    continue
                known = Known(predicted.height, predicted.width, _records(predicted.detections))
                waiting.append((file.content, known))
                if time.monotonic() - written > KEEP_SECONDS:
                    kept.keep(waiting)
                    waiting, written = [], time.monotonic()
                yield predicted.place, known
    finally:
        kept.keep(waiting)


def _records(detections: Detections) -> Any:
    records = np.zeros(len(detections), DETECTION)
    records["box"], records["score"] = detections.boxes, detections.scores
    records["class_id"] = detections.classes
    return records


def predictions_table(dataset: Dataset, seen: Mapping[int, Known], sources: Mapping[str, str]) -> Predictions:
    """The table of what was seen on each image, by its row."""
    rows = sorted(seen)
    counts = [len(seen[row].detections) for row in rows]
    records = np.concatenate([NOTHING, *(seen[row].detections for row in rows)])
    splits = dataset.images["split"]
    of_split = [PREDICTION_SOURCES.index(sources[name]) for name in splits.cat.categories]
    codes = np.array(of_split, np.int8)[splits.cat.codes.to_numpy()[rows]] if rows else np.zeros(0, np.int8)
    return table(
        PREDICTIONS,
        {
            "image": np.repeat(np.array(rows, np.int32), counts),
            "class_id": records["class_id"],
            "score": records["score"],
            **{name: records["box"][:, at] for at, name in enumerate(("x1", "y1", "x2", "y2"))},
            "source": categorical(np.repeat(codes, counts), PREDICTION_SOURCES),
        },
    )
