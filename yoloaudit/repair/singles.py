"""A report and its data set → the findings that name a fix, one a place: folded ones are taken apart again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from yoloaudit.dataset.load import Dataset
from yoloaudit.findings import Finding, Report
from yoloaudit.packs import Rule
from yoloaudit.scope import in_scope, inputs_of
from yoloaudit.stamp import Stamp

OF_IMAGES = frozenset(("quarantine", "move", "rename", "rotate", "rewrite", "attest"))
"""Kinds of fixes of an image file, where a finding names no other."""


class Single(NamedTuple):
    """A finding with a fix, and the name of the check that found it."""

    finding: Finding
    check: str

    @property
    def kind(self) -> str:
        """That of its fix."""
        return self.finding.fix.kind if self.finding.fix else ""

    @property
    def place(self) -> str:
        """The file it is about."""
        where = self.finding.where
        of_image = where.image if self.kind in OF_IMAGES else None
        return where.file or of_image or where.label or where.image or ""


def singles(
    dataset: Dataset, report: Report, rules: Sequence[Rule], measures: Mapping[str, Any] | None = None
) -> Iterator[Single]:
    """The findings with a fix, in the order of the report."""
    named = {rule.name: rule for rule in rules}
    for finding in report.findings:
        rule = named.get(finding.rule)
        if finding.fix is None or rule is None or rule.check is None:
            continue
        for each in [finding] if finding.folded == 1 else apart(dataset, rule, measures):
            if each.fix is not None:
                yield Single(each, rule.check.name())


def apart(dataset: Dataset, rule: Rule, measures: Mapping[str, Any] | None = None) -> Iterator[Finding]:
    """Every finding of a rule, none of them folded."""
    if rule.check is not None:
        scoped = in_scope(rule, inputs_of(dataset, measures))
        defects = rule.check.find(**{name: scoped[name] for name in rule.check.inputs()})
        yield from Stamp(dataset).findings(rule, rule.check, defects)
