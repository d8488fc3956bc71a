"""Rules of a report → SARIF's descriptions of them: title, why and what to do, the guide's sentence, tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yoloaudit.findings import Report, RuleRun, Severity
from yoloaudit.report.about import NOTHING, About
from yoloaudit.report.escape import code, marked
from yoloaudit.report.text import show

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
PRECISION = {"sure": "very-high", "heuristic": "medium", "model": "high"}
MOST_RULES, MOST_TAGS, MOST_DESCRIPTION, MOST_NAME = 25_000, 10, 1000, 200
"""GitHub's limits: rules of a run, tags that are shown, characters of a description (1,024) and of a name (255)."""


def rules(report: Report, about: Mapping[str, About]) -> list[dict[str, Any]]:
    """All rules that ran, and those with findings that did not; as many as GitHub takes, those with findings first."""
    runs = {run.rule: run for run in report.runs}
    severities = {finding.rule: finding.severity for finding in reversed(report.findings)}
    found = dict.fromkeys(finding.rule for finding in report.findings)
    every = {identifier(rule): rule for rule in [*found, *(rule for rule in runs if rule not in found)]}
    return [
        description(rule, runs.get(rule), severities.get(rule, Severity.INFO), about)
        for rule in list(every.values())[:MOST_RULES]
    ]


def identifier(rule: str) -> str:
    """The name of a rule as text."""
    return show(rule, MOST_NAME) or "unnamed"


def description(rule: str, run: RuleRun | None, severity: Severity, about: Mapping[str, About]) -> dict[str, Any]:
    """One rule; where nothing is known of it, its name stands for the rest."""
    name, check = identifier(rule), (run.check if run else None) or rule
    known, severity = about.get(check, NOTHING), run.severity if run else severity
    guide = run.guide if run else None
    paragraphs = [
        f"{known.title or name}.",
        *(" ".join(part.split()) for part in known.why.split("\n\n") if part.strip()),
    ]
    more = f"yoloaudit explain {identifier(check)}"
    text = [*paragraphs, *([f"Guide: {show(guide, MOST_DESCRIPTION)}"] if guide else []), f"More: {more}"]
    marks = [marked(part) for part in paragraphs] + ([f"Guide: {code(guide, MOST_DESCRIPTION)}"] if guide else [])
    full = " ".join(paragraphs)
    tags = ([show(run.family)] if run and run.family else []) + (["guide"] if guide else [])
    return {
        "id": name,
        "shortDescription": {"text": known.title or name},
        "fullDescription": {"text": full if len(full) <= MOST_DESCRIPTION else full[: MOST_DESCRIPTION - 1] + "…"},
        "help": {
            "text": "\n\n".join(text),
            "markdown": "\n\n".join(f"<p>{part}</p>" for part in [*marks, f"More: {code(more, MOST_NAME + 20)}"]),
        },
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": tags[:MOST_TAGS],
            "precision": PRECISION.get(known.kind, "medium"),
            "problem.severity": PROBLEMS[severity],
        },
    }
