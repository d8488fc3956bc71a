"""The `names` of a descriptor → one name a class id, whatever shape they were written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_NAMES = 10_000
MAX_LENGTH = 200


def class_names(names: Any, count: Any = None) -> tuple[str, ...]:
    """Names by class id: gaps get a stand-in; `count` (`nc`) helps only where there are no names at all."""
    if isinstance(names, Mapping):
        return _by_key(names)
    if isinstance(names, list):
        return tuple(_name(name, number) for number, name in enumerate(names[:MAX_NAMES]))
    if names is not None:
        return (_name(names, 0),)
    if isinstance(count, int) and not isinstance(count, bool) and 0 < count <= MAX_NAMES:
        return tuple(stand_in(number) for number in range(count))
    return ()


def class_id(key: Any) -> int | None:
    """A key of `names` as a class id; None where it is none."""
    if isinstance(key, bool):
        return None
    if isinstance(key, int):
        return key if key >= 0 else None
    return int(key) if isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 10 else None


def is_inverted(names: Mapping[Any, Any]) -> bool:
    """Whether a mapping goes from name to id instead of from id to name."""
    return bool(names) and all(class_id(key) is None and class_id(value) is not None for key, value in names.items())


def _by_key(names: Mapping[Any, Any]) -> tuple[str, ...]:
    pairs = [(value, key) for key, value in names.items()] if is_inverted(names) else list(names.items())
    known = {number: value for key, value in pairs if (number := class_id(key)) is not None}
    if len(known) < len(pairs) or (known and max(known) >= MAX_NAMES):
        return tuple(_name(value, number) for number, (_, value) in enumerate(pairs[:MAX_NAMES]))
    return tuple(_name(known[n], n) if n in known else stand_in(n) for n in range(max(known, default=-1) + 1))


def stand_in(number: int) -> str:
    """The name of a class that has none."""
    return f"class {number}"


def _name(value: Any, number: int) -> str:
    if value is None or isinstance(value, list | Mapping):
        return stand_in(number)
    return str(value)[:MAX_LENGTH]
