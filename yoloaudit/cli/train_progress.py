"""Events of a training → lines on standard error, an epoch each, and bars with the time left where it is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from yoloaudit.cli import streams
from yoloaudit.cli.console import REFRESH_SECONDS, is_lively
from yoloaudit.progress import Step as Tick

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from yoloaudit.train.types import Epoch, Step

HEAD = f"{'epoch':>9}{'box':>9}{'obj':>9}{'cls':>9}{'P':>8}{'R':>8}{'mAP50':>8}{'mAP50-95':>10}{'time':>9}"


class Display:
    """Shows how far a training has come; also the Progress of whatever else takes its time meanwhile."""

    def __init__(self, bars: Bars | None, *, silent: bool = False) -> None:
        self.bars, self.silent = bars, silent
        self.epochs = 0
        self.further = 0
        """Images that other trainings are shown after this one, in all their epochs."""
        self._batches: TaskID | None = None
        self._began = time.monotonic()
        self._told = 0.0
        self._first: int | None = None
        self._images, self._seconds, self._seen = 0, 0.0, 0
        self._headed = False

    def task(self, name: str, total: int | None = None) -> AbstractContextManager[Tick]:
        return self._task(name, total)

    @contextmanager
    def _task(self, name: str, total: int | None) -> Iterator[Tick]:
        if self.bars is None:
            yield _ignore
            return
        task = self.bars.add_task(name, total=total, rate="", left="")
        began = told = time.monotonic()
        done = 0

        def step(items: int) -> None:
            nonlocal told, done
            done += items
            now = time.monotonic()
            if self.bars is not None and now - told >= REFRESH_SECONDS:
                told = now
                self.bars.update(task, completed=done, rate=f"{done / (now - began):,.0f}/s", refresh=True)

        try:
            yield step
        finally:
            self.bars.remove_task(task)

    def step(self, step: Step) -> None:
        """A batch is done."""
        at = step.epoch * step.batches + step.batch
        if self._first is None:
            self._first, self._began = at, time.monotonic() - step.seconds
        self._images, self._seconds = self._images + step.images, self._seconds + step.seconds
        self._seen += step.images
        now = time.monotonic()
        if self.bars is None or now - self._told < REFRESH_SECONDS:
            return
        self._told = now
        losses = "  ".join(f"{name} {loss:.4f}" for name, loss in zip(("box", "obj", "cls"), step.losses, strict=True))
        said = f"epoch {step.epoch + 1}/{self.epochs}  {losses}"
        if self._batches is None:
            self._batches = self.bars.add_task(said, total=step.batches, rate="", left="")
        done = at + 1 - self._first
        left = (now - self._began) / done * (self.epochs * step.batches - at - 1)
        rate = f"{self._images / max(self._seconds, 1e-9):,.1f} images/s"
        left_now = f"{clock(left)} left"
        if self.further:
            left_now += f", {clock(left + (now - self._began) * self.further / max(1, self._seen))} in all"
        bar = self._batches
        self.bars.update(bar, description=said, completed=step.batch + 1, rate=rate, left=left_now, refresh=True)

    def epoch(self, epoch: Epoch) -> None:
        """An epoch is done."""
        if self._batches is not None and self.bars is not None:
            self.bars.remove_task(self._batches)
            self._batches = None
        self._images, self._seconds = 0, 0.0
        if not self._headed:
            self._headed = True
            self.say(HEAD)
        self.say(line_of(epoch, self.epochs))

    def say(self, line: str) -> None:
        """A line above the bars."""
        if not self.silent:
            streams.tell(line)


def line_of(epoch: Epoch, epochs: int) -> str:
    """An epoch for people."""
    losses = "".join(f"{loss:>9.4f}" for loss in epoch.losses)
    scores = f"{epoch.precision:>8.3f}{epoch.recall:>8.3f}{epoch.map50:>8.3f}{epoch.map50_95:>10.3f}"
    number = f"{epoch.epoch + 1}/{epochs}"
    return f"{number:>9}{losses}{scores}{clock(epoch.seconds):>9}{'  best' if epoch.best else ''}"


def clock(seconds: float) -> str:
    """A span of time: 0:07, 12:30, 3:04:05."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def display(*, silent: bool = False) -> Iterator[Display]:
    """What shows a training; with `silent` nothing does."""
    if silent or not is_lively(sys.stderr):
        yield Display(None, silent=silent)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    texts = ("{task.fields[rate]}", "{task.fields[left]}")
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        *(TextColumn(text, markup=False) for text in texts),
    )
    paper = Console(file=sys.stderr, markup=False)
    with Bars(*columns, console=paper, transient=True, auto_refresh=False, redirect_stdout=False) as bars:
        yield Display(bars)


def _ignore(items: int) -> None:
    pass
