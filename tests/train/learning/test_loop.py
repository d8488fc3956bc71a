"""The loop by itself: which events come when, what is kept when, and when it ends. The learner is a stand-in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch

from yoloaudit.train.config import Options
from yoloaudit.train.learning.distributed import ALONE
from yoloaudit.train.learning.learner import Learner, Learnt
from yoloaudit.train.learning.loop import MOST_BROKEN, NOWHERE, Course, Diverged, fit
from yoloaudit.train.learning.stopping import Stopping
from yoloaudit.train.learning.validate import Halt, Scores
from yoloaudit.train.types import Batch, Epoch, Step

BATCHES = 4


class Stub:
    """A learner whose losses are told beforehand; it moves after every second batch."""

    def __init__(self, losses: Sequence[float] = (), sound: bool = True) -> None:
        self.losses, self.sound, self.done = list(losses), sound, 0
        self.ranks, self.device = ALONE, torch.device("cpu")
        self.average = SimpleNamespace(model="averaged")
        self.optimizer = SimpleNamespace(param_groups=[{"lr": 0.1}, {"lr": 0.01}, {"lr": 0.001}])

    def learn(self, batch: Batch) -> Learnt:
        loss = self.losses[self.done] if self.done < len(self.losses) else 1.0
        self.done += 1
        finite = math.isfinite(loss)
        return Learnt((loss, 2 * loss, 3 * loss), finite and self.done % 2 == 0, finite)

    def is_sound(self) -> bool:
        return self.sound


class Pictures:
    """Batches of two; the images are never looked at."""

    def __init__(self) -> None:
        self.at = (0, 0)
        self.weighed: list[Sequence[float]] = []

    def __len__(self) -> int:
        return BATCHES

    def epoch(self, number: int) -> Iterator[Batch]:
        first = self.at[1] if self.at[0] == number else 0
        for batch in range(first, BATCHES):
            self.at = number, batch + 1
            yield Batch(torch.zeros(2, 3, 8, 8), torch.zeros(0, 6), (2 * batch, 2 * batch + 1))

    def state(self) -> dict[str, Any]:
        return {"at": self.at}

    def weigh(self, maps: Sequence[float]) -> None:
        self.weighed.append(maps)


class Shelf:
    """Notes when what is kept."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def state(self, course: Course) -> None:
        self.kept.append(f"state {course.epoch}.{course.batch}")

    def epoch(self, course: Course) -> None:
        self.state(course)
        self.kept.append("best" if course.history[-1].best else "last")


def scores(fitness: float) -> Scores:
    return Scores(0.5, 0.6, fitness, fitness, (0.1, 0.2, 0.3), np.array([fitness, 0.0]))


class Judge:
    """Evaluates as it is told, epoch by epoch."""

    def __init__(self, *fitness: float) -> None:
        self.fitness, self.calls = fitness, 0

    def __call__(self, model: object) -> Scores:
        assert model == "averaged"
        self.calls += 1
        return scores(self.fitness[min(self.calls, len(self.fitness)) - 1])


def trained(
    learner: Stub | None = None,
    judge: Any = None,
    shelf: Shelf | None = None,
    course: Course | None = None,
    loader: Pictures | None = None,
    stop: Any = bool,
    **options: Any,
) -> list[Step | Epoch]:
    learner, loader = learner or Stub(), loader or Pictures()
    wanted = Options(**{"epochs": 2, **options})
    keeper = NOWHERE if shelf is None else shelf
    options_of: dict[str, Any] = {"course": course, "keeper": keeper, "stop": stop, "name_of": "image {}".format}
    return list(fit(cast(Learner, learner), loader, judge, wanted, **options_of))


def epochs(events: Sequence[Step | Epoch]) -> list[Epoch]:
    return [event for event in events if isinstance(event, Epoch)]


def test_events_come_in_order_and_means_are_means() -> None:
    learner = Stub([1, 2, 3, 4, 5, 5, 5, 5])
    events = trained(learner, Judge(0.2, 0.3))
    kinds = [(event.epoch, event.batch) if isinstance(event, Step) else event.epoch for event in events]
    assert kinds == [(0, 0), (0, 1), (0, 2), (0, 3), 0, (1, 0), (1, 1), (1, 2), (1, 3), 1]
    first, second = epochs(events)
    assert first.losses == (2.5, 5.0, 7.5)
    assert second.losses == (5.0, 10.0, 15.0)
    assert first.rates == (0.1, 0.01, 0.001)
    assert first.val_losses == (0.1, 0.2, 0.3)
    assert first.fitness == pytest.approx(0.2)
    assert (first.precision, first.recall, first.map50) == (0.5, 0.6, 0.2)
    assert [event.stepped for event in events if isinstance(event, Step)] == [False, True] * 4


def test_the_best_epoch_is_the_one_with_the_highest_fitness() -> None:
    shelf = Shelf()
    told = epochs(trained(judge=Judge(0.2, 0.5, 0.3, 0.5), shelf=shelf, epochs=4))
    assert [epoch.best for epoch in told] == [True, True, False, True]
    assert shelf.kept == ["state 1.0", "best", "state 2.0", "best", "state 3.0", "last", "state 4.0", "best"]


def test_nothing_found_is_still_kept() -> None:
    assert [epoch.best for epoch in epochs(trained(judge=Judge(0.0)))] == [True, True]


def test_without_anything_held_out_the_latest_is_the_best() -> None:
    shelf = Shelf()
    told = epochs(trained(shelf=shelf))
    assert [(epoch.fitness, epoch.best) for epoch in told] == [(0.0, True), (0.0, True)]


def test_patience_ends_it() -> None:
    told = epochs(trained(judge=Judge(0.5, 0.4), epochs=50, patience=3))
    assert len(told) == 4
    assert len(epochs(trained(judge=Judge(0.5, 0.4), epochs=6, patience=0))) == 6


def test_noval_validates_the_last_epoch_and_what_may_be_the_last() -> None:
    judge = Judge(0.4)
    told = epochs(trained(judge=judge, epochs=5, noval=True, patience=100))
    assert judge.calls == 1
    assert [epoch.map50 for epoch in told] == [0, 0, 0, 0, 0.4]
    assert [epoch.best for epoch in told] == [True, True, True, True, True]
    judge = Judge(0.0)
    trained(judge=judge, epochs=9, noval=True, patience=4)
    assert judge.calls == 2


def test_a_wish_to_stop_is_followed_after_the_batch_and_the_state_is_kept() -> None:
    shelf, course = Shelf(), Course(Stopping(100))
    learner = Stub()
    events = trained(learner, Judge(0.3), shelf, course, stop=lambda: learner.done >= 6)
    assert len(events) == 7
    assert shelf.kept == ["state 1.0", "best", "state 1.2"]
    assert (course.epoch, course.batch, course.finished) == (1, 2, False)
    loader = Pictures()
    loader.at = (1, 2)
    assert len(trained(learner, Judge(0.3), shelf, course, loader)) == 3
    assert course.finished
    assert shelf.kept[3:] == ["state 2.0", "best"]


def test_a_wish_to_stop_while_validating_leaves_only_that_to_be_done() -> None:
    shelf, course, learner = Shelf(), Course(Stopping(100)), Stub()

    def halting(model: object) -> Scores:
        raise Halt

    assert len(trained(learner, halting, shelf, course)) == BATCHES
    assert shelf.kept == ["state 0.4"]
    judge = Judge(0.1)
    events = trained(learner, judge, shelf, course)
    assert isinstance(events[0], Epoch)
    assert events[0].losses == (1.0, 2.0, 3.0)
    assert learner.done == 2 * BATCHES


def test_the_state_is_kept_every_so_many_batches() -> None:
    shelf = Shelf()
    trained(judge=Judge(0.1), shelf=shelf, epochs=1, save_every=2)
    assert shelf.kept == ["state 0.2", "state 0.4", "state 1.0", "best"]


def test_images_are_drawn_by_how_well_their_classes_are_found() -> None:
    loader = Pictures()
    trained(judge=Judge(0.1, 0.7), loader=loader, image_weights=True)
    assert loader.weighed == [(0.1, 0.0), (0.7, 0.0)]
    loader = Pictures()
    trained(judge=Judge(0.1), loader=loader)
    assert loader.weighed == []


def test_a_broken_batch_is_skipped_and_its_images_are_known() -> None:
    course = Course(Stopping(100))
    told = epochs(trained(Stub([1, 3, math.nan, 2]), Judge(0.1), course=course, epochs=1))
    assert told[0].losses == (2.0, 4.0, 6.0)
    (broken,) = course.broken
    assert (broken.epoch, broken.batch, broken.places) == (0, 2, (4, 5))
    assert course.in_a_row == 0


def test_images_whose_gradients_were_gathered_before_are_named_too() -> None:
    course = Course(Stopping(100))
    trained(Stub([1, math.inf]), Judge(0.1), course=course, epochs=1)
    assert course.broken[0].places == (0, 1, 2, 3)


def test_many_broken_batches_in_a_row_end_it_with_the_images_named() -> None:
    shelf, course = Shelf(), Course(Stopping(100))
    with pytest.raises(Diverged, match=r"10 batches in a row up to batch 2 of epoch 3 \(image 2, image 3\)"):
        trained(Stub([math.nan] * 99), Judge(0.1), shelf, course, epochs=99)
    assert len(course.broken) == MOST_BROKEN


def test_weights_that_are_no_numbers_are_never_kept() -> None:
    shelf = Shelf()
    with pytest.raises(Diverged, match="lr0"):
        trained(Stub(sound=False), Judge(0.1), shelf, save_every=1)
    assert shelf.kept == []


def test_an_epoch_of_broken_batches_alone_has_no_losses() -> None:
    told = epochs(trained(Stub([math.nan] * BATCHES), Judge(0.1), epochs=1))
    assert all(math.isnan(loss) for loss in told[0].losses)


def test_seconds_are_those_between_events() -> None:
    ticks = iter(range(100))
    events = list(
        fit(cast(Learner, Stub()), Pictures(), Judge(0.1), Options(epochs=1), clock=lambda: float(next(ticks)))
    )
    (epoch,) = epochs(events)
    steps = [event.seconds for event in events if isinstance(event, Step)]
    assert epoch.seconds >= sum(steps) > 0
