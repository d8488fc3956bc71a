"""Findings → groups, one a rule, the worst first; and each finding as its place and its facts, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from yoloaudit.findings import Finding, Location, Report, RuleRun, Severity, Suggestion
from yoloaudit.report.about import NOTHING, About
from yoloaudit.report.page_change import place_of
from yoloaudit.report.text import show

MOST_NAME, MOST_SAID, MOST_SENTENCE, MOST_RELATED = 60, 500, 400, 3
SAME = 1.0
"""Pixels by which an edge must move to be told."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
PRINT = re.compile(r"[0-9A-Za-z_-]{4,64}")
SIDES = ("left", "top", "right", "bottom")


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one rule."""

    rule: str
    anchor: str
    severity: str
    """That of its worst new finding; of its worst one where all are known."""
    family: str
    title: str
    why: tuple[str, ...]
    kind: str
    """`sure`, `heuristic` or `model`."""
    guide: str
    mend: str
    """What `yoloaudit fix` can do, in words."""
    alike: bool
    """All of its findings can be mended in the same way."""
    remark: str
    fresh: tuple[Finding, ...]
    known: tuple[Finding, ...]
    found: int
    """New ones, those that are not listed among them; a root cause counts for all that it explains."""
    folded: bool

    @property
    def problems(self) -> int:
        """A root cause is one, however many rows it explains."""
        return 1 if self.folded else self.found


@dataclass(frozen=True, slots=True)
class Item:
    """One finding in words."""

    anchor: str
    severity: str
    split: str
    class_name: str
    place: str
    message: str
    notes: tuple[str, ...]
    known: bool


def grouped(report: Report, texts: Mapping[str, About]) -> tuple[Group, ...]:
    """One group a rule with findings: the worst first, root causes before what is only frequent, all known ones last.

    `texts` are what checks are about, by name.
    """
    runs = {run.rule: run for run in report.runs}
    ordered = sorted(report.findings, key=lambda finding: finding.rule)
    groups = [
        _group(rule, list(found), runs.get(rule), texts)
        for rule, found in groupby(ordered, lambda finding: finding.rule)
    ]
    groups.sort(
        key=lambda each: (not each.fresh, Severity(each.severity).rank, not each.folded, -each.found, each.rule)
    )
    return _with_anchors(groups)


def _group(rule: str, found: Sequence[Finding], run: RuleRun | None, texts: Mapping[str, About]) -> Group:
    ranked = sorted(found, key=lambda finding: (finding.severity.rank, -(finding.score or 0.0)))
    fresh = tuple(finding for finding in ranked if not finding.known)
    known = tuple(finding for finding in ranked if finding.known)
    about = texts.get(run.check if run and run.check else rule, NOTHING)
    folded = len(fresh) == 1 and fresh[0].folded > 1
    unlisted = max(0, run.found - len(found)) if run and not folded else 0
    return Group(
        rule=show(rule),
        anchor=rule if NAME.fullmatch(rule) else "",
        severity=(fresh or known)[0].severity.value,
        family=(run.family or "") if run else "",
        title=show(about.title.rstrip("."), MOST_SAID),
        why=tuple(" ".join(part.split()) for part in about.why.split("\n\n") if part.strip()),
        kind=about.kind,
        guide=show((run.guide or "") if run else "", MOST_SENTENCE),
        mend=_mend(ranked),
        alike=len({finding.fix for finding in ranked}) == 1,
        remark=show((run.why_skipped or "") if run else "", MOST_SAID),
        fresh=fresh,
        known=known,
        found=fresh[0].folded if folded else len(fresh) + unlisted if fresh else 0,
        folded=folded,
    )


def _with_anchors(groups: Sequence[Group]) -> tuple[Group, ...]:
    """Each with a name of its own to jump to: `rule-` and the rule's, where that is a plain one."""
    return tuple(
        replace(each, anchor=f"rule-{each.anchor}" if each.anchor else f"rule.{number}")
        for number, each in enumerate(groups)
    )


def _mend(findings: Iterable[Finding]) -> str:
    fixes = {finding.fix for finding in findings if finding.fix is not None}
    words = (f"{fix.kind} ({'safe' if fix.safe else 'only with `--unsafe`: look first'})" for fix in fixes)
    return show(", ".join(sorted(words)), MOST_SAID)


def problems(groups: Iterable[Group]) -> dict[Severity, int]:
    """New problems by severity; those that are not listed are graded as the mildest of their rule that is."""
    counts = dict.fromkeys(Severity, 0)
    for group in groups:
        for finding in group.fresh:
            counts[finding.severity] += 1
        if group.fresh:
            counts[group.fresh[-1].severity] += group.problems - len(group.fresh)
    return counts


class Items:
    """Findings → items; each gets an anchor that no other has."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = [show(str(name), MOST_NAME) or "(empty)" for name in names]
        self._taken: dict[str, int] = {}

    def of(self, finding: Finding, group: Group) -> Item:
        """One finding in words; how it can be mended, where the group does not say that of all."""
        where = finding.where
        return Item(
            anchor=self._anchor(finding.fingerprint),
            severity=finding.severity.value,
            split=show(where.split or ""),
            class_name="" if where.class_id is None else self.class_name(where.class_id),
            place=place_of(where),
            message=show(finding.message, MOST_SAID),
            notes=tuple(self._notes(finding, group)),
            known=finding.known,
        )

    def class_name(self, number: int) -> str:
        """The name of a class; its number where it has none."""
        return self._names[number] if 0 <= number < len(self._names) else f"class {number}"

    def _anchor(self, fingerprint: str) -> str:
        plain = fingerprint if PRINT.fullmatch(fingerprint) else "none"
        times = self._taken[plain] = self._taken.get(plain, 0) + 1
        return f"f-{plain}" if times == 1 else f"f-{plain}.{times}"

    def _notes(self, finding: Finding, group: Group) -> Iterable[str]:
        """What the message does not say already."""
        if finding.score is not None and not any(word in finding.message for word in ("probability", "score")):
            yield f"score {finding.score:.2f}"
        if finding.suggestion is not None and (parts := self._proposed(finding, finding.suggestion)):
            yield f"proposed: {', '.join(parts)}"
        if finding.folded > 1:
            yield f"stands for {finding.folded:,}"
        places = [self._near(each, finding.where) for each in finding.related[:MOST_RELATED]]
        if any(places):
            left = len(finding.related) - MOST_RELATED
            more = f" and {left:,} more" if left > 0 else ""
            yield f"{'in' if finding.folded > 1 else 'with'} {', '.join(filter(None, places))}{more}"
        if finding.fix is not None and not group.alike:
            yield f"fix: {show(finding.fix.kind)}{'' if finding.fix.safe else ' (unsafe)'}"

    def _near(self, place: Location, where: Location) -> str:
        """A place that belongs to a finding; in the same file its line."""
        same = place.label is not None and place.label == where.label and place.line is not None
        return f"line {place.line}" if same else place_of(place)

    def _proposed(self, finding: Finding, proposed: Suggestion) -> list[str]:
        """`dog`, `left 4 px in, top 3 px out`, `score 0.87`; what the message says is left out."""
        where, said = finding.where, finding.message
        parts, named = [], self.class_name(proposed.class_id)
        if (where.line is None or proposed.class_id != where.class_id) and named not in said:
            parts.append(named)
        if where.line is None or where.box is None:
            x1, y1, x2, y2 = proposed.box
            parts.append(f"{x2 - x1:.0f} × {y2 - y1:.0f} px")
        elif (moved := moves(where.box, proposed.box)) and " px of " not in said:
            parts.append(moved)
        if parts and proposed.score and "score" not in said:
            parts.append(f"score {proposed.score:.2f}")
        return parts


def moves(box: Sequence[float], proposed: Sequence[float]) -> str:
    """How the edges of a box have to move, in words: `in` makes it smaller, `out` larger; nothing where none has to."""
    told = []
    for side, old, new, inward in zip(SIDES, box, proposed, (1, 1, -1, -1), strict=True):
        far = (new - old) * inward
        if abs(far) >= SAME:
            told.append(f"{side} {abs(far):.0f} px {'in' if far > 0 else 'out'}")
    return ", ".join(told)
