"""Report → one JSON object a finding, a line each, keys as in the JSON report."""

from __future__ import annotations

from collections.abc import Iterator

from yoloaudit.findings import Report
from yoloaudit.report.to_json import dump, finding_facts


def lines(report: Report) -> Iterator[str]:
    """The lines; none where nothing was found."""
    return (dump(finding_facts(finding)) for finding in report.findings)
