"""Report → annotations of GitHub Actions, as workflow commands; and the page for the summary of the job.

GitHub shows 10 errors, 10 warnings and 10 notices of a step and drops the rest unseen, so no more are written: root
causes first, then every rule in turn. What is left is in the summary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from yoloaudit.errors import YoloauditError
from yoloaudit.findings import Finding, Report, Severity
from yoloaudit.report import to_markdown
from yoloaudit.report.about import About
from yoloaudit.report.escape import MOST_MESSAGE, MOST_PATH, command_data, command_property
from yoloaudit.report.place import path_of, sentence
from yoloaudit.report.ranked import counted, ranked, stale
from yoloaudit.report.text import show

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
MOST = 10
"""Annotations of a kind that GitHub shows in a step."""
MOST_SUMMARY = 1_000_000
"""Bytes of a summary: GitHub takes 1 MiB of a step, and none of a longer one."""


def lines(report: Report) -> Iterator[str]:
    """A command a finding that is not known; a last one says how many are not shown."""
    own = [f"checks crashed, which is a bug of yoloaudit: {', '.join(report.crashed)}"] if report.crashed else []
    own += [stale(report)] if stale(report) else []
    yield from (f"::error title=yoloaudit::{command_data(show(said, MOST_MESSAGE))}" for said in own)
    every = ranked(finding for finding in report.findings if not finding.known)
    by_grade = {grade: [finding for finding in every if finding.severity is grade] for grade in Severity}
    shown = {Severity.ERROR: MOST - len(own), Severity.WARNING: MOST, Severity.INFO: MOST}
    shown[Severity.INFO] -= any(len(found) > shown[grade] for grade, found in by_grade.items())
    left: list[Finding] = []
    for grade, found in by_grade.items():
        yield from (annotation(finding, report) for finding in found[: shown[grade]])
        left += found[shown[grade] :]
    if left:
        yield f"::notice title=yoloaudit::{counted(left)} more than GitHub shows here: see the summary of the job"


def refusal(error: YoloauditError) -> Iterator[str]:
    """The annotation of a run that could not begin."""
    yield f"::error title=yoloaudit::{command_data(show(str(error), MOST_MESSAGE))}"


def annotation(finding: Finding, report: Report) -> str:
    """One workflow command."""
    where = finding.where
    path = path_of(where, report)
    fields = [f"file={command_property(show(path, MOST_PATH))}"] if path else []
    fields += [f"line={where.line}"] if path and where.line is not None else []
    fields.append(f"title={command_property(show(finding.rule))}")
    return f"::{COMMANDS[finding.severity]} {','.join(fields)}::{command_data(show(sentence(finding), MOST_MESSAGE))}"


def summary(report: Report, about: Mapping[str, About] | None = None) -> Iterator[str]:
    """The lines of the Markdown for the file that `GITHUB_STEP_SUMMARY` names."""
    return iter(to_markdown.page(report, MOST_SUMMARY, about=about, opened=100))
