"""`yoloaudit baseline`: the data checked, a training with default settings, and all that one would show to others."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from yoloaudit.cli import detect_options, options, streams, train_options, val_options
from yoloaudit.cli.extras import need_trainer
from yoloaudit.errors import DataError, UsageError, YoloauditError
from yoloaudit.findings import Severity, shorten

if TYPE_CHECKING:
    from yoloaudit.cli.measuring import Checked
    from yoloaudit.cli.train_options import Option
    from yoloaudit.config import Settings
    from yoloaudit.folds import Folds
    from yoloaudit.train.config import Hyper, Options

EPOCHS, PROJECT = 300, "runs/baseline"
"""What the guide says to start with, and where YOLOv5's users will look."""
TAKEN = (
    *("weights", "cfg", "hyp", "epochs", "batch_size", "imgsz", "resume", "cache", "device", "single_cls", "workers"),
    *("project", "name", "exist_ok", "optimizer", "patience", "seed", "precision", "noplots"),
)
"""Options of a training that a baseline has; whoever wants others wants `yoloaudit train`."""
OWN: Mapping[str, Option] = {
    **{name: train_options.TRAINING[name] for name in TAKEN},
    "epochs": train_options.TRAINING["epochs"]._replace(default=EPOCHS),
    "project": train_options.TRAINING["project"]._replace(default=PROJECT),
    "folds": train_options.FOLDS,
}


class Wanted(NamedTuple):
    """What is trained on, and what is let pass."""

    data: str | None
    strict: bool
    allow_changed: bool
    untrusted: bool
    root: str | None


@train_options.takes(OWN)
def baseline(
    ctx: typer.Context,
    data: val_options.Data = None,
    data_option: val_options.DataOption = None,
    allow_changed_data: train_options.AllowChanged = False,
    strict: train_options.Strict = False,
    verbose: val_options.Verbose = False,
    config: options.Config = None,
    format: detect_options.Format = "text",  # noqa: A002
    untrusted: options.Untrusted = False,
    root: options.RootFolder = None,
    **values: Any,
) -> None:
    """Check the data, train with default settings, and hold the best weights against val: the baseline of the guide.

    A run folder below runs/baseline holds weights, results, pictures, predictions, the report and the record.
    Exit code: 0 done, 2 cannot run; stopped, it goes on with --resume.
    """
    if format not in ("text", "json"):
        raise UsageError("baseline writes --format text or json to stdout")
    try:
        need_trainer()
        from yoloaudit.cli.check import settings_of
        from yoloaudit.cli.train import chosen_data, given

        typed = given(ctx, values)
        settings = settings_of(config, untrusted)
        facts = run(
            Wanted(chosen_data(data, data_option), strict, allow_changed_data, untrusted, root), typed, settings
        )
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise
    if facts is not None:
        from yoloaudit.cli import show_baseline, show_split

        streams.emit(show_split.document(facts) if format == "json" else show_baseline.text(facts, verbose=verbose))


def run(wanted: Wanted, typed: Mapping[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Check, train and write; the facts. None where another process of the training tells them."""
    given = asked(typed)
    checked = folds = None
    further = 0
    if first_of_all(str(given.get("device", ""))):
        chosen, hyper = settled(given, wanted.data)
        hashed = chosen.folds > 0
        checked = check_data(wanted._replace(data=chosen.data or None), chosen.imgsz, settings, hashed=hashed)
        tell_before(checked, chosen, hyper, strict=wanted.strict)
        folds, further = divided(checked, chosen)
    from yoloaudit.cli.training import Asked
    from yoloaudit.cli.training import run as train
    from yoloaudit.train.run.record import BASELINE

    trust = wanted.untrusted, wanted.root
    wish = Asked(wanted.data, wanted.allow_changed, wanted.strict, {}, *trust, "baseline", BASELINE, further)
    facts = train(wish, given)
    if facts is None or checked is None:
        return facts
    if folds is not None:
        from yoloaudit.cli.folding import trained

        facts = facts | {"folds": trained(facts, checked.dataset, folds, chosen, hyper)}
    from yoloaudit.cli.baseline_files import finished

    return finished(facts, checked, chosen, settings)


def asked(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Options of the training: what was typed, and a baseline's defaults; a run that goes on keeps its own."""
    if "resume" not in typed:
        return {"epochs": EPOCHS, "project": PROJECT, **typed}
    from yoloaudit.cli.training import NEWEST
    from yoloaudit.train.run import continuing

    named = str(typed["resume"])
    folder = continuing.newest_run(str(typed.get("project", PROJECT))) if named == NEWEST else run_of(named)
    return {**typed, "resume": folder}


def run_of(named: str) -> str:
    """The run folder that is named, also by its folder of weights or a file in there."""
    path = os.path.abspath(named)
    above = (path, os.path.dirname(path), os.path.dirname(os.path.dirname(path)))
    return next((place for place in above if os.path.isdir(os.path.join(place, "weights"))), path)


def first_of_all(device: str) -> bool:
    """Whether this process speaks: not one that only starts others, nor one of those that the first one speaks for."""
    world, rank = os.environ.get("WORLD_SIZE", ""), os.environ.get("RANK", "")
    if world and rank:
        return rank == "0"
    return "," not in device


def settled(given: Mapping[str, Any], data: str | None) -> tuple[Options, Hyper]:
    """The settings of the training, checked before anything takes its time; raises UsageError and CheckpointError."""
    from yoloaudit.train import config

    if "resume" not in given:
        made = config.options({**given, "data": data or ""})
        return made, config.hyper(made.hyp)
    from yoloaudit.train.run import continuing, record

    found = continuing.found_in(str(given["resume"]))
    changed = {name: value for name, value in given.items() if name != "resume"}
    options, hyper = continuing.settings_of(found, changed)
    continuing.refuse_finished(str(given["resume"]), found, options, record.BASELINE)
    return (config.options({"data": data}, options) if data else options), hyper


def check_data(wanted: Wanted, imgsz: int, settings: Settings, *, hashed: bool = False) -> Checked:
    """The audit, as `yoloaudit check` makes it; raises DataError where there is no data set.

    If `hashed`, it is measured which images show the same, whatever the rules ask for.
    """
    from yoloaudit.cli import measuring
    from yoloaudit.cli.check import rules_of
    from yoloaudit.cli.console import progress
    from yoloaudit.dataset.load import load, read_all_headers
    from yoloaudit.engine import audit

    chosen = settings.options
    untrusted, root = wanted.untrusted, wanted.root
    rules = rules_of(settings, untrusted)
    without = measuring.without_run(rules, chosen, None)
    names = measuring.wanted(without, chosen)
    names += [name for name in ("hashes", "pixels") if hashed and name not in names]
    with progress() as shown, measuring.scan(chosen, untrusted) if names else nullcontext() as scan:
        headers = scan.headers if scan else read_all_headers
        dataset = load(wanted.data, untrusted=untrusted, root_dir=root, imgsz=imgsz, headers=headers, progress=shown)
        measures = scan.measures(dataset, names, shown) if scan else {}
        report = audit(dataset, without, measures=measures, progress=shown)
    return measuring.Checked(dataset, rules, measures, report)


def divided(checked: Checked, chosen: Options) -> tuple[Folds | None, int]:
    """The images dealt to folds, where they are asked for, and the images that their models are shown in all epochs."""
    if not chosen.folds:
        return None, 0
    from yoloaudit.cli.folding import planned
    from yoloaudit.folds import divide

    dataset, measures = checked.dataset, checked.measures
    tables = dataset.images, dataset.boxes, measures["hashes"], measures["pixels"]
    folds = divide(*tables, chosen.folds, chosen.seed)
    said, further = planned(dataset, folds, chosen.epochs)
    streams.tell(said)
    return folds, further


def tell_before(checked: Checked, chosen: Options, hyper: Hyper, *, strict: bool) -> None:
    """Say what the audit found and which settings are used; with `strict` raise DataError for any error."""
    from yoloaudit.cli import show_baseline
    from yoloaudit.train import config

    streams.tell(*show_baseline.findings(checked.report))
    errors = checked.report.count(Severity.ERROR)
    if strict and errors:
        several = "finding" if errors == 1 else "findings"
        first = next(finding for finding in checked.report.findings if finding.severity is Severity.ERROR)
        raise DataError(
            f"{errors:,} {several} of severity error (the first: {shorten(first.message, 200)}). Mend what `yoloaudit "
            "check` lists, or train without --strict"
        )
    defaults = config.Options(epochs=EPOCHS, project=PROJECT, data=chosen.data)
    told = config.describe(chosen, hyper, defaults)
    streams.tell(*show_baseline.settings(told))
