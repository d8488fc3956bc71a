"""The order of findings for a reviewer, and counts that hold whether all are listed or not."""

from dataclasses import replace

from tests.example_changes import changed
from tests.example_report import example
from yoloaudit.findings import Finding, Location, RuleRun, Severity
from yoloaudit.report.ranked import Tally, counted, fresh, in_words, ranked, stale, tallied

NOWHERE = Location()


def of(report_tallies: list[Tally], rule: str) -> Tally:
    return next(each for each in report_tallies if each.rule == rule)


def test_the_worst_first_root_causes_before_others_then_rules_in_turn() -> None:
    grades = {"a": Severity.INFO, "b": Severity.ERROR, "c": Severity.ERROR, "d": Severity.ERROR}
    findings = [Finding(rule, grades[rule], str(n), NOWHERE) for rule in "abc" for n in range(2)]
    findings += [Finding("d", Severity.ERROR, str(size), NOWHERE, folded=size) for size in (5, 900)]
    assert [f"{finding.rule}{finding.message}" for finding in ranked(findings)] == [
        *("d900", "d5", "b0", "c0", "b1", "c1", "a0", "a1")
    ]


def test_what_is_not_listed_counts() -> None:
    tiny = of(tallied(example()), "tiny-box")
    assert (tiny.found, tiny.listed, tiny.new, tiny.known) == (400, 23, 400, 0)
    assert fresh(example()) == {Severity.ERROR: 1, Severity.WARNING: 4, Severity.INFO: 400}


def test_a_root_cause_is_one_problem() -> None:
    cause = of(tallied(example()), "pixel-coordinates")
    assert (cause.found, cause.folded, cause.new) == (4000, True, 1)


def test_before_is_what_is_not_new_and_what_is_gone() -> None:
    every = tallied(changed())
    assert [each.rule for each in every[:2]] == ["missing-split-path", "swapped-label"]
    assert {each.rule: each.before for each in every} == {
        "missing-split-path": 0,
        "swapped-label": 0,
        "duplicate-row": 1,
        "few-images-per-class": 2,
        "tiny-box": 400,
        "pixel-coordinates": 4000,
    }
    assert sum(each.old for each in every) == 403


def test_a_root_cause_that_grew_and_what_is_new_of_it() -> None:
    cause = Finding("x", Severity.ERROR, "cause", NOWHERE, folded=4000, known=True)
    new = Finding("x", Severity.ERROR, "new", NOWHERE)
    runs = [RuleRun("x", "x", "rows", Severity.ERROR, "fail", 4001)]
    (each,) = tallied(replace(changed(), findings=[cause, new], runs=runs, change=None))
    assert (each.new, each.before) == (1, 4000)


def test_words() -> None:
    assert in_words({Severity.INFO: 2, Severity.ERROR: 1, Severity.WARNING: 0}) == "1 error, 2 info"
    assert counted([]) == ""
    assert stale(example()) == ""
    assert stale(replace(example(), settings={"stale": 2})).startswith("2 accepted findings are gone")
