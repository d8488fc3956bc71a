"""Progress as a value that long work is handed: a protocol, and the silent default."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, TypeAlias

Step: TypeAlias = Callable[[int], None]


class Progress(Protocol):
    """Shows how far named work has come."""

    def task(self, name: str, total: int | None = None) -> AbstractContextManager[Step]:
        """Begin a piece of work; the value it yields is called with the number of items done since."""
        ...


class _Silent:
    def task(self, name: str, total: int | None = None) -> AbstractContextManager[Step]:
        return nullcontext(_ignore)


def _ignore(items: int) -> None:
    pass


silent: Progress = _Silent()
