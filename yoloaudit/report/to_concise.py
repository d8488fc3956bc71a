"""Report → `path:line: severity rule message`, a line a finding, as editors and `grep` expect."""

from __future__ import annotations

from collections.abc import Iterator

from yoloaudit.findings import Finding, Report
from yoloaudit.report.text import show

MOST_PATH, MOST_MESSAGE = 4096, 500


def lines(report: Report) -> Iterator[str]:
    """The lines; none where nothing was found."""
    return (f"{place(finding, report)}: {graded(finding)}" for finding in report.findings)


def graded(finding: Finding) -> str:
    """Severity, rule and message."""
    return f"{finding.severity.value} {show(finding.rule)} {show(finding.message, MOST_MESSAGE)}"


def place(finding: Finding, report: Report) -> str:
    """Where to look: a file and its line; the descriptor where the finding is about the data set as a whole."""
    where = finding.where
    path = where.path or report.dataset.get("descriptor") or report.dataset.get("root") or "."
    line = f":{where.line}" if where.line is not None else ""
    return show(str(path), MOST_PATH) + line
