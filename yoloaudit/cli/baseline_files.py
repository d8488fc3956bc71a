"""A trained baseline → what its run folder has besides: predictions.parquet, report.json, and more in record.json.

report.html      the report as a page
findings.jpg     crops of what its models find most certainly wrong, if they find anything
tightness.png    how tight the boxes of each class are
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from yoloaudit.cli.console import progress
from yoloaudit.cli.judging import asked
from yoloaudit.cli.problems import grouped
from yoloaudit.engine import audit
from yoloaudit.files import Root, write_atomically
from yoloaudit.findings import Report
from yoloaudit.measure import model_tables
from yoloaudit.measure.cache import default_folder
from yoloaudit.measure.prediction_files import to_parquet
from yoloaudit.measure.run_judges import BEST, seen_by_run
from yoloaudit.measure.runs import MOST_JSON, RECORD, read_run
from yoloaudit.report import about, to_html, to_json
from yoloaudit.train import device as devices
from yoloaudit.train import weights
from yoloaudit.train.learning import autobatch
from yoloaudit.train.learning.learner import precision_of
from yoloaudit.train.output.record_json import amended
from yoloaudit.train.predict import stride_of
from yoloaudit.train.run.record import BASELINE
from yoloaudit.train.settings import Settings as Looks
from yoloaudit.training_run import FOLDS, Run

if TYPE_CHECKING:
    from yoloaudit.cli.measuring import Checked
    from yoloaudit.config import Settings
    from yoloaudit.packs import Rule
    from yoloaudit.progress import Progress
    from yoloaudit.train.config import Options

PREDICTIONS, REPORT, PAGE = "predictions.parquet", "report.json", "report.html"
FAMILY = "training"


def finished(facts: dict[str, Any], checked: Checked, chosen: Options, settings: Settings) -> dict[str, Any]:
    """Write these files, and judge the run; the facts of it, and what is advised."""
    folder = facts["files"]["folder"]
    folds = facts.get(FOLDS)
    with progress() as shown:
        _amend(folder, {FOLDS: folds} if folds else {})
        _put(folder, PREDICTIONS, seen(folder, checked, chosen, settings, shown))
        _amend(folder, room(folder, chosen))
        run = read_run(folder)
        report, measures = judged(checked, run, chosen, settings, shown)
        page = to_html.document(report, checked.dataset, titles=about.checks(), measures=measures, progress=shown)
        _put(folder, PAGE, _bytes(page))
    drawn = {} if chosen.noplots else dict(pictures(checked, report, measures))
    for name, picture in drawn.items():
        _put(folder, name, picture)
    _put(folder, REPORT, _bytes(to_json.lines(report)))
    _amend(folder, {"kind": BASELINE})  # last: until then --resume writes all of this again
    own = {} if folds is None else {FOLDS: without_images(folds)}
    weights = [model["weights"] for model in folds["models"]] if folds else []
    names = sorted({*facts["files"]["names"], PREDICTIONS, REPORT, PAGE, *drawn, *weights})
    said = {"advice": advice(report), "labels": judgement(report, checked.rules)}
    return facts | own | said | {"files": {"folder": folder, "names": names}}


def _bytes(lines: Iterator[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def without_images(folds: Mapping[str, Any]) -> dict[str, Any]:
    """What the record says of folds, without the paths of all images."""
    return {**folds, "models": [{key: model[key] for key in model if key != "images"} for model in folds["models"]]}


def seen(folder: str, checked: Checked, chosen: Options, settings: Settings, shown: Progress) -> bytes:
    """What the weights see on all images of the data set: those of a fold on the images that they never saw; else the
    best of the main model, which saw those of train.
    """
    options, dataset = settings.options, checked.dataset
    cache = None if options.no_cache else options.cache_dir or default_folder()
    looks = Looks(imgsz=chosen.imgsz, agnostic=chosen.single_cls)
    made = seen_by_run(folder, dataset, looks, device=chosen.device.split(",")[0], cache=cache, progress=shown)
    return to_parquet(made.table, dataset.images["path"].tolist())


def room(folder: str, chosen: Options) -> dict[str, int]:
    """The largest batch that the device holds, where that can be measured."""
    device = devices.choose(chosen.device.split(",")[0])
    if device.type != "cuda":
        return {}
    model, _ = weights.load(os.path.join(folder, *BEST.split("/")), device=device)
    side = chosen.side(stride_of(model))
    return {"most_batch": autobatch.fitting(model, side, device, precision_of(chosen, device)).batch}


def judged(
    checked: Checked, run: Run, chosen: Options, settings: Settings, shown: Progress
) -> tuple[Report, Mapping[str, Any]]:
    """The audit once more, with the run and with what its models think of the labels: no pixel is measured again.

    And the tables that it is made from.
    """
    dataset = replace(checked.dataset, imgsz=run.imgsz or checked.dataset.imgsz)
    measures = {**checked.measures, "run": run}
    wanted = asked(checked.rules)
    looked = model_tables.stored_in(run, dataset) if wanted and not chosen.single_cls else None
    if looked is not None:
        looked = model_tables.asking_run(looked, run, dataset, device=chosen.device.split(",")[0])
        measures |= model_tables.tables(looked, dataset, wanted, seed=chosen.seed, progress=shown)
    report = audit(dataset, checked.rules, measures=measures, progress=shown)
    return replace(report, settings={"fail_on": settings.options.fail_on}), measures


def pictures(checked: Checked, report: Report, measures: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """What the models of the run think of the labels, drawn; nothing where they were not asked."""
    from yoloaudit.train.plot import suspect_sheet, suspects, tightness

    dataset = checked.dataset
    rules = {rule.name for rule in checked.rules if rule.check is not None and rule.check.kind == "model"}
    found = list(suspects.suspects(suspects.most_certain(report.findings, rules), dataset))
    if found:
        yield "findings.jpg", suspect_sheet.suspects_picture(found)
    if "judgements" in measures:
        seen = tightness.Seen(*(measures[name] for name in tightness.Seen._fields))
        yield "tightness.png", tightness.tightness_picture(seen, dataset.boxes, dataset.names)


def advice(report: Report) -> list[dict[str, Any]]:
    """What the report says of the run."""
    of_run = {run.rule for run in report.runs if run.family == FAMILY}
    found = [finding for finding in report.findings if finding.rule in of_run]
    return [{"rule": each.rule, "severity": each.severity.value, "message": each.message} for each in found]


def judgement(report: Report, rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """What the models of the run think of the labels, a rule each with its first and surest finding."""
    asked_of_model = {rule.name for rule in rules if rule.check is not None and rule.check.kind == "model"}
    groups = [group for group in grouped(report) if group.rule in asked_of_model]
    return [
        {
            "rule": group.rule,
            "severity": group.severity.value,
            "found": group.found,
            "message": max(group.findings, key=lambda finding: finding.score or 0).message,
        }
        for group in groups
    ]


def _amend(folder: str, more: Mapping[str, Any]) -> None:
    if not more:
        return
    root, path = Root(os.path.abspath(folder)), os.path.join(os.path.abspath(folder), RECORD)
    _put(folder, RECORD, amended(root.read(path, MOST_JSON).data, more))


def _put(folder: str, name: str, data: bytes) -> None:
    write_atomically(os.path.join(folder, name), data)
