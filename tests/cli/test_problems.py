"""Counts hold when only some findings are listed, and a root cause is one problem."""

from dataclasses import replace

from tests.example_report import example
from yoloaudit.cli.problems import counted, grouped, totals
from yoloaudit.findings import Severity


def test_groups_are_worst_first_and_causes_before_crowds() -> None:
    assert [group.rule for group in grouped(example())] == [
        "missing-split-path",
        "pixel-coordinates",
        "few-images-per-class",
        "swapped-label",
        "tiny-box",
    ]


def test_totals_count_what_is_not_listed() -> None:
    counts = totals(grouped(example()))
    assert counts == {Severity.ERROR: 1, Severity.WARNING: 4, Severity.INFO: 400}
    assert counted(counts) == "1 error, 4 warnings, 400 info"


def test_unlisted_findings_are_graded_as_the_mildest() -> None:
    report = example()
    findings = [replace(report.findings[-1], severity=grade) for grade in (Severity.WARNING, Severity.INFO)]
    counts = totals(grouped(replace(report, findings=findings)))
    assert counts == {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 399}


def test_a_report_without_findings() -> None:
    assert grouped(replace(example(), findings=[])) == []
