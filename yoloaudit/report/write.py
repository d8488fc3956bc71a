"""Report → a file in one format, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

from yoloaudit.errors import UsageError
from yoloaudit.files import write_atomically
from yoloaudit.findings import Report
from yoloaudit.report import (
    to_concise,
    to_csv,
    to_github,
    to_gitlab,
    to_json,
    to_jsonl,
    to_junit,
    to_markdown,
    to_sarif,
)

FORMATS: Mapping[str, Callable[[Report], Iterator[str]]] = {
    "concise": to_concise.lines,
    "json": to_json.lines,
    "jsonl": to_jsonl.lines,
    "csv": to_csv.lines,
    "sarif": to_sarif.lines,
    "junit": to_junit.lines,
    "github": to_github.lines,
    "summary": to_github.summary,
    "gitlab": to_gitlab.lines,
    "markdown": to_markdown.lines,
}
"""What a report alone is enough for. `summary` is what a job of GitHub shows on its page."""


def write(report: Report, format: str, path: str | os.PathLike[str]) -> None:  # noqa: A002
    """Write the report to `path` in one of FORMATS; on WriteError nothing has changed."""
    if format not in FORMATS:
        raise UsageError(f"no format {format!r}; there are {', '.join(FORMATS)}")
    text = "".join(f"{line}\n" for line in FORMATS[format](report))
    write_atomically(os.fspath(path), text.encode("utf-8"))
