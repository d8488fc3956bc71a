"""Report → CSV, a row a finding; no cell is a formula, none holds a line end."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from yoloaudit.findings import Finding, Report
from yoloaudit.report.text import show
from yoloaudit.report.to_json import tidy

COLUMNS = (
    *("severity", "rule", "split", "image", "label", "file", "line", "class_id", "x1", "y1", "x2", "y2"),
    *("value", "limit", "score", "message", "fix", "fingerprint", "folded", "known"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
MOST_CELL = 5000


def lines(report: Report) -> Iterator[str]:
    """The header, then a row a finding."""
    yield _row(COLUMNS)
    for finding in report.findings:
        yield _row([cell(value) for value in values(finding)])


def values(finding: Finding) -> list[Any]:
    """The cells of one finding, in the order of COLUMNS."""
    where, fix = finding.where, finding.fix
    return [
        finding.severity.value,
        finding.rule,
        *(where.split, where.image, where.label, where.file, where.line, where.class_id),
        *(where.box or (None,) * 4),
        *(tidy(number) for number in (finding.value, finding.limit, finding.score)),
        finding.message,
        None if fix is None else fix.kind,
        finding.fingerprint,
        finding.folded,
        "true" if finding.known else "false",
    ]


def cell(value: object) -> str:
    """A value that a spreadsheet shows and never runs; numbers stay numbers."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = show(value, MOST_CELL)
    return f"'{text}" if value.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


def _row(cells: Any) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue()
