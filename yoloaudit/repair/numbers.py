"""Fields of a row ↔ numbers: what is written has as many decimals as the file has, and six at the least."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from yoloaudit.dataset.grammar import NUMBER
from yoloaudit.repair.edits import NotMended

LEAST, MOST = 6, 16
"""Decimals that are written."""
FIELD = re.compile("[^ \t]+")
DECIMALS = re.compile(r"\d*\.(\d+)")


def fields_of(raw: str) -> list[str]:
    """The fields of a row, without what surrounds it."""
    return FIELD.findall(raw.strip())


def numbers_of(raw: str) -> list[float]:
    """The fields of a row as numbers; NotMended where one is none."""
    fields = fields_of(raw)
    if not all(len(field) <= 128 and NUMBER.fullmatch(field) for field in fields):
        raise NotMended("has a field that is no number")
    values = [float(field) for field in fields]
    if not all(map(math.isfinite, values)):
        raise NotMended("has a number that is not finite")
    return values


def decimals_of(rows: Iterable[str]) -> int:
    """Decimals that new numbers get among these rows: the most that any coordinate has, within bounds."""
    most = LEAST
    for raw in rows:
        for field in fields_of(raw)[1:]:
            if found := DECIMALS.fullmatch(field):
                most = max(most, len(found[1]))
    return min(most, MOST)


def written(value: float, decimals: int) -> str:
    """A number in so many decimals; never -0."""
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if not float(text) else text


def with_fields(raw: str, changed: dict[int, str]) -> str:
    """The row with other texts in some of its fields, by position; all between them stays as it is."""
    start = len(raw) - len(raw.lstrip())
    body = raw.strip()
    parts, at = [raw[:start]], 0
    for position, match in enumerate(FIELD.finditer(body)):
        parts += [body[at : match.start()], changed.get(position, match[0])]
        at = match.end()
    return "".join([*parts, body[at:], raw[start + len(body) :]])


def with_values(raw: str, first: int, values: Sequence[float], decimals: int) -> str:
    """The row with these numbers from field `first` on; a field that says the same already keeps its text."""
    fields = fields_of(raw)
    changed = {}
    for position, value in enumerate(values, first):
        text, old = written(value, decimals), float(fields[position])
        if not (_same(value, old) or _same(float(text), old)):
            changed[position] = text
    return with_fields(raw, changed)


def _same(one: float, other: float) -> bool:
    """Equal, and of one sign: -0 is told as a defect."""
    return one == other and math.copysign(1, one) == math.copysign(1, other)


def row_of(class_id: int, values: Sequence[float], decimals: int) -> str:
    """A new row."""
    return " ".join([str(class_id), *(written(value, decimals) for value in values)])
