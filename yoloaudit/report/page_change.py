"""A report of a changed data set → what its page says of the change."""

from __future__ import annotations

from dataclasses import dataclass

from yoloaudit.findings import Location, Report, Severity
from yoloaudit.report.text import show

MOST_PATH, MOST_SAID = 4096, 500
MOST_MENDED, MOST_PLACES = 200, 200


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of the data set since `base`."""

    base: str
    counts: tuple[tuple[str, str], ...]
    deltas: tuple[str, ...]
    severities: tuple[tuple[str, int, int], ...]
    """Severity, findings before, findings now."""
    mended: tuple[tuple[str, str, str], ...]
    """Rule, place, message."""
    more_mended: int
    places: tuple[tuple[str, str], ...]
    """What changed, and where."""
    more_places: int


def changed(report: Report) -> Changed:
    """The change of a report that has one."""
    change = report.change
    assert change is not None
    mended = [(show(each.rule), place_of(each.where), show(each.message, MOST_SAID)) for each in change.mended]
    places = [(show(what), place_of(where)) for what, where in change.places]
    return Changed(
        show(change.base),
        tuple((show(name), f"{number:,}") for name, number in change.counts.items() if number),
        tuple(show(delta, MOST_SAID) for delta in change.deltas),
        tuple((each.value, change.before.get(each, 0), report.count(each)) for each in Severity),
        tuple(mended[:MOST_MENDED]),
        max(0, len(mended) - MOST_MENDED),
        tuple(places[:MOST_PLACES]),
        max(0, len(places) - MOST_PLACES),
    )


def place_of(where: Location) -> str:
    """`labels/train/0007.txt:4`; the split where no file is meant."""
    if where.path is None:
        return show(where.split or "")
    return show(where.path, MOST_PATH) + (f":{where.line}" if where.line is not None else "")
