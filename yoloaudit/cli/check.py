"""`yoloaudit check`: settings, rules, data set, audit, reports, exit code."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from yoloaudit.cli import arguments, judging, measuring, options, streams
from yoloaudit.errors import DataError, UsageError
from yoloaudit.findings import Report
from yoloaudit.report import to_json

if TYPE_CHECKING:
    from yoloaudit.config import Settings
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.packs import Rule

UNTRUSTED_MOST = 1000
"""Findings listed for one rule where the data are not trusted."""


def check(
    data: options.Data = None,
    split: options.Split = None,
    imgsz: options.ImageSize = None,
    fast: options.Fast = False,
    deployed: options.Deployed = None,
    run: options.Run = None,
    baseline: options.Baseline = None,
    weights: options.Weights = None,
    predictions: options.Predictions = None,
    coco80to91: options.Coco80To91 = False,
    no_cache: options.NoCache = False,
    cache_dir: options.CacheFolder = None,
    workers: options.Workers = None,
    rules: options.Rules = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    guide_scale: options.GuideScale = None,
    max: options.Max = None,  # noqa: A002
    config: options.Config = None,
    show_settings: options.ShowSettings = False,
    format: options.Format = None,  # noqa: A002
    output: options.Output = None,
    max_per_rule: options.MaxPerRule = None,
    untrusted: options.Untrusted = False,
    root: options.RootFolder = None,
) -> None:
    """Audit a data set: what the trainer will do with it, what is wrong where, how far the guide is met.

    Exit code: 0 nothing at or above --fail-on, 1 findings, 2 cannot run, 3 a check crashed.
    """
    lists = {"split": arguments.splits(split), "rules": arguments.names(rules), "select": arguments.names(select)}
    numbers = {"imgsz": imgsz, "workers": workers, "guide_scale": guide_scale, "max_per_rule": max_per_rule}
    pairs = {"ignore": arguments.reasons(ignore), "max": arguments.tolerances(max), "output": output or None}
    texts = {"cache_dir": cache_dir, "deployed": deployed, "run": run, "baseline": baseline}
    texts |= {"fail_on": fail_on, "format": format, "weights": weights, "predictions": predictions}
    flags = {"fast": fast or None, "no_cache": no_cache or None, "coco80to91": coco80to91 or None}
    given = {**lists, **numbers, **pairs, **texts, **flags}
    settings = settings_of(config, untrusted).with_given(given)
    if show_settings:
        streams.emit(settings_lines(settings))
    else:
        raise typer.Exit(told(settings, data, untrusted, root))


def told(settings: Settings, data: str | None, untrusted: bool, root: str | None) -> int:
    """Audit, and where JSON is wanted write an error as JSON, too; the exit code."""
    try:
        return audited(settings, data, untrusted, root)
    except (UsageError, DataError) as error:
        if settings.options.format == "json":
            streams.emit(to_json.refusal(error))
        raise


def settings_of(config: str | None, untrusted: bool) -> Settings:
    """The settings of the named or nearest file; names one that lies in the way and is not read."""
    from yoloaudit.config import load_settings

    settings = load_settings(config, ".", untrusted)
    if settings.passed_over:
        streams.tell(f"note: {settings.passed_over} is not read, because the data are not trusted; --config names it")
    return settings


def audited(settings: Settings, data: str | None, untrusted: bool, root: str | None) -> int:
    """Audit with these settings; the exit code."""
    chosen = settings.options
    targets = arguments.outputs(chosen.output)
    kind = arguments.known_format(chosen.format)
    from yoloaudit.cli.console import progress
    from yoloaudit.dataset.load import load, read_all_headers
    from yoloaudit.engine import audit

    judging.possible(chosen)
    trained = measuring.run_of(chosen)
    wanted = measuring.without_run(rules_of(settings, untrusted), chosen, trained)
    rules = judging.with_guard(wanted, settings, untrusted)
    most = most_listed(chosen.max_per_rule, [kind, *(target for target, _ in targets)], untrusted)
    names = measuring.wanted(rules, chosen)
    with progress() as shown, measuring.scan(chosen, untrusted) if names else nullcontext() as scan:
        dataset = load(
            data,
            untrusted=untrusted,
            root_dir=root,
            splits=chosen.split,
            imgsz=measuring.size_of(chosen, trained),
            workers=chosen.workers,
            headers=scan.headers if scan else read_all_headers,
            progress=shown,
        )
        spare_inputs(dataset, [path for _, path in targets])
        measures = measuring.measures(scan, dataset, names, chosen.deployed, shown) if scan else {}
        measures |= {} if trained is None else {"run": trained}
        judged = judging.judged(rules, chosen, trained, dataset, shown)
        measures |= judged.measures
        why = measuring.without(chosen) | dict(judged.without)
        report = audit(dataset, rules, measures=measures, without=why, max_per_rule=most, progress=shown)
    if not report.findings and not len(dataset.images):
        raise DataError(nothing_read(dataset))
    report = replace(report, settings={"fail_on": chosen.fail_on, "given": measuring.given(chosen)})
    of_run = measuring.notes_of_run(trained, dataset)
    notes = [*elsewhere(dataset), *measuring.notes(scan, measures), *of_run, *judged.notes]
    del dataset
    for target, path in targets:
        _write(report, target, path, notes, data, chosen.max_per_rule)
    streams.emit(_lines(report, kind, notes, data, chosen.max_per_rule))
    return report.exit_code(chosen.fail_on)


def rules_of(settings: Settings, untrusted: bool) -> list[Rule]:
    """The rules that these settings switch on."""
    from yoloaudit.packs import load_rules

    chosen = settings.options
    return load_rules(
        chosen.rules,
        select=chosen.select,
        ignore=settings.ignore,
        guide_scale=chosen.guide_scale,
        limits=chosen.max,
        plugins=not untrusted,
    )


def spare_inputs(dataset: Dataset, targets: Sequence[str]) -> None:
    """Refuse to write a report over a file of the data set."""
    for target in targets:
        place = os.path.relpath(os.path.realpath(target), dataset.root).replace(os.sep, "/")
        if place == dataset.descriptor.path or place in set(dataset.images["path"]) | set(dataset.labels["path"]):
            raise UsageError(f"--output {target} is a file of the data set. Name another file")


def nothing_read(dataset: Dataset) -> str:
    """Why there is nothing to pass."""
    problem = dataset.descriptor.problem
    why = f"the descriptor {problem}" if problem else "none of its splits leads to an image"
    return f"{dataset.descriptor.path}: {why}, so nothing was audited. Run without --select, --ignore, --rules"


def most_listed(given: int | None, kinds: Sequence[str], untrusted: bool) -> int | None:
    """How many findings of one rule are made: enough for the format that lists most."""
    if given is not None:
        return given or None
    if set(kinds) == {"text"}:
        from yoloaudit.cli.show import MOST_LISTED

        return MOST_LISTED
    return UNTRUSTED_MOST if untrusted else None


def elsewhere(dataset: Dataset) -> list[str]:
    """Splits that were not found where the descriptor says, and where they were."""
    from yoloaudit.dataset.descriptor import AS_WRITTEN

    found = [path for path in dataset.descriptor.splits if path.target is not None and path.how != AS_WRITTEN]
    return [f"{path.split}: written {path.text}, read from {path.found or path.target} ({path.how})" for path in found]


def settings_lines(settings: Settings) -> list[str]:
    """Every setting, its value and its source, aligned."""
    from yoloaudit.report.text import show

    rows = [(name, show(str(value)), show(source)) for name, value, source in settings.rows()]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return [f"{name:<{widths[0]}}  {value:<{widths[1]}}  {source}" for name, value, source in rows]


def _lines(report: Report, kind: str, notes: Sequence[str], data: str | None, most: int | None) -> Iterator[str]:
    from yoloaudit.report.write import FORMATS

    if kind == "text":
        return iter(_text(report, notes, data, most))
    return FORMATS[kind](report)


def _write(report: Report, kind: str, path: str, notes: Sequence[str], data: str | None, most: int | None) -> None:
    from yoloaudit.files import write_atomically
    from yoloaudit.report.write import write

    if kind == "text":
        lines = _text(report, notes, data, most, lively=False)
        write_atomically(path, "".join(f"{line}\n" for line in lines).encode("utf-8"))
    else:
        write(report, kind, path)


def _text(
    report: Report, notes: Sequence[str], data: str | None, most: int | None, lively: bool | None = None
) -> list[str]:
    from yoloaudit.cli.show import MOST_LISTED, text

    limit = MOST_LISTED if most is None else most or None
    return text(report, titles(), notes=notes, data=data, most=limit, lively=lively)


def titles() -> Mapping[str, str]:
    """Titles of checks by name."""
    from yoloaudit.checks.discover import all_checks

    return {name: check.title() for name, check in all_checks().items()}
