"""Each sentence of the guide has its number, its limit and its verdict."""

from dataclasses import replace

import pytest

from tests.example_report import example
from yoloaudit.cli.console import paper, written
from yoloaudit.cli.scorecard import measurement, print_scorecard, verdict
from yoloaudit.findings import RuleRun, Severity


def run(status: str, measured: float | None = None, limit: float | None = None, why: str | None = None) -> RuleRun:
    return RuleRun("rule", "rule", "classes", Severity.WARNING, status, 1, measured, limit, "A sentence.", why)


@pytest.mark.parametrize(
    ("given", "word", "said"),
    [
        (run("pass", 1600.0, 1500.0), "met", "1,600, limit 1,500"),
        (run("fail", 61.0, 1500.0), "short", "61, 1,439 short of 1,500"),
        (run("fail", 0.151, 0.1), "over", "15.1 %, 5.1 points over 10 %"),
        (run("fail", 0.0, 0.0), "short", "0 %"),
        (run("fail"), "short", ""),
        (run("error", why="ValueError: x"), "crashed", "ValueError: x"),
        (run("skipped", why="ignored: small on purpose"), "ignored", "ignored: small on purpose"),
        (run("skipped", why="not measurable here: in the pixels"), "unknown", "not measurable here: in the pixels"),
    ],
)
def test_verdict_and_measurement(given: RuleRun, word: str, said: str) -> None:
    assert verdict(given) == word
    assert measurement(given, replace(example(), runs=[given])) == said


def test_the_worst_class_is_named_and_the_short_ones_counted() -> None:
    report = example()
    few = next(run for run in report.runs if run.rule == "few-images-per-class")
    assert measurement(few, report) == "least 61 (cat), 1,439 short of 1,500; 2 of 2 classes short"


def test_one_line_where_there_is_room() -> None:
    sheet = paper(160, lively=False)
    print_scorecard(sheet, example())
    assert written(sheet)[:2] == [
        "Guide: 1 of 3 sentences met, 1 not measurable here",
        "  short  Images per class. ≥ 1500 images per class recommended"
        " | least 61 (cat), 1,439 short of 1,500; 2 of 2 classes short",
    ]


def test_nothing_without_a_guide() -> None:
    sheet = paper(80, lively=False)
    print_scorecard(sheet, replace(example(), runs=[]))
    assert written(sheet) == [""]
