"""Findings → the rows that the page's script lists and filters, as JSON; no more of them than a file may hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from yoloaudit.findings import Finding, Severity
from yoloaudit.report.page_findings import Group, Item, Items

SAMPLE = 500
"""Findings by which the size of all is estimated."""
UNSAFE = re.compile(r"[<>&]")


@dataclass(frozen=True, slots=True)
class Part:
    """A rule's new findings that are listed, or its known ones; `first` is the row of the first of them."""

    first: int
    items: tuple[Item, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Listed:
    """All findings that are listed: of each group the new ones and the known ones, and the text for the script."""

    parts: tuple[tuple[Part, Part], ...]
    text: str


def listed(groups: Sequence[Group], names: Sequence[str], most_bytes: int) -> Listed:
    """As many findings of each rule as fit into so many bytes; `names` are those of the classes."""
    words = Items(names)
    most = _most(groups, most_bytes)
    rows: list[list[Any]] = []
    splits, classes = {"": 0}, {"": 0}
    parts = []
    for number, group in enumerate(groups):
        both = []
        for known, findings in enumerate((group.fresh, group.known)):
            items = tuple(words.of(finding, group) for finding in findings[:most])
            both.append(Part(len(rows), items, len(findings) - len(items)))
            for item in items:
                split = splits.setdefault(item.split, len(splits))
                rows.append(_row(item, number, split, classes.setdefault(item.class_name, len(classes)), known))
        parts.append((both[0], both[1]))
    told = {
        "groups": [group.rule for group in groups],
        "severities": [severity.value for severity in Severity],
        "splits": list(splits),
        "classes": list(classes),
        "rows": rows,
    }
    return Listed(tuple(parts), as_json(told))


def _most(groups: Sequence[Group], room: int) -> int:
    """How many findings of a rule are listed at the most, so that all of them fit."""
    counts = [len(each) for group in groups for each in (group.fresh, group.known)]
    words = Items(())
    sizes = [
        len(as_json(_row(words.of(finding, group), len(groups), 0, 0, 0))) + 2
        for group, finding in islice(_all(groups), 0, None, max(1, sum(counts) // SAMPLE))
    ]
    size = sum(sizes) / max(1, len(sizes))
    most = max(counts, default=0)
    while most > 1 and sum(min(count, most) for count in counts) * size > room:
        most = most * 3 // 4
    return most


def _all(groups: Sequence[Group]) -> Iterator[tuple[Group, Finding]]:
    return ((group, finding) for group in groups for finding in (*group.fresh, *group.known))


def _row(item: Item, group: int, split: int, named: int, known: int) -> list[Any]:
    rank = Severity(item.severity).rank
    return [group, rank, split, named, item.place, item.message, list(item.notes), item.anchor, known]


def as_json(value: object) -> str:
    """JSON that ends no element of a page, whatever stands in it."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
