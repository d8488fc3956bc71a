"""A file of accepted findings → which findings of a report are new, and which entries nothing answers to any more."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from yoloaudit.dataset.coco.safe_json import JsonRefused, read_json
from yoloaudit.errors import FileRefused, UsageError
from yoloaudit.files import Root
from yoloaudit.findings import Finding, Report, RuleRun, shorten
from yoloaudit.ratchet.keys import EVERYWHERE

FORMAT = 1
MOST_BYTES, MOST_VALUES = 64 << 20, 1_000_000
KEY = re.compile(r"[0-9a-f]{16}|[0-9a-f]{12}-[0-9a-f]{12}|\*")
MOST_COUNT = 1 << 40


@dataclass(frozen=True)
class Ratchet:
    """Accepted findings: by rule and key, how many."""

    known: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Applied(NamedTuple):
    """A report in which what is accepted is marked as known, and by rule how many entries nothing answers to."""

    report: Report
    stale: Mapping[str, int] = {}


def read(path: str) -> Ratchet:
    """The ratchet in a file; raises UsageError where it is none."""
    shown, place = shorten(path, 200), os.path.abspath(path)
    try:
        data = Root(os.path.dirname(place)).read(place, MOST_BYTES).data
        value = read_json(data, MOST_VALUES).value
    except FileRefused as refused:
        advice = ". --write-ratchet writes it" if refused.reason == "missing" else ""
        raise UsageError(f"--ratchet {shown}: {refused}{advice}") from None
    except JsonRefused as refused:
        raise UsageError(f"--ratchet {shown}, line {refused.line}: {shorten(str(refused), 200)}") from None
    if not isinstance(value, dict) or not isinstance(value.get("known"), dict):
        raise UsageError(f"--ratchet {shown}: is no ratchet. Name a file that --write-ratchet wrote")
    if value.get("format") != FORMAT:
        given = shorten(str(value.get("format")), 20)
        raise UsageError(f"--ratchet {shown}: is of format {given}, and this version reads {FORMAT}. Write it anew")
    for rule, entries in value["known"].items():
        if not _valid(entries):
            raise UsageError(f"--ratchet {shown}: the entries of {shorten(rule)!r} are damaged. Write it anew")
    return Ratchet(value["known"])


def _valid(entries: object) -> bool:
    return isinstance(entries, dict) and all(
        KEY.fullmatch(key) and type(count) is int and 0 < count < MOST_COUNT for key, count in entries.items()
    )


def ratchet_of(findings: Sequence[Finding], found: Sequence[str]) -> Ratchet:
    """The ratchet that accepts these findings, given the key of each."""
    known: dict[str, Counter[str]] = {}
    for finding, key in zip(findings, found, strict=True):
        known.setdefault(finding.rule, Counter())[key] += finding.folded if key == EVERYWHERE else 1
    return Ratchet(known)


def document(report: Report, found: Sequence[str], before: Ratchet | None = None, narrowed: bool = False) -> str:
    """The file that accepts every finding of a report, given the key of each; one entry a line, in a fixed order.

    Entries of rules that did not run are kept from `before`; where only a part of the data was looked at, all are.
    """
    known = dict(ratchet_of(report.findings, found).known)
    ran = {run.rule for run in report.runs if run.status in ("pass", "fail")}
    for rule, entries in (before or Ratchet()).known.items():
        if narrowed or rule not in ran:
            known[rule] = Counter(known.get(rule, {})) | Counter(entries)
    lines = []
    for rule in sorted(known):
        body = ",\n".join(f"   {json.dumps(key)}: {known[rule][key]}" for key in sorted(known[rule]))
        lines.append(f"  {json.dumps(rule)}: {{\n{body}\n  }}")
    inside = "\n" + ",\n".join(lines) + "\n " if lines else ""
    return f'{{\n "format": {FORMAT},\n "known": {{{inside}}}\n}}\n'


def apply(report: Report, ratchet: Ratchet, found: Sequence[str], narrowed: bool = False) -> Applied:
    """Mark the findings that are accepted, given the key of each.

    Entries of rules that did not run, or of which not all findings are in the report, are not stale; none is where
    only a part of the data was looked at.
    """
    known, left = recognised(report.findings, found, ratchet)
    findings = [
        finding if finding.known or not again else replace(finding, known=True)
        for finding, again in zip(report.findings, known, strict=True)
    ]
    listed = Counter[str]()
    for finding in findings:
        listed[finding.rule] += finding.folded
    whole = [] if narrowed else [run.rule for run in report.runs if _whole(run, listed[run.rule])]
    stale = {rule: sum(left.get(rule, {}).values()) for rule in whole}
    return Applied(replace(report, findings=findings), {rule: count for rule, count in stale.items() if count})


def recognised(
    findings: Sequence[Finding], found: Sequence[str], ratchet: Ratchet
) -> tuple[list[bool], Mapping[str, Mapping[str, int]]]:
    """Which findings the ratchet accepts, each entry answering to as many as it counts; and what is left of entries."""
    left = {rule: dict(entries) for rule, entries in ratchet.known.items()}
    known = [
        _taken(left.get(finding.rule, {}), key, finding.folded) for finding, key in zip(findings, found, strict=True)
    ]
    members = {rule: _members(entries) for rule, entries in ratchet.known.items()}
    pairs = {rule: _pairs(entries) for rule, entries in left.items()}
    for place, key in enumerate(found):
        rule = findings[place].rule
        if not known[place] and "-" in key and rule in left and set(key.split("-")) <= members[rule]:
            known[place] = _swapped(left[rule], key, pairs[rule])
    return known, left


def _taken(entries: dict[str, int], key: str, folded: int) -> bool:
    """Whether an entry answers to this key; it is used up. A root cause is answered by as many as it stands for."""
    if key == EVERYWHERE:
        if not entries or sum(entries.values()) < folded:
            return False
        entries.clear()
        return True
    return _used(entries, key) or _used(entries, EVERYWHERE)


def _used(entries: dict[str, int], key: str) -> bool:
    if key not in entries:
        return False
    entries[key] -= 1
    if not entries[key]:
        del entries[key]
    return True


def _members(entries: Mapping[str, int]) -> set[str]:
    """What is in any of the pairs."""
    return {half for key in entries for half in key.split("-") if "-" in key}


def _pairs(entries: Mapping[str, int]) -> dict[str, list[str]]:
    """Of each member the pairs that it is in."""
    found: dict[str, list[str]] = {}
    for key in entries:
        for half in set(key.split("-")) if "-" in key else ():
            found.setdefault(half, []).append(key)
    return found


def _swapped(entries: dict[str, int], key: str, pairs: Mapping[str, list[str]]) -> bool:
    """Of several copies the first one by name stands for all: another name, and the others are held against another.

    So a pair whose members were in accepted pairs is known, too, if one of them is in a pair that is left over.
    """
    for half in key.split("-"):
        others = pairs.get(half, [])
        while others:
            if _used(entries, others[-1]):
                return True
            others.pop()
    return False


def _whole(run: RuleRun, listed: int) -> bool:
    """Whether a rule ran, and all that it found is in the report."""
    return run.status == "pass" or (run.status == "fail" and listed >= run.found)
