"""A learner, batches and a way to evaluate → the events of a training, one after the other.

Nothing is printed, drawn or written here: whoever takes the events does that. What has to outlive the process is handed
to a keeper, always between two batches. To stop a training stop asking for events, or let `stop` say so: then the
state is kept first.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from yoloaudit.errors import YoloauditError
from yoloaudit.train.config import Options
from yoloaudit.train.learning import stopping
from yoloaudit.train.learning.learner import Learner, Learnt
from yoloaudit.train.learning.stopping import Stopping
from yoloaudit.train.learning.validate import Halt, Scores
from yoloaudit.train.model import Detector
from yoloaudit.train.types import Batch, Epoch, Step

MOST_BROKEN = 10
"""Batches in a row whose losses are no numbers, after which a training has diverged."""
MOST_NAMED = 4
"""Images that are named of a broken batch."""


class Diverged(YoloauditError):
    """A training whose losses are no numbers any more."""


class Batches(Protocol):
    """Training images, as batches."""

    def __len__(self) -> int:
        """Batches of an epoch."""
        ...

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of an epoch; after a restore those that are left of it."""
        ...

    def state(self) -> dict[str, Any]:
        """Where they are, in plain values."""
        ...

    def weigh(self, maps: Sequence[float]) -> None:
        """How well each class is found, 0 to 1, where images are drawn by that."""
        ...


class Keeper(Protocol):
    """Where a training is kept."""

    def state(self, course: Course) -> None:
        """Keep all that it takes to go on from here."""
        ...

    def epoch(self, course: Course) -> None:
        """An epoch is done, `course.history` ends with it: keep the state and the averaged model."""
        ...


class Nowhere:
    """Keeps nothing."""

    def state(self, course: Course) -> None:
        pass

    def epoch(self, course: Course) -> None:
        pass


NOWHERE = Nowhere()


class Watch:
    """Tells the seconds since it was last asked."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._since = clock, clock()

    def lap(self) -> float:
        now = self._clock()
        seconds, self._since = now - self._since, now
        return seconds


@dataclass(frozen=True)
class Broken:
    """Batches that were thrown away because losses or gradients were no numbers."""

    epoch: int
    batch: int
    """Where that was noticed."""
    places: tuple[int, ...]
    """Images of the batch, and of those before it whose gradients went with it."""


@dataclass
class Course:
    """How far a training has come."""

    stopping: Stopping
    epoch: int = 0
    batch: int = 0
    """Batches of this epoch that are done; all of them: it is still to be evaluated."""
    sums: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Of the losses of this epoch."""
    counted: int = 0
    """Batches in the sums."""
    seconds: float = 0.0
    """Spent on this epoch."""
    in_a_row: int = 0
    """Broken batches up to now."""
    broken: list[Broken] = field(default_factory=list)
    history: list[Epoch] = field(default_factory=list)
    by_class: tuple[float, ...] = ()
    """mAP50-95 of each class at the latest evaluation."""
    finished: bool = False


def fit(
    learner: Learner,
    loader: Batches,
    evaluate: Callable[[Detector], Scores] | None,
    options: Options,
    *,
    course: Course | None = None,
    keeper: Keeper = NOWHERE,
    stop: Callable[[], bool] = bool,
    name_of: Callable[[int], str] = str,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Step | Epoch]:
    """Train until the last epoch, or until patience ends; `course` says where to go on, and is kept up to date.

    `evaluate` is handed the averaged model, and may raise Halt; without it there is no best epoch but the latest.
    Raises Diverged, with names of images by their place, and what the parts raise.
    """
    course, watch = course or Course(Stopping(options.patience)), Watch(clock)
    while not course.finished:
        halted = yield from _steps(learner, loader, options, course, keeper, stop, name_of, watch)
        if halted:
            return
        _refuse_broken_average(learner)
        try:
            scores = _scores(learner, evaluate, options, course)
        except Halt:
            keeper.state(course)
            return
        epoch = _closed(course, options, _rates(learner), scores, watch.lap())
        if options.image_weights and course.by_class:
            loader.weigh(course.by_class)
        keeper.epoch(course)
        yield epoch


def _steps(
    learner: Learner,
    loader: Batches,
    options: Options,
    course: Course,
    keeper: Keeper,
    stop: Callable[[], bool],
    name_of: Callable[[int], str],
    watch: Watch,
) -> Generator[Step, None, bool]:
    """The batches that are left of this epoch; whether the training was asked to stop."""
    gathered: list[int] = []
    for batch in loader.epoch(course.epoch) if course.batch < len(loader) else ():
        learnt = learner.learn(batch)
        gathered += batch.places
        yield _noted(course, learnt, batch, gathered, watch.lap(), len(loader))
        gathered = [] if learnt.stepped or not learnt.finite else gathered
        _refuse_divergence(course, name_of)
        (halted,) = learner.ranks.any([stop()], learner.device)
        due = options.save_every is not None and course.batch % options.save_every == 0
        if (halted or due) and learner.is_sound():
            keeper.state(course)
        if halted:
            return True
    return False


def _noted(course: Course, learnt: Learnt, batch: Batch, gathered: Sequence[int], seconds: float, batches: int) -> Step:
    """Count a batch in; its event."""
    course.batch += 1
    course.seconds += seconds
    if learnt.finite:
        box, objectness, classes = (total + loss for total, loss in zip(course.sums, learnt.losses, strict=True))
        course.sums, course.counted, course.in_a_row = (box, objectness, classes), course.counted + 1, 0
    else:
        course.in_a_row += 1
        course.broken.append(Broken(course.epoch, course.batch - 1, tuple(dict.fromkeys(gathered))))
    at = course.epoch, course.batch - 1, batches
    return Step(*at, learnt.losses, len(batch.images), seconds, learnt.stepped)


def _refuse_divergence(course: Course, name_of: Callable[[int], str]) -> None:
    if course.in_a_row < MOST_BROKEN:
        return
    places = course.broken[-1].places
    shown = ", ".join(name_of(place) for place in places[:MOST_NAMED]) + (" …" if len(places) > MOST_NAMED else "")
    raise Diverged(
        f"losses are no numbers any more, {course.in_a_row} batches in a row up to batch {course.batch} of epoch "
        f"{course.epoch + 1} ({shown}): training has diverged. The last good weights are kept. Train again with a "
        "smaller lr0, or with --precision fp32"
    )


def _refuse_broken_average(learner: Learner) -> None:
    """Nothing is kept of a model that computes nothing any more."""
    if not learner.is_sound():
        raise Diverged(
            f"the weights are no numbers any more after batch {learner.done}: training has diverged. The last good "
            "weights are kept. Train again with a smaller lr0"
        )


def _rates(learner: Learner) -> tuple[float, float, float]:
    """Learning rates as they were for the latest batch."""
    biases, weights, normalisations = (float(group["lr"]) for group in learner.optimizer.param_groups)
    return biases, weights, normalisations


def _scores(
    learner: Learner, evaluate: Callable[[Detector], Scores] | None, options: Options, course: Course
) -> Scores | None:
    """What the first process finds, told to all; None where this epoch is not evaluated. Raises Halt in all."""
    last = course.epoch + 1 >= options.epochs
    if evaluate is None or (options.noval and not last and not course.stopping.may_stop_next(course.epoch)):
        return None
    found: Scores | None = None
    if learner.ranks.first:
        try:
            found = evaluate(learner.average.model)
        except Halt:
            found = None
    told: Scores | None = learner.ranks.told(found)
    if told is None:
        raise Halt
    return told


def _closed(
    course: Course, options: Options, rates: tuple[float, float, float], scores: Scores | None, seconds: float
) -> Epoch:
    """Count an epoch in; what was not evaluated repeats what was found before."""
    before = course.history[-1] if course.history else None
    box, objectness, classes = (total / course.counted if course.counted else math.nan for total in course.sums)
    found = _found(before) if scores is None else scores[:5]
    fitness = stopping.fitness(found[2], found[3])
    after = course.stopping.after(course.epoch, fitness)
    epoch = Epoch(
        epoch=course.epoch,
        losses=(box, objectness, classes),
        rates=rates,
        precision=found[0],
        recall=found[1],
        map50=found[2],
        map50_95=found[3],
        val_losses=found[4],
        fitness=fitness,
        best=fitness == after.best and (scores is not None or fitness == 0),
        seconds=course.seconds + seconds,
    )
    course.history.append(epoch)
    course.by_class = course.by_class if scores is None else tuple(scores.by_class.tolist())
    course.stopping = after
    course.finished = course.epoch + 1 >= options.epochs or (scores is not None and after.stops(course.epoch))
    course.epoch, course.batch, course.seconds = course.epoch + 1, 0, 0.0
    course.sums, course.counted = (0.0, 0.0, 0.0), 0
    return epoch


def _found(before: Epoch | None) -> tuple[float, float, float, float, tuple[float, float, float]]:
    if before is None:
        return 0.0, 0.0, 0.0, 0.0, (0.0, 0.0, 0.0)
    return before.precision, before.recall, before.map50, before.map50_95, before.val_losses
