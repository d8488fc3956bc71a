"""A file → claimed by one process, until it closes the file or dies."""

from __future__ import annotations

import io
import os
import stat
import sys
from weakref import WeakSet

from yoloaudit.files import NO_FOLLOW

_CLAIMED: WeakSet[io.FileIO] = WeakSet()


def _let_go() -> None:
    """A fork claims nothing: it may outlive its parent, whose claims are to end with it."""
    for file in list(_CLAIMED):
        file.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def claim(path: str) -> io.FileIO | None:
    """Open a file, made if need be, for this process alone until it is closed; None where that cannot be."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC | NO_FOLLOW, 0o666)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        facts = os.fstat(descriptor)
        if stat.S_ISREG(facts.st_mode) and os.path.samestat(facts, os.lstat(path)):
            _CLAIMED.add(file := os.fdopen(descriptor, "r+b", buffering=0))
            return file
    except OSError:
        pass
    os.close(descriptor)
    return None
