"""What an audit yields: findings, the runs of rules, and the report that holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FORMAT = 1


class Severity(StrEnum):
    """How bad: the trainer drops or misreads data, a likely defect, or information."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for error, 1 for warning, 2 for info."""
        return _RANKS[self]


_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend that can be planned: its kind, and whether it keeps the meaning of the labels."""

    kind: str
    safe: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a label should be; `box` is x1 y1 x2 y2 in pixels."""

    class_id: int
    box: tuple[float, float, float, float]
    score: float


@dataclass(frozen=True, slots=True)
class Location:
    """Where: paths relative to the root, `line` from 1, `box` x1 y1 x2 y2 in pixels; `file` is any other file."""

    split: str | None = None
    image: str | None = None
    label: str | None = None
    line: int | None = None
    class_id: int | None = None
    box: tuple[float, float, float, float] | None = None
    file: str | None = None

    @property
    def path(self) -> str | None:
        """The file to open: the label where a line of it is meant, else whatever is known."""
        return self.file or (self.label if self.line is not None else self.image) or self.label or self.image


@dataclass(frozen=True, slots=True)
class Finding:
    """A defect stamped with its rule's name and severity."""

    rule: str
    severity: Severity
    message: str
    where: Location
    value: float | None = None
    limit: float | None = None
    score: float | None = None
    related: tuple[Location, ...] = ()
    fix: Fix | None = None
    suggestion: Suggestion | None = None
    fingerprint: str = ""
    folded: int = 1
    """How many defects this finding stands for."""
    known: bool = False
    """Accepted before, or there already in the state that is compared with: it is told, and does not fail."""


@dataclass(frozen=True, slots=True)
class RuleRun:
    """What became of one rule: `pass`, `fail`, `skipped` or `error`."""

    rule: str
    check: str | None
    family: str | None
    severity: Severity
    status: str
    found: int = 0
    measured: float | None = None
    limit: float | None = None
    guide: str | None = None
    why_skipped: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a data set since an earlier state of it: `base` names that state as the user did."""

    base: str
    counts: Mapping[str, int] = field(default_factory=dict)
    """`images added`, `images removed`, `images moved`, `boxes added`, `boxes removed` …, in an order that stays."""
    deltas: Sequence[str] = ()
    """Facts of the whole data set that moved, as sentences: "person: 9,812 → 9,640 instances in train"."""
    before: Mapping[Severity, int] = field(default_factory=dict)
    """Findings by severity in the earlier state."""
    mended: Sequence[Finding] = ()
    """Findings of the earlier state that are gone."""
    places: Sequence[tuple[str, Location]] = ()
    """What changed where: `image added`, `box moved`, … and its place."""
    moves: Mapping[str, str] = field(default_factory=dict)
    """Images that were renamed or lie elsewhere: the path now, and the path then."""


@dataclass(frozen=True, slots=True)
class Report:
    """An audit as a value: facts of the data set, the trainer's ledger, findings in fixed order, runs of rules."""

    dataset: Mapping[str, Any]
    ledger: Mapping[str, Mapping[str, int]]
    classes: Sequence[Mapping[str, Any]]
    findings: Sequence[Finding]
    runs: Sequence[RuleRun]
    settings: Mapping[str, Any] = field(default_factory=dict)
    change: Change | None = None
    format: int = FORMAT

    def count(self, severity: Severity) -> int:
        """Findings of this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def crashed(self) -> list[str]:
        """Rules whose check raised."""
        return [run.rule for run in self.runs if run.status == "error"]

    def exit_code(self, fail_on: str = "error") -> int:
        """0 nothing new at or above `fail_on` (error, warning, info, never); 1 findings; 3 a check crashed.

        Also 1 where settings say that accepted findings which are gone, `stale` ones, are to fail.
        """
        if self.crashed:
            return 3
        if fail_on == "never":
            return 0
        if self.settings.get("stale"):
            return 1
        new = (finding for finding in self.findings if not finding.known)
        return int(any(finding.severity.rank <= Severity(fail_on).rank for finding in new))


def shorten(text: str, most: int = 60) -> str:
    """Text of the user for a message: cut to `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"
