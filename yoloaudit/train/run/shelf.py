"""A training → the folder `weights` of its run: last.pt, best.pt, and the state to go on from; and back.

last.pt and best.pt are files of tensors that hold no pickle, whatever their suffix says: users know these names, and
`yoloaudit weights`, `val` and `detect` read them as any other. Beside them `last.state` holds the two newest states.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any, NamedTuple

from yoloaudit.claims import claim
from yoloaudit.errors import CheckpointError, UsageError
from yoloaudit.files import write_atomically, writing
from yoloaudit.findings import shorten
from yoloaudit.train.checkpoint import save
from yoloaudit.train.learning import memory
from yoloaudit.train.learning.learner import Learner
from yoloaudit.train.learning.loop import Batches, Broken, Course
from yoloaudit.train.learning.stopping import Stopping
from yoloaudit.train.run.record import epoch_of
from yoloaudit.training_run import FOLDS

FOLDER, STATE = "weights", "last.state"
LAST, BEST = "last.pt", "best.pt"
LOCK = ".training"
"""The file in a run folder that a training holds on to."""


class How(NamedTuple):
    """When a training is kept."""

    nosave: bool = False
    """After its last epoch alone."""
    period: int = -1
    """Keep the weights of every so many epochs; -1: of none."""


ALWAYS = How()


class Shelf:
    """Keeps a training in its run folder."""

    def __init__(
        self,
        folder: str,
        learner: Learner,
        loader: Batches,
        facts: Mapping[str, Any],
        how: How = ALWAYS,
    ) -> None:
        """`facts` go into every state: what the training is of."""
        self.folder = os.path.join(folder, FOLDER)
        self.learner, self.loader, self.facts = learner, loader, facts
        self.how = how
        with writing(self.folder):
            os.makedirs(self.folder, exist_ok=True)

    def state(self, course: Course) -> None:
        """Keep all that it takes to go on from here."""
        kept = memory.kept(self.learner)
        told = {"learner": dict(kept.values), "loader": self.loader.state(), "course": asdict(course)}
        save.save(os.path.join(self.folder, STATE), save.State(kept.tensors, {**self.facts, **told}))

    def epoch(self, course: Course) -> None:
        """An epoch is done. The state is kept first: whatever comes after it can be written again from it."""
        if not self.how.nosave or course.finished:
            self.state(course)
            self.weights(course)

    def weights(self, course: Course) -> None:
        """Keep the averaged model: as the last, as the best if it is, as that of this epoch if asked."""
        latest = course.history[-1]
        data = self._file(course)
        self._put(LAST, data)
        if latest.best or not os.path.exists(os.path.join(self.folder, BEST)):
            self._put(BEST, data)
        if self.how.period > 0 and (latest.epoch + 1) % self.how.period == 0:
            self._put(f"epoch{latest.epoch}.pt", data)

    def _file(self, course: Course) -> bytes:
        model, latest = self.learner.average.model, course.history[-1]
        told = {name: self.facts[name] for name in ("options", "hyper", "fingerprint") if name in self.facts}
        settings = {"epoch": latest.epoch, "fitness": latest.fitness, **told}
        anchors = model.anchors_px.float().cpu().numpy()
        return save.weights(model.state_dict(), model.size.name, model.names, model.strides, anchors, settings)

    def _put(self, name: str, data: bytes) -> None:
        write_atomically(os.path.join(self.folder, name), data)


@contextmanager
def held(run: str, first: bool = True) -> Iterator[None]:
    """While this lasts no other training writes into the run folder; raises UsageError where one does.

    Of several processes of a training the first one holds it. Where the system has no such locks nobody does.
    """
    if not first:
        yield
        return
    if not os.path.isdir(run):
        raise UsageError(f"there is no run folder {shorten(run, 200)}")
    path = os.path.join(run, LOCK)
    handle = claim(path)
    if handle is None and sys.platform != "win32":
        raise UsageError(
            f"another training writes into {shorten(run, 200)}, or nothing can be written there. Wait for its end, or "
            "name another run folder: --name"
        )
    try:
        yield
    finally:
        if handle is not None:
            with suppress(OSError):
                os.unlink(path)
            handle.close()


def folds(run: str) -> list[str]:
    """The run folders of the folds that are in a run folder."""
    place = os.path.join(run, FOLDS)
    with suppress(OSError):
        return [os.path.join(place, name) for name in os.listdir(place) if name.isascii() and name.isdecimal()]
    return []


def forget(run: str) -> None:
    """Remove the states of an earlier training, and those of its folds."""
    for folder in (run, *folds(run)):
        save.clear(state_folder(folder))


def state_folder(run: str) -> str:
    """Where the states of a run folder are."""
    return os.path.join(run, FOLDER, STATE)


def course_of(values: Mapping[str, Any]) -> Course:
    """How far a training had come, from the values of its state; raises CheckpointError where they do not say it."""
    try:
        told = dict(values["course"])
        told["stopping"] = Stopping(**told["stopping"])
        told["history"] = [epoch_of(each) for each in told["history"]]
        told["broken"] = [Broken(each["epoch"], each["batch"], tuple(each["places"])) for each in told["broken"]]
        told["by_class"] = tuple(float(value) for value in told["by_class"])
        box, objectness, classes = (float(value) for value in told["sums"])
        course = Course(**{**told, "sums": (box, objectness, classes)})
        counts = (course.epoch, course.batch, course.counted, course.in_a_row)
        if any(type(count) is not int or count < 0 for count in counts) or len(course.history) != course.epoch:
            raise ValueError("its counts do not fit together")
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"the state does not say how far the training had come: {error}") from None
    return course
