"""A Comparison → text for a person, and the lines of the JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from yoloaudit.cli import lines
from yoloaudit.cli.compare_words import (
    MAIN,
    METRICS,
    between,
    by_chance,
    change,
    number,
    percent,
    signed,
    told,
    verdict,
)
from yoloaudit.cli.console import paper, written
from yoloaudit.report.text import show

if TYPE_CHECKING:
    from yoloaudit.compare.comparison import Comparison, Row, Rulers
    from yoloaudit.compare.differences import Estimate

MANY, FEW_CLASSES, MOST_CHANGED, MOST_BUDGET = 5, 20, 5, 12
MOST_NAME, MOST_PATH, MOST_SENTENCE = 24, 4096, 300
REAL = {True: "bold", False: "dim"}


def document(made: Comparison) -> Iterator[str]:
    """The lines of the JSON document."""
    from yoloaudit.cli import show_split
    from yoloaudit.compare.facts import facts_of

    return show_split.document(facts_of(made))


def text(made: Comparison, *, verbose: bool = False, width: int | None = None, lively: bool | None = None) -> list[str]:
    """The lines to print; `verbose` lists every class."""
    sheet = paper(width, lively)
    _header(sheet, made)
    _verdict(sheet, made)
    _overall(sheet, made)
    _rulers(sheet, made.rulers)
    _parts(sheet, "By class", [*_named(made)], verbose)
    _parts(sheet, "By size of object, in pixels of the image: small < 32², medium < 96², large", made.sizes, True)
    _budget(sheet, made, verbose)
    _changed(sheet, made, verbose)
    _notes(sheet, made)
    return written(sheet)


def _header(sheet: Console, made: Comparison) -> None:
    for side, runs in (("A", made.a), ("B", made.b)):
        for run in runs:
            said = f"  {told(run)}" if told(run) else ""
            sheet.print(
                Text.assemble((f"{side}  ", "bold"), show(run.folder, MOST_PATH), (said, "dim")), soft_wrap=True
            )
    images = len(made.paired.images)
    held = "those of B" if made.rulers is not None else "the same for both"
    said = f"{images:,} val image{'' if images == 1 else 's'} with {made.overall.instances:,} labels, {held}"
    lines.paragraph(sheet, said)
    sheet.print()


def _verdict(sheet: Console, made: Comparison) -> None:
    estimate = made.overall.scores[MAIN]
    word, reason = verdict(estimate)
    style = "bold" if not estimate.is_real else "bold green" if estimate.difference > 0 else "bold red"
    lines.paragraph(sheet, Text.assemble((word, style), f": {reason}"))
    sheet.print()


def _overall(sheet: Console, made: Comparison) -> None:
    table = _table("", "A", "B", "B − A", "95 % interval", "sure")
    for metric, name in METRICS.items():
        table.add_row(name, *_cells(made.overall.scores[metric]))
    sheet.print(table)
    lines.paragraph(
        sheet,
        "sure: how sure it is that the difference has its sign, from 50 % (as good as a coin) to 100 %; from 97.5 % on "
        "the interval leaves 0 out",
    )
    sheet.print()


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for place, name in enumerate(columns):
        if place:
            table.add_column(name, justify="right", no_wrap=True)
        else:
            table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=MOST_NAME)
    return table


def _cells(estimate: Estimate) -> list[Text]:
    scores = Text(number(estimate.a)), Text(number(estimate.b))
    gap = Text(signed(estimate.difference), REAL[estimate.is_real])
    return [*scores, gap, Text(between(estimate)), Text(percent(estimate.chance))]


def _named(made: Comparison) -> Iterator[Row]:
    for row in made.classes:
        yield row._replace(name=made.paired.names[int(row.name)])


def _parts(sheet: Console, title: str, rows: Sequence[Row], whole: bool) -> None:
    """A table of mAP50-95 of each part."""
    if len(rows) < 2:
        return
    lines.heading(sheet, title)
    listed = list(rows)
    if not whole and len(rows) > FEW_CLASSES:
        listed.sort(key=lambda row: -abs(_worth(row.scores[MAIN])))
        listed = listed[:FEW_CLASSES]
    wide = sheet.width >= 100
    table = _table("mAP50-95", "images", "labels", "A", "B", "B − A", "95 % interval", *(["sure"] if wide else []))
    for row in listed:
        cells = _cells(row.scores[MAIN])
        table.add_row(
            Text(show(row.name, MOST_NAME)), f"{row.images:,}", f"{row.instances:,}", *(cells if wide else cells[:4])
        )
    sheet.print(table)
    if len(listed) < len(rows):
        lines.paragraph(sheet, f"the {len(listed):,} of {len(rows):,} classes that changed most: --verbose lists all")
    real = sum(row.scores[MAIN].is_real for row in rows)
    if len(rows) >= MANY and real:
        lines.paragraph(sheet, by_chance(real, len(rows)))
    sheet.print()


def _worth(estimate: Estimate) -> float:
    return estimate.difference if estimate.difference == estimate.difference else 0.0


def _rulers(sheet: Console, rulers: Rulers | None) -> None:
    """The 2×2: what the labels did, and what the models did."""
    if rulers is None:
        return
    lines.heading(sheet, f"The labels of {rulers.images:,} val images changed: models of both sides on both labels")
    table = _table("mAP50-95", "old labels (A's)", "new labels (B's)", "the ruler's part", "95 % interval")
    rows = (rulers.old_a, rulers.new_a, rulers.ruler), (rulers.old_b, rulers.new_b, rulers.ruler_of_b)
    for name, (old, new, step) in zip("AB", rows, strict=True):
        estimate, scores = step[MAIN], (number(old[MAIN]), number(new[MAIN]))
        table.add_row(f"model {name}", *scores, signed(estimate.difference), between(estimate))
    sheet.print(table)
    own, total = rulers.model[MAIN], rulers.total[MAIN]
    lines.paragraph(
        sheet,
        f"from A on its labels to B on its own: {signed(total.difference)}. Of this "
        f"{signed(rulers.ruler[MAIN].difference)} is the ruler's, and {signed(own.difference)} the model's "
        f"({between(own)})",
    )
    before = rulers.model_old[MAIN]
    lines.paragraph(sheet, f"on the old labels the models differ by {signed(before.difference)} ({between(before)})")
    sheet.print()


def _budget(sheet: Console, made: Comparison, verbose: bool) -> None:
    if not made.budget:
        lines.paragraph(sheet, "both were trained with the same settings, on the same data")
        sheet.print()
        return
    lines.heading(sheet, "What else differs, and may be the reason")
    listed = made.budget if verbose else made.budget[:MOST_BUDGET]
    for each in listed:
        lines.paragraph(sheet, show(each.sentence, MOST_SENTENCE), indent=2)
    if len(listed) < len(made.budget):
        lines.paragraph(sheet, f"… and {len(made.budget) - len(listed)} more: --verbose", indent=2)
    sheet.print()


def _changed(sheet: Console, made: Comparison, verbose: bool) -> None:
    if not made.changed:
        return
    lines.heading(sheet, "Images whose detections changed most")
    listed = made.changed if verbose else made.changed[:MOST_CHANGED]
    rows = [(show(each.image, MOST_PATH), change(each)) for each in listed]
    lines.places(sheet, rows)
    sheet.print()


def _notes(sheet: Console, made: Comparison) -> None:
    for note in made.notes:
        lines.paragraph(sheet, show(note, MOST_SENTENCE), first="note: ")
    lines.paragraph(sheet, f"intervals: {made.samples:,} draws of the images, seed {made.seed}", first="note: ")
