"""The commands and their options as one Typer app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from yoloaudit.cli.advise import advise
from yoloaudit.cli.attest import attest
from yoloaudit.cli.baseline import baseline
from yoloaudit.cli.bundle import bundle
from yoloaudit.cli.check import check
from yoloaudit.cli.compare import Sides, compare
from yoloaudit.cli.detect import detect
from yoloaudit.cli.diff import diff
from yoloaudit.cli.explain import explain
from yoloaudit.cli.fix import fix
from yoloaudit.cli.init import init
from yoloaudit.cli.rules import rules
from yoloaudit.cli.split import split
from yoloaudit.cli.streams import emit
from yoloaudit.cli.train import train
from yoloaudit.cli.train_options import BareOptions
from yoloaudit.cli.val import val
from yoloaudit.cli.weights import weights
from yoloaudit.version import __version__

WIDTH = 80


class Grouped(TyperCommand):
    """A command whose help lists its options under headings."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                sections.setdefault(getattr(parameter, "rich_help_panel", None) or "Options", []).append(record)
        for name, records in sections.items():
            with formatter.section(name):
                formatter.write_dl(records)


class Training(BareOptions, Grouped):
    """One that takes YOLOv5's options as YOLOv5 does: `--resume` alone, `--freeze 0 1 2`."""


class Comparing(Sides, Grouped):
    """One whose `--a` and `--b` take several runs each."""


SPECIAL: dict[Any, type[Grouped]] = {train: Training, baseline: Training, compare: Comparing}

app = typer.Typer(
    name="yoloaudit",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
)


def _version(wanted: bool) -> None:
    if wanted:
        emit([f"yoloaudit {__version__}"])
        raise typer.Exit


@app.callback()
def yoloaudit(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback where yoloaudit itself fails.")] = False,
) -> None:
    """Tell what is wrong with a YOLO-format data set, and what the trainer will do with every file and row of it."""


EVERY = (
    *(check, explain, rules, fix, attest, split, diff, init),
    *(baseline, compare, advise, bundle, train, val, detect, weights),
)
for run in EVERY:
    app.command(cls=SPECIAL.get(run, Grouped))(run)


def command(arguments: Sequence[str]) -> int:
    """Run the app on these arguments; the exit code. Raises what goes wrong."""
    run = typer.main.get_command(app)
    outcome = run(args=list(arguments) or ["--help"], prog_name="yoloaudit", standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0
