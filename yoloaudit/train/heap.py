"""A process that trains on a processor → one that keeps the memory it has let go of, for the next batch.

The C library hands large blocks back to the system as soon as they are free, and every page of them has to be zeroed
and mapped anew when the next batch needs it: up to two fifths of the time of a batch. Nothing computed changes.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

TRIM_THRESHOLD, MMAP_MAX = -1, -4
"""Numbers of glibc's parameters: what may lie free at the end of the heap, how many blocks have maps of their own."""
NEVER = (1 << 31) - 1


@cache
def keep() -> bool:
    """Keep freed memory from now on, in the whole process; whether the C library can."""
    if sys.platform != "linux":
        return False
    try:
        tune = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(tune(TRIM_THRESHOLD, NEVER)) and bool(tune(MMAP_MAX, 0))
