"""A data set and an earlier state of it → both audited, and a report that says what is new, known and mended."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from yoloaudit.cli import judging, measuring
from yoloaudit.errors import DataError
from yoloaudit.findings import Finding, Report, shorten

if TYPE_CHECKING:
    from pandas import DataFrame

    from yoloaudit.against.earlier import Laid
    from yoloaudit.against.looking import Then, Today
    from yoloaudit.against.verdict import Judged
    from yoloaudit.config import Options
    from yoloaudit.dataset.layout import Layout
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.measure.scan import Scan
    from yoloaudit.packs import Rule
    from yoloaudit.progress import Progress
    from yoloaudit.training_run import Run

BY_ITSELF = frozenset(
    (
        *("dark-image", "overexposed-image", "truncated-image"),
        *("identical-image", "identical-pixels", "near-duplicate", "conflicting-duplicate"),
        *("leaked-image", "leaked-near-duplicate", "leaked-source"),
    )
)
"""Checks that judge an image by its own pixels, or by its copies: they hold where only some images were looked at."""
PARTLY = "only changed images were looked at; a check without --against looks at all, and keeps what it sees"
NOT_THEN = "not asked of the earlier state"
MOST_APART = 1000
"""New findings of one rule that are told apart where most images have the defect."""
MOST_NAMED = 3


class Audited(NamedTuple):
    """Today's data set, the report that is held against the earlier state, and what to say beside it."""

    dataset: Dataset
    report: Report
    notes: list[str]


@dataclass(frozen=True)
class Asked:
    """What the user wants, as `check` has it by then."""

    against: str
    """A git ref, or another data set."""
    options: Options
    rules: Sequence[Rule]
    data: str | None = None
    untrusted: bool = False
    root_dir: str | None = None
    trained: Run | None = None


class Now(NamedTuple):
    """Today's data set as it was audited."""

    layout: Layout
    dataset: Dataset
    judged: Judged
    rules: Sequence[Rule]
    measures: Mapping[str, Any]


class Before(NamedTuple):
    """The earlier state as it was audited: its paths are those of today."""

    dataset: Dataset
    judged: Judged
    measures: Mapping[str, Any]
    contents: Callable[[Report], Mapping[str, str]]


def audited(asked: Asked, shown: Progress) -> Audited:
    """Audit today's data set and the state that --against names; raises UsageError or DataError in one line."""
    from yoloaudit.against.earlier import earlier
    from yoloaudit.against.looking import Today
    from yoloaudit.dataset.coco.safe_json import without_collector
    from yoloaudit.dataset.find import find
    from yoloaudit.measure.cache import default_folder

    options, untrusted = asked.options, asked.untrusted
    where: dict[str, Any] = {"splits": options.split, "untrusted": untrusted, "root_dir": asked.root_dir}
    layout = find(asked.data, **where)
    state = earlier(asked.against, layout, asked.data, **where)
    folder = None if options.no_cache else options.cache_dir or default_folder()
    how: dict[str, Any] = {"workers": options.workers, "cache": folder, "untrusted": untrusted}
    with without_collector(), Today(state, fast=options.fast, **how) as today:
        now, notes = _now(asked, layout, today, shown)
        with state.laid_out(today.at_hand) as laid:
            report, more = _compared(asked, now, laid, today, shown)
        notes += [*measuring.notes(today, now.measures), *more]
    return Audited(now.dataset, report, notes)


def _now(asked: Asked, layout: Layout, today: Today, shown: Progress) -> tuple[Now, list[str]]:
    from yoloaudit.against.verdict import Judged
    from yoloaudit.engine import audit
    from yoloaudit.ratchet.keys import keys

    options = asked.options
    dataset = _read(layout, asked, today, shown)
    rules = list(asked.rules) if today.whole or options.fast else [_partly(rule) for rule in asked.rules]
    names = measuring.wanted(rules, options)
    measures = measuring.measures(today, dataset, names, options.deployed, shown) if names else {}
    measures |= {} if asked.trained is None else {"run": asked.trained}
    judged = judging.judged(rules, options, asked.trained, dataset, shown)
    measures |= judged.measures
    why = measuring.without(options) | dict(judged.without)
    report = audit(dataset, rules, measures=measures, without=why, progress=shown)
    found = keys(report, dataset, _contents(report, today, layout))
    return Now(layout, dataset, Judged(report, found), rules, measures), list(judged.notes)


def _contents(report: Report, today: Today, layout: Layout) -> dict[str, str]:
    """The ids of the files that findings are about, by path."""
    from yoloaudit.ratchet.keys import files_of

    paths = sorted(files_of(report))
    places = [os.path.join(layout.root.path, path) for path in paths]
    return dict(zip(paths, today.earlier.ids(layout.root, places), strict=True))


def _compared(asked: Asked, now: Now, laid: Laid, today: Today, shown: Progress) -> tuple[Report, list[str]]:
    """The report held against the earlier state, and what to say of that."""
    from yoloaudit.against.changes import State, change
    from yoloaudit.against.looking import Then
    from yoloaudit.against.verdict import all_new, held_against

    name, after = asked.against, State(now.dataset, today.ids)
    with Then(today, laid.ids) as then:
        try:
            before = _before(asked, now, laid, then, shown)
        except DataError as error:
            why = f"at {shorten(name, 100)} there is no such data set, so that everything is new: {error}"
            return all_new(now.judged.report, change(name, None, after)), [why.replace(laid.folder or "\0", laid.top)]
    unknown = {now.layout.root.relative(path): why for path, why in laid.unknown().items()}
    told = change(name, State(before.dataset, then.ids), after, unknown.__contains__)
    apart = _apart(now, before, today)
    report = held_against(now.judged, before.judged, told, now.rules, unknown=frozenset(unknown), apart=apart)
    return report, _notes(name, unknown, today)


def _before(asked: Asked, now: Now, laid: Laid, then: Then, shown: Progress) -> Before:
    """Audit the earlier state by the rules that ask for nothing but the data."""
    from yoloaudit.against.verdict import Judged
    from yoloaudit.engine import audit
    from yoloaudit.files import Root
    from yoloaudit.ratchet.keys import files_of, keys

    options = asked.options
    layout = laid.layout(options.split)
    dataset = as_today(_read(layout, asked, then, shown, apart=bool(laid.folder)), now.dataset.root, laid)
    rules = [_data_alone(rule) for rule in now.rules]
    measures = then.measures(dataset, measuring.wanted(rules, options)) if not options.fast else {}
    measures |= {name: now.measures[name] for name in ("deployed",) if name in now.measures}
    without = measuring.without(options)
    report = _in_place(audit(dataset, rules, measures=measures, without=without, progress=shown), laid)

    def contents(of: Report) -> Mapping[str, str]:
        paths = sorted(files_of(of))
        places = [laid.there(os.path.join(dataset.root, path)) for path in paths]
        return dict(zip(paths, laid.ids(Root(layout.root.path, layout.root.contained), places), strict=True))

    return Before(dataset, Judged(report, keys(report, dataset, contents(report))), measures, contents)


def _read(layout: Layout, asked: Asked, scan: Scan, shown: Progress, apart: bool = False) -> Dataset:
    """The data set of a layout; `apart`: its label files are not on the disk, so that no other process reads them."""
    from yoloaudit.dataset.load import read

    options = asked.options
    dataset = read(
        layout,
        untrusted=asked.untrusted,
        imgsz=measuring.size_of(options, asked.trained),
        workers=1 if apart else options.workers,
        headers=scan.headers,
        progress=shown,
    )
    return replace(dataset, narrowed=bool(options.split))


def as_today(dataset: Dataset, today: str, laid: Laid) -> Dataset:
    """A data set with the paths that its files would have below today's root."""
    if os.path.normpath(laid.then(dataset.root)) == today:
        return replace(dataset, root=today)
    from yoloaudit.files import Root

    root = Root(today)

    def here(path: str | None) -> str | None:
        return path and root.relative(laid.then(os.path.normpath(os.path.join(dataset.root, path))))

    def mapped(table: DataFrame, *names: str) -> DataFrame:
        return table.assign(**{name: table[name].map(here, na_action="ignore") for name in names})

    return replace(
        dataset,
        root=today,
        images=mapped(dataset.images, "path"),
        labels=mapped(dataset.labels, "path"),
        listed=mapped(dataset.listed, "file", "path"),
        strays=mapped(dataset.strays, "path"),
    )


def _in_place(report: Report, laid: Laid) -> Report:
    """Sentences that name the folder in which a state was laid out name that of today."""
    if not laid.folder:
        return report
    findings = [
        replace(finding, message=finding.message.replace(laid.folder, laid.top))
        if laid.folder in finding.message
        else finding
        for finding in report.findings
    ]
    return replace(report, findings=findings)


def _partly(rule: Rule) -> Rule:
    """A rule where only some images were looked at: left out if it weighs all of them."""
    from yoloaudit.checks.base import MEASURED

    if rule.check is None or rule.check.name() in BY_ITSELF or {*MEASURED}.isdisjoint(rule.check.inputs()):
        return rule
    return replace(rule, check=None, skipped=PARTLY)


def _data_alone(rule: Rule) -> Rule:
    """A rule for the earlier state: left out if it takes a run of training or a model."""
    from yoloaudit.checks.base import SEEN

    if rule.check is None or {"run", *SEEN}.isdisjoint(rule.check.inputs()):
        return rule
    return replace(rule, check=None, skipped=NOT_THEN)


def _apart(now: Now, before: Before, today: Today) -> dict[str, list[Finding]]:
    """The new ones among the defects of rules that most images break, and that break them more often than before."""
    from yoloaudit.against.unfold import unfolded
    from yoloaudit.against.verdict import grown
    from yoloaudit.ratchet.accepted import ratchet_of, recognised
    from yoloaudit.ratchet.keys import keys

    found: dict[str, list[Finding]] = {}
    by_name = {rule.name: rule for rule in now.rules}
    for name in grown(now.judged, before.judged):
        after = unfolded(now.judged.report, now.dataset, by_name[name], now.measures)
        earlier = unfolded(before.judged.report, before.dataset, by_name[name], before.measures)
        known = ratchet_of(earlier.findings, keys(earlier, before.dataset, before.contents(earlier)))
        own = keys(after, now.dataset, _contents(after, today, now.layout))
        there, _ = recognised(after.findings, own, known)
        new = [finding for finding, known in zip(after.findings, there, strict=True) if not known]
        if len(new) <= MOST_APART:
            found[name] = new
    return found


def _notes(name: str, unknown: Mapping[str, str], today: Today) -> list[str]:
    """What the user should know of the comparison, a sentence each."""
    told = unknown_notes(name, unknown)
    if not today.whole and not today.fast:
        total = len(today.ids)
        told.append(f"pixels were looked at in {today.looked:,} of {total:,} images: the others are as they were")
    return told


def unknown_notes(name: str, unknown: Mapping[str, str]) -> list[str]:
    """Which files of an earlier state cannot be told, and why, a sentence for each reason."""
    told = []
    for why in dict.fromkeys(unknown.values()):
        paths = [path for path, reason in unknown.items() if reason == why]
        some = ", ".join(shorten(path, 100) for path in paths[:MOST_NAMED]) + (", …" if len(paths) > MOST_NAMED else "")
        count = f"{len(paths):,} file{'' if len(paths) == 1 else 's'}"
        told.append(f"{count} of {shorten(name, 100)} cannot be compared, as each {why}: {some}")
    return told
