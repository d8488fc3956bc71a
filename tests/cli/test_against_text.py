"""A change as text: counts in words, and only what is new."""

from dataclasses import replace

from tests.example_report import example
from yoloaudit.cli.against_text import only_new, summary, text
from yoloaudit.findings import Change, Finding, Location, Severity


def test_counts_in_words() -> None:
    counts = {"images added": 1, "images moved": 0, "boxes re-classed": 1, "boxes added": 1200, "classes renamed": 1}
    assert summary(Change("main", counts)) == "1 image added, 1 box re-classed, 1,200 boxes added, 1 class renamed"
    assert summary(Change("main", {"images added": 0})) == "nothing: the same images, boxes and classes"


def test_only_what_is_new() -> None:
    report = example()
    assert only_new(report) == (report, [])
    findings = [replace(finding, known=finding.rule == "tiny-box") for finding in report.findings]
    news, notes = only_new(replace(report, findings=findings))
    assert notes == ["23 findings known before, not shown"]
    assert {finding.rule for finding in news.findings} == {finding.rule for finding in findings} - {"tiny-box"}
    assert {run.rule: run.found for run in news.runs}["tiny-box"] == 400 - 23, "the others were never listed"
    assert news.exit_code() == replace(report, findings=findings).exit_code()


def test_long_lists_are_cut() -> None:
    places = [("image added", Location("train", f"images/train/{number:04}.jpg")) for number in range(30)]
    mended = [Finding(f"rule-{number}", Severity.INFO, "gone", Location()) for number in range(9)]
    change = Change("main", {"images added": 30}, [f"fact {number}" for number in range(30)], {}, mended, places)
    lines = text(change, ["a note"], width=80, lively=False)
    assert "  … and 20 more numbers that moved" in lines
    assert "  … and 10 more: --format json" in lines
    assert "Mended: 9" in lines
    assert lines[-1] == "a note"
    assert max(map(len, lines)) <= 80


def test_hostile_names_stay_text() -> None:
    bad = "\x1b[31m\n::error::x[red]"
    change = Change(
        bad, {}, [bad], {}, [Finding(bad, Severity.INFO, bad, Location(image=bad))], [(bad, Location(image=bad))]
    )
    whole = "\n".join(text(change, [bad], width=80, lively=False))
    assert "\x1b" not in whole
    assert "[red]" in whole
    assert not [line for line in whole.splitlines() if line.strip().startswith("::")]
