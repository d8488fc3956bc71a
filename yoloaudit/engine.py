"""Data set + rules → report: asks each rule's check for defects, folds root causes, stamps findings."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas import DataFrame

from yoloaudit.dataset.ledger import class_counts, ledger
from yoloaudit.dataset.load import Dataset
from yoloaudit.findings import Finding, Report, RuleRun, Severity
from yoloaudit.packs import Rule
from yoloaudit.progress import Progress, silent
from yoloaudit.scope import class_ids, in_scope, inputs_of
from yoloaudit.stamp import Stamp

FOLD_SHARE, FOLD_LEAST = 0.5, 10
"""A rule that is broken in more than this share of the images, and in more than so many, becomes one finding."""


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
    max_per_rule: int | None = None,
    progress: Progress = silent,
    clock: Callable[[], float] = time.perf_counter,
) -> Report:
    """Run every rule; a check that raises is reported as such, and the others stand.

    `max_per_rule` bounds the findings made for one rule; `RuleRun.found` counts all of its defects.
    """
    inputs = inputs_of(dataset)
    outcomes = []
    with progress.task("checking", len(rules)) as step:
        for rule in rules:
            began = clock()
            outcomes.append(_run(rule, inputs))
            outcomes[-1].seconds = clock() - began
            step(1)
    _drop_consequences(outcomes)
    stamp, findings, runs = Stamp(dataset), [], []
    for outcome in outcomes:
        findings += _findings(outcome, stamp, len(dataset.images), max_per_rule)
        runs.append(_run_of(outcome))
    findings.sort(key=_order)
    return Report(dataset.facts(), ledger(dataset), class_counts(dataset), findings, runs)


def _run(rule: Rule, inputs: Mapping[str, Any]) -> _Outcome:
    if rule.check is None:
        return _Outcome(rule, DataFrame(), "skipped", rule.skipped)
    wanted = rule.check.inputs()
    missing = [name for name in wanted if inputs.get(name) is None]
    if missing:
        return _Outcome(rule, DataFrame(), "skipped", f"this data set has no {missing[0]}")
    try:
        scoped = in_scope(rule, inputs)
        defects = rule.check.find(**{name: scoped[name] for name in wanted})
        if rule.classes and "class_id" in defects:
            defects = defects[defects["class_id"].isin([-1, *class_ids(rule, inputs["names"])])]
    except Exception as error:  # noqa: BLE001 - a check that crashes is reported, the others stand
        return _Outcome(rule, DataFrame(), "error", f"{type(error).__name__}: {error}"[:200])
    tolerated = len(defects) <= rule.tolerated(len(inputs["images"]))
    return _Outcome(rule, defects, "pass" if tolerated else "fail")


def _drop_consequences(outcomes: Sequence[_Outcome]) -> None:
    """Rows that a root cause explains are taken out of the rules that only repeat it."""
    by_check = {outcome.rule.check.name(): outcome for outcome in outcomes if outcome.rule.check}
    for cause in list(by_check.values()):
        if cause.status != "fail" or cause.rule.check is None or "row" not in cause.defects:
            continue
        for name in cause.rule.check.explains:
            effect = by_check.get(name)
            if effect is None or "row" not in effect.defects:
                continue
            follows = np.isin(effect.defects["row"].to_numpy(), cause.defects["row"].to_numpy())
            if follows.any():
                effect.defects = effect.defects[~follows]
                effect.why = f"{int(follows.sum()):,} more follow from {cause.rule.name}"
                if not len(effect.defects):
                    effect.status = "pass"


def _findings(outcome: _Outcome, stamp: Stamp, images: int, most: int | None) -> list[Finding]:
    rule, defects = outcome.rule, outcome.defects
    if outcome.status != "fail" or rule.check is None:
        return []
    covered = len(np.unique(defects["image"])) if "image" in defects else 0
    if rule.check.whole or covered > max(FOLD_SHARE * images, FOLD_LEAST):
        return [stamp.folded(rule, rule.check, defects, covered, images)]
    if most is not None and len(defects) > most and "severity" in defects:
        defects = _worst_first(defects, rule.check.severity)
    return list(stamp.findings(rule, rule.check, defects, most))


def _worst_first(defects: DataFrame, default: Severity) -> DataFrame:
    """What is cut off is never worse than what is kept, so that the exit code does not depend on the cut."""
    ranks = defects["severity"].map({severity.value: severity.rank for severity in Severity}).fillna(default.rank)
    return defects.iloc[np.argsort(ranks.to_numpy(dtype=float), kind="stable")]


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
