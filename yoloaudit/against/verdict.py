"""The reports of two states → which findings are new, which were there before, which are mended, and what moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from yoloaudit.findings import Change, Finding, Location, Report, RuleRun, Severity, shorten
from yoloaudit.packs import Rule
from yoloaudit.ratchet.accepted import ratchet_of, recognised
from yoloaudit.ratchet.keys import is_root_cause

MANY = 1000.0
"""From here on a number is told without a fraction."""


@dataclass(frozen=True)
class Judged:
    """A report and the key of each of its findings."""

    report: Report
    keys: Sequence[str]


def held_against(
    now: Judged,
    then: Judged,
    change: Change,
    rules: Sequence[Rule],
    *,
    unknown: frozenset[str] = frozenset(),
    apart: Mapping[str, Sequence[Finding]] = MappingProxyType({}),
) -> Report:
    """The report of today with what was there before marked as known, and with what has changed.

    Findings about images whose earlier bytes are `unknown` are not counted as mended. Of a rule that did not run on the
    earlier state, and of a heuristic that weighs an image against all others, those are new that lie in what changed.
    `apart` are the new ones among those that a root cause stands for, by rule: it is known then, and they are told.
    """
    known, _ = recognised(now.report.findings, now.keys, ratchet_of(then.report.findings, then.keys))
    still, _ = recognised(then.report.findings, then.keys, ratchet_of(now.report.findings, now.keys))
    untouched = _Untouched(then.report, change, rules)
    findings: list[Finding] = []
    for finding, there in zip(now.report.findings, known, strict=True):
        told = apart.get(finding.rule, ()) if is_root_cause(finding) and not there else ()
        is_known = there or bool(told) or untouched(finding)
        findings += [replace(finding, known=True) if is_known else finding, *told]
    ran = _ran(now.report)
    mended = [
        finding
        for finding, there in zip(then.report.findings, still, strict=True)
        if not there and finding.rule in ran and unknown.isdisjoint(_files(finding.where))
    ]
    deltas = [*change.deltas, *class_counts(then.report.classes, now.report.classes)]
    deltas += rule_deltas(then.report.runs, now.report.runs)
    before = {severity: then.report.count(severity) for severity in Severity}
    told_change = replace(change, deltas=deltas, before=before, mended=mended)
    return replace(now.report, findings=findings, change=told_change)


def all_new(report: Report, change: Change) -> Report:
    """The report of a data set that was not there before: everything is new."""
    return replace(report, change=replace(change, deltas=[*change.deltas, *class_counts([], report.classes)]))


class _Untouched:
    """Whether nothing changed where a finding is, and the earlier state does not tell whether it was there."""

    def __init__(self, then: Report, change: Change, rules: Sequence[Rule]) -> None:
        self.ran = _ran(then)
        self.touched = touched_files(change)
        self.kinds = {rule.name: rule.check.kind for rule in rules if rule.check is not None}

    def __call__(self, finding: Finding) -> bool:
        ran = finding.rule in self.ran
        weighed = self.kinds.get(finding.rule) == "heuristic" and finding.severity is not Severity.ERROR
        if ran and not weighed:
            return False
        if finding.where.image is None:
            return not ran
        return all(self.touched.isdisjoint(_files(place)) for place in (finding.where, *finding.related))


def _ran(report: Report) -> set[str]:
    return {run.rule for run in report.runs if run.status in ("pass", "fail")}


def grown(now: Judged, then: Judged) -> list[str]:
    """Rules whose root cause stands for more than it did: which places are new is not told by one finding."""
    causes = [finding for finding in now.report.findings if is_root_cause(finding)]
    total: dict[str, int] = {}
    for finding in then.report.findings:
        total[finding.rule] = total.get(finding.rule, 0) + finding.folded
    return [finding.rule for finding in causes if finding.rule in total and finding.folded > total[finding.rule]]


def touched_files(change: Change) -> frozenset[str]:
    """Images and label files in which anything changed."""
    return frozenset(path for _, place in change.places for path in _files(place))


def _files(place: Location) -> Iterable[str]:
    return [path for path in (place.image, place.label) if path is not None]


def class_counts(then: Sequence[Mapping[str, object]], now: Sequence[Mapping[str, object]]) -> list[str]:
    """Sentences about the instances of each class whose number moved, by split."""
    before, after = _instances(then), _instances(now)
    names = {
        **{key[0]: name for key, (name, _) in before.items()},
        **{key[0]: name for key, (name, _) in after.items()},
    }
    told = []
    for key in dict.fromkeys((*after, *before)):
        was, is_now = before.get(key, ("", 0))[1], after.get(key, ("", 0))[1]
        if was != is_now:
            told.append(f"{shorten(names[key[0]])}: {was:,} → {is_now:,} instances in {key[1]}")
    return told


def _instances(classes: Sequence[Mapping[str, object]]) -> dict[tuple[object, str], tuple[str, int]]:
    """Instances by class id and split, with the class's name."""
    found: dict[tuple[object, str], tuple[str, int]] = {}
    for facts in classes:
        splits = facts["splits"]
        assert isinstance(splits, Mapping)
        name = str(facts["name"]) if facts["name"] is not None else f"class {facts['id']}"
        for split, counts in splits.items():
            found[facts["id"], str(split)] = (name, int(counts["instances"]))
    return found


def rule_deltas(then: Sequence[RuleRun], now: Sequence[RuleRun]) -> list[str]:
    """Sentences about rules that measure one number of the whole data set, and fail in either state, where it moved."""
    before = {run.rule: run for run in then}
    told = []
    for run in now:
        was = before.get(run.rule)
        if was is None or was.measured is None or run.measured is None or "fail" not in (was.status, run.status):
            continue
        old, new = _number(was.measured), _number(run.measured)
        if old != new:
            told.append(f"{run.rule}: {old} → {new}" + ("" if run.limit is None else f", limit {_number(run.limit)}"))
    return told


def _number(number: float) -> str:
    return f"{number:,.0f}" if number.is_integer() or abs(number) >= MANY else f"{number:.4g}"
