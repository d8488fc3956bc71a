"""Names that anybody may have chosen → file names that lead nowhere else and are all different on any file system."""

from __future__ import annotations

import os
import re
import unicodedata

MOST_BYTES = 120
"""Of a name without its suffix; file systems allow 255."""
UNSAFE = re.compile(r'[<>:"/\\|?*]')
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE | re.DOTALL)
"""Names of devices on Windows."""


def safe(name: str, otherwise: str) -> str:
    """The name with `_` for what is invisible or means something to a file system; `otherwise` if nothing is left."""
    visible = "".join(letter if letter.isprintable() else "_" for letter in name)
    plain = UNSAFE.sub("_", visible).strip(" .")
    cut = plain.encode("utf-8", "replace")[:MOST_BYTES].decode("utf-8", "ignore").strip(" .")
    if not cut:
        return otherwise
    return f"_{cut}" if RESERVED.fullmatch(cut) or cut[0] in "-~" else cut


def stem_of(path: str) -> str:
    """The last part of a path, without its suffix."""
    return os.path.splitext(os.path.basename(path))[0]


class Different:
    """Gives names that differ in more than case and form of their letters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def name(self, wanted: str) -> str:
        """The name itself, or with the first number behind it that makes it different: `photo`, `photo_2` …"""
        number = self._last.get(_folded(wanted), 1)
        while _folded(given := wanted if number == 1 else f"{wanted}_{number}") in self._taken:
            number += 1
        self._last[_folded(wanted)] = number
        self._taken.add(_folded(given))
        return given


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
