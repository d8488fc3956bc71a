"""Report and data set → one HTML page that stands alone: it loads nothing, and what a data set says is text in it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from yoloaudit.dataset.load import Dataset
from yoloaudit.findings import Report, Severity
from yoloaudit.progress import Progress, silent
from yoloaudit.report.about import About
from yoloaudit.report.page import Page, page
from yoloaudit.report.page_findings import Group, Item
from yoloaudit.report.thumbnails import thumbnails
from yoloaudit.report.thumbnails_marks import Labels, Picture, Plan, picture, plans
from yoloaudit.report.to_html_rows import Part, listed
from yoloaudit.version import __version__

ROWS_SHARE = 0.4
"""What the findings in words may take of the file."""
TRIES = 3
"""How often a page is made that turns out too large: each time with fewer pictures."""
FIRST_PROBLEMS = 12
"""Rules that the summary names before it folds the others away."""
LEFT_OUT = "No picture: the file would be too large"
NO_PLOTS = "Plots take seaborn, which is not installed here: pip install seaborn"

Pictures: TypeAlias = tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A finding that stands in the page."""

    item: Item
    row: int
    pictures: Pictures


@dataclass(frozen=True, slots=True)
class Cards:
    """Those of one rule: new and known ones, how many are made by the script, and how many are not in the file."""

    fresh: tuple[Card, ...]
    known: tuple[Card, ...]
    more_fresh: int
    more_known: int
    beyond: int


def document(
    report: Report,
    dataset: Dataset,
    *,
    titles: Mapping[str, About],
    notes: Sequence[str] = (),
    thumbnails_per_rule: int = 12,
    most_bytes: int = 15_000_000,
    measures: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> Iterator[str]:
    """The lines of the page. `titles` are what checks are about, by name, `notes` sentences for its head.

    `measures` are the tables that the audit was handed, for the plot of how tight boxes are. Of each rule so many
    findings have a picture; the file stays below `most_bytes`.
    """
    shown = page(report, titles, notes)
    drawn, missing = _plots(dataset, measures or {})
    rows = listed(shown.groups, report.dataset.get("names") or [], int(ROWS_SHARE * most_bytes))
    wanted = [[plans(finding) for finding in group.fresh[:thumbnails_per_rule]] for group in shown.groups]
    pictures = _pictures(wanted, dataset, workers, progress)
    room, text = most_bytes - len(rows.text), ""
    for _ in range(TRIES):
        kept = _within(pictures, room)
        cards = [_cards(*each, thumbnails_per_rule) for each in zip(shown.groups, rows.parts, kept, strict=True)]
        text = _rendered(shown, cards, rows.text, drawn, missing)
        over = len(text.encode("utf-8")) - most_bytes
        if over <= 0:
            break
        room = min(room, _size(kept)) - over
    return iter(text.split("\n"))


def _plots(dataset: Dataset, measures: Mapping[str, Any]) -> tuple[list[list[Any]], str]:
    try:
        from yoloaudit.report.plots import plots

        rows = plots(dataset, measures)
        return [[plot._replace(svg=Markup(plot.svg)) for plot in row] for row in rows], ""  # noqa: S704 - escaped there
    except ImportError:
        return [], NO_PLOTS


def _pictures(
    wanted: Sequence[Sequence[Sequence[Plan]]], dataset: Dataset, workers: int | None, progress: Progress
) -> list[list[Pictures]]:
    """The pictures of each of these findings, by rule."""
    flat = [plan for group in wanted for each in group for plan in each]
    made = iter(thumbnails([plan.wanted for plan in flat], dataset, workers=workers, progress=progress) if flat else [])
    labels = Labels(dataset, {plan.wanted.image for plan in flat})
    return [[tuple(picture(plan, next(made), labels) for plan in each) for each in group] for group in wanted]


def _within(pictures: Sequence[Sequence[Pictures]], room: int) -> list[list[Pictures]]:
    """As many of them as have room; those of the first findings of all rules come first, those of the worst before."""
    kept = [list(group) for group in pictures]
    turns = sorted((turn, number) for number, group in enumerate(kept) for turn in range(len(group)))
    for turn, number in turns:
        own = kept[number][turn]
        room -= _size([[own]])
        if room < 0:
            kept[number][turn] = tuple(Picture(each.said, each.caption, problem=LEFT_OUT) for each in own)
    return kept


def _size(pictures: Sequence[Sequence[Pictures]]) -> int:
    return sum(len(each.uri) for group in pictures for own in group for each in own)


def _cards(group: Group, parts: tuple[Part, Part], pictures: Sequence[Pictures], most: int) -> Cards:
    fresh, known = parts
    listed_new = len(fresh.items)
    return Cards(
        tuple(Card(item, fresh.first + at, pictures[at]) for at, item in enumerate(fresh.items[:most])),
        tuple(Card(item, known.first + at, ()) for at, item in enumerate(known.items[:most])),
        max(0, listed_new - most),
        max(0, len(known.items) - most),
        known.left_out + (0 if group.folded else group.found - listed_new),
    )


def _rendered(shown: Page, cards: Sequence[Cards], data: str, drawn: Sequence[Any], missing: str) -> str:
    environment = Environment(
        loader=PackageLoader("yoloaudit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    style, script = (environment.get_template(name).render() for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return environment.get_template("page.html").render(
        page=shown,
        groups=shown.groups,
        anchors={group.rule: group.anchor for group in shown.groups},
        cards=cards,
        severities=[each.value for each in Severity],
        first_problems=FIRST_PROBLEMS,
        plots=drawn,
        plots_missing=missing,
        style=Markup(style),  # noqa: S704 - ours
        script=Markup(script),  # noqa: S704 - ours
        data=Markup(data),  # noqa: S704 - no bracket is left in it
        policy=policy,
        version=__version__,
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
