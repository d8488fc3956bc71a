"""What the page says of a whole report: verdict, facts, what was not run, how it was made."""

import re
from dataclasses import asdict, replace
from typing import Any

import pytest

from tests.example_changes import changed, hostile_everywhere
from tests.example_report import example
from yoloaudit.report.about import checks
from yoloaudit.report.page import page

INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for part in parts for text in texts(part)]


def counts(report: Any) -> dict[str, int]:
    return {count.word: count.number for count in page(report, {}).verdict.counts}


def test_says_how_the_audit_ended() -> None:
    report = example()
    assert page(report, {}).verdict.state == "incomplete"
    assert page(report, {}).verdict.reason == "1 of 9 checks crashed"
    sound = replace(report, runs=[run for run in report.runs if run.status != "error"])
    assert page(sound, {}).verdict.state == "failed"
    assert page(replace(sound, settings={"fail_on": "never"}), {}).verdict.state == "done"
    known = replace(sound, findings=[replace(finding, known=True) for finding in sound.findings])
    assert page(known, {}).verdict.state == "passed"


def test_counts_problems_as_the_command_does() -> None:
    assert counts(example()) == {"error": 1, "warnings": 4, "notes": 400}


def test_known_findings_are_counted_apart() -> None:
    told = page(changed(), {}).verdict
    assert [count.number for count in told.counts] == [1, 1, 0]
    assert told.known == 26


def test_names_the_data_set_and_its_size() -> None:
    told = page(example(), {})
    assert (told.name, told.descriptor) == ("pets", "data.yaml")
    assert told.facts == (("140", "images"), ("1,009", "boxes"), ("2", "classes"), ("2", "splits"))


def test_no_path_of_the_machine() -> None:
    report = replace(example(), settings={"fail_on": "error", "given": ("--weights", "/srv/ann/best.pt", "--fast")})
    told = page(report, {})
    assert dict(told.made)["command"] == "yoloaudit check --weights best.pt --fast"
    assert not [text for text in texts(asdict(told)) if "/data/pets" in text or "/srv/ann" in text]


def test_tells_what_was_not_run_and_what_found_nothing() -> None:
    told = page(example(), checks())
    assert [(rule.rule, rule.why) for rule in told.crashed] == [("crowded-image", "ValueError: no boxes")]
    assert [rule.rule for rule in told.skipped] == ["orphan-label"]
    assert [rule.rule for rule in told.passed] == ["too-many-backgrounds"]
    assert told.passed[0].title


def test_change_is_told_without_what_did_not_change() -> None:
    told = page(changed(), {}).changed
    assert told is not None
    assert told.counts == (("images added", "3"), ("boxes moved", "2"))
    assert told.severities[1] == ("warning", 4, 4)
    assert told.mended[0][:2] == ("duplicate-row", "labels/train/0100.txt:3")
    assert told.places[0] == ("image added", "images/train/0900.jpg")
    assert page(example(), {}).changed is None


@pytest.mark.parametrize("report", [hostile_everywhere(), changed(), example()])
def test_nothing_invisible_passes(report: Any) -> None:
    told = page(report, checks(), notes=("a\x1b[31mb",))
    shown = replace(told, groups=tuple(replace(group, fresh=(), known=()) for group in told.groups))
    found = texts(asdict(shown))
    assert len(found) > 50
    assert not [text for text in found if INVISIBLE.search(text)]
