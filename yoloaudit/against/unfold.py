"""A rule whose defects are one finding, as most images have them → a finding for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from yoloaudit.dataset.load import Dataset
from yoloaudit.findings import Finding, Report
from yoloaudit.packs import Rule
from yoloaudit.scope import class_ids, in_scope, inputs_of
from yoloaudit.stamp import Stamp


def unfolded(report: Report, dataset: Dataset, rule: Rule, measures: Mapping[str, Any]) -> Report:
    """The report with the defects of one rule alone, each a finding; with none where it cannot be asked again."""
    return replace(report, findings=_findings(dataset, rule, measures))


def _findings(dataset: Dataset, rule: Rule, measures: Mapping[str, Any]) -> list[Finding]:
    inputs = inputs_of(dataset, measures)
    if rule.check is None or any(inputs.get(name) is None for name in rule.check.inputs()):
        return []
    scoped = in_scope(rule, inputs)
    defects = rule.check.find(**{name: scoped[name] for name in rule.check.inputs()})
    if rule.classes and "class_id" in defects:
        defects = defects[defects["class_id"].isin([-1, *class_ids(rule, inputs["names"])])]
    return list(Stamp(dataset).findings(rule, rule.check, defects)) if len(defects) else []
