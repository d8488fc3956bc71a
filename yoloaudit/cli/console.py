"""What the terminal can do: its width, its colours, and a progress bar on standard error."""

from __future__ import annotations

import io
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, TextIO

from yoloaudit.progress import Progress, Step, silent

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars

PLAIN_WIDTH = 100
"""Columns of text that goes to a file or a pipe, unless COLUMNS says otherwise."""
LEAST_WIDTH, MOST_WIDTH = 40, 160
REFRESH_SECONDS = 0.1


def is_lively(stream: TextIO) -> bool:
    """Whether colours and bars are wanted: on a terminal, unless NO_COLOR, CI or TERM=dumb says no."""
    refused = os.environ.get("NO_COLOR") or os.environ.get("CI") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not refused


def width_of(stream: TextIO) -> int:
    """Columns to write in."""
    width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns if stream.isatty() else _columns()
    return max(LEAST_WIDTH, min(MOST_WIDTH, width))


def _columns() -> int:
    wanted = os.environ.get("COLUMNS", "")
    return int(wanted) if wanted.isdecimal() and len(wanted) < 6 else PLAIN_WIDTH


def paper(width: int | None = None, lively: bool | None = None) -> Console:
    """A console that writes into memory: plain text or, if lively, coloured as standard output can be."""
    from rich.console import Console

    lively = is_lively(sys.stdout) if lively is None else lively
    return Console(
        file=io.StringIO(),
        width=width or width_of(sys.stdout),
        force_terminal=lively,
        color_system="auto" if lively else None,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )


def written(console: Console) -> list[str]:
    """The lines that were printed on a sheet of paper, without the spaces that pad them."""
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    return [line.rstrip(" ") for line in text.removesuffix("\n").split("\n")]


@contextmanager
def progress() -> Iterator[Progress]:
    """Bars with rate and time left on standard error while it is a terminal, nothing elsewhere."""
    if not is_lively(sys.stderr):
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(compact=True),
    )
    paper = Console(file=sys.stderr, markup=False)
    with Bars(*columns, console=paper, transient=True, auto_refresh=False) as bars:  # no thread: workers are forked
        yield _Shown(bars)


class _Shown:
    """Progress as rich draws it; tells it of many small steps at once."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars

    def task(self, name: str, total: int | None = None) -> AbstractContextManager[Step]:
        return self._task(name, total)

    @contextmanager
    def _task(self, name: str, total: int | None) -> Iterator[Step]:
        task = self.bars.add_task(name, total=total, rate="")
        began = told = time.monotonic()
        done = 0

        def step(items: int) -> None:
            nonlocal told, done
            done += items
            now = time.monotonic()
            if now - told >= REFRESH_SECONDS:
                told = now
                self.bars.update(task, completed=done, rate=f"{done / (now - began):,.0f}/s", refresh=True)

        try:
            yield step
        finally:
            self.bars.remove_task(task)
