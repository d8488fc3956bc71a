"""JUnit XML: valid by Jenkins' schema, a suite a family, a failure only where the check fails."""

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from tests.example_changes import changed, hostile_everywhere
from tests.example_report import example, hostile
from yoloaudit.findings import Report
from yoloaudit.report import to_junit

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent.parent / "schemas" / "junit-10.xsd"))


def root_of(report: Report) -> etree._Element:
    return etree.fromstring("\n".join(to_junit.lines(report)).encode("utf-8"))


@pytest.mark.parametrize("report", [example(), hostile(), changed(), hostile_everywhere()])
def test_schema_takes_it_and_counts_are_right(report: Report) -> None:
    root = root_of(report)
    SCHEMA.assertValid(root)
    assert int(root.get("tests", "")) == len(root.findall(".//testcase")) >= len(report.runs)
    for name in ("failure", "error"):
        assert int(root.get(f"{name}s", "")) == len(root.findall(f".//{name}"))


def test_a_suite_a_family_and_a_test_a_rule() -> None:
    suites = {suite.get("name"): [test.get("name") for test in suite] for suite in root_of(example())}
    assert suites["boxes"] == ["swapped-label", "crowded-image", "tiny-box"]
    assert suites["not measurable from files"] == ["tight-box", "orphan-label"]


@pytest.mark.parametrize(("fail_on", "failing"), [("error", 1), ("warning", 4), ("info", 5), ("never", 0)])
def test_what_fails_here_is_what_makes_the_check_fail(fail_on: str, failing: int) -> None:
    root = root_of(replace(example(), settings={"fail_on": fail_on}))
    assert int(root.get("failures", "")) == failing
    assert len(root.findall(".//system-out")) == 5 - failing


def test_known_findings_are_told_and_do_not_fail() -> None:
    root = root_of(replace(changed(), settings={"fail_on": "info"}))
    assert [test.get("name") for test in root.iter("testcase") if test.find("failure") is not None] == [
        "missing-split-path",
        "swapped-label",
    ]
    assert "labels/train/0000.txt:4: info (known) shorter side" in "".join(root.itertext())


def test_accepted_findings_that_are_gone_are_a_failure() -> None:
    root = root_of(replace(example(), findings=[], settings={"stale": 2}))
    SCHEMA.assertValid(root)
    assert root.get("failures") == "1"
    assert [test.get("name") for test in root.iter("testcase") if test.find("failure") is not None] == ["stale-entries"]


def test_a_failure_lists_places_and_says_how_many_more() -> None:
    finding = example().findings[0]
    root = root_of(replace(example(), findings=[finding] * 1003))
    (failure,) = root.iter("failure")
    assert (failure.text or "").count("data.yaml:4: error") == 1000
    assert "and 3 more" in (failure.text or "")
