"""A change → text for a person: what came, went and moved, which numbers shifted, what was mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from yoloaudit.cli import lines
from yoloaudit.cli.console import paper, written
from yoloaudit.findings import Change, Location, Report
from yoloaudit.report.text import show

MOST_DELTAS, MOST_MENDED, MOST_PLACES = 10, 5, 20
MOST_PATH, MOST_MESSAGE, MOST_NAME = 4096, 400, 200
ONE = {"images": "image", "boxes": "box", "broken rows": "broken row", "classes": "class"}


def print_change(sheet: Console, change: Change, most: int | None = MOST_PLACES) -> None:
    """Print what changed; of the places of one kind, and of what was mended, only so many."""
    lines.heading(sheet, f"Changed since {show(change.base, MOST_NAME)}")
    lines.paragraph(sheet, summary(change), indent=2)
    cut = None if most is None else MOST_DELTAS
    for delta in change.deltas[:cut]:
        lines.paragraph(sheet, show(delta, MOST_MESSAGE), indent=2)
    if cut is not None and len(change.deltas) > cut:
        lines.paragraph(sheet, f"… and {len(change.deltas) - cut:,} more numbers that moved", indent=2)
    sheet.print()
    _places(sheet, change, most)
    _mended(sheet, change, None if most is None else MOST_MENDED)


def summary(change: Change) -> str:
    """The counts in a sentence."""
    told = [counted(what, count) for what, count in change.counts.items() if count]
    return ", ".join(told) if told else "nothing: the same images, boxes and classes"


def counted(what: str, count: int) -> str:
    """`3 images added`, `1 box moved`."""
    noun, _, verb = what.rpartition(" ")
    return f"{count:,} {ONE.get(noun, noun) if count == 1 else noun} {verb}"


def only_new(report: Report) -> tuple[Report, list[str]]:
    """The report without what is known, and how much that is: for readers who only want to see what they changed."""
    known = [finding for finding in report.findings if finding.known]
    if not known:
        return report, []
    taken = Counter[str]()
    for finding in known:
        taken[finding.rule] += finding.folded
    runs = [replace(run, found=max(0, run.found - taken[run.rule])) for run in report.runs]
    told = f"{len(known):,} finding{'' if len(known) == 1 else 's'} known before, not shown"
    return replace(report, findings=[finding for finding in report.findings if not finding.known], runs=runs), [told]


def _places(sheet: Console, change: Change, most: int | None) -> None:
    kinds: dict[str, list[Location]] = {}
    for what, where in change.places:
        kinds.setdefault(what, []).append(where)
    for what, places in kinds.items():
        rows = [(place_of(where), _detail(what, where, change)) for where in places[:most]]
        lines.heading(sheet, show(f"{what[:1].upper()}{what[1:]}"))
        lines.places(sheet, rows)
        if most is not None and len(places) > most:
            lines.paragraph(sheet, f"… and {len(places) - most:,} more: --format json", indent=2)
        sheet.print()


def _detail(what: str, where: Location, change: Change) -> str:
    """Where an image was before."""
    if what != "image moved":
        return ""
    was = change.moves.get(where.image or "")
    return f"now in {show(where.split or '')}" if was is None else f"was {show(was, MOST_PATH)}"


def _mended(sheet: Console, change: Change, most: int | None) -> None:
    if not change.mended:
        return
    lines.heading(sheet, f"Mended: {len(change.mended):,}")
    for rule, count in Counter(finding.rule for finding in change.mended).most_common(most):
        first = next(finding for finding in change.mended if finding.rule == rule)
        lines.paragraph(sheet, f"{show(rule)}  {count:,}", indent=2)
        lines.places(sheet, [(f"  {place_of(first.where)}", show(first.message, MOST_MESSAGE))])
    sheet.print()


def place_of(where: Location) -> str:
    """`labels/train/0007.txt:4`; the split where no file is meant."""
    if where.path is None:
        return show(where.split or "")
    return show(where.path, MOST_PATH) + (f":{where.line}" if where.line is not None else "")


def text(change: Change, notes: Sequence[str], *, width: int | None = None, lively: bool | None = None) -> list[str]:
    """The lines of a comparison without rules."""
    sheet = paper(width, lively)
    print_change(sheet, change)
    for note in notes:
        lines.paragraph(sheet, show(note, MOST_MESSAGE))
    return written(sheet)
