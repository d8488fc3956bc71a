"""Proposals of a report, and what a person says of them: rules with a least score, or decisions one by one."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from yoloaudit.dataset.coco.safe_json import JsonRefused, read_json
from yoloaudit.errors import FileRefused, UsageError
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.repair.proposals import Box, Proposal, acceptable, box_of, read_proposals

MAX_BYTES, MAX_CONTAINERS = 500_000_000, 5_000_000
MIN_SCORE = 0.9
"""Proposals from this score on are taken, unless another is named."""
WORDS = {"accept": True, "reject": False}
COLUMNS = ("fingerprint", "decision")
CORNERS = ("x1", "y1", "x2", "y2")


class Decision(NamedTuple):
    """What a person says of a finding; box (pixels) and class where they are to be others than proposed."""

    accept: bool
    box: Box | None = None
    class_id: int | None = None


class Chosen(NamedTuple):
    """The proposals that are taken, and of how many."""

    proposals: Sequence[Proposal]
    considered: int
    empty: int = 0
    """Findings of these rules that propose nothing."""
    unknown: int = 0
    """Decisions on findings that the report does not tell of."""


def chosen(
    report: str, rules: Sequence[str] | None, min_score: float | None, decisions: str | None, *, default: float = 0.9
) -> Chosen:
    """The proposals of a report that are accepted.

    By rule: those of `rules` (names of rules or checks) with a score of at least `min_score`. By `decisions`: those
    that the file accepts; `rules` and `min_score`, where given, then only narrow them down. Raises UsageError.
    """
    wanted = list(rules) if rules is not None else acceptable(report)
    told = read_proposals(report, wanted)
    unknown = 0
    if decisions is None:
        least = default if min_score is None else min_score
        taken = [each for each in told.proposals if each.score >= least]
    else:
        said = read_decisions(decisions)
        unknown = len(said.keys() - {each.fingerprint for each in told.proposals})
        decided = (_decided(each, said.get(each.fingerprint)) for each in told.proposals)
        least = -math.inf if min_score is None else min_score
        taken = [each for each in decided if each is not None and not each.score < least]
    return Chosen(taken, len(told.proposals), told.empty, unknown)


def _decided(proposal: Proposal, decision: Decision | None) -> Proposal | None:
    if decision is None or not decision.accept:
        return None
    box = proposal.box if decision.box is None else decision.box
    class_id = proposal.class_id if decision.class_id is None else decision.class_id
    return proposal._replace(box=box, class_id=class_id)


def read_decisions(path: str) -> dict[str, Decision]:
    """Decisions by fingerprint, from JSON or, where the name ends so, CSV; raises UsageError.

    JSON: `{"decisions": [{"fingerprint": "…", "decision": "accept", "box": [x1, y1, x2, y2], "class_id": 2}]}`, where
    box and class may be left out, or in short `{"fingerprint": "accept"}`. CSV: columns `fingerprint` and `decision`,
    and, where a box was redrawn, `x1`, `y1`, `x2`, `y2` and `class_id`. Boxes are pixels of the image as the trainer
    sees it.
    """
    folder, name = os.path.split(os.path.abspath(path))
    try:
        data = Root(folder).read(os.path.join(folder, name), MAX_BYTES).data
        entries = _of_csv(data) if path.lower().endswith(".csv") else _of_json(data)
        return dict(_decision(entry, number) for number, entry in enumerate(entries, 1))
    except FileRefused as refused:
        raise UsageError(f"--decisions {shorten(path, 200)}: {refused}") from None
    except JsonRefused as refused:
        raise UsageError(f"--decisions {shorten(path, 200)}, line {refused.line}: {refused}") from None
    except ValueError as error:
        raise UsageError(f"--decisions {shorten(path, 200)}: {error}") from None


def _of_json(data: bytes) -> Iterator[Mapping[str, Any]]:
    value = read_json(data, MAX_CONTAINERS).value
    if isinstance(value, Mapping) and isinstance(value.get("decisions"), list):
        value = value["decisions"]
    elif isinstance(value, Mapping):
        value = [{"fingerprint": name, "decision": decision} for name, decision in value.items()]
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise ValueError('is neither {"decisions": […]} nor a mapping of fingerprints to accept or reject')
    yield from value


def _of_csv(data: bytes) -> Iterator[Mapping[str, Any]]:
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        lacking = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if lacking:
            raise ValueError(f"has no column {lacking[0]!r}. Its first line names the columns: {', '.join(COLUMNS)}")
        for row in rows:
            sides = [row.get(name) or "" for name in CORNERS]
            entry: dict[str, Any] = {name: row[name] for name in COLUMNS}
            if any(sides):
                entry["box"] = [float(side) for side in sides]
            if row.get("class_id"):
                entry["class_id"] = int(row["class_id"])
            yield entry
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"is no CSV in UTF-8: {error}") from None


def _decision(entry: Mapping[str, Any], number: int) -> tuple[str, Decision]:
    fingerprint, word = entry.get("fingerprint"), entry.get("decision")
    if not isinstance(fingerprint, str) or not fingerprint:
        raise ValueError(f"entry {number:,} has no fingerprint")
    accept = WORDS.get(word.strip().lower()) if isinstance(word, str) else None
    if accept is None:
        raise ValueError(f"entry {number:,} says {shorten(repr(word), 40)}, neither accept nor reject")
    box, class_id = entry.get("box"), entry.get("class_id")
    corners = None if box is None else box_of(box)
    if box is not None and corners is None:
        raise ValueError(f"entry {number:,}: the box is not four finite numbers x1, y1, x2, y2")
    if class_id is not None and (not isinstance(class_id, int) or isinstance(class_id, bool) or class_id < 0):
        raise ValueError(f"entry {number:,}: the class is no whole number from 0 on")
    return fingerprint, Decision(accept, corners, class_id)
