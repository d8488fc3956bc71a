"""GitLab's code quality report: valid by GitLab's schema, every finding with a fingerprint of its own."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.example_changes import changed, hostile_everywhere
from tests.example_report import example, hostile
from yoloaudit.findings import Report
from yoloaudit.report import to_gitlab

SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "gitlab-codeclimate.json").read_text(encoding="utf-8"))
GRADES = {"info", "minor", "major", "critical", "blocker"}


def entries(report: Report) -> list[dict[str, Any]]:
    parsed: list[dict[str, Any]] = json.loads("\n".join(to_gitlab.lines(report)))
    return parsed


@pytest.mark.parametrize("report", [example(), hostile(), changed(), hostile_everywhere()])
def test_schema_takes_every_entry(report: Report) -> None:
    every = entries(report)
    validator = jsonschema.Draft7Validator(SCHEMA)
    for entry in every:
        validator.validate(entry)
    assert len(every) == len(report.findings)
    assert {entry["severity"] for entry in every} <= GRADES
    assert len({entry["fingerprint"] for entry in every}) == len(every), "GitLab drops repetitions"
    assert all(entry["location"]["path"] and entry["location"]["lines"]["begin"] >= 1 for entry in every)


def test_nothing_found_is_an_empty_list() -> None:
    assert list(to_gitlab.lines(replace(example(), findings=[]))) == ["[", "]"]


def test_paths_count_from_the_repository() -> None:
    report = replace(example(), settings={"base": "/data"})
    assert entries(report)[1]["location"] == {"path": "pets/labels/train/0007.txt", "lines": {"begin": 4}}


def test_known_findings_stay_so_that_gitlab_can_compare() -> None:
    plain = {entry["fingerprint"] for entry in entries(example())}
    assert {entry["fingerprint"] for entry in entries(changed())} == plain
