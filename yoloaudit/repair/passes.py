"""Findings → edits of text, pass after pass, until an audit of the data set as it would be asks for no more.

The edits are made in memory, and the whole is audited again before a byte is written: so a fix is done once and for
all, and a mend that would only put another defect in the place of the first is not done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.load import Dataset
from yoloaudit.findings import Finding, Report
from yoloaudit.packs import Rule
from yoloaudit.repair import descriptor_step, move_step
from yoloaudit.repair.edits import Left, Mend
from yoloaudit.repair.label_step import KINDS, WHOLE, mend_labels
from yoloaudit.repair.lines import Lines
from yoloaudit.repair.move_step import Moves
from yoloaudit.repair.overlay import laid_over, with_label, without
from yoloaudit.repair.places import Places
from yoloaudit.repair.singles import Single, apart, singles
from yoloaudit.repair.step import Row, Step, Wanted

FEW = 0.1
"""Share of rows that may come out as bad as they were, of a fix that all rows need."""
PASSES, ROUNDS, STAGES = 8, 5, 5
"""Passes until nothing more is found, rounds without what was found to do harm, and stages that begin with what came
out of the one before; more are not needed in practice."""


class Bench(NamedTuple):
    """What the passes work with."""

    layout: Layout
    places: Places
    load: Callable[[Layout], Dataset]
    relay: Callable[[Layout], Layout]
    """Lays the data set out anew, where its descriptor or a list would be another."""
    audit: Callable[[Dataset], Report]
    rules: Sequence[Rule]
    wanted: Wanted
    number: int
    """Of the journal that all this will be in."""
    now: float


@dataclass
class Trial:
    """A data set after some passes, in memory."""

    layout: Layout
    moves: Moves
    contents: dict[str, bytes] = field(default_factory=dict)
    """Files with another content, by path relative to the root."""
    origins: dict[str, list[int]] = field(default_factory=dict)
    """Of files that lost lines: the number that each line had."""
    mends: list[Mend] = field(default_factory=list)
    ranks: dict[Row, int] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    """Files that could not be read before, so that all of their rows are looked at for the first time."""

    def copy(self, moves: Moves) -> Trial:
        """The same to go on from, with nothing done as yet."""
        return Trial(
            self.layout, moves, dict(self.contents), dict(self.origins), list(self.mends), unread=set(self.unread)
        )

    def line_of(self, path: str, line: int) -> int:
        """The number that a line had before the first pass."""
        origin = self.origins.get(path)
        return line if origin is None or not 0 < line <= len(origin) else origin[line - 1]


class Settled(NamedTuple):
    """The outcome: the trial, the data set that it would make, its audit, and what is new in it."""

    trial: Trial
    dataset: Dataset
    report: Report
    news: Sequence[Finding]
    """Findings that were not there before, milder than what was mended, or about the data set as a whole."""


def settled(bench: Bench, dataset: Dataset, report: Report) -> Settled:
    """Go through the findings of this audit, and of those of what would come out, until all that can be mended is."""
    done = Settled(Trial(bench.layout, Moves(bench.places, bench.number)), dataset, report, ())
    for number in range(STAGES):
        mends = len(done.trial.mends)
        done = _without_harm(bench, done, first=not number)
        if len(done.trial.mends) == mends:
            break
    return done


def _without_harm(bench: Bench, start: Settled, *, first: bool) -> Settled:
    """One stage: passes until nothing more is found, again without the mends that did harm."""
    blocked: dict[Row, str] = {}
    known = _known(start)
    news: list[Finding] = []
    for number in range(ROUNDS + 1):
        trial, after, last = _passes(bench, start, blocked, first=first)
        harm, news = _compared(bench, trial, after, last, known)
        harm = _of_wholes(bench, trial, harm)
        if not harm:
            break
        blocked |= harm
        if number == ROUNDS - 1:
            blocked |= {row: blocked.get(row, "too much follows from it") for row in trial.ranks}
    return Settled(trial, after, last, [*start.news, *news])


def _passes(bench: Bench, start: Settled, blocked: Mapping[Row, str], *, first: bool) -> tuple[Trial, Dataset, Report]:
    dataset, report = start.dataset, start.report
    trial = start.trial.copy(Moves(bench.places, bench.number) if first else start.trial.moves)
    for number in range(PASSES):
        found = list(singles(dataset, report, bench.rules))
        step = _stepped(bench, trial, dataset, found, blocked, first=first and not number)
        trial.left = step.left
        if not step.mends:
            break
        dataset = bench.load(trial.layout)
        report = bench.audit(dataset)
    return trial, dataset, report


def _stepped(
    bench: Bench, trial: Trial, dataset: Dataset, found: Sequence[Single], blocked: Mapping[Row, str], *, first: bool
) -> Step:
    """One pass, and the trial after it."""

    def read(path: str) -> bytes | None:
        return trial.contents[path] if path in trial.contents else bench.places.read(path)

    step = Step(bench.wanted, bench.places, read, blocked, trial.line_of)
    of_places = [single for single in found if single.check in move_step.CHECKS]
    of_text = [single for single in found if single.check in descriptor_step.CHECKS]
    of_labels = [single for single in found if single.kind in KINDS and single.finding.where.label]
    of_labels = [single for single in of_labels if single.check not in (*move_step.CHECKS, *descriptor_step.CHECKS)]
    layout = trial.layout
    if first:
        layout = _moved(bench, trial, step, of_places, dataset)
    descriptor_step.mend_descriptor(step, of_text, dataset)
    described = bool(step.contents)
    mend_labels(step, of_labels, dataset)
    for path, lines in step.dropped.items():
        count = len(Lines.of(read(path) or b"").texts)
        gone = set(lines)
        trial.origins[path] = [trial.line_of(path, line) for line in range(1, count + 1) if line not in gone]
    unreadable = set(dataset.labels["path"][dataset.labels["error"].notna().to_numpy()])
    trial.unread |= unreadable & step.contents.keys()
    trial.contents |= step.contents
    trial.mends += step.mends
    trial.ranks |= step.ranks
    trial.layout = laid_over(layout, trial.contents, bench.now)
    if described:
        trial.layout = _relaid(bench, trial)
    return step


def _moved(bench: Bench, trial: Trial, step: Step, found: Sequence[Single], dataset: Dataset) -> Layout:
    """The layout after the moves of label files; what was moved is read from memory from then on."""
    layout = trial.layout
    for image, move in move_step.mend_places(step, found, dataset, trial.moves):
        if image >= 0 and layout.label_of[image] < 0:
            layout = with_label(layout, image, move.to)
            trial.contents[move.to] = bench.places.read(move.path) or b""
    return without(layout, list(trial.moves.moves)) if trial.moves.moves else layout


def _relaid(bench: Bench, trial: Trial) -> Layout:
    """The layout that the descriptor and the lists would lead to, with labels where they will be."""
    layout = bench.relay(trial.layout)
    place = {path: position for position, path in enumerate(layout.images)}
    strays = bench.layout.strays
    owners = dict(zip(strays["path"].tolist(), strays["image"].tolist(), strict=True))
    for move in trial.moves.moves.values():
        owner = int(owners.get(move.path, -1))
        image = place.get(bench.layout.images[owner], -1) if owner >= 0 else -1
        if move.to in trial.contents and image >= 0 and layout.label_of[image] < 0:
            layout = with_label(layout, image, move.to)
    return without(layout, list(trial.moves.moves)) if trial.moves.moves else layout


def _of_wholes(bench: Bench, trial: Trial, harm: Mapping[Row, str]) -> dict[Row, str]:
    """Harm of fixes that all rows need, or none: to a few rows it is told and no more, to many it blocks them all."""
    kinds = {rule.name: rule.check.fix.kind for rule in bench.rules if rule.check is not None and rule.check.fix}
    wholes = {row.rule for row in harm if kinds.get(row.rule) in WHOLE}
    judged = {row: why for row, why in harm.items() if row.rule not in wholes}
    for rule in wholes:
        hurt = {row: why for row, why in harm.items() if row.rule == rule}
        rows = [row for row in trial.ranks if row.rule == rule]
        if len(hurt) > FEW * len(rows):
            judged |= dict.fromkeys(rows, next(iter(hurt.values())))
    return judged


class _Known(NamedTuple):
    """What the first audit found."""

    places: frozenset[tuple[str, str, int | None]]
    folded: frozenset[str]
    whole: frozenset[tuple[str, str | None, int | None]]


def _known(start: Settled) -> _Known:
    findings, trial = start.report.findings, start.trial
    return _Known(
        frozenset((each.rule, _path(each), _line(trial, each)) for each in findings),
        frozenset(each.rule for each in findings if each.folded > 1),
        frozenset((each.rule, each.where.split, each.where.class_id) for each in findings if not _path(each)),
    )


def _line(trial: Trial, finding: Finding) -> int | None:
    line = finding.where.line
    return None if line is None else trial.line_of(_path(finding), line)


def _path(finding: Finding) -> str:
    where = finding.where
    return where.file or (where.label if where.line is not None else where.image) or where.label or ""


def _compared(
    bench: Bench, trial: Trial, dataset: Dataset, report: Report, known: _Known
) -> tuple[dict[Row, str], list[Finding]]:
    """The mends that do harm, with what they would lead to; and other findings that are new.

    Harm is a finding that was not there, on a row (or in a file) that was mended, and no milder than what was mended;
    and a finding that was to be mended and is there all the same.
    """
    harm: dict[Row, str] = {}
    news = []
    index = _Index(trial)
    mended = {(row.rule, row.path, row.line) for row in trial.ranks}
    for each in _all_new(bench, dataset, report, known):
        path = _path(each)
        line = _line(trial, each)
        if (each.rule, path, line) in mended:
            harm[Row(path, line, each.rule)] = "the mend would not take the defect away"
            continue
        if (each.rule, path, line) in known.places or (not path and _whole(each) in known.whole):
            continue
        rows = [] if path in trial.unread else index.causes(each, path, line)
        worse = [row for row in rows if each.severity.rank <= trial.ranks[row]]
        harm |= dict.fromkeys(worse, f"it would then be {each.rule}: {each.message}")
        if not worse:
            news.append(each)
    return harm, news


def _whole(finding: Finding) -> tuple[str, str | None, int | None]:
    return finding.rule, finding.where.split, finding.where.class_id


def _all_new(bench: Bench, dataset: Dataset, report: Report, known: _Known) -> Iterator[Finding]:
    """The findings of the last audit; those that are folded now, and were not there at all, one by one."""
    named = {rule.name: rule for rule in bench.rules}
    before = {rule for rule, _, _ in known.places}
    for each in report.findings:
        if each.folded == 1 and each.rule not in known.folded:
            yield each
        elif each.folded > 1 and each.rule not in before and each.rule in named:
            yield from apart(dataset, named[each.rule])


class _Index:
    """The rows that were mended, to look them up."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.by_row: dict[tuple[str, int | None], list[Row]] = {}
        self.by_path: dict[str, list[Row]] = {}
        for row in trial.ranks:
            self.by_row.setdefault((row.path, row.line), []).append(row)
            self.by_path.setdefault(row.path, []).append(row)

    def causes(self, finding: Finding, path: str, line: int | None) -> list[Row]:
        """The mends that a new finding may follow from: of its row, else of the rows it names, else of its file."""
        if own := self.by_row.get((path, line)):
            return own
        named = [
            row
            for each in finding.related
            if each.label is not None and each.line is not None
            for row in self.by_row.get((each.label, self.trial.line_of(each.label, each.line)), ())
        ]
        return named or self.by_path.get(path, [])
