"""A report → what its page says of the data set as a whole: the trainer's ledger, the guide, the classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yoloaudit.findings import Finding, Report, RuleRun
from yoloaudit.report.text import show

MOST_NAME, MOST_SENTENCE, MOST_CLASSES = 120, 400, 2000
COLUMNS = (
    ("images", ("images_found",)),
    ("used", ("images_used",)),
    ("dropped", ("images_dropped",)),
    ("background", ("images_empty_label", "images_without_label")),
    ("label files", ("label_files",)),
    ("rows", ("rows",)),
    ("broken rows", ("rows_broken",)),
    ("boxes used", ("boxes_used",)),
)
REMARKS = {
    "images_listed_missing": ("listed image missing", "listed images missing"),
    "images_unreadable": ("image unreadable", "images unreadable"),
    "label_files_orphan": ("label file without an image", "label files without an image"),
    "rows_duplicate": ("duplicate row", "duplicate rows"),
    "boxes_vanishing": ("box too small to train on", "boxes too small to train on"),
}


@dataclass(frozen=True, slots=True)
class SplitRow:
    """What the trainer does with one split."""

    split: str
    numbers: tuple[tuple[str, str, bool], ...]
    """Column, number, and whether it is a loss."""
    parts: tuple[tuple[str, float, float], ...]
    """Kind, start and length of each part of the bar, in percent of the images found."""
    said: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The trainer's view of all splits."""

    columns: tuple[str, ...]
    rows: tuple[SplitRow, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the guide, and how far it is met; `filled` and `mark` are percent of the bar."""

    rule: str
    text: str
    verdict: str
    """`met`, `short`, `over`, `ignored`, `crashed` or `unknown`."""
    said: str
    filled: float | None = None
    mark: float | None = None
    found: bool = False
    """There are findings to jump to."""


@dataclass(frozen=True, slots=True)
class ClassCell:
    """A class in one split; `share` is percent of the most frequent class there."""

    instances: int
    images: int
    share: float


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class in all splits."""

    id: int
    name: str
    unnamed: bool
    cells: tuple[ClassCell, ...]


@dataclass(frozen=True, slots=True)
class ClassTable:
    """The classes, and how many more there are."""

    splits: tuple[str, ...]
    rows: tuple[ClassRow, ...]
    more: int


def ledger(report: Report) -> Ledger:
    """The ledger with a bar a split: used with boxes, used as background, dropped."""
    rows = []
    for split, counts in report.ledger.items():
        numbers = {name: sum(counts.get(key, 0) for key in keys) for name, keys in COLUMNS}
        found, losses = numbers["images"], ("dropped", "broken rows")
        parts = {
            "used": numbers["used"] - numbers["background"],
            "background": numbers["background"],
            "dropped": numbers["dropped"],
        }
        bar, start = [], 0.0
        for kind, number in parts.items():
            length = 100 * max(0, number) / found if found else 0.0
            bar.append((kind, round(start, 3), round(length, 3)))
            start += length
        said = ", ".join(f"{number:,} {kind}" for kind, number in parts.items())
        rows.append(
            SplitRow(
                show(split, MOST_NAME),
                tuple((name, f"{number:,}", bool(number) and name in losses) for name, number in numbers.items()),
                tuple(bar),
                said,
                tuple(f"{counts[key]:,} {words[counts[key] > 1]}" for key, words in REMARKS.items() if counts.get(key)),
            )
        )
    return Ledger(tuple(name for name, _ in COLUMNS), tuple(rows))


def verdict_of(run: RuleRun) -> str:
    """`met`, `short`, `over`, `ignored`, `crashed` or `unknown`."""
    if run.status == "skipped":
        return "ignored" if (run.why_skipped or "").startswith("ignored") else "unknown"
    if run.status in ("error", "pass"):
        return "crashed" if run.status == "error" else "met"
    return "over" if run.measured is not None and run.limit is not None and run.measured > run.limit else "short"


def scorecard(report: Report) -> list[Sentence]:
    """The sentences of the guide, in the order of the rules that stand for them."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, []).append(finding)
    return [_sentence(run, found.get(run.rule, []), report) for run in report.runs if run.guide]


def _sentence(run: RuleRun, own: Sequence[Finding], report: Report) -> Sentence:
    filled = mark = None
    if run.measured is not None and run.limit and run.status in ("pass", "fail"):
        end = max(run.measured, run.limit)
        filled = round(100 * max(0.0, run.measured) / end, 2)
        mark = round(100 * run.limit / end, 2)
    words = verdict_of(run)
    said = _measurement(run, own, report)
    return Sentence(show(run.rule), show(run.guide or "", MOST_SENTENCE), words, said, filled, mark, bool(own))


def _measurement(run: RuleRun, own: Sequence[Finding], report: Report) -> str:
    """`61 for skis, at least 1,500 wanted; 80 of 80 classes short`."""
    if run.status in ("skipped", "error"):
        return show(run.why_skipped or "", MOST_SENTENCE)
    if run.measured is None:
        return ""
    names = list(report.dataset.get("names") or [])
    by_class = [finding for finding in own if finding.where.class_id is not None]
    worst = next((finding.where.class_id for finding in by_class if finding.value == run.measured), None)
    named = worst is not None and 0 <= worst < len(names)
    said = _number(run.measured, run.limit)
    said = f"{said} for {show(str(names[worst or 0]), 40)}" if named else said
    said += f", {_bound(run)} {_number(run.limit, run.limit)} wanted" if run.limit else ""
    if by_class and len(names) > 1:
        said += f"; {run.found:,} of {len(names):,} classes {verdict_of(run)}"
    return said


def _bound(run: RuleRun) -> str:
    """Which way the limit goes, as far as can be told."""
    if run.measured is None or run.limit is None or run.measured == run.limit:
        return "exactly"
    above = run.measured > run.limit
    return "at least" if above == (run.status == "pass") else "at most"


def _number(value: float, limit: float | None) -> str:
    """A share as a percentage, anything else as a number."""
    if limit is not None and 0 <= limit < 1:
        return f"{value * 100:.3g} %"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def class_table(report: Report) -> ClassTable:
    """Instances and images of each class by split."""
    splits = list(report.ledger)
    most = {split: max((_counts(each, split)[0] for each in report.classes), default=0) for split in splits}
    rows = []
    for each in report.classes[:MOST_CLASSES]:
        cells = []
        for split in splits:
            instances, images = _counts(each, split)
            cells.append(ClassCell(instances, images, round(100 * instances / max(1, most[split]), 2)))
        name = each["name"]
        said = f"class {each['id']}, without a name" if name is None else show(str(name), MOST_NAME) or "(empty)"
        rows.append(ClassRow(int(each["id"]), said, name is None, tuple(cells)))
    shown = tuple(show(split, MOST_NAME) for split in splits)
    return ClassTable(shown, tuple(rows), max(0, len(report.classes) - MOST_CLASSES))


def _counts(each: object, split: str) -> tuple[int, int]:
    splits = each["splits"]  # type: ignore[index]
    counts = splits.get(split, {})
    return int(counts.get("instances", 0)), int(counts.get("images", 0))
