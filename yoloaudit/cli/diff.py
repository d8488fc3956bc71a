"""`yoloaudit diff`: what changed from one state of a data set to another, each a folder or a git ref."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeAlias

import typer

from yoloaudit.cli import against, measuring, options, streams
from yoloaudit.errors import DataError, UsageError, YoloauditError
from yoloaudit.findings import Change, shorten

if TYPE_CHECKING:
    from yoloaudit.against.changes import State
    from yoloaudit.against.earlier import Earlier, Laid
    from yoloaudit.dataset.layout import Layout

HEAD = "HEAD"

Base: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="[A]", help="The earlier state: a git ref, a data.yaml or a folder. Default: HEAD."),
]
Changed: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="[B]", help="The later state. Default: the data set in the working folder."),
]
Findings: TypeAlias = Annotated[
    bool, typer.Option("--findings", help="Also audit both by the rules: what is new, and what is mended?")
]
Format: TypeAlias = Annotated[str, typer.Option("--format", metavar="FORMAT", help="On stdout: text or json.")]


class Everything:
    """Holds whatever is asked for: no image needs to be looked at."""

    def __contains__(self, _: object) -> bool:
        return True


class Sides(NamedTuple):
    """The two states as they are named: B is a data set, or a ref of the repository that one is in."""

    base: str
    data: str | None
    """None: that in the working folder."""
    ref: str | None = None


def diff(
    a: Base = None,
    b: Changed = None,
    findings: Findings = False,
    config: options.Config = None,
    format: Format = "text",  # noqa: A002
    untrusted: options.Untrusted = False,
    root: options.RootFolder = None,
) -> None:
    """Show what changed from A to B: images, boxes and classes that were added, removed, moved or renamed.

    With one argument: a data set against HEAD, or the data set in the working folder against a ref. Exit code: 0, with
    --findings that of check --against; 2 cannot run.
    """
    if format not in ("text", "json"):
        raise UsageError("diff writes --format text or json to stdout")
    try:
        sides = sides_of(a, b)
        if findings:
            raise typer.Exit(_audited(sides, config, format, untrusted, root))
        change, notes = compared(sides, untrusted, root)
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise
    if format == "json":
        from yoloaudit.cli.show_split import document
        from yoloaudit.report.to_json import change_facts

        streams.emit(document({"change": change_facts(change)}))
    else:
        from yoloaudit.cli.against_text import text

        streams.emit(text(change, notes))


def sides_of(a: str | None, b: str | None) -> Sides:
    """What is compared with what: a name is a data set if there is a file or a folder of that name, else a ref."""
    if b is not None and not os.path.lexists(b):
        if a is not None and os.path.lexists(a):
            raise UsageError(f"name the git ref first: yoloaudit diff {shorten(b, 100)} {shorten(a, 100)}")
        return Sides(a or HEAD, None, b)
    if b is None and a is not None and os.path.lexists(a):
        return Sides(HEAD, a)
    return Sides(a or HEAD, b)


def compared(sides: Sides, untrusted: bool = False, root: str | None = None) -> tuple[Change, list[str]]:
    """What changed, and what to say of it; raises UsageError or DataError in one line."""
    from yoloaudit.against.changes import change
    from yoloaudit.against.earlier import earlier
    from yoloaudit.against.verdict import class_counts
    from yoloaudit.cli.console import progress
    from yoloaudit.dataset.find import find
    from yoloaudit.dataset.ledger import class_counts as counted

    layout = find(sides.data, untrusted=untrusted, root_dir=root)
    where: dict[str, Any] = {"untrusted": untrusted, "root_dir": root}
    before = earlier(sides.base, layout, sides.data, **where)
    with progress() as shown, shown.task("comparing", None):
        now: State | None
        if sides.ref is None:
            notes = list[str]()
            now = _state(layout, layout.root.path, before.ids(layout.root, layout.images), untrusted)
        else:
            now, notes, _ = _then(earlier(sides.ref, layout, sides.data, **where), layout, untrusted)
        if now is None:
            raise DataError(notes[0])
        then, more, unknown = _then(before, layout, untrusted)
        found = change(sides.base, then, now, unknown.__contains__)
    counts = class_counts(counted(then.dataset) if then else [], counted(now.dataset))
    return replace(found, deltas=[*found.deltas, *counts]), [*notes, *more]


def _then(state: Earlier, today: Layout, untrusted: bool) -> tuple[State | None, list[str], set[str]]:
    """A state of the past with the paths of today, what to say of it, and files that cannot be told; None: none yet."""
    with state.laid_out(Everything()) as laid:
        try:
            layout = laid.layout(())
        except DataError as error:
            why = f"at {shorten(state.name, 100)} there is no such data set: {error}"
            return None, [why.replace(laid.folder or "\0", laid.top)], set()
        then = _state(layout, today.root.path, laid.ids(layout.root, layout.images), untrusted, laid)
        unknown = {today.root.relative(path): why for path, why in laid.unknown().items()}
    return then, against.unknown_notes(state.name, unknown), set(unknown)


def _state(layout: Layout, root: str, ids: Sequence[str], untrusted: bool, laid: Laid | None = None) -> State:
    """The labels of a state; no image is opened."""
    from yoloaudit.against.changes import State
    from yoloaudit.dataset.load import read

    dataset = read(layout, untrusted=untrusted, workers=1 if laid and laid.folder else None, headers=None)
    return State(dataset if laid is None else against.as_today(dataset, root, laid), ids)


def _audited(sides: Sides, config: str | None, format: str, untrusted: bool, root: str | None) -> int:  # noqa: A002
    """The comparison by the rules, printed; the exit code."""
    from yoloaudit.cli import check
    from yoloaudit.cli.console import progress

    if sides.ref is not None:
        raise UsageError(
            f"--findings looks at images on the disk: check out {shorten(sides.ref, 100)}, or leave it out"
        )
    settings = check.settings_of(config, untrusted)
    rules = measuring.without_run(check.rules_of(settings, untrusted), settings.options, None)
    with progress() as shown:
        found = against.audited(against.Asked(sides.base, settings.options, rules, sides.data, untrusted, root), shown)
    report = replace(found.report, settings={"fail_on": settings.options.fail_on, "given": ()})
    if format == "json":
        from yoloaudit.report import to_json

        streams.emit(to_json.lines(report))
    else:
        from yoloaudit.cli import against_text, reporting, show

        news, notes = against_text.only_new(report)
        assert report.change is not None
        streams.emit(
            [*against_text.text(report.change, []), *show.text(news, reporting.titles(), notes=[*notes, *found.notes])]
        )
    return report.exit_code(settings.options.fail_on)
