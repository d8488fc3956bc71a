"""A report → what its page shows: plain values, in the order in which they are read; every text has passed the gate."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yoloaudit.findings import Report, Severity
from yoloaudit.report.about import NOTHING, About
from yoloaudit.report.page_change import Changed, changed
from yoloaudit.report.page_facts import ClassTable, Ledger, Sentence, class_table, ledger, scorecard
from yoloaudit.report.page_findings import Group, grouped, problems
from yoloaudit.report.private import Secrets, scrub
from yoloaudit.report.text import show
from yoloaudit.version import __version__

MOST_PATH, MOST_SAID, MOST_NAME = 4096, 500, 120
WORDS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("note", "notes"),
}


@dataclass(frozen=True, slots=True)
class Count:
    """So many problems of one severity."""

    severity: str
    number: int
    word: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the audit ended."""

    state: str
    """`passed`, `failed`, `incomplete` or `done`."""
    word: str
    reason: str
    counts: tuple[Count, ...]
    known: int


@dataclass(frozen=True, slots=True)
class Unrun:
    """A rule that was not run, and why; or that was, and found nothing."""

    rule: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Page:
    """All of it."""

    name: str
    descriptor: str
    facts: tuple[tuple[str, str], ...]
    verdict: Verdict
    changed: Changed | None
    ledger: Ledger
    sentences: tuple[Sentence, ...]
    unmeasured: tuple[Sentence, ...]
    classes: ClassTable
    groups: tuple[Group, ...]
    crashed: tuple[Unrun, ...]
    skipped: tuple[Unrun, ...]
    passed: tuple[Unrun, ...]
    made: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]

    @property
    def met(self) -> int:
        """Sentences of the guide that are met."""
        return sum(sentence.verdict == "met" for sentence in self.sentences)


def page(report: Report, texts: Mapping[str, About], notes: Sequence[str] = ()) -> Page:
    """What the page shows of a report; `texts` of checks by name, `notes` what the user should know besides."""
    groups = grouped(report, texts)
    sentences = scorecard(report)
    facts = report.dataset
    return Page(
        name=show(os.path.basename(str(facts.get("root") or "").rstrip("/\\")) or "data set", MOST_NAME),
        descriptor=show(str(facts.get("descriptor") or ""), MOST_PATH),
        facts=_facts(report),
        verdict=_verdict(report, groups),
        changed=None if report.change is None else changed(report),
        ledger=ledger(report),
        sentences=tuple(each for each in sentences if each.verdict != "unknown"),
        unmeasured=tuple(each for each in sentences if each.verdict == "unknown"),
        classes=class_table(report),
        groups=groups,
        crashed=_unrun(report, texts, "error"),
        skipped=_unrun(report, texts, "skipped"),
        passed=_unrun(report, texts, "pass"),
        made=_made(report),
        notes=tuple(show(note, MOST_SAID) for note in notes),
    )


def _facts(report: Report) -> tuple[tuple[str, str], ...]:
    """The data set in a few numbers."""
    images = sum(counts.get("images_found", 0) for counts in report.ledger.values())
    boxes = sum(counts.get("boxes", 0) for counts in report.ledger.values())
    names = report.dataset.get("names") or []
    kinds = {kind: count for kind, count in (report.dataset.get("kinds") or {}).items() if count and kind != "box"}
    told = [
        (f"{images:,}", "image" if images == 1 else "images"),
        (f"{boxes:,}", "box" if boxes == 1 else "boxes"),
        (f"{len(names):,}", "class" if len(names) == 1 else "classes"),
        (f"{len(report.ledger):,}", "split" if len(report.ledger) == 1 else "splits"),
    ]
    return (*told, *((f"{count:,}", f"rows of kind {kind}") for kind, count in kinds.items()))


def _verdict(report: Report, groups: Sequence[Group]) -> Verdict:
    fail_on = str(report.settings.get("fail_on", "error"))
    code = report.exit_code(fail_on)
    state = "incomplete" if code == 3 else "failed" if code else "done" if fail_on == "never" else "passed"
    reasons = {
        "incomplete": f"{len(report.crashed):,} of {len(report.runs):,} checks crashed",
        "failed": f"at --fail-on {show(fail_on)}",
        "passed": f"at --fail-on {show(fail_on)}",
        "done": "no threshold was set",
    }
    counts = problems(groups)
    told = tuple(Count(each.value, counts[each], WORDS[each][counts[each] != 1]) for each in Severity)
    return Verdict(state, state.capitalize(), reasons[state], told, sum(finding.known for finding in report.findings))


def _unrun(report: Report, texts: Mapping[str, About], status: str) -> tuple[Unrun, ...]:
    return tuple(
        Unrun(
            show(run.rule),
            show(texts.get(run.check or "", NOTHING).title.rstrip("."), MOST_SAID),
            show(run.why_skipped or "", MOST_SAID),
        )
        for run in report.runs
        if run.status == status and not (status == "skipped" and run.guide and run.check is None)
    )


def _made(report: Report) -> tuple[tuple[str, str], ...]:
    """By what and how; paths of the machine are cut to their last part."""
    given: Any = report.settings.get("given", ())
    command = " ".join(["yoloaudit check", *(shlex.quote(scrub(str(each), Secrets())) for each in given)])
    told = [
        ("version", f"yoloaudit {__version__}"),
        ("command", show(command, MOST_PATH)),
        ("descriptor", show(str(report.dataset.get("descriptor") or "none"), MOST_PATH)),
        ("layout", show(str(report.dataset.get("layout") or ""))),
        ("fingerprint of the data", show(str(report.dataset.get("fingerprint") or "unknown"))),
        ("rules", f"{len(report.runs):,}, in {sum(run.seconds for run in report.runs):.1f} s"),
    ]
    return tuple((term, said) for term, said in told if said)
