"""A JSON report of `check` → what its findings propose for labels; nothing in it is trusted."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from yoloaudit.dataset.coco.safe_json import JsonRefused, read_json
from yoloaudit.errors import FileRefused, UsageError
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.mistakes import meant

MAX_BYTES, MAX_CONTAINERS = 2_000_000_000, 30_000_000
ADD, BOX, CLASS, DROP, TWIN = "add", "box", "class", "drop", "twin"
ACTIONS: Mapping[str, str] = {
    "missed-label": ADD,
    "unlabelled-background": ADD,
    "loose-box": BOX,
    "shifted-box": BOX,
    "tight-box": BOX,
    "swapped-class": CLASS,
    "spurious-label": DROP,
    "duplicate-box": TWIN,
}
"""What accepting a finding of a check does: add the proposed box, put it in the place of the label's own, put the
proposed class, drop the row, or drop it if it is one of two around an object."""

Box = tuple[float, float, float, float]


class Proposal(NamedTuple):
    """A finding as something to be done to a label; paths are relative to the root, `box` is pixels."""

    rule: str
    action: str
    image: str
    label: str | None
    line: int | None
    fingerprint: str
    score: float
    class_id: int | None = None
    box: Box | None = None


class Told(NamedTuple):
    """What a report proposes, and findings that propose nothing although their rule was named."""

    proposals: Sequence[Proposal]
    empty: int


def read_proposals(path: str, rules: Collection[str]) -> Told:
    """The proposals of these rules (names of rules or checks) in a report; raises UsageError where it is none."""
    report = _document(path)
    checks = _checks(report, path)
    known = {*ACTIONS, *(rule for rule, check in checks.items() if check in ACTIONS)}
    for name in rules:
        if name not in known:
            there = "its findings propose nothing that could be accepted" if name in checks else "no rule is called so"
            raise UsageError(f"--rules {shorten(name)}: {there}.{meant(name, sorted(known))} {_choice()}")
    proposals, empty = [], 0
    for finding in report["findings"]:
        if not isinstance(finding, Mapping):
            raise UsageError(_no_report(path))
        rule = finding.get("rule")
        check = checks.get(rule, rule) if isinstance(rule, str) else None
        if check is None or check not in ACTIONS or not {rule, check} & set(rules):
            continue
        proposal = _proposal(finding, str(rule), ACTIONS[check])
        if proposal is None:
            empty += 1
        else:
            proposals.append(proposal)
    return Told(proposals, empty)


def acceptable(path: str) -> list[str]:
    """The rules of a report whose findings propose something."""
    report = _document(path)
    checks = _checks(report, path)
    return sorted({rule for rule, check in checks.items() if check in ACTIONS})


def _choice() -> str:
    return f"There are {', '.join(ACTIONS)}"


def _document(path: str) -> Mapping[str, Any]:
    folder, name = os.path.split(os.path.abspath(path))
    try:
        data = Root(folder).read(os.path.join(folder, name), MAX_BYTES).data
        value = read_json(data, MAX_CONTAINERS).value
    except FileRefused as refused:
        raise UsageError(f"--accept {shorten(path, 200)}: {refused}") from None
    except JsonRefused as refused:
        raise UsageError(f"--accept {shorten(path, 200)}, line {refused.line}: {refused}") from None
    if not isinstance(value, Mapping) or not isinstance(value.get("findings"), list) or value.get("format") != 1:
        raise UsageError(_no_report(path))
    return value


def _no_report(path: str) -> str:
    return (
        f"--accept {shorten(path, 200)} is no report of yoloaudit. `yoloaudit check DATA --output json=FILE` writes one"
    )


def _checks(report: Mapping[str, Any], path: str) -> dict[str, str]:
    """The check of each rule."""
    runs = report.get("rules")
    if not isinstance(runs, list):
        raise UsageError(_no_report(path))
    checks: dict[str, str] = {}
    for run in runs:
        rule, check = (run.get("rule"), run.get("check")) if isinstance(run, Mapping) else (None, None)
        if isinstance(rule, str):
            checks[rule] = check if isinstance(check, str) else rule
    return checks


def _proposal(finding: Mapping[str, Any], rule: str, action: str) -> Proposal | None:
    """None for a finding that has no place, or lacks what its action needs."""
    image, label, fingerprint = (_text(finding.get(name)) for name in ("image", "label", "fingerprint"))
    line = _whole(finding.get("line"))
    class_id, box = _suggested(finding.get("suggestion"))
    if image is None or fingerprint is None or finding.get("folded", 1) != 1:
        return None
    if action == ADD and (box is None or class_id is None):
        return None
    if action != ADD and (label is None or line is None):
        return None
    if (action == BOX and box is None) or (action == CLASS and class_id is None):
        return None
    score = _number(finding.get("score"))
    return Proposal(rule, action, image, label, line, fingerprint, math.nan if score is None else score, class_id, box)


def _suggested(value: object) -> tuple[int | None, Box | None]:
    if not isinstance(value, Mapping):
        return None, None
    return _whole(value.get("class_id")), box_of(value.get("box"))


def box_of(value: object) -> Box | None:
    """Four finite numbers x1 y1 x2 y2, None for anything else."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    sides = [_number(side) for side in value]
    x1, y1, x2, y2 = sides
    return None if x1 is None or y1 is None or x2 is None or y2 is None else (x1, y1, x2, y2)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def _number(value: object) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return float(value) if fits and math.isfinite(value) else None  # type: ignore[arg-type]  # `fits` says so
