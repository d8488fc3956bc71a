"""Data set + rules → report: asks each rule's check for defects, folds root causes, stamps findings."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from pandas import DataFrame

from yoloaudit.checks.base import MEASURED, SEEN
from yoloaudit.dataset.ledger import class_counts, ledger
from yoloaudit.dataset.load import Dataset
from yoloaudit.findings import Finding, Report, RuleRun, Severity, shorten
from yoloaudit.packs import Rule
from yoloaudit.parallel import default_workers
from yoloaudit.progress import Progress, silent
from yoloaudit.scope import class_ids, in_scope, inputs_of
from yoloaudit.stamp import Stamp

FOLD_SHARE, FOLD_LEAST = 0.5, 10
"""A rule that is broken in more than this share of the images, and in more than so many, becomes one finding: unless it
rests on a model, which gives every row a probability and a proposal of its own, and is seldom sure of any."""
THREADS = 4
"""Checks that run side by side at the most: they are pure, and numpy lets go of the interpreter's lock."""
UNMEASURED = "no pixel was looked at"
NO_MODEL = "it takes a model: --weights FILE, --run DIR or --predictions FILE"
WITHOUT = {
    "deployed": "it takes images from where the model will work: --deployed DIR",
    "run": "it takes a run of training: --run DIR",
    **dict.fromkeys(SEEN, NO_MODEL),
}
"""Why a rule is skipped that asks for what only the user can bring."""


@dataclass
class _Outcome:
    rule: Rule
    defects: DataFrame
    status: str = "pass"
    why: str | None = None
    seconds: float = 0.0


def audit(
    dataset: Dataset,
    rules: Sequence[Rule],
    *,
    measures: Mapping[str, Any] | None = None,
    unmeasured: str = UNMEASURED,
    without: Mapping[str, str] = MappingProxyType({}),
    max_per_rule: int | None = None,
    progress: Progress = silent,
    clock: Callable[[], float] = time.perf_counter,
) -> Report:
    """Run every rule; a check that raises is reported as such, and the others stand.

    `measures` are the tables that `measure.scan` made, by name; rules that ask for another of them are skipped, with
    `unmeasured` as the reason, or what `without` says of that table. `max_per_rule` bounds the findings made for one
    rule; `RuleRun.found` counts all of its defects.
    """
    inputs = inputs_of(dataset, measures)
    reasons = {**dict.fromkeys(MEASURED, unmeasured), **WITHOUT, **without}
    outcomes = []
    with progress.task("checking", len(rules)) as step, ThreadPoolExecutor(min(default_workers(), THREADS)) as pool:
        for outcome in pool.map(lambda rule: _timed(rule, inputs, dataset, reasons, clock), rules):
            outcomes.append(outcome)
            step(1)
    _withhold(outcomes)
    _drop_consequences(outcomes, len(dataset.images))
    stamp, findings, runs = Stamp(dataset), [], []
    for outcome in outcomes:
        findings += _findings(outcome, stamp, len(dataset.images), max_per_rule)
        runs.append(_run_of(outcome))
    findings.sort(key=_order)
    return Report(dataset.facts(), ledger(dataset), class_counts(dataset), findings, runs)


def _timed(
    rule: Rule, inputs: Mapping[str, Any], dataset: Dataset, reasons: Mapping[str, str], clock: Callable[[], float]
) -> _Outcome:
    began = clock()
    outcome = _run(rule, inputs, dataset, reasons)
    outcome.seconds = clock() - began
    return outcome


def _run(rule: Rule, inputs: Mapping[str, Any], dataset: Dataset, reasons: Mapping[str, str]) -> _Outcome:
    if rule.check is None:
        return _Outcome(rule, DataFrame(), "skipped", rule.skipped)
    wanted = rule.check.inputs()
    missing = [name for name in wanted if inputs.get(name) is None]
    if missing:
        why = reasons.get(missing[0], f"this data set has no {missing[0]}")
        return _Outcome(rule, DataFrame(), "skipped", why)
    left_out = [split for split in rule.check.needs if dataset.narrowed and split not in dataset.splits]
    if left_out:
        return _Outcome(rule, DataFrame(), "skipped", f"it takes the split {left_out[0]}, which was left out")
    unknown = [name for name in rule.classes if name not in dataset.names]
    if unknown:
        return _Outcome(rule, DataFrame(), "skipped", f"no class is called {shorten(unknown[0])!r}")
    try:
        scoped = in_scope(rule, inputs)
        defects = rule.check.find(**{name: scoped[name] for name in wanted})
        if rule.classes and "class_id" in defects:
            defects = defects[defects["class_id"].isin([-1, *class_ids(rule, inputs["names"])])]
    except Exception as error:  # noqa: BLE001 - a check that crashes is reported, the others stand
        return _Outcome(rule, DataFrame(), "error", f"{type(error).__name__}: {error}"[:200])
    return _graded(_Outcome(rule, defects), len(dataset.images))


def _graded(outcome: _Outcome, images: int) -> _Outcome:
    """Pass or fail; a rule of the guide, of a run or of a model that had nothing to measure is neither."""
    rule, defects = outcome.rule, outcome.defects
    share = _covered(defects) / images if "image" in defects and images else 1.0
    outcome.status = "pass" if rule.tolerates(len(defects), share) else "fail"
    brought = rule.check is not None and not {"run", *SEEN}.isdisjoint(rule.check.inputs())
    if (rule.guide or brought) and not len(defects) and defects.attrs.get("measured") is None:
        outcome.status = "skipped"
        outcome.why = defects.attrs.get("why", "there is nothing to measure it on")
    return outcome


def _covered(defects: DataFrame) -> int:
    """Images that these defects are in."""
    return len(np.unique(defects["image"])) if "image" in defects else 0


def _withhold(outcomes: Sequence[_Outcome]) -> None:
    """Where a model is not good enough to judge labels, what it says of them is taken back, with that as the reason."""
    for cause in outcomes:
        if cause.status != "fail" or cause.rule.check is None or not cause.rule.check.withholds:
            continue
        first: dict[str, Any] = {str(name): fact for name, fact in cause.defects.iloc[0].items()}
        for other in outcomes:
            of_model = other.rule.check is not None and other.rule.check.kind == "model"
            if of_model and other is not cause and other.status in ("pass", "fail"):
                other.defects, other.status = DataFrame(), "skipped"
                other.why = f"withheld by {cause.rule.name}: {cause.rule.check.describe(first)}"


def _drop_consequences(outcomes: Sequence[_Outcome], images: int) -> None:
    """Rows or images that a root cause explains are taken out of the rules that only repeat it."""
    for cause in outcomes:
        explained = cause.rule.check.explains if cause.rule.check and cause.status == "fail" else ()
        for effect in outcomes if explained else ():
            if effect.rule.check is None or effect.rule.check.name() not in explained:
                continue
            place, ids = _explained(cause.defects)
            if place not in effect.defects:
                continue
            follows = np.isin(effect.defects[place].to_numpy(), ids)
            if follows.any():
                effect.defects = effect.defects[~follows]
                effect.why = f"{int(follows.sum()):,} more follow from {cause.rule.name}"
                _graded(effect, images)


def _explained(cause: DataFrame) -> tuple[str, Any]:
    """The column by which consequences are known, and its ids; `attrs["images"]` where the cause names images."""
    if "images" in cause.attrs:
        return "image", cause.attrs["images"]
    return "row", cause["row"].to_numpy() if "row" in cause else ()


def _findings(outcome: _Outcome, stamp: Stamp, images: int, most: int | None) -> list[Finding]:
    rule, defects = outcome.rule, outcome.defects
    if outcome.status != "fail" or rule.check is None:
        return []
    covered = _covered(defects)
    alike = rule.check.kind != "model" and covered > max(FOLD_SHARE * images, FOLD_LEAST)
    if rule.check.whole or alike:
        return [stamp.folded(rule, rule.check, defects, covered, images)]
    if most is not None and len(defects) > most and not {"severity", "score"}.isdisjoint(defects.columns):
        defects = _worst_first(defects, rule.check.severity)
    return list(stamp.findings(rule, rule.check, defects, most))


def _worst_first(defects: DataFrame, default: Severity) -> DataFrame:
    """What is cut off is never worse than what is kept, so that the exit code does not depend on the cut; nor surer."""
    known = {severity.value: severity.rank for severity in Severity}
    ranks, scores = np.zeros(len(defects)), np.zeros(len(defects))
    if "severity" in defects:
        ranks[:] = defects["severity"].map(known).fillna(default.rank)
    if "score" in defects:
        scores[:] = np.nan_to_num(defects["score"].to_numpy(dtype=float))
    return defects.iloc[np.lexsort((-scores, ranks))]


def _run_of(outcome: _Outcome) -> RuleRun:
    rule, check = outcome.rule, outcome.rule.check
    facts = outcome.defects.attrs
    return RuleRun(
        rule=rule.name,
        check=check.name() if check else None,
        family=check.family() if check else None,
        severity=rule.severity or (check.severity if check else Severity.INFO),
        status=outcome.status,
        found=len(outcome.defects),
        measured=facts.get("measured"),
        limit=facts.get("limit"),
        guide=rule.guide,
        why_skipped=outcome.why,
        seconds=round(outcome.seconds, 4),
    )


def _order(finding: Finding) -> tuple[Any, ...]:
    where = finding.where
    return (
        finding.severity.rank,
        finding.rule,
        where.split or "",
        where.image or where.label or where.file or "",
        where.line or 0,
        where.class_id if where.class_id is not None else -1,
    )
