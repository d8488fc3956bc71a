"""Report → GitLab's code quality report: one JSON list, a finding a line.

Known findings are in it as well: GitLab itself shows what a merge request adds to the report of its target branch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from yoloaudit.findings import Finding, Report, Severity
from yoloaudit.report.place import path_of, sentence
from yoloaudit.report.text import show
from yoloaudit.report.to_json import dump

GRADES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}
MOST_PATH, MOST_MESSAGE = 4096, 500


def lines(report: Report) -> Iterator[str]:
    """The lines of the list; `[]` where nothing was found."""
    last, seen = "[", dict[str, int]()
    for finding in report.findings:
        yield last
        mark = _fingerprint(finding, seen)
        last = dump(_entry(finding, report, mark)) + ","
    yield last if last == "[" else last[:-1]
    yield "]"


def _entry(finding: Finding, report: Report, fingerprint: str) -> dict[str, object]:
    path = show(path_of(finding.where, report) or ".", MOST_PATH)
    return {
        "description": show(sentence(finding), MOST_MESSAGE),
        "check_name": show(finding.rule),
        "fingerprint": fingerprint,
        "severity": GRADES[finding.severity],
        "location": {"path": path, "lines": {"begin": finding.where.line or 1}},
    }


def _fingerprint(finding: Finding, seen: dict[str, int]) -> str:
    """Each finding its own, the same in every run: GitLab drops what it takes for a repetition."""
    own = finding.fingerprint or f"{finding.rule} {finding.where} {finding.message}"
    seen[own] = seen.get(own, 0) + 1
    text = f"{own} {seen[own]}".encode("utf-8", "backslashreplace")
    return hashlib.blake2b(text, digest_size=16).hexdigest()
