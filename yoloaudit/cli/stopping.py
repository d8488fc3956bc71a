"""Ctrl-C and SIGTERM → a wish that long work can ask for at a good moment; a second one ends the process at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
NOTICE = b"stopping: what has been reached is kept first. Once more stops at once\n"


class Wish:
    """Whether the process was asked to stop, and by which signal."""

    def __init__(self) -> None:
        self.number: int | None = None

    def __call__(self) -> bool:
        return self.number is not None

    def follow(self) -> None:
        """Stop now, the way the process stops on that signal; nothing if there was none."""
        if self.number is not None:
            signal.raise_signal(self.number)


@contextmanager
def patient(notice: bytes = NOTICE) -> Iterator[Wish]:
    """While this lasts a first signal is only noted. Whoever gets the wish follows it afterwards."""
    wish = Wish()
    if threading.current_thread() is not threading.main_thread():
        yield wish
        return

    def note(number: int, _: FrameType | None) -> None:
        if wish.number is not None:
            os._exit(128 + number)
        wish.number = number
        if notice:
            os.write(2, notice)

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
