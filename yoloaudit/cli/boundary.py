"""The one error boundary: whatever a command meets becomes one line on stderr and an exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from types import FrameType

from yoloaudit.cli import streams
from yoloaudit.errors import YoloauditError
from yoloaudit.report.text import show

MACHINE_FAULTS = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN),
    *(errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM),
}
"""Errors of the machine, not of yoloaudit: exit 2."""
NO_MEMORY = (
    "not enough memory. Allow the process more, or ask for less at once: one split (--split train), "
    "a smaller --batch-size or --imgsz"
)
SAID_OF_MEMORY = ("cannot allocate memory", "can't allocate memory", "failed to map segment", "out of memory")
"""What is said by libraries that find no room, whatever they raise; OpenCV puts it in its own way."""
MOST_MESSAGE = 1000
GRACE_SECONDS = 3.0
"""A stopped command that has not come to its end by then is ended: it may wait for a lock that its stop left closed."""
THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", "KMP_BLOCKTIME": "0"}
"""What libraries read when they are loaded: numpy's threads only cost memory here, and threads of PyTorch that wait for
each other by turning in circles make inference seven times slower where anything else runs on the machine."""
_stopped_by: list[int] = []


class Stopped(KeyboardInterrupt):
    """SIGINT or SIGTERM arrived."""


def run_process(arguments: Sequence[str]) -> int:
    """Run a command as the whole purpose of this process: its streams and signals are ours."""
    streams.prepare()
    for name, value in THREADS.items():
        os.environ.setdefault(name, value)
    _watch_signals()
    if "--debug" not in arguments:
        sys.unraisablehook = lambda _: None
    code = guarded(_command, arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _end_children()
    return code if streams.finish() else code or 2


def _command(arguments: list[str]) -> int:
    from yoloaudit.cli.app import command

    return command(arguments)


def guarded(command: Callable[[list[str]], int], arguments: Sequence[str]) -> int:
    """The exit code of a command on these arguments, `--debug` among them, whatever it raises."""
    rest, debug = _without_debug(arguments)
    try:
        code = command(rest)
    except BaseException as error:  # noqa: BLE001 - this is the boundary
        if debug:
            streams.tell(*traceback.format_exc().splitlines())
        code = explained(error)
    return 128 + _stopped_by[0] if _stopped_by else code


def _without_debug(arguments: Sequence[str]) -> tuple[list[str], bool]:
    end = list(arguments).index("--") if "--" in arguments else len(arguments)
    before = [argument for argument in arguments[:end] if argument != "--debug"]
    return [*before, *arguments[end:]], len(before) < end


def explained(error: BaseException) -> int:
    """Says in one line what happened; the exit code."""
    if _stopped_by or isinstance(error, KeyboardInterrupt):
        return 130
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 0 if error.code is None else 2
    if isinstance(error, BrokenPipeError):
        return 0
    code, text = _judged(error)
    streams.tell(f"error: {show(text, MOST_MESSAGE)}")
    return code


def _judged(error: BaseException) -> tuple[int, str]:
    """The exit code, and whose fault it is: the user's, the machine's or ours."""
    if isinstance(error, YoloauditError):
        return error.exit_code, str(error)
    if usage := _usage(error):
        return 2, usage
    if _is_memory(error):
        return 2, NO_MEMORY
    what = show(f"{type(error).__name__}: {error}", 300)
    if isinstance(error, OSError) and error.errno in MACHINE_FAULTS:
        return 2, f"the machine refused: {what}"
    return 3, f"this is a bug of yoloaudit: {what}. Run it again with --debug to see where, and report it"


def _usage(error: BaseException) -> str | None:
    """What the parser of the command line says; older Typers raise the exceptions of another package."""
    told = getattr(error, "format_message", None)
    if told is None:
        return None
    option, near = getattr(error, "option_name", None), getattr(error, "possibilities", ...)
    if option is None or near is ...:
        return " ".join(str(told()).split())
    nearest = get_close_matches(option, near or (), n=1, cutoff=0)
    return f"no option {option}. " + (f"Did you mean {nearest[0]}?" if nearest else "--help lists them all")


def _is_memory(error: BaseException) -> bool:
    text = str(error).lower()
    if type(error).__module__ == "cv2":
        return "insufficient memory" in text or "out of memory" in text
    no_room = any(said in text for said in SAID_OF_MEMORY)
    return isinstance(error, MemoryError) or (isinstance(error, ImportError | OSError | RuntimeError) and no_room)


def _watch_signals() -> None:
    owner = os.getpid()

    def stop(number: int, _: FrameType | None) -> None:
        if _stopped_by or os.getpid() != owner:
            os._exit(128 + number)
        _stopped_by.append(number)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, lambda *_: os._exit(128 + number))
            signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)
        raise Stopped

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def _end_children() -> None:
    """Workers that a stopped command left behind."""
    if "multiprocessing" in sys.modules:
        from multiprocessing import active_children

        for child in active_children():
            child.kill()
