"""A data set and what is to be done to its labels → done, under its lock, with a journal; or only planned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from yoloaudit.dataset.find import find
from yoloaudit.dataset.layout import Layout
from yoloaudit.errors import DataError
from yoloaudit.findings import shorten
from yoloaudit.progress import Progress, silent
from yoloaudit.repair import journal
from yoloaudit.repair.accept import plan_accepted
from yoloaudit.repair.apply import apply
from yoloaudit.repair.choose import MIN_SCORE, Chosen, chosen
from yoloaudit.repair.edits import Left, Plan
from yoloaudit.repair.lock import held
from yoloaudit.repair.move_step import Moves
from yoloaudit.repair.places import Places
from yoloaudit.repair.plan import caches
from yoloaudit.repair.undo import Undone, recovered, undo

WANTED = ("changed", "refused")
"""Kinds of what is left that was wanted, and could not be done as things are."""


@dataclass(frozen=True)
class Fixed:
    """What a fix came to."""

    root: str
    descriptor: str
    plan: Plan = field(default_factory=Plan)
    """What was done, or with `dry` would be."""
    number: int | None = None
    """Of its journal; None: nothing was changed."""
    recovered: Sequence[Undone] = ()
    """Fixes that had been cut off, and were taken back first."""
    chosen: Chosen | None = None
    """What was accepted of a report."""

    @property
    def refused(self) -> list[Left]:
        """What was wanted, and could not be done as things are."""
        return [left for left in self.plan.left if left.kind in WANTED]


def accept_report(
    data: str | None,
    report: str,
    *,
    rules: Sequence[str] | None = None,
    min_score: float | None = None,
    decisions: str | None = None,
    dry: bool = False,
    untrusted: bool = False,
    root: str | None = None,
    made_by: str = "accept_report",
    progress: Progress = silent,
) -> Fixed:
    """Do what findings of a JSON report propose, for those that are accepted: by rule and score, or by decisions.

    Raises UsageError for a report or a decision that cannot be read, DataError for a data set that cannot be mended,
    WriteError where the disk fails; nothing has changed then.
    """
    picked = chosen(report, rules, min_score, decisions, default=MIN_SCORE)

    def planned(layout: Layout, places: Places, number: int) -> Plan:
        plan = plan_accepted(layout, places, picked.proposals)
        moves = Moves(places, number)
        stale = list(caches(layout, [edit.path for edit in plan.edits], moves))
        return Plan([*plan.edits, *moves.moves.values()], [*plan.mends, *stale], plan.left)

    fixed = fix(
        data,
        planned,
        dry=dry,
        untrusted=untrusted,
        root=root,
        made_by=made_by,
        progress=progress,
    )
    return replace(fixed, chosen=picked)


def fix(
    data: str | None,
    planned: Callable[[Layout, Places, int], Plan],
    *,
    splits: Sequence[str] = (),
    dry: bool = False,
    untrusted: bool = False,
    root: str | None = None,
    made_by: str = "fix",
    progress: Progress = silent,
) -> Fixed:
    """Plan edits of a data set, and do them unless `dry`; a fix that was cut off before is taken back first.

    `planned` is handed the layout, the files that may be changed, and the number that the journal will have.
    """
    layout = laid_out(data, untrusted=untrusted, root=root, splits=splits)
    places = Places(layout.root.path)
    with working(places, dry=dry) as before:
        if before:
            layout = laid_out(data, untrusted=untrusted, root=root, splits=splits)
        plan = planned(layout, places, journal.following(places))
        number = None
        if plan.edits and not dry:
            applied = apply(places, plan.edits, made_by, progress=progress)
            refused = {each.edit.path: each.why for each in applied.refused}
            plan, number = _without(plan, refused), applied.number
        return Fixed(layout.root.path, layout.descriptor.path, plan, number, before)


def _without(plan: Plan, refused: dict[str, str]) -> Plan:
    """What was done of a plan, and what was refused as left."""
    gone = [
        Left(mend.rule, mend.path, mend.line, refused[mend.path], "refused")
        for mend in plan.mends
        if mend.path in refused
    ]
    edits = [edit for edit in plan.edits if edit.path not in refused]
    return Plan(edits, [mend for mend in plan.mends if mend.path not in refused], [*plan.left, *gone])


def undo_last(
    data: str | None, *, untrusted: bool = False, root: str | None = None, progress: Progress = silent
) -> tuple[Fixed, Undone]:
    """Take the last fix of a data set back; raises DataError where there is none."""
    layout = laid_out(data, untrusted=untrusted, root=root)
    places = Places(layout.root.path)
    with held(places):
        undone = undo(places, progress=progress)
    if undone is None:
        raise DataError(f"{shorten(layout.root.path, 200)} has no fix to take back")
    return Fixed(layout.root.path, layout.descriptor.path), undone


def laid_out(
    data: str | None, *, untrusted: bool = False, root: str | None = None, splits: Sequence[str] = ()
) -> Layout:
    """The layout of a data set; raises DataError where it is none that can be mended."""
    layout = find(data, untrusted=untrusted, root_dir=root, splits=splits)
    kind = layout.descriptor.layout
    if kind != "yolo":
        raise DataError(f"this is a {kind.upper()} data set, and only YOLO labels can be mended. Export it as YOLO")
    return layout


@contextmanager
def working(places: Places, *, dry: bool = False) -> Iterator[Sequence[Undone]]:
    """Hold the lock, and take back what was cut off. With `dry` nothing is written, and what was cut off is refused."""
    if dry:
        if any(is_open for _, is_open in journal.numbers(places)):
            raise DataError("a fix was cut off in the middle. `yoloaudit fix DATA --undo` takes it back")
        yield ()
        return
    with held(places):
        yield recovered(places)
