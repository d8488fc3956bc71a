"""A selector of --select or --ignore → the rules it means: a name, a family, a glob, or `all`."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from yoloaudit.errors import UsageError
from yoloaudit.findings import shorten
from yoloaudit.mistakes import meant


def chosen(selector: str, rules: Mapping[str, str | None], checks: Mapping[str, str]) -> set[str]:
    """Names of rules that a selector means; one that means nothing is an error.

    `rules` and `checks` are names with their families. A check that no pack runs is meant only by its own name.
    """
    if selector == "all":
        return set(rules)
    if selector in rules or selector in checks:
        return {selector}
    if selector in checks.values():
        return {name for name, family in rules.items() if family == selector}
    if any(letter in selector for letter in "*?["):
        found = {name for name in rules if fnmatchcase(name, selector)}
        if found or any(fnmatchcase(name, selector) for name in checks):
            return found
    hint = meant(selector, ["all", *dict.fromkeys(checks.values()), *rules, *checks])
    raise UsageError(f"no rule, family or glob is meant by {shorten(selector)!r}.{hint}")


def with_reason(text: str) -> tuple[str, str]:
    """`NAME=reason` → the selector, and why a rule that it means is skipped."""
    selector, _, reason = text.partition("=")
    return selector.strip(), f"ignored: {reason.strip()}" if reason.strip() else "ignored"
