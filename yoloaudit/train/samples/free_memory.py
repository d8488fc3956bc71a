"""What the system says of its memory → how many bytes may be used without anybody having to wait for a disk."""

from __future__ import annotations

from yoloaudit.errors import FileRefused
from yoloaudit.files import Root

KIB = 1024
LONGEST = 1 << 16
UNKNOWN = 4 << 30
"""Taken to be free where the system does not say."""
SYSTEM = "/proc/meminfo"
GROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat")
"""Of a container: the most that it may use, what it uses, and what of that are files that can be read again."""


def available() -> int:
    """Bytes of memory that are free, or would be if they were needed, in this system and in its container."""
    free = _entry(_text(SYSTEM), "MemAvailable:")
    system = UNKNOWN if free is None else free * KIB
    most, used, stat = (_text(path) for path in GROUPS)
    if not (most.strip().isdecimal() and used.strip().isdecimal()):
        return system
    files = _entry(stat, "inactive_file") or 0
    return max(0, min(system, int(most) - int(used) + files))


def _text(path: str) -> str:
    """The beginning of a file that the system makes up as it is read; empty where there is none."""
    root = Root("/")
    try:
        with root.open(path) as file:
            return file.read(LONGEST).decode("ascii", "replace")
    except (FileRefused, OSError):
        return ""


def _entry(text: str, name: str) -> int | None:
    for line in text.splitlines():
        key, _, rest = line.partition(" ")
        if key == name and rest.split()[:1] and rest.split()[0].isdecimal():
            return int(rest.split()[0])
    return None
