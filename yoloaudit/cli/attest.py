"""`yoloaudit attest`: a person says that images are empty, and their empty label files say so from then on."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from yoloaudit.cli import options, streams
from yoloaudit.cli.fix_run import Asked, Story
from yoloaudit.errors import UsageError, YoloauditError
from yoloaudit.findings import shorten

if TYPE_CHECKING:
    from yoloaudit.dataset.layout import Layout
    from yoloaudit.repair.edits import Plan
    from yoloaudit.repair.places import Places

MOST_SHOWN = 20

Which: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[IMAGES]...",
        help="Images, or globs in quotes, relative to the data set's root; left out: all without a label file.",
        show_default=False,
    ),
]
From: TypeAlias = Annotated[
    str | None, typer.Option("--from", metavar="FILE", help="Images that a file names, one a line.")
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="They have been looked at: do not ask.")]
Diff: TypeAlias = Annotated[bool, typer.Option("--diff", help="Show what would be written, and write nothing.")]
Format: TypeAlias = Annotated[str, typer.Option("--format", metavar="FORMAT", help="On stdout: text or json.")]


def attest(
    data: options.Data = None,
    images: Which = None,
    named: From = None,
    yes: Yes = False,
    diff: Diff = False,
    format: Format = "text",  # noqa: A002
    untrusted: options.Untrusted = False,
    root: options.RootFolder = None,
) -> None:
    """Say that images without a label file are truly empty: each gets an empty one. `fix --undo` takes it back.

    Images that have labels are refused. Exit code: 0 done, 1 --diff shows something, 2 cannot run, 3 some refused.
    """
    from yoloaudit.cli.fix import code_of, tell

    if format not in ("text", "json"):
        raise UsageError("attest writes --format text or json to stdout")
    asked = Asked(data=data, diff=diff, untrusted=untrusted, root=root, attest=True)
    try:
        story = attested(asked, images or [], named, yes=yes)
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise
    tell(story, format)
    raise typer.Exit(code_of(story))


def attested(asked: Asked, images: list[str], named: str | None, *, yes: bool) -> Story:
    """Find the images, ask, and write."""
    from yoloaudit.repair.attest import listed_in, matched, plan_attested
    from yoloaudit.repair.edits import Plan
    from yoloaudit.repair.fixing import fix

    wanted = [*images, *(listed_in(named) if named is not None else [])]
    if named is not None and not wanted:
        raise UsageError(f"--from {shorten(named, 200)} names no image")

    def planned(layout: Layout, places: Places, _: int) -> Plan:
        plan = plan_attested(layout, places, matched(layout, wanted))
        if plan.edits and not asked.diff and not yes and not agreed(plan):
            return Plan(left=plan.left)
        return plan

    words = ["yoloaudit", "attest", *([asked.data] if asked.data else []), *images]
    words += ["--from", named] if named is not None else []
    made_by = shlex.join(words)
    return Story(
        asked, fix(asked.data, planned, dry=asked.diff, untrusted=asked.untrusted, root=asked.root, made_by=made_by)
    )


def agreed(plan: Plan) -> bool:
    """Whether the person says yes; raises UsageError where nobody can be asked."""
    from yoloaudit.report.text import show

    count = len(plan.edits)
    if not sys.stdin.isatty():
        raise UsageError(f"{count:,} images are to be attested as empty, and nobody can be asked. Look, then say --yes")
    for edit in plan.edits[:MOST_SHOWN]:
        streams.tell(f"  {show(edit.path, 4096)}")
    if count > MOST_SHOWN:
        streams.tell(f"  … and {count - MOST_SHOWN:,} more: --diff lists them all")
    images = "image is" if count == 1 else "images are"
    return typer.confirm(f"Have you looked, and {count:,} {images} truly empty?", default=False, err=True)
