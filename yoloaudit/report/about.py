"""Names of checks → what they are about: title, why it matters and what to do, how sure their findings are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class About(NamedTuple):
    """A check in words."""

    title: str = ""
    why: str = ""
    kind: str = "sure"
    """`sure`, `heuristic` or `model`."""


NOTHING = About()


def checks() -> Mapping[str, About]:
    """Every check that comes along, by name."""
    from yoloaudit.checks.discover import all_checks

    return {name: About(check.title().rstrip("."), check.why(), check.kind) for name, check in all_checks().items()}
