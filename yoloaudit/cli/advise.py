"""`yoloaudit advise`: the guide's training settings, sentence by sentence, against a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from yoloaudit.cli import options, streams
from yoloaudit.errors import UsageError, YoloauditError
from yoloaudit.findings import shorten

if TYPE_CHECKING:
    from yoloaudit.cli.show_advice import Advice
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.packs import Rule
    from yoloaudit.progress import Progress
    from yoloaudit.training_run import Run

FAMILY = "training"
LEVELS = ("error", "warning", "info", "never")

RunFolder: TypeAlias = Annotated[
    str, typer.Argument(metavar="RUN", help="A run folder of yoloaudit or YOLOv5, as runs/train/exp.")
]
Data: TypeAlias = Annotated[
    str | None, typer.Option("--data", metavar="DATA", help="Its data set. Default: the one that the run names.")
]
Baseline: TypeAlias = Annotated[
    str | None, typer.Option("--baseline", metavar="DIR", help="An earlier run that it is held against.")
]
UsedAt: TypeAlias = Annotated[
    int | None,
    typer.Option(
        *("--imgsz", "--img"),
        metavar="PX",
        min=32,
        max=100_000,
        help="Image size at which the model is to be used. Default: that of the training.",
    ),
]
Format: TypeAlias = Annotated[str, typer.Option("--format", metavar="FORMAT", help="On stdout: text or json.")]


def advise(
    run: RunFolder,
    data: Data = None,
    baseline: Baseline = None,
    imgsz: UsedAt = None,
    rules: options.Rules = None,
    fail_on: options.FailOn = None,
    format: Format = "text",  # noqa: A002
    untrusted: options.Untrusted = False,
    root: options.RootFolder = None,
) -> None:
    """Hold a run of training against the guide: epochs, image size, batch, default settings; and what is beyond it.

    Exit code: 0 nothing at or above --fail-on, 1 findings, 2 cannot run, 3 a check crashed.
    """
    level = fail_on or "error"
    if format not in ("text", "json"):
        raise UsageError("advise writes --format text or json to stdout")
    if level not in LEVELS:
        raise UsageError(f"--fail-on takes {', '.join(LEVELS)}, not {shorten(level)!r}")
    try:
        made = advice(run, data, baseline, imgsz, rules or ["default"], untrusted=untrusted, root=root)
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise
    from yoloaudit.cli import show_advice

    made = made._replace(report=replace(made.report, settings={"fail_on": level}))
    streams.emit(show_advice.document(made) if format == "json" else show_advice.text(made))
    raise typer.Exit(made.report.exit_code(level))


def advice(
    folder: str,
    data: str | None,
    baseline: str | None,
    imgsz: int | None,
    packs: Sequence[str],
    *,
    untrusted: bool,
    root: str | None,
) -> Advice:
    """Read the run and its data set, and judge it; raises UsageError and DataError where one cannot be read."""
    from yoloaudit.cli.console import progress
    from yoloaudit.cli.measuring import notes_of_run
    from yoloaudit.cli.show_advice import Advice
    from yoloaudit.engine import audit
    from yoloaudit.measure.runs import read_run
    from yoloaudit.packs import load_rules

    rules = of_training(load_rules(packs, plugins=not untrusted))
    run = read_run(folder, baseline=baseline)
    with progress() as shown:
        named, notes = data_of(run, data, untrusted)
        size = imgsz or run.imgsz or 640
        dataset = nothing(size) if named is None else read(named, size, untrusted, root, shown)
        report = audit(dataset, rules, measures={"run": run}, progress=shown)
    return Advice(run, report, named, [*notes, *notes_of_run(run, dataset)])


def of_training(rules: Sequence[Rule]) -> list[Rule]:
    """The rules that judge a run."""
    return [rule for rule in rules if rule.check is not None and rule.check.family() == FAMILY]


def data_of(run: Run, data: str | None, untrusted: bool) -> tuple[str | None, list[str]]:
    """The data set to read, and what to say where there is none."""
    import os

    if data is not None:
        return data, []
    if not run.data:
        return None, ["the run names no data set, so its labels are not looked at: --data names it"]
    if untrusted:
        return None, [f"the data set that the run names is not read, because it is not trusted: --data {run.data}"]
    if "\0" in run.data or not os.path.exists(run.data):
        return None, [f"there is no {run.data} here, the data set of the run: --data names it"]
    return run.data, []


def read(named: str, imgsz: int, untrusted: bool, root: str | None, shown: Progress) -> Dataset:
    """The data set of the run."""
    from yoloaudit.dataset.load import load

    return load(named, untrusted=untrusted, root_dir=root, imgsz=imgsz, progress=shown)


def nothing(imgsz: int) -> Dataset:
    """A data set without anything in it."""
    from yoloaudit.dataset.descriptor import Descriptor
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.dataset.tables import BOXES, IMAGES, LABELS, LISTED, STRAYS, table

    images, labels, boxes = (table(columns, {}) for columns in (IMAGES, LABELS, BOXES))
    listed, strays = (table(columns, {}) for columns in (LISTED, STRAYS))
    return Dataset("", (), images, labels, boxes, listed, strays, Descriptor(""), imgsz=imgsz)
