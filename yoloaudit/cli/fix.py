"""`yoloaudit fix`: what findings propose, or a person accepted, is written into label files, and can be taken back."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

import typer

from yoloaudit.cli import arguments, options, streams
from yoloaudit.cli.fix_run import Asked, Story, accepted, taken_back
from yoloaudit.errors import UsageError, YoloauditError

DONE, WOULD, IN_PART = 0, 1, 3
"""Exit codes: done; `--diff` shows something; some edits that were wanted were refused, the others are done."""
EDITS, MODEL = "What is mended", "What a person accepted"

Diff: TypeAlias = Annotated[
    bool, typer.Option("--diff", help="Show what would change, and write nothing.", rich_help_panel=EDITS)
]
Unsafe: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--unsafe", help="Also do what changes the meaning of a label: look at --diff first.", rich_help_panel=EDITS
    ),
]
Images: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--images",
        help="Also touch image files: rename, turn, put aside. Nothing is ever deleted.",
        rich_help_panel=EDITS,
    ),
]
Undo: TypeAlias = Annotated[
    bool, typer.Option("--undo", help="Take the last fix back, byte for byte.", rich_help_panel=EDITS)
]
Accept: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--accept",
        metavar="REPORT",
        help="Do what findings of a JSON report of `check` propose: with --rules or --decisions.",
        rich_help_panel=MODEL,
    ),
]
MinScore: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--min-score",
        metavar="SCORE",
        min=0,
        max=1,
        help="With --accept: only findings of at least this score. Default: 0.9.",
        rich_help_panel=MODEL,
    ),
]
Decisions: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--decisions",
        metavar="FILE",
        help="With --accept: JSON or CSV that says accept or reject for fingerprints of findings.",
        rich_help_panel=MODEL,
    ),
]
Format: TypeAlias = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="On stdout: text or json.", rich_help_panel=options.OUT)
]


def fix(
    data: options.Data = None,
    diff: Diff = False,
    unsafe: Unsafe = False,
    images: Images = False,
    undo: Undo = False,
    accept: Accept = None,
    min_score: MinScore = None,
    decisions: Decisions = None,
    split: options.Split = None,
    imgsz: options.ImageSize = None,
    fast: options.Fast = False,
    no_cache: options.NoCache = False,
    cache_dir: options.CacheFolder = None,
    workers: options.Workers = None,
    rules: options.Rules = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    config: options.Config = None,
    format: Format = "text",  # noqa: A002
    untrusted: options.Untrusted = False,
    root: options.RootFolder = None,
) -> None:
    """Mend labels as findings propose: what is safe, unless more is asked for. --undo takes it back, byte for byte.

    With --accept, --rules names the rules whose proposals are taken. Exit code: 0 done, 1 --diff shows something,
    2 cannot run, 3 done but for edits that were refused.
    """
    lists = {"split": arguments.splits(split), "select": arguments.names(select), "ignore": arguments.reasons(ignore)}
    values = {"imgsz": imgsz, "workers": workers, "cache_dir": cache_dir, "rules": arguments.names(rules)}
    given = {**lists, **values, "fast": fast or None, "no_cache": no_cache or None}
    chosen = arguments.names(rules)
    asked = Asked(data, diff, unsafe, images, accept, chosen, min_score, decisions, untrusted=untrusted, root=root)
    _refuse_contradictions(asked, format, undo=undo, chosen=select or ignore)
    raise typer.Exit(finished(asked, given, config, format, undo=undo))


def finished(asked: Asked, given: Mapping[str, Any], config: str | None, format: str, *, undo: bool) -> int:  # noqa: A002
    """Do what is asked, and tell it; an error is told as JSON, too, where that is wanted. The exit code."""
    try:
        if undo:
            story = taken_back(asked)
        elif asked.accept is not None:
            story = accepted(asked)
        else:
            from yoloaudit.cli.fix_audit import audited

            story = audited(asked, config, given)
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise
    tell(story, format)
    return code_of(story)


def code_of(story: Story) -> int:
    """The exit code of a fix."""
    if story.asked.diff and story.fixed.plan.edits:
        return WOULD
    return IN_PART if story.fixed.refused else DONE


def tell(story: Story, format: str) -> None:  # noqa: A002
    """Say what a fix came to: a diff alone goes to standard output, what is said of it to standard error."""
    if format == "json":
        from yoloaudit.cli.fix_text import document

        streams.emit(document(story))
        return
    from yoloaudit.cli.fix_text import text

    if story.asked.diff:
        from yoloaudit.cli.console import is_lively
        from yoloaudit.cli.fix_diff import coloured, lines

        shown = lines(story.fixed.plan.edits)
        streams.emit(coloured(shown) if is_lively(sys.stdout) else shown)
        streams.tell(*text(story, lively=False))
    else:
        streams.emit(text(story))


def _refuse_contradictions(asked: Asked, format: str, *, undo: bool, chosen: object) -> None:  # noqa: A002
    if format not in ("text", "json"):
        raise UsageError("fix writes --format text or json to stdout")
    if undo and (asked.diff or asked.unsafe or asked.images or asked.accept is not None):
        raise UsageError("--undo takes the last fix back as a whole. Leave the other options out")
    if asked.accept is None:
        for option, given in (("--min-score", asked.min_score), ("--decisions", asked.decisions)):
            if given is not None:
                raise UsageError(f"{option} says which proposals are accepted: name their report, --accept report.json")
    elif asked.rules is None and asked.decisions is None:
        raise UsageError(
            "--accept does nothing unseen: name the rules, --rules missed-label --min-score 0.9, or --decisions FILE"
        )
    elif chosen:
        raise UsageError("with --accept, --rules names the rules whose proposals are taken. Leave the others out")
