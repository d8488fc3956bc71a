"""What the user asks of `fix` → the plan, done or only planned, as a story that can be told."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yoloaudit.cli.console import progress

if TYPE_CHECKING:
    from yoloaudit.repair.fixing import Fixed
    from yoloaudit.repair.undo import Undone


@dataclass(frozen=True)
class Asked:
    """The options of `fix` that say what is done."""

    data: str | None = None
    diff: bool = False
    unsafe: bool = False
    images: bool = False
    accept: str | None = None
    rules: list[str] | None = None
    min_score: float | None = None
    decisions: str | None = None
    untrusted: bool = False
    root: str | None = None
    attest: bool = False
    """What is done is that images are attested as empty."""

    def command(self) -> str:
        """As it was typed, for the journal."""
        flags = [flag for flag, given in (("--unsafe", self.unsafe), ("--images", self.images)) if given]
        words = ["yoloaudit", "fix", *([self.data] if self.data else []), *flags]
        if self.accept is not None:
            words += ["--accept", self.accept]
            words += ["--rules", ",".join(self.rules)] if self.rules else []
            words += ["--min-score", f"{self.min_score:g}"] if self.min_score is not None else []
            words += ["--decisions", self.decisions] if self.decisions else []
        return shlex.join(words)


@dataclass(frozen=True)
class Story:
    """What a fix, or taking one back, came to."""

    asked: Asked
    fixed: Fixed
    undone: Undone | None = None
    news: Mapping[str, int] = field(default_factory=dict)
    """Findings that were not there before, by rule: milder than what was mended, or about the whole."""


def accepted(asked: Asked) -> Story:
    """Do what findings of a report propose."""
    from yoloaudit.repair.fixing import accept_report

    assert asked.accept is not None
    with progress() as shown:
        fixed = accept_report(
            asked.data,
            asked.accept,
            rules=asked.rules,
            min_score=asked.min_score,
            decisions=asked.decisions,
            dry=asked.diff,
            untrusted=asked.untrusted,
            root=asked.root,
            made_by=asked.command(),
            progress=shown,
        )
    return Story(asked, fixed)


def taken_back(asked: Asked) -> Story:
    """Undo the last fix."""
    from yoloaudit.repair.fixing import undo_last

    with progress() as shown:
        fixed, undone = undo_last(asked.data, untrusted=asked.untrusted, root=asked.root, progress=shown)
    return Story(asked, fixed, undone)
