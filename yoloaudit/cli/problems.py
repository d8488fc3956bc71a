"""Findings → groups, one a rule, the worst first, with counts that hold when only some findings are listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from yoloaudit.findings import Finding, Report, RuleRun, Severity

WORDS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("info", "info"),
}


class Group(NamedTuple):
    """The findings of one rule, and how many defects it has in all."""

    rule: str
    findings: list[Finding]
    found: int
    run: RuleRun | None

    @property
    def severity(self) -> Severity:
        """That of its worst finding."""
        return self.findings[0].severity

    @property
    def folded(self) -> bool:
        """Whether one finding stands for all."""
        return len(self.findings) == 1 and self.findings[0].folded > 1

    @property
    def problems(self) -> int:
        """A root cause is one, however many rows it explains."""
        return 1 if self.folded else self.found

    @property
    def check(self) -> str:
        """The check that the rule runs."""
        return self.run.check if self.run and self.run.check else self.rule


def grouped(report: Report) -> list[Group]:
    """Findings by rule: the worst first, root causes before what is only frequent."""
    runs = {run.rule: run for run in report.runs}
    groups = []
    for rule, each in groupby(sorted(report.findings, key=lambda finding: finding.rule), lambda finding: finding.rule):
        findings = sorted(each, key=lambda finding: finding.severity.rank)
        run = runs.get(rule)
        groups.append(Group(rule, findings, max(len(findings), run.found if run else 0), run))
    return sorted(groups, key=lambda group: (group.severity.rank, not group.folded, -group.found, group.rule))


def totals(groups: Sequence[Group]) -> dict[Severity, int]:
    """Problems by severity; those of a rule that are not listed are graded as the mildest that is."""
    counts = dict.fromkeys(Severity, 0)
    for group in groups:
        for finding in group.findings:
            counts[finding.severity] += 1
        counts[group.findings[-1].severity] += group.problems - len(group.findings)
    return counts


def counted(counts: Mapping[Severity, int]) -> str:
    """`1 error, 4 warnings, 23 info`."""
    return ", ".join(f"{counts[grade]:,} {one if counts[grade] == 1 else more}" for grade, (one, more) in WORDS.items())
