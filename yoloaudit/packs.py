"""rules/*.yaml → a list of Rule: packs that extend packs, every name and parameter checked."""

from __future__ import annotations

from dataclasses import dataclass

from yoloaudit.checks.base import Check
from yoloaudit.findings import Severity


@dataclass(frozen=True)
class Rule:
    """A check switched on, graded, parameterised and scoped; or a sentence of the guide that files cannot answer."""

    name: str
    check: Check | None
    severity: Severity | None = None
    """None: as graded by the check."""
    classes: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    why: str | None = None
    guide: str | None = None
    skipped: str | None = None
    """Why a rule without a check is not run: `not measurable here: …`, `ignored: …`."""
    max_count: int = 0
    max_share: float = 0.0

    def tolerated(self, images: int) -> int:
        """How many defects pass without a finding."""
        return max(self.max_count, int(self.max_share * images))
