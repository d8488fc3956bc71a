"""`yoloaudit train`: a detector trained on a data set, with YOLOv5's options; it can be stopped at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from yoloaudit.cli import detect_options, options, streams, train_options, val_options
from yoloaudit.cli.extras import need_trainer
from yoloaudit.errors import UsageError, YoloauditError
from yoloaudit.findings import shorten

UNTYPED = ("DEFAULT", "DEFAULT_MAP")
"""Where a value of an option comes from that nobody typed."""


@train_options.takes({**train_options.TRAINING, **train_options.WAYS})
def train(
    ctx: typer.Context,
    data: val_options.Data = None,
    data_option: val_options.DataOption = None,
    allow_changed_data: train_options.AllowChanged = False,
    strict: train_options.Strict = False,
    verbose: val_options.Verbose = False,
    format: detect_options.Format = "text",  # noqa: A002
    untrusted: options.Untrusted = False,
    root: options.RootFolder = None,
    **values: Any,
) -> None:
    """Train a detector. A run folder below runs/train holds weights, results and pictures.

    Stopped by Ctrl-C, by SIGTERM or by a power cut, a training goes on with --resume. Exit code: 0 done, 2 cannot run.
    """
    if format not in ("text", "json"):
        raise UsageError("train writes --format text or json to stdout")
    try:
        need_trainer()
        from yoloaudit.cli.training import Asked, run

        ways = {name: values.pop(name) for name in train_options.WAYS}
        asked = Asked(chosen_data(data, data_option), allow_changed_data, strict, ways, untrusted, root)
        facts = run(asked, given(ctx, values))
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise
    if facts is not None:
        tell(facts, format, verbose=verbose)


def chosen_data(one: str | None, other: str | None) -> str | None:
    """The data set, which may be named either way."""
    if one is not None and other is not None and one != other:
        raise UsageError(f"two data sets are named, {shorten(one)} and --data {shorten(other)}. Name one")
    return other if one is None else one


def given(ctx: typer.Context, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those options of the training that were typed, by the names that config.Options has for them."""
    sources = {name: ctx.get_parameter_source(name) for name in values}
    typed = {name for name, source in sources.items() if source is not None and source.name not in UNTYPED}
    made = {name: values[name] for name in values if name in typed}
    return made | ({"freeze": numbers(made["freeze"])} if "freeze" in made else {})


def numbers(text: str) -> list[int]:
    """`0,1,2` as numbers."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() and len(part) < 6 for part in parts):
        raise UsageError(
            f"--freeze takes numbers of layers, as in --freeze 10 or --freeze 0 1 2, not {shorten(text)!r}"
        )
    return [int(part) for part in parts]


def tell(facts: Mapping[str, Any], format: str, *, verbose: bool) -> None:  # noqa: A002
    """The facts on standard output."""
    from yoloaudit.cli import show_split, show_train

    if format == "json":
        streams.emit(show_split.document(facts))
    else:
        streams.emit(show_train.text(facts, verbose=verbose))
