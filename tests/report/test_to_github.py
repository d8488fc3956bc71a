"""Annotations: parsed as the runner of GitHub Actions does, no more than it shows, the rest in the summary."""

import re
from dataclasses import replace

import pytest

from tests.example_changes import changed, hostile_everywhere
from tests.example_report import example
from yoloaudit.errors import DataError
from yoloaudit.findings import Finding, Location, Report, Severity
from yoloaudit.report import to_github

PARSED = re.compile(r"::(?P<name>error|warning|notice) (?P<fields>[^:]*)::(?P<data>.*)")


def annotations(report: Report) -> list[tuple[str, dict[str, str], str]]:
    """Name, properties and message of each command, decoded."""
    found = []
    for line in to_github.lines(report):
        match = PARSED.fullmatch(line)
        assert match, line
        fields = dict(pair.split("=", 1) for pair in match["fields"].split(","))
        found.append((match["name"], {key: decoded(value) for key, value in fields.items()}, decoded(match["data"])))
    return found


def decoded(text: str) -> str:
    for sign, letter in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(sign, letter)
    return text


def many(**counts: int) -> Report:
    findings = [
        Finding(f"{grade}-{n % 2}", Severity(grade), f"{grade} {n}", Location(label="labels/a.txt", line=n + 1))
        for grade, count in counts.items()
        for n in range(count)
    ]
    return replace(example(), findings=findings, runs=[])


def test_a_row_is_annotated_at_its_line() -> None:
    fields = {"file": "labels/train/0007.txt", "line": "4", "title": "swapped-label"}
    message = "class 'cat' is labelled where the neighbour says 'dog'"
    assert ("warning", fields, message) in annotations(example())


def test_root_causes_come_first_then_each_rule_in_turn() -> None:
    report = many(error=6)
    cause = Finding("cause", Severity.ERROR, "one cause", Location(split="train"), folded=400)
    titles = [fields["title"] for _, fields, _ in annotations(replace(report, findings=[*report.findings, cause]))]
    assert titles[:5] == ["cause", "error-0", "error-1", "error-0", "error-1"]


@pytest.mark.parametrize("counts", [{"error": 12, "warning": 30, "info": 3}, {"error": 3, "info": 11}])
def test_no_more_of_a_kind_than_github_shows(counts: dict[str, int]) -> None:
    found = annotations(many(**counts))
    kinds = [name for name, _, _ in found]
    assert all(kinds.count(kind) <= 10 for kind in ("error", "warning", "notice"))
    assert found[-1][0] == "notice"
    assert "see the summary of the job" in found[-1][2]


def test_what_is_left_out_is_counted() -> None:
    assert annotations(many(error=12, warning=30, info=3))[-1][2].startswith("2 errors, 20 warnings more")
    assert [name for name, _, _ in annotations(many(error=10, warning=10, info=10))].count("notice") == 10


def test_a_crashed_check_is_an_error() -> None:
    name, fields, message = annotations(example())[0]
    assert (name, fields) == ("error", {"title": "yoloaudit"})
    assert message.endswith("crowded-image")


def test_accepted_findings_that_are_gone_are_an_error() -> None:
    report = many(error=12)
    found = annotations(replace(report, settings={"stale": 1}))
    assert found[0] == (
        "error",
        {"title": "yoloaudit"},
        "1 accepted finding is gone: write the ratchet file anew with --write-ratchet",
    )
    assert len(found) == 11


def test_a_check_that_cannot_run_is_an_error() -> None:
    assert list(to_github.refusal(DataError("a\n::error::100 % wrong"))) == [
        "::error title=yoloaudit::a\\x0a\\x3a:error\\x3a:100 %25 wrong"
    ]


def test_known_findings_are_not_annotated() -> None:
    assert [fields["title"] for _, fields, _ in annotations(changed())] == ["missing-split-path", "swapped-label"]
    assert list(to_github.lines(replace(changed(), findings=[]))) == []


def test_paths_count_from_the_repository() -> None:
    report = replace(example(), settings={"base": "/data"})
    assert annotations(report)[1][1]["file"] == "pets/data.yaml"


def test_signs_of_the_syntax_come_through() -> None:
    place = Location(label="a,b:c%25,line=9.txt", line=2)
    finding = Finding("x", Severity.ERROR, "100 %, a: b", place)
    assert annotations(replace(many(), findings=[finding])) == [
        ("error", {"file": "a,b:c%25,line=9.txt", "line": "2", "title": "x"}, "100 %, a: b")
    ]


def test_no_data_begins_a_command_of_its_own() -> None:
    assert len(annotations(hostile_everywhere())) <= 30


def test_the_summary_holds_what_the_annotations_leave_out_within_a_mebibyte() -> None:
    text = "\n".join(to_github.summary(many(error=10_000)))
    assert len(text.encode("utf-8")) <= 1 << 20
    assert "<code>labels/a.txt:2000</code>" in text
    assert re.search(r"Left out, for there is no more room here: [\d,]+ findings", text)
