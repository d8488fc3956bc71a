"""A learner, its batches and a run folder → a training: its events, and what came of it, with every file of the run.

`trainer` makes one. Of several processes the first one alone validates and writes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import UsageError
from yoloaudit.files import write_atomically
from yoloaudit.findings import shorten
from yoloaudit.progress import Progress, silent
from yoloaudit.train import device as devices
from yoloaudit.train import weights
from yoloaudit.train.config import Hyper, Options
from yoloaudit.train.learning import autobatch
from yoloaudit.train.learning.distributed import ALONE, Ranks
from yoloaudit.train.learning.learner import PLAIN, Learner, Ways, precision_of
from yoloaudit.train.learning.loop import MOST_NAMED, NOWHERE, Batches, Broken, Course, fit
from yoloaudit.train.learning.start import Tell
from yoloaudit.train.learning.validate import Scores, Validation
from yoloaudit.train.model import Detector
from yoloaudit.train.run import illustrate, record, shelf
from yoloaudit.train.samples.loader import Loader
from yoloaudit.train.score.evaluate import Evaluation
from yoloaudit.train.types import Epoch, Step

TRAIN = "train"
NO_MEMORY = ("can't allocate memory", "not enough memory")
"""In what PyTorch says where the memory of the machine runs out."""


def _untold(sentence: str) -> None:
    pass


@dataclass(frozen=True)
class Place:
    """Where a training runs, how, and whom it tells what it does."""

    device: torch.device
    ranks: Ranks = ALONE
    ways: Ways = PLAIN
    tell: Tell = _untold
    progress: Progress = silent


class Parts(NamedTuple):
    """What a training is put together from."""

    learner: Learner
    loader: Loader
    validation: Validation | None
    course: Course
    """Where it stands."""


def is_memory(error: RuntimeError) -> bool:
    """Whether PyTorch says that memory ran out, of a GPU or of the machine."""
    return isinstance(error, torch.cuda.OutOfMemoryError) or any(words in str(error) for words in NO_MEMORY)


class Outcome(NamedTuple):
    """What came of a training."""

    evaluation: Evaluation | None
    """Of the best weights on val; None where there is no val."""
    losses: tuple[float, float, float]
    """Of the best weights there: box, objectness, classes."""
    best: Epoch | None
    files: tuple[str, ...]
    """Names in the run folder that were written."""


class Training:
    """A training in its run folder."""

    def __init__(
        self,
        folder: str,
        dataset: Dataset,
        options: Options,
        hyper: Hyper,
        place: Place,
        parts: Parts,
        facts: Mapping[str, Any],
    ) -> None:
        """`facts` go into every state that is kept."""
        self.folder, self.dataset, self.options, self.hyper, self.place = folder, dataset, options, hyper, place
        self.learner, self.loader, self.validation, self.course = parts
        self.record: record.Record | None = None
        self.shelf: shelf.Shelf | None = None
        self.written: dict[str, None] = {}
        if place.ranks.first:
            board = None if options.noplots else record.tensorboard(folder)
            self.record = record.Record(folder, self.course.history, board=board)
            self.record.settings(options, hyper)
            results = (record.RESULTS,) if self.course.history else ()
            self.written |= dict.fromkeys((*results, record.OPTIONS, record.HYPER))
            how = shelf.How(options.nosave, options.save_period)
            self.shelf = shelf.Shelf(folder, self.learner, self.loader, facts, how)

    def events(self, stop: Callable[[], bool] = bool) -> Iterator[Step | Epoch]:
        """Train; once `stop` says so the state is kept, and the events end with `course.finished` not set.

        Raises UsageError where a device has too little memory, with the batch that would fit.
        """
        batches: Batches = self.loader
        if self.place.ranks.first and not self.options.noplots:
            batches = self._drawn()
        paths = self.dataset.images["path"]
        validation = self.validation

        def evaluate(model: Detector) -> Scores:
            assert validation is not None
            return validation.scores(model, self.learner.loss, stop=stop, progress=self.place.progress)

        try:
            yield from self._recorded(
                fit(
                    self.learner,
                    batches,
                    evaluate if validation is not None else None,
                    self.options,
                    course=self.course,
                    keeper=self.shelf or NOWHERE,
                    stop=stop,
                    name_of=lambda place: str(paths.iloc[place]),
                )
            )
        except RuntimeError as error:
            if not is_memory(error):
                raise
            raise UsageError(self._too_large()) from None

    def _recorded(self, events: Iterator[Step | Epoch]) -> Iterator[Step | Epoch]:
        broken = len(self.course.broken)
        for event in events:
            for each in self.course.broken[broken:]:
                self.place.tell(self._skipped(each))
            broken = len(self.course.broken)
            if isinstance(event, Epoch) and self.record is not None:
                self.record.take(event)
                self.written[record.RESULTS] = None
            yield event

    def _skipped(self, broken: Broken) -> str:
        images = self.dataset.images["path"].iloc[list(broken.places[:MOST_NAMED])].tolist()
        named = ", ".join(shorten(image, 200) for image in images) + (" …" if len(broken.places) > MOST_NAMED else "")
        at = f"batch {broken.batch + 1} of epoch {broken.epoch + 1}"
        return f"note: {at} is skipped: its losses are no numbers ({named})"

    def _drawn(self) -> Batches:
        names = self.learner.model.names
        if not self.course.epoch and not self.course.batch:
            for name, data in illustrate.of_labels(self.dataset, names, TRAIN):
                self._put(name, data)
        return illustrate.Watched(self.loader, self._put, self.dataset.images["path"].tolist(), names)

    def _too_large(self) -> str:
        """What to do where a batch does not fit; what was learnt so far is kept, if anything was."""
        learner, batch = self.learner, self.loader.batch
        if self.shelf is not None and learner.done and learner.is_sound():
            self.shelf.state(self.course)
        share = batch // self.place.ranks.world
        precision = precision_of(self.options, self.place.device)
        said = autobatch.advice(learner.model, share, learner.side, self.place.device, precision)
        return f"{devices.describe(self.place.device)} has too little memory for a batch of {batch}. {said}"

    def finish(self, progress: Progress = silent) -> Outcome:
        """Judge the best weights, draw the pictures and write the record. For the first process alone."""
        evaluation, losses = None, (0.0, 0.0, 0.0)
        if self.validation is not None:
            best, _ = weights.load(os.path.join(self.folder, shelf.FOLDER, shelf.BEST), device=self.place.device)
            evaluation, losses = self.validation.judged(best, self.learner.loss, progress=progress)
        if not self.options.noplots:
            with progress.task("drawing") as step:
                for name, data in self._pictures(evaluation):
                    self._put(name, data)
                    step(1)
        best_epoch = max((each for each in self.course.history if each.best), key=lambda each: each.epoch, default=None)
        return Outcome(evaluation, losses, best_epoch, tuple(self.written))

    def _pictures(self, evaluation: Evaluation | None) -> Iterator[illustrate.Named]:
        if self.course.history:
            yield illustrate.of_results(self.course.history)
        if evaluation is not None and self.validation is not None:
            yield from illustrate.of_evaluation(evaluation, self.validation)

    def _put(self, name: str, data: bytes) -> None:
        write_atomically(os.path.join(self.folder, name), data)
        self.written[name] = None
