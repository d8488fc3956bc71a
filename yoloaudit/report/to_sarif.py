"""Report → SARIF 2.1.0, a rule and a result a line, within what GitHub takes.

GitHub refuses a file of more than 25,000 results or rules, or of more than 10 MB when it is packed, and shows 5,000
results of a run, 100 related places of a result and 10 tags of a rule. Results are written worst first, new ones before
known ones, and what does not fit is told in a notification. Mended findings are not written: a result with the baseline
state `absent` would be an open alert there.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yoloaudit.findings import Finding, Location, Report, RuleRun
from yoloaudit.report import sarif_rules
from yoloaudit.report.about import About, checks
from yoloaudit.report.escape import MOST_MESSAGE, sarif_message, uri
from yoloaudit.report.place import in_repository, path_of, sentence
from yoloaudit.report.ranked import counted, ranked, stale
from yoloaudit.report.text import show
from yoloaudit.report.to_json import dump, tidy
from yoloaudit.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "%SRCROOT%"
MOST_RESULTS, MOST_SHOWN, MOST_RELATED = 25_000, 5_000, 100
MOST_PACKED = 9_500_000
"""Bytes of all results, packed as GitHub wants them; the rest of the file is far below what is left of its 10 MB."""


def lines(report: Report, about: Mapping[str, About] | None = None) -> Iterator[str]:
    """The lines of the document; `about` says what checks are about, left out: those that come along."""
    rules = sarif_rules.rules(report, checks() if about is None else about)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    yield '{"version": "2.1.0",'
    yield f'"$schema": {dump(SCHEMA)},'
    yield '"runs": [{'
    yield f'"tool": {{"driver": {{"name": "yoloaudit", "version": {dump(__version__)}, "rules": ['
    yield from _separated(map(dump, rules))
    yield "]}},"
    yield f'"originalUriBaseIds": {dump(_bases())},'
    yield f'"automationDetails": {dump({"id": _category(report)})},'
    yield '"results": ['
    results, cut = _fitting(report, index)
    yield from _separated(iter(results))
    yield "],"
    yield f'"invocations": [{dump(_invocation(report, len(results), cut, index))}]}}]}}'


def _fitting(report: Report, index: Mapping[str, int]) -> tuple[list[str], list[Finding]]:
    """The results as text, as many as GitHub takes, and the findings that are left out."""
    new = ranked(finding for finding in report.findings if not finding.known)
    known = ranked(finding for finding in report.findings if finding.known)
    ordered, seen, packed = [*new, *known], Counter[str](), Packed()
    results: list[str] = []
    for finding in ordered[:MOST_RESULTS]:
        seen[finding.fingerprint] += 1
        text = dump(result(finding, report, index, seen[finding.fingerprint]))
        if not packed.takes(text):
            break
        results.append(text)
    return results, ordered[len(results) :]


class Packed:
    """How large text gets when it is packed, measured only once it is large enough for that to matter."""

    def __init__(self) -> None:
        self._packer, self._raw, self._done = zlib.compressobj(), 0, 0

    def takes(self, text: str) -> bool:
        """Whether there is room for this text as well."""
        self._raw += len(text) + 2
        self._done += len(self._packer.compress(text.encode("ascii")))
        if self._raw > MOST_PACKED and self._done > MOST_PACKED - (1 << 20):
            self._done += len(self._packer.flush(zlib.Z_SYNC_FLUSH))
        return self._done <= MOST_PACKED


def result(finding: Finding, report: Report, index: Mapping[str, int], turn: int = 1) -> dict[str, Any]:
    """One finding; the `turn`-th with its fingerprint."""
    written = {
        "ruleId": sarif_rules.identifier(finding.rule),
        "ruleIndex": index.get(sarif_rules.identifier(finding.rule), -1),
        "level": sarif_rules.LEVELS[finding.severity],
        "message": {"text": sarif_message(sentence(finding)) or "no message"},
        "locations": [_location(finding, report)],
        "relatedLocations": _related(finding, report),
        "partialFingerprints": {"yoloaudit/v1": f"{finding.fingerprint}:{turn}"} if finding.fingerprint else {},
        "properties": _properties(finding),
    }
    if report.change is not None:
        written["baselineState"] = "unchanged" if finding.known else "new"
    if finding.known:
        why = "there already in the state that is compared with, or accepted before"
        written["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return {key: value for key, value in written.items() if value not in ([], {})}


def _location(finding: Finding, report: Report) -> dict[str, Any]:
    """Label file and row, or image, or descriptor; with what a finding of no file of its own is about."""
    where = finding.where
    path, logical = path_of(where, report), _logical(where, report)
    location: dict[str, Any] = {}
    if path is not None:
        location["physicalLocation"] = _physical(path, where.line if where.path else None)
    if logical and (where.path is None or path is None):
        location["logicalLocations"] = logical
    return location or {"logicalLocations": [{"name": "data set", "kind": "resource"}]}


def _physical(path: str, line: int | None) -> dict[str, Any]:
    place = {"uri": uri(path)} if uri(path).startswith("file:") else {"uri": uri(path), "uriBaseId": BASE}
    return {"artifactLocation": place} | ({} if line is None else {"region": {"startLine": max(1, line)}})


def _logical(where: Location, report: Report) -> list[dict[str, str]]:
    names = report.dataset.get("names") or []
    logical = [] if where.split is None else [{"name": show(where.split), "kind": "split"}]
    if where.class_id is not None:
        known = 0 <= where.class_id < len(names)
        logical.append({"name": show(str(names[where.class_id] if known else where.class_id)), "kind": "class"})
    return logical


def _related(finding: Finding, report: Report) -> list[dict[str, Any]]:
    """The image of a label row, then the places that belong to the finding."""
    where = finding.where
    places = [Location(image=where.image)] if where.image and where.path != where.image else []
    known = [place for place in (*places, *finding.related) if place.path]
    return [
        {"id": number, "physicalLocation": _physical(in_repository(place.path or "", report), place.line)}
        for number, place in enumerate(known[:MOST_RELATED], 1)
    ]


def _properties(finding: Finding) -> dict[str, Any]:
    where, suggestion = finding.where, finding.suggestion
    facts = {
        "split": where.split if where.split is None else show(where.split),
        "classId": where.class_id,
        "box": None if where.box is None else list(where.box),
        "value": tidy(finding.value),
        "limit": tidy(finding.limit),
        "score": tidy(finding.score),
        "folded": finding.folded if finding.folded > 1 else None,
        "suggestedClassId": suggestion.class_id if suggestion else None,
        "suggestedBox": list(suggestion.box) if suggestion else None,
    }
    return {key: fact for key, fact in facts.items() if fact is not None}


def _invocation(report: Report, written: int, cut: Sequence[Finding], index: Mapping[str, int]) -> dict[str, Any]:
    """How the run went: its exit code, crashed checks, what was not looked at, and what is left out here."""
    crashed = [run for run in report.runs if run.status == "error"]
    skipped = [run for run in report.runs if run.status == "skipped"]
    told = [_notification("error", f"{run.rule} crashed: {run.why_skipped}", run, index) for run in crashed]
    if stale(report):
        told.append({"level": "error", "message": {"text": stale(report)}})
    if cut:
        size = f"{counted(cut)} left out: a file for GitHub holds {MOST_RESULTS:,} results and 10 MB when packed"
        told.append({"level": "warning", "message": {"text": size}})
    if written > MOST_SHOWN:
        shown = f"GitHub shows the first {MOST_SHOWN:,} of these {written:,} results"
        told.append({"level": "note", "message": {"text": shown}})
    why = [_notification("note", f"{run.rule} was not looked at: {run.why_skipped}", run, index) for run in skipped]
    code = report.exit_code(str(report.settings.get("fail_on", "error")))
    facts = {"executionSuccessful": not crashed, "exitCode": code}
    return facts | {"toolExecutionNotifications": told, "toolConfigurationNotifications": why}


def _notification(level: str, text: str, run: RuleRun, index: Mapping[str, int]) -> dict[str, Any]:
    rule = sarif_rules.identifier(run.rule)
    return {
        "level": level,
        "message": {"text": sarif_message(text, MOST_MESSAGE)},
        "associatedRule": {"id": rule, "index": index.get(rule, -1)},
    }


def _bases() -> dict[str, Any]:
    said = "root of the repository; where there is none, the folder of the data set"
    return {BASE: {"description": {"text": said}}}


def _category(report: Report) -> str:
    """By it GitHub tells the runs of several data sets in one repository apart."""
    root = in_repository(str(report.dataset.get("root") or ""), report)
    return "yoloaudit/" if root in ("", ".") or root.startswith("/") else f"yoloaudit/{uri(root)}/"


def _separated(entries: Iterator[str]) -> Iterator[str]:
    entry = next(entries, None)
    while entry is not None:
        following = next(entries, None)
        yield entry if following is None else entry + ","
        entry = following
