"""`yoloaudit check`: settings, rules, data set, audit, reports, exit code."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import typer

from yoloaudit.cli import arguments, judging, measuring, options, ratchet, reporting, streams
from yoloaudit.cli.ratchet import Kept
from yoloaudit.cli.reporting import Audited
from yoloaudit.cli.repository import base_of
from yoloaudit.errors import DataError, UsageError
from yoloaudit.report import to_json

if TYPE_CHECKING:
    from yoloaudit.config import Options, Settings
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.measure.scan import Scan
    from yoloaudit.packs import Rule
    from yoloaudit.progress import Progress
    from yoloaudit.training_run import Run


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
    ratchet: options.Ratchet = None,
    write_ratchet: options.WriteRatchet = False,
    strict_ratchet: options.StrictRatchet = False,
    against: options.Against = None,
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
    settings = settings_of(config, untrusted).with_given(arguments.given(locals()))
    if show_settings:
        streams.emit(settings_lines(settings))
    else:
        raise typer.Exit(told(settings, Asked(data, untrusted, root, write_ratchet)))


class Asked(NamedTuple):
    """What is said on the command line alone."""

    data: str | None
    untrusted: bool
    root: str | None
    write_ratchet: bool = False


def told(settings: Settings, asked: Asked) -> int:
    """Audit, and where a program reads the answer write an error for it, too; the exit code."""
    try:
        return audited(settings, asked)
    except (UsageError, DataError) as error:
        if settings.options.format == "json":
            streams.emit(to_json.refusal(error))
        elif settings.options.format == "github":
            from yoloaudit.report import to_github

            streams.emit(to_github.refusal(error))
        raise


def settings_of(config: str | None, untrusted: bool) -> Settings:
    """The settings of the named or nearest file; names one that lies in the way and is not read."""
    from yoloaudit.config import load_settings

    settings = load_settings(config, ".", untrusted)
    if settings.passed_over:
        streams.tell(f"note: {settings.passed_over} is not read, because the data are not trusted; --config names it")
    if untrusted and settings.options.output:
        raise UsageError(f"{settings.file}: output: with --untrusted only the command line says what is written where")
    return settings


def audited(settings: Settings, asked: Asked) -> int:
    """Audit with these settings; the exit code."""
    from yoloaudit.cli.console import progress

    chosen = settings.options
    targets = arguments.outputs(chosen.output)
    kind = arguments.known_format(chosen.format)
    kept = Kept(chosen.ratchet, asked.write_ratchet, chosen.strict_ratchet, bool(chosen.split or chosen.select))
    ratchet.possible(kept)
    judging.possible(chosen)
    trained = measuring.run_of(chosen)
    wanted = measuring.without_run(rules_of(settings, asked.untrusted), chosen, trained)
    rules = judging.with_guard(wanted, settings, asked.untrusted)
    kinds = [kind, *(target for target, _ in targets)]
    with progress() as shown:
        if chosen.against is not None:
            made, scan = _compared(chosen, rules, trained, asked, shown), None
        else:
            most = None if kept.path else reporting.most_listed(chosen.max_per_rule, kinds, asked.untrusted)
            made, scan = _audited(chosen, rules, trained, asked, most, shown)
        reporting.spare_inputs(
            made.dataset, [*(path for _, path in targets), *([kept.path] if kept.write and kept.path else [])]
        )
        facts = {"fail_on": chosen.fail_on, "given": measuring.given(chosen), "base": base_of(made.dataset.root)}
        report = replace(made.report, settings={**made.report.settings, **facts})
        report, told = ratchet.ratcheted(report, made.dataset, kept, scan)
        made = replace(made, report=report, notes=[*made.notes, *told])
        for target, path in targets:
            reporting.write(made, target, path, shown)
        streams.emit(reporting.lines(made, kind, shown))
    return report.exit_code(chosen.fail_on)


def _audited(
    chosen: Options, rules: list[Rule], trained: Run | None, asked: Asked, most: int | None, shown: Progress
) -> tuple[Audited, Scan | None]:
    """The data set as it is."""
    from yoloaudit.dataset.load import load, read_all_headers
    from yoloaudit.engine import audit

    names = measuring.wanted(rules, chosen)
    with measuring.scan(chosen, asked.untrusted) if names else nullcontext() as scan:
        dataset = load(
            asked.data,
            untrusted=asked.untrusted,
            root_dir=asked.root,
            splits=chosen.split,
            imgsz=measuring.size_of(chosen, trained),
            workers=chosen.workers,
            headers=scan.headers if scan else read_all_headers,
            progress=shown,
        )
        measures = measuring.measures(scan, dataset, names, chosen.deployed, shown) if scan else {}
        measures |= {} if trained is None else {"run": trained}
        judged = judging.judged(rules, chosen, trained, dataset, shown)
        measures |= judged.measures
        why = measuring.without(chosen) | dict(judged.without)
        report = audit(dataset, rules, measures=measures, without=why, max_per_rule=most, progress=shown)
    if not report.findings and not len(dataset.images):
        raise DataError(nothing_read(dataset))
    of_run = measuring.notes_of_run(trained, dataset)
    notes = [*elsewhere(dataset), *measuring.notes(scan, measures), *of_run, *judged.notes]
    return Audited(report, dataset, notes, measures, asked.data, chosen.max_per_rule), scan


def _compared(chosen: Options, rules: list[Rule], trained: Run | None, asked: Asked, shown: Progress) -> Audited:
    """The data set, held against an earlier state of it."""
    from yoloaudit.cli import against

    assert chosen.against is not None
    wanted = against.Asked(chosen.against, chosen, rules, asked.data, asked.untrusted, asked.root, trained)
    dataset, report, notes = against.audited(wanted, shown)
    of_run = measuring.notes_of_run(trained, dataset)
    notes = [*elsewhere(dataset), *notes, *of_run]
    return Audited(report, dataset, notes, {}, asked.data, chosen.max_per_rule)


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


def nothing_read(dataset: Dataset) -> str:
    """Why there is nothing to pass."""
    problem = dataset.descriptor.problem
    why = f"the descriptor {problem}" if problem else "none of its splits leads to an image"
    return f"{dataset.descriptor.path}: {why}, so nothing was audited. Run without --select, --ignore, --rules"


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
