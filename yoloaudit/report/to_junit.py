"""Report → JUnit XML: a suite a family, a test a rule; a test fails where the findings of its rule make the check fail.

Known findings and those below `--fail-on` are told as output of a test that passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as Tree

from yoloaudit.findings import Finding, Report, RuleRun, Severity
from yoloaudit.report.place import in_repository, sentence
from yoloaudit.report.ranked import stale
from yoloaudit.report.text import show

NO_FAMILY = "not measurable from files"
MOST_LISTED, MOST_PATH, MOST_MESSAGE = 1000, 4096, 500
"""Findings of a rule that are listed; characters of a path and of a sentence."""


def lines(report: Report) -> Iterator[str]:
    """The lines of the document."""
    root = Tree.Element("testsuites", name="yoloaudit")
    findings: dict[str, list[Finding]] = {}
    for finding in report.findings:
        findings.setdefault(finding.rule, []).append(finding)
    suites: dict[str, list[RuleRun]] = {}
    for run in [*report.runs, *_unknown(report, findings)]:
        suites.setdefault(run.family or NO_FAMILY, []).append(run)
    totals = [0, 0, 0]
    for family, runs in suites.items():
        suite = Tree.SubElement(root, "testsuite", name=show(family))
        tests = [_test(suite, family, run, findings.get(run.rule, ()), report) for run in runs]
        counts = [len(runs), tests.count("failure"), tests.count("error")]
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        _set(suite, counts)
        suite.set("skipped", str(tests.count("skipped")))
        suite.set("time", f"{sum(run.seconds for run in runs):.4f}")
    if stale(report):
        totals = [totals[0] + 1, totals[1] + 1, totals[2]]
        suite = Tree.SubElement(root, "testsuite", name="ratchet", tests="1", failures="1", errors="0")
        test = Tree.SubElement(suite, "testcase", name="stale-entries", classname="ratchet")
        Tree.SubElement(test, "failure", message=stale(report))
    _set(root, totals)
    Tree.indent(root)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield from Tree.tostring(root, encoding="unicode").split("\n")


def _set(element: Tree.Element, counts: Sequence[int]) -> None:
    for name, count in zip(("tests", "failures", "errors"), counts, strict=True):
        element.set(name, str(count))


def _unknown(report: Report, findings: dict[str, list[Finding]]) -> Iterator[RuleRun]:
    """Rules that have findings and no run: in reports that were not made by the engine."""
    known = {run.rule for run in report.runs}
    for rule, each in findings.items():
        if rule not in known:
            yield RuleRun(rule, rule, None, each[0].severity, "fail", len(each))


def _test(suite: Tree.Element, family: str, run: RuleRun, findings: Sequence[Finding], report: Report) -> str | None:
    """Adds a test to the suite; the name of what it holds besides output."""
    seconds = f"{run.seconds:.4f}"
    test = Tree.SubElement(suite, "testcase", name=show(run.rule), classname=show(family), time=seconds)
    failing = [finding for finding in findings if _fails(finding, report)]
    told = [finding for finding in findings if not _fails(finding, report)]
    outcome = {"error": "error", "skipped": "skipped"}.get(run.status, "failure" if failing else None)
    if outcome == "failure":
        first = f"{len(failing):,} found; the first: {sentence(failing[0])}"
        severity = min((finding.severity for finding in failing), key=lambda grade: grade.rank)
        fault = Tree.SubElement(test, "failure", type=severity.value, message=show(first, MOST_MESSAGE))
        fault.text = _listed(failing, report)
    elif outcome is not None:
        Tree.SubElement(test, outcome, message=show(run.why_skipped or "", MOST_MESSAGE))
    if told:
        Tree.SubElement(test, "system-out").text = _listed(told, report)
    return outcome


def _fails(finding: Finding, report: Report) -> bool:
    fail_on = str(report.settings.get("fail_on", "error"))
    return fail_on != "never" and not finding.known and finding.severity.rank <= Severity(fail_on).rank


def _listed(findings: Sequence[Finding], report: Report) -> str:
    """A line a finding, between line ends."""
    listed = [f"{_place(finding, report)}: {_graded(finding)}" for finding in findings[:MOST_LISTED]]
    if len(findings) > MOST_LISTED:
        listed.append(f"and {len(findings) - MOST_LISTED:,} more")
    return "\n" + "\n".join(listed) + "\n"


def _place(finding: Finding, report: Report) -> str:
    where = finding.where
    path = where.path or report.dataset.get("descriptor") or report.dataset.get("root") or "."
    return show(in_repository(str(path), report), MOST_PATH) + (f":{where.line}" if where.line is not None else "")


def _graded(finding: Finding) -> str:
    known = " (known)" if finding.known else ""
    return f"{finding.severity.value}{known} {show(sentence(finding), MOST_MESSAGE)}"
