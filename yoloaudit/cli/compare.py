"""`yoloaudit compare`: what changed between two runs of training, and whether it is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from typer.core import TyperCommand

from yoloaudit.cli import streams
from yoloaudit.errors import UsageError, YoloauditError
from yoloaudit.findings import shorten

if TYPE_CHECKING:
    from yoloaudit.compare.comparison import Comparison

MANY = ("--a", "--b")
"""Options that take all arguments up to the next option."""
FORMATS = ("text", "json")

RunA: TypeAlias = Annotated[str | None, typer.Argument(metavar="RUN_A", help="A run folder, as runs/baseline/exp.")]
RunB: TypeAlias = Annotated[str | None, typer.Argument(metavar="RUN_B", help="Another one.")]
SideA: TypeAlias = Annotated[
    list[str] | None, typer.Option("--a", metavar="RUN …", help="Several runs of side A, of other seeds.")
]
SideB: TypeAlias = Annotated[list[str] | None, typer.Option("--b", metavar="RUN …", help="Several runs of side B.")]
Samples: TypeAlias = Annotated[
    int, typer.Option("--samples", metavar="N", min=200, max=100_000, help="How often images are drawn anew.")
]
Seed: TypeAlias = Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**31, help="Seed of these draws.")]
Gate: TypeAlias = Annotated[
    bool, typer.Option("--fail-on-regression", help="Exit code 1 if mAP50-95 of B is lower, beyond chance.")
]
Verbose: TypeAlias = Annotated[bool, typer.Option("--verbose", help="List all classes and all notes.")]
Format: TypeAlias = Annotated[str, typer.Option("--format", metavar="FORMAT", help="On stdout: text or json.")]
Output: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--output", metavar="FORMAT=PATH", help="Also write text, json or html to a file. Repeatable."),
]
Untrusted: TypeAlias = Annotated[
    bool, typer.Option("--untrusted", help="Show no images on the page but those below --data.")
]
Data: TypeAlias = Annotated[
    str | None,
    typer.Option("--data", metavar="DIR", help="Where the images of the page lie. Default: where B's run says."),
]


class Sides(TyperCommand):
    """A command whose `--a` and `--b` take several arguments each: `--a old-* --b new-*`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest: list[str] = super().parse_args(ctx, repeated(args))
        return rest


def repeated(arguments: Sequence[str]) -> list[str]:
    """Arguments in which `--a 1 2` is `--a 1 --a 2`."""
    made: list[str] = []
    several = ""
    for place, argument in enumerate(arguments):
        if argument == "--":
            return [*made, *arguments[place:]]
        if argument.startswith("-"):
            several = argument if argument in MANY else ""
            made += [] if several else [argument]
        else:
            made += [several, argument] if several else [argument]
    return made


def compare(
    run_a: RunA = None,
    run_b: RunB = None,
    a: SideA = None,
    b: SideB = None,
    samples: Samples = 1000,
    seed: Seed = 0,
    fail_on_regression: Gate = False,
    data: Data = None,
    verbose: Verbose = False,
    format: Format = "text",  # noqa: A002
    output: Output = None,
    untrusted: Untrusted = False,
) -> None:
    """Tell what changed from run A to run B, how much, and whether it is real: P, R and mAP with 95 % intervals.

    Several seeds a side: --a RUN RUN … --b RUN RUN …
    Exit code: 0 compared, 1 worse and --fail-on-regression, 2 cannot run.
    """
    if format not in FORMATS:
        raise UsageError("compare writes --format text or json to stdout; a page: --output html=PATH")
    try:
        wanted = places_of(output or [])
        made = compared(*sides_of([run_a, run_b], a or [], b or []), samples, seed)
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise
    from yoloaudit.cli import compare_text

    for kind, path in wanted.items():
        write(kind, path, made, data, untrusted=untrusted)
    streams.emit(compare_text.document(made) if format == "json" else compare_text.text(made, verbose=verbose))
    raise typer.Exit(1 if fail_on_regression and made.is_regression else 0)


def sides_of(positional: Sequence[str | None], a: Sequence[str], b: Sequence[str]) -> tuple[list[str], list[str]]:
    """The runs of A and of B, named either way; raises UsageError where a side is missing or both ways are mixed."""
    named = [folder for folder in positional if folder is not None]
    if named and (a or b):
        raise UsageError("name runs either as RUN_A RUN_B, or by --a and --b")
    if named and len(named) != 2:
        raise UsageError(f"{shorten(named[0], 200)} is one run, and comparing takes two: yoloaudit compare RUN_A RUN_B")
    if not named and not (a and b):
        raise UsageError("name two runs: yoloaudit compare RUN_A RUN_B, or several a side: --a RUN … --b RUN …")
    return ([named[0]], [named[1]]) if named else (list(a), list(b))


def places_of(output: Sequence[str]) -> Mapping[str, str]:
    """Where each format goes."""
    made = {}
    for entry in output:
        kind, equals, path = entry.partition("=")
        if not equals or not path or kind not in (*FORMATS, "html"):
            raise UsageError(f"--output takes text=PATH, json=PATH or html=PATH, not {shorten(entry)!r}")
        made[kind] = path
    return made


def compared(a: Sequence[str], b: Sequence[str], samples: int, seed: int) -> Comparison:
    """Read and compare, with a bar."""
    from yoloaudit.cli.console import progress
    from yoloaudit.compare.comparison import compare as work

    with progress() as shown:
        return work(a, b, samples=samples, seed=seed, progress=shown)


def write(kind: str, path: str, made: Comparison, data: str | None, *, untrusted: bool = False) -> None:
    """Write one format to a file; of runs that are not trusted, images are shown from the folder `data` alone."""
    from yoloaudit.cli import compare_text
    from yoloaudit.cli.console import progress
    from yoloaudit.files import write_atomically

    if kind == "html":
        from yoloaudit.cli import compare_html

        with progress() as shown:
            content = compare_html.page(made, data, untrusted=untrusted, progress=shown)
    else:
        told = compare_text.document(made) if kind == "json" else compare_text.text(made, verbose=True, lively=False)
        content = "".join(f"{line}\n" for line in told)
    write_atomically(path, content.encode("utf-8"))
