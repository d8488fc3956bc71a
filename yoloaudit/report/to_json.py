"""Report → one strict JSON document, ASCII only, a rule and a finding a line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from yoloaudit.errors import YoloauditError
from yoloaudit.findings import FORMAT, Change, Finding, Location, Report, RuleRun, Severity
from yoloaudit.version import __version__

if TYPE_CHECKING:
    from yoloaudit.report.document import (
        ChangedPlace,
        ChangeFacts,
        DatasetFacts,
        FindingFacts,
        RelatedPlace,
        SplitFacts,
        Summary,
    )

COMMAND = re.compile(r"(?<=#)#(?=\[|vso\[)|\x7f", re.IGNORECASE)
"""What JSON leaves as it is and a CI log or a terminal would act on."""


def lines(report: Report) -> Iterator[str]:
    """The lines of the document."""
    yield '{"format": ' + dump(report.format) + ","
    yield '"tool": ' + dump({"name": "yoloaudit", "version": __version__}) + ","
    yield '"dataset": ' + dump(dataset_facts(report)) + ","
    yield from _mapping("ledger", report.ledger)
    yield from _list("classes", map(dump, report.classes))
    yield from _list("rules", map(run_line, report.runs))
    yield from _list("findings", (dump(finding_facts(finding)) for finding in report.findings))
    yield '"change": ' + dump(None if report.change is None else change_facts(report.change)) + ","
    yield '"summary": ' + dump(summary(report)) + "}"


def refusal(error: YoloauditError) -> Iterator[str]:
    """The document of a run that could not begin: no report, but why, so that standard output is JSON all the same."""
    yield '{"format": ' + dump(FORMAT) + ","
    yield '"tool": ' + dump({"name": "yoloaudit", "version": __version__}) + ","
    yield '"error": ' + dump({"message": str(error), "exit_code": error.exit_code}) + "}"


def dump(value: object) -> str:
    """One value as strict JSON that holds no terminal escape and no workflow command; the data survive exactly."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, default=_plain)
    return COMMAND.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def dataset_facts(report: Report) -> DatasetFacts:
    """What the report says of the data set as a whole."""
    facts = report.dataset
    return {
        "root": facts["root"],
        "descriptor": facts["descriptor"],
        "layout": facts["layout"],
        "names": facts["names"],
        "fingerprint": facts["fingerprint"],
        "splits": {split: split_facts(counts) for split, counts in report.ledger.items()},
        "kinds": facts["kinds"],
    }


def split_facts(counts: Mapping[str, int]) -> SplitFacts:
    """The four numbers of a split that the ledger boils down to."""
    return {
        "images": counts["images_found"],
        "label_files": counts["label_files"],
        "boxes": counts["boxes"],
        "backgrounds": counts["images_empty_label"] + counts["images_without_label"],
    }


def run_line(run: RuleRun) -> str:
    """One rule; seconds always with four digits, so that two runs differ in nothing else."""
    facts = {
        "rule": run.rule,
        "check": run.check,
        "family": run.family,
        "severity": run.severity.value,
        "status": run.status,
        "found": run.found,
        "measured": tidy(run.measured),
        "limit": tidy(run.limit),
        "guide": run.guide,
        "why_skipped": run.why_skipped,
    }
    return dump(facts)[:-1] + f', "seconds": {run.seconds:.4f}}}'


def finding_facts(finding: Finding) -> FindingFacts:
    """One finding, every key present, null where unknown."""
    where, suggestion, fix = finding.where, finding.suggestion, finding.fix
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "split": where.split,
        "image": where.image,
        "label": where.label,
        "line": where.line,
        "class_id": where.class_id,
        "box": None if where.box is None else list(where.box),
        "value": tidy(finding.value),
        "limit": tidy(finding.limit),
        "score": tidy(finding.score),
        "suggestion": None
        if suggestion is None
        else {"class_id": suggestion.class_id, "box": list(suggestion.box), "score": suggestion.score},
        "related": related(finding.related),
        "fix": None if fix is None else {"kind": fix.kind, "safe": fix.safe},
        "fingerprint": finding.fingerprint,
        "file": where.file,
        "folded": finding.folded,
        "known": finding.known,
    }


def change_facts(change: Change) -> ChangeFacts:
    """What changed; places of images that moved say where they were."""
    return {
        "base": change.base,
        "counts": dict(change.counts),
        "deltas": list(change.deltas),
        "before": {severity.value: count for severity, count in change.before.items()},
        "mended": [finding_facts(finding) for finding in change.mended],
        "places": [changed_place(what, where, change) for what, where in change.places],
    }


def changed_place(what: str, where: Location, change: Change) -> ChangedPlace:
    """One place of a change."""
    return {
        "what": what,
        "split": where.split,
        "image": where.image,
        "label": where.label,
        "line": where.line,
        "class_id": where.class_id,
        "box": None if where.box is None else list(where.box),
        "was": change.moves.get(where.image or "") if what == "image moved" else None,
    }


def related(places: Sequence[Location]) -> list[RelatedPlace]:
    """Other places that belong to a finding: those in an image or a label file."""
    known = (place for place in places if place.image is not None or place.label is not None)
    return [{"image": place.image, "label": place.label, "line": place.line} for place in known]


def summary(report: Report) -> Summary:
    """Findings by severity, and the exit code at the report's own `fail_on`."""
    code: Any = report.exit_code(str(report.settings.get("fail_on", "error")))
    return {
        "error": report.count(Severity.ERROR),
        "warning": report.count(Severity.WARNING),
        "info": report.count(Severity.INFO),
        "exit_code": code,
    }


def tidy(number: float | None) -> float | None:
    """A number without the digits that a 4-byte float only seems to have; none where it is not finite."""
    if number is None or not math.isfinite(number):
        return None
    return number if float(number).is_integer() else float(f"{number:.7g}")


def _mapping(name: str, entries: Mapping[str, object]) -> Iterator[str]:
    yield f'"{name}": {{'
    yield from _separated(f"{dump(key)}: {dump(value)}" for key, value in entries.items())
    yield "},"


def _list(name: str, entries: Iterator[str]) -> Iterator[str]:
    yield f'"{name}": ['
    yield from _separated(entries)
    yield "],"


def _separated(entries: Iterator[str]) -> Iterator[str]:
    entry = next(entries, None)
    while entry is not None:
        following = next(entries, None)
        yield entry if following is None else entry + ","
        entry = following


def _plain(value: Any) -> Any:
    """Tables yield numpy's numbers."""
    return value.item()
