"""A model, a run or a file of detections, and a data set → the tables that checks of the kind `model` ask for.

What a model sees comes first; matches, skill and judgements follow from it, each made only if a rule asks for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.dataset.coco.document import UNTRUSTED, Budget
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import Crops, Judgements, Predictions
from yoloaudit.errors import DataError, FileRefused, MissingPackage
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.measure import coverage
from yoloaudit.measure.prediction_files import from_parquet, read_predictions
from yoloaudit.progress import Progress, silent
from yoloaudit.training_run import Run

if TYPE_CHECKING:
    from yoloaudit.measure.judge.gather import Views

STORED, BEST = "predictions.parquet", "weights/best.pt"
NO_FEATURES = "it takes the features of a model of yoloaudit: --weights FILE or --run DIR"


class Looked(NamedTuple):
    """What a model saw on a data set."""

    predictions: Predictions
    """It knows which images were looked at (measure.coverage)."""
    notes: tuple[str, ...] = ()
    """Sentences for the user."""
    views: Views | None = None
    """Candidates in several views, where our own model makes them."""
    crops: Callable[[Progress], Crops] | None = None
    """Holds every label against those that look like it to our own model; asked only if a rule wants it."""

    def seen(self, images: int) -> NDArray[np.bool_]:
        """Which of so many images were looked at."""
        return coverage.looked_at(self.predictions, images)


def from_file(path: str, dataset: Dataset, *, coco80to91: bool = False) -> Looked:
    """Detections that somebody brings along; an image of which there are none was not looked at. Raises DataError."""
    with _needing_parquet():
        found = read_predictions(path, dataset, coco80to91=coco80to91)
    seen = coverage.looked_at(found.table, len(dataset.images))
    missing = coverage.note(seen, f"{shorten(path, 200)} holds no detection")
    return Looked(coverage.with_coverage(found.table, seen), (*found.notes, *((missing,) if missing else ())))


def from_weights(
    weights: str,
    dataset: Dataset,
    *,
    cache: str | None = None,
    tell: Callable[[str], None] | None = None,
    progress: Progress = silent,
) -> Looked:
    """What the weights see on all images. Raises CheckpointError, and DataError where their classes are others."""
    from yoloaudit.measure.predictions import predictions
    from yoloaudit.train.settings import Settings

    if (differs := other_classes(weights, dataset)) is not None:
        raise DataError(f"{differs}. Name weights that were trained on these classes, or bring --predictions along")
    looks = Settings(imgsz=dataset.imgsz)
    made = predictions(weights, dataset, looks, cache=cache, tell=tell, progress=progress)
    looked = own_model(made.table, dataset, made.unreadable, made.problem)
    from yoloaudit.measure.asking import Eyes, views_of
    from yoloaudit.measure.describing import crops_of
    from yoloaudit.train.release import locate as releases

    eyes = [Eyes(releases.locate(weights, tell=tell or _ignore), np.arange(len(dataset.images)))]
    return looked._replace(views=views_of(eyes, dataset, looks), crops=crops_of(eyes, dataset, looks))


def from_run(run: Run, dataset: Dataset, *, cache: str | None = None, progress: Progress = silent) -> Looked:
    """What the weights of a run see on all images, each image those that never saw it, if the run has such.

    Raises UsageError, CheckpointError, and DataError where their classes are others.
    """
    from yoloaudit.measure.run_judges import seen_by_run
    from yoloaudit.train.settings import Settings

    best = os.path.join(run.folder, *BEST.split("/"))
    if (differs := other_classes(best, dataset)) is not None:
        raise DataError(f"{shorten(run.folder, 200)}: {differs}")
    made = seen_by_run(run.folder, dataset, Settings(imgsz=dataset.imgsz), cache=cache, progress=progress)
    return asking_run(own_model(made.table, dataset, made.unreadable, made.problem), run, dataset)


def asking_run(looked: Looked, run: Run, dataset: Dataset, *, device: str = "") -> Looked:
    """With ways to ask each image in several views, and about its labels, those weights of the run that judge it.

    As it is where the run has no weights.
    """
    if not has_weights(run):
        return looked
    from yoloaudit.measure.asking import Eyes, views_of
    from yoloaudit.measure.describing import crops_of
    from yoloaudit.measure.run_judges import judges_of
    from yoloaudit.train.settings import Settings

    rows = pd.Series(np.arange(len(dataset.images))).groupby(dataset.images["path"].to_numpy()).agg(list)
    eyes = [
        Eyes(judge.weights, np.array([row for path in judge.images for row in rows[path]], np.int64))
        for judge in judges_of(run.folder, dataset)
    ]
    looks = Settings(imgsz=dataset.imgsz)
    views = views_of(eyes, dataset, looks, device=device)
    return looked._replace(views=views, crops=crops_of(eyes, dataset, looks, device=device))


def stored_in(run: Run, dataset: Dataset) -> Looked | None:
    """What a run wrote down of what it sees, if that was on this very data set. Raises DataError, if it is damaged."""
    path = os.path.join(os.path.realpath(run.folder), STORED)
    if not dataset.fingerprint or run.fingerprint != dataset.fingerprint or not os.path.lexists(path):
        return None
    budget = UNTRUSTED if dataset.untrusted else Budget()
    root = Root(os.path.realpath(run.folder), contained=True)
    try:
        data = root.read(path, budget.bytes).data
    except FileRefused as refused:
        said = str(refused).replace("the data set's folder", "the run folder")
        raise DataError(f"{shorten(run.folder, 200)}: {STORED} {said}") from None
    with _needing_parquet():
        found = from_parquet(data, os.path.join(run.folder, STORED), dataset)
    return own_model(found.table, dataset, (), None)._replace(notes=found.notes)


@contextmanager
def _needing_parquet() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingPackage(f"{error.name} not installed: Parquet needs pip install 'yoloaudit[train]'") from None


def has_weights(run: Run) -> bool:
    """Whether the run has weights to look with."""
    return os.path.lexists(os.path.join(run.folder, *BEST.split("/")))


def other_classes(weights: str, dataset: Dataset) -> str | None:
    """How the classes of the weights differ from those of the data set, in a sentence; None if they do not."""
    from yoloaudit.train.checkpoint import read as checkpoint
    from yoloaudit.train.release import locate as releases
    from yoloaudit.train.weights import check_names

    return check_names(checkpoint.read(releases.locate(weights, tell=_ignore)), dataset.names)


def _ignore(_sentence: str) -> None:
    pass


def own_model(predictions: Predictions, dataset: Dataset, unreadable: Collection[int], problem: str | None) -> Looked:
    """What a model of yoloaudit saw on all images that can be opened, but for those that are unreadable, by row."""
    seen = coverage.of_own_model(dataset.images, unreadable)
    missing = coverage.note(seen, "the model could not look at all images: nothing is known")
    notes = [missing] if missing else []
    notes += [f"what the model saw cannot be kept for next time: {problem}"] if problem else []
    return Looked(coverage.with_coverage(predictions, seen), tuple(notes))


def tables(
    looked: Looked, dataset: Dataset, wanted: Collection[str], *, seed: int = 0, progress: Progress = silent
) -> dict[str, Any]:
    """The tables of these names (checks.base.SEEN), and those that they rest on; no `crops` where there are none."""
    from yoloaudit.measure.matches import match
    from yoloaudit.measure.skill import skill

    size = len(dataset.images)
    made: dict[str, Any] = {"predictions": looked.predictions, "seen": pd.Series(looked.seen(size))}
    if "crops" in wanted and looked.crops is not None:
        made["crops"] = looked.crops(progress)
    if {"matches", "skill", "judgements"}.isdisjoint(wanted):
        return made
    with progress.task("comparing detections with labels", None):
        made["matches"] = match(looked.predictions, dataset.boxes)
        made["skill"] = skill(looked.predictions, dataset.boxes, dataset.names)
    if "judgements" in wanted:
        made["judgements"] = _judged(looked, dataset, made, seed, progress)
    return made


def _judged(looked: Looked, dataset: Dataset, made: dict[str, Any], seed: int, progress: Progress) -> Judgements:
    from yoloaudit.measure.judge.judgements import judge

    views = looked.views
    judged: Judgements = judge(dataset, looked.predictions, made["skill"], views=views, seed=seed, progress=progress)
    return judged
