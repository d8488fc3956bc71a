"""Standard streams that may be closed, full, ASCII only, or read by somebody who leaves early."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TextIO

from yoloaudit.errors import WriteError
from yoloaudit.report.text import show


def prepare() -> None:
    """Open the null device where a standard stream is closed, so that no file of ours takes its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="yoloaudit")


def emit(lines: Iterable[str]) -> None:
    """Lines to standard output; a reader that leaves early is no error, a full disk is one."""
    try:
        for line in lines:
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
    except OSError as error:
        silence(sys.stdout)
        raise WriteError(f"cannot write to standard output: {error.strerror or error}") from None


def tell(*lines: str) -> None:
    """Lines to standard error, each through the gate; where nobody listens they are lost."""
    try:
        for line in lines:
            sys.stderr.write(f"{show(line, 2000)}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        silence(sys.stderr)


def finish() -> bool:
    """Whether all that was written has gone out; what has not goes nowhere, so that nothing complains at exit."""
    whole = True
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            silence(stream)
        except (OSError, ValueError):
            silence(stream)
            whole = False
    return whole


def silence(stream: TextIO) -> None:
    """From here on what is written to this stream goes nowhere."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
