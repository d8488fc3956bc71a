"""A Darknet .data file and its list of names → the entries that a data.yaml would have."""

from __future__ import annotations

from collections.abc import Callable

from yoloaudit.dataset.descriptor import Entry

MAX_BYTES = 1_000_000
KEYS = {"train": "train", "valid": "val", "val": "val", "test": "test", "classes": "nc", "names": "names"}


def read_darknet(data: bytes, names_in: Callable[[str], list[str] | None]) -> dict[str, Entry]:
    """Entries by the key that a data.yaml has for them; `names_in` reads the file of names."""
    entries: dict[str, Entry] = {}
    for number, line in enumerate(data.decode("utf-8-sig", "surrogateescape").splitlines(), 1):
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals or key.startswith("#") or key.lower() not in KEYS:
            continue
        wanted = KEYS[key.lower()]
        entries[wanted] = Entry(_value(wanted, value, names_in), number)
    return entries


def _value(key: str, text: str, names_in: Callable[[str], list[str] | None]) -> object:
    if key == "nc" and text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return names_in(text) if key == "names" else text or None


def names_of(data: bytes) -> list[str]:
    """The lines of a file of names, without blank ones at its end."""
    lines = data.decode("utf-8-sig", "surrogateescape").rstrip().split("\n")
    return [line.strip() for line in lines] if lines != [""] else []
