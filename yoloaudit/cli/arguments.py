"""Options as they were typed → lists and mappings, or an error that says what was expected."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from yoloaudit.errors import UsageError
from yoloaudit.findings import shorten


def names(values: Sequence[str] | None) -> list[str] | None:
    """Repeated options and comma lists as one list."""
    return [name.strip() for value in values for name in value.split(",") if name.strip()] if values else None


def reasons(values: Sequence[str] | None) -> list[str] | None:
    """Like names; what follows the first `=` is the reason of the name before it, commas and all."""
    if not values:
        return None
    every: list[str] = []
    for value in values:
        head, sign, reason = value.partition("=")
        every += names([head]) or [head]
        every[-1] += sign + reason
    return every


def tolerances(values: Sequence[str] | None) -> dict[str, int] | None:
    """`RULE=N` as a mapping."""
    if not values:
        return None
    limits = {}
    for value in names(values) or []:
        rule, _, number = value.partition("=")
        if not number.strip().isdecimal() or len(number) > 9:
            raise UsageError(f"--max takes RULE=N, as in --max tiny-box=5, not {shorten(value)!r}")
        limits[rule.strip()] = int(number)
    return limits


def splits(values: Sequence[str] | None) -> list[str] | None:
    """Like names; only splits that there can be."""
    from yoloaudit.dataset.tables import SPLITS
    from yoloaudit.mistakes import meant

    every = names(values)
    for value in every or ():
        if value not in SPLITS:
            raise UsageError(f"--split takes train, val or test, not {shorten(value)!r}.{meant(value, SPLITS)}")
    return every


def known_format(name: str, more: Sequence[str] = ()) -> str:
    """A format that there is, or one of `more`."""
    from yoloaudit.cli.reporting import known_formats
    from yoloaudit.mistakes import meant

    known = [*known_formats(), *more]
    if name not in known:
        raise UsageError(f"no format is called {shorten(name)!r}; there are {', '.join(known)}.{meant(name, known)}")
    return name


def outputs(values: Sequence[str]) -> list[tuple[str, str]]:
    """`FORMAT=PATH` as pairs; a folder that is missing is told before the audit, not after it."""
    from yoloaudit.cli.reporting import PICTURES

    pairs = []
    for value in values:
        kind, _, path = value.partition("=")
        if not path:
            raise UsageError(f"--output takes FORMAT=PATH, as in --output json=report.json, not {shorten(value)!r}")
        folder = os.path.dirname(os.path.abspath(path))
        if not os.path.isdir(folder):
            raise UsageError(f"--output {shorten(value, 200)}: there is no folder {shorten(folder, 200)}")
        if os.path.isdir(path):
            raise UsageError(f"--output {shorten(value, 200)}: is a folder; name a file in it")
        pairs.append((known_format(kind, PICTURES), path))
    return pairs


READ: Mapping[str, Callable[[Sequence[str] | None], Any]] = {
    "split": splits,
    **dict.fromkeys(("rules", "select"), names),
    "ignore": reasons,
    "max": tolerances,
}
"""How an option of `check` is read that is more than a text, a number or a flag."""


def given(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Options of `check` by name, as they were typed → values for Settings; None where nothing was typed."""
    from yoloaudit.config import Options

    chosen = {name: value for name, value in typed.items() if name in Options.model_fields}
    return {
        name: READ[name](value) if name in READ else None if value is False or value == [] else value
        for name, value in chosen.items()
    }
