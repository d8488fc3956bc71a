"""Findings → the order in which a reviewer should meet them, and counts by rule and by severity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from yoloaudit.findings import Finding, Report, RuleRun, Severity

WORDS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("info", "info"),
}
LEDGER = {
    "images": ("images_found",),
    "used": ("images_used",),
    "dropped": ("images_dropped",),
    "background": ("images_empty_label", "images_without_label"),
    "label files": ("label_files",),
    "rows": ("rows",),
    "broken": ("rows_broken",),
    "boxes used": ("boxes_used",),
}
"""Columns of the ledger that a reader is shown, and the counts that each adds up."""


class Tally(NamedTuple):
    """The findings of a rule in numbers."""

    rule: str
    severity: Severity
    """That of its worst finding, of the new ones if there are any."""
    found: int
    """Defects in all, also those that are not listed."""
    listed: int
    known: int
    mended: int
    folded: bool
    """One cause explains them all."""
    run: RuleRun | None

    @property
    def new(self) -> int:
        """Defects that are not known; of those that are not listed it is not known whether they are."""
        return self.listed - self.known if self.known or self.folded else self.found

    @property
    def old(self) -> int:
        """Known problems: a root cause is one."""
        return (1 if self.folded else self.found - self.new) if self.known else 0

    @property
    def before(self) -> int:
        """Defects in the state that is compared with."""
        return max(0, self.found - self.new + self.mended)


def tallied(report: Report) -> list[Tally]:
    """Counts of each rule with findings or mended ones: new ones first, then the worst, root causes before others."""
    runs = {run.rule: run for run in report.runs}
    gone: Sequence[Finding] = report.change.mended if report.change else ()
    mended = Counter(finding.rule for finding in gone)
    grouped: dict[str, list[Finding]] = {}
    for finding in report.findings:
        grouped.setdefault(finding.rule, []).append(finding)
    tallies = [_tally(rule, each, runs.get(rule), mended[rule]) for rule, each in grouped.items()]
    worst = {finding.rule: finding.severity for finding in reversed(ranked(gone))}
    only_mended = {rule: severity for rule, severity in worst.items() if rule not in grouped}
    tallies += [
        Tally(rule, severity, 0, 0, 0, mended[rule], False, runs.get(rule)) for rule, severity in only_mended.items()
    ]
    return sorted(tallies, key=lambda each: (not each.new, each.severity.rank, not each.folded, -each.found, each.rule))


def _tally(rule: str, findings: Sequence[Finding], run: RuleRun | None, mended: int) -> Tally:
    known = sum(finding.known for finding in findings)
    new = [finding for finding in findings if not finding.known]
    worst = min((finding.severity for finding in new or findings), key=lambda severity: severity.rank)
    folded = len(findings) == 1 and findings[0].folded > 1
    found = max(len(findings), run.found if run else 0, findings[0].folded if folded else 0)
    return Tally(rule, worst, found, len(findings), known, mended, folded, run)


def fresh(report: Report) -> dict[Severity, int]:
    """New findings by severity, a root cause as one; those that are not listed count as the worst of their rule."""
    counts = Counter(finding.severity for finding in report.findings if not finding.known)
    for each in tallied(report):
        if not each.folded and not each.known:
            counts[each.severity] += each.found - each.listed
    return dict(counts)


def stale(report: Report) -> str:
    """That accepted findings are gone, where settings say that this fails; empty otherwise."""
    count = int(report.settings.get("stale") or 0)
    gone = f"{count:,} accepted finding{' is' if count == 1 else 's are'} gone"
    return f"{gone}: write the ratchet file anew with --write-ratchet" if count else ""


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first; of the same severity root causes first, then the rules in turn, so that each is seen early."""
    ordered: list[Finding] = []
    every = list(findings)
    for severity in Severity:
        graded = [finding for finding in every if finding.severity is severity]
        ordered += sorted((finding for finding in graded if finding.folded > 1), key=lambda finding: -finding.folded)
        by_rule: dict[str, list[Finding]] = {}
        for finding in graded:
            if finding.folded <= 1:
                by_rule.setdefault(finding.rule, []).append(finding)
        turns = zip_longest(*by_rule.values())
        ordered += [finding for turn in turns for finding in turn if finding is not None]
    return ordered


def in_words(counts: Mapping[Severity, int]) -> str:
    """`2 errors, 1 warning`: numbers by severity, zeros left out; empty for none."""
    told = [grade for grade in Severity if counts.get(grade)]
    return ", ".join(f"{counts[grade]:,} {WORDS[grade][counts[grade] != 1]}" for grade in told)


def counted(findings: Iterable[Finding]) -> str:
    """The same of a list of findings."""
    return in_words(Counter(finding.severity for finding in findings))
