"""ambiguous-class-names: class names that are equal, nearly equal, or no text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by
from yoloaudit.dataset.descriptor import Descriptor, described
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Severity, shorten

MOST_LETTERS = 40
"""Longer names are only compared whole."""
MOST_SHOWN = 8


class AmbiguousClassNames(Check):
    """Class names that can be taken for one another, or that are no text.

    Two classes of one name cannot be told apart in any result. Names that are equal up to letter case, blanks and
    underscores, or up to one letter, are most often one class that was written in two ways, and its examples are torn
    apart. An unquoted no, yes, on or off is a truth value to YAML, not a name: put it in quotes.
    """

    severity = Severity.WARNING
    message = "{reason}"
    min_letters: int = Field(6, ge=2, description="letters from which on names that differ in one letter are reported")

    good = (described_by(CLEAN), described_by(CLEAN.replace("[cat, dog]", "[lane_1, lane_2]")))
    bad = (
        described_by(CLEAN.replace("[cat, dog]", "[cat, cat]")),
        described_by(CLEAN.replace("[cat, dog]", "[traffic light, Traffic_Light]")),
        described_by(CLEAN.replace("[cat, dog]", "[person, persons]")),
        described_by(CLEAN.replace("[cat, dog]", "[yes, no]")),
    )

    def find(self, names: tuple[str, ...], descriptor: Descriptor) -> Defects:
        place = {"file": descriptor.path, "line": descriptor.line("names")}
        defects = []
        for kind in ("a truth value", "empty", "a list", "a mapping"):
            odd = [number for number, value in enumerate(_values(descriptor)) if _shape(value) == kind]
            if odd:
                defects.append({"reason": _no_text(odd, kind), "severity": Severity.ERROR, "class_id": odd[0]})
        for group in _equal(names):
            alike = len({names[number] for number in group}) == 1
            what = "have the same name" if alike else "have the same name up to case, blanks and underscores"
            grade = Severity.ERROR if alike else Severity.WARNING
            defects.append({"reason": _sentence(names, group, what), "severity": grade, "class_id": group[0]})
        for group in _close(names, self.min_letters):
            reason = _sentence(names, group, "have names that differ in one letter")
            defects.append({"reason": reason, "severity": Severity.WARNING, "class_id": group[0]})
        return self.flag_whole({**place, **defect} for defect in defects)


def _values(descriptor: Descriptor) -> Sequence[Any]:
    names = descriptor.value("names")
    if isinstance(names, Mapping):
        return list(names.values())
    return names if isinstance(names, list) else ()


def _shape(value: object) -> str:
    return "empty" if isinstance(value, str) and not value.strip() else described(value)


def _no_text(numbers: Sequence[int], kind: str) -> str:
    shown = ", ".join(map(str, numbers[:MOST_SHOWN]))
    many = "class" if len(numbers) == 1 else "classes"
    what = kind if kind == "empty" else f"{kind}, not text"
    return f"the name of {many} {shown} is {what}: put class names in quotes"


def _sentence(names: Sequence[str], group: Sequence[int], what: str) -> str:
    shown = ", ".join(f"{number} {shorten(names[number])!r}" for number in group[:MOST_SHOWN])
    return f"{len(group):,} classes {what}: {shown}"


def _key(name: str) -> str:
    return "".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _equal(names: Sequence[str]) -> Iterator[list[int]]:
    groups: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        groups.setdefault(_key(name), []).append(number)
    yield from (group for group in groups.values() if len(group) > 1)


def _close(names: Sequence[str], least: int) -> Iterator[list[int]]:
    """Groups of names that differ in one letter: they are equal once a letter is left out of one or both."""
    first = {key: number for number, name in reversed(list(enumerate(names))) if len(key := _key(name)) <= MOST_LETTERS}
    groups: dict[tuple[str, int], list[str]] = {}
    for key in first:
        for place, letter in enumerate(key):
            if letter.isalpha() and len(key) >= least - 1:
                groups.setdefault((key[:place] + key[place + 1 :], place), []).append(key)
    seen: set[tuple[str, ...]] = set()
    for (rest, _), keys in groups.items():
        alike = tuple(sorted({*keys, *([rest] if rest in first else [])}, key=lambda key: first[key]))
        if len(alike) > 1 and max(map(len, alike)) >= least and alike not in seen:
            seen.add(alike)
            yield [first[key] for key in alike]
