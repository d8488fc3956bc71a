"""Decisions of a person, as JSON or CSV, choose among the proposals of a report."""

import json
from pathlib import Path

import pytest

from tests.example_mending import report
from yoloaudit.errors import UsageError
from yoloaudit.repair.choose import Decision, chosen, read_decisions

MARKS = ("aaaa", "bbbb", "cccc")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    findings = [
        {
            "rule": "missed-label",
            "image": "images/a.png",
            "label": None,
            "line": None,
            "fingerprint": mark,
            "score": 0.4,
            "suggestion": {"class_id": 1, "box": [1, 2, 3, 4], "score": 0.9},
        }
        for mark in MARKS
    ]
    (tmp_path / "report.json").write_text(json.dumps(report(findings)))
    return tmp_path


def written(place: Path, text: str, name: str = "decisions.json") -> str:
    (place / name).write_text(text)
    return str(place / name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("d.json", '{"aaaa": "accept", "bbbb": "reject"}'),
        ("d.json", '{"decisions": [{"fingerprint": "aaaa", "decision": "accept"}]}'),
        ("d.json", '[{"fingerprint": "aaaa", "decision": " Accept "}]'),
        ("d.csv", "fingerprint,decision\naaaa,accept\nbbbb,reject\n"),
        ("d.csv", "\ufefffingerprint,decision,x1,y1,x2,y2,class_id,note\r\naaaa,accept,,,,,,fine\r\n"),
    ],
)
def test_only_what_is_accepted_is_taken_whatever_its_score(place: Path, name: str, text: str) -> None:
    picked = chosen(str(place / "report.json"), None, None, written(place, text, name))
    assert [each.fingerprint for each in picked.proposals] == ["aaaa"]
    assert picked.considered == 3


def test_a_box_can_be_redrawn_and_a_class_changed(place: Path) -> None:
    entry = {"fingerprint": "bbbb", "decision": "accept", "box": [5, 6, 7.5, 8], "class_id": 2}
    as_json = written(place, json.dumps({"decisions": [entry]}))
    as_csv = written(place, "fingerprint,decision,x1,y1,x2,y2,class_id\nbbbb,accept,5,6,7.5,8,2\n", "d.csv")
    for path in (as_json, as_csv):
        assert read_decisions(path) == {"bbbb": Decision(True, (5.0, 6.0, 7.5, 8.0), 2)}
        (proposal,) = chosen(str(place / "report.json"), None, None, path).proposals
        assert (proposal.box, proposal.class_id) == ((5.0, 6.0, 7.5, 8.0), 2)


def test_rules_and_scores_narrow_decisions_down(place: Path) -> None:
    path = written(place, json.dumps(dict.fromkeys(MARKS, "accept")))
    report_path = str(place / "report.json")
    assert len(chosen(report_path, ["missed-label"], None, path).proposals) == 3
    assert not chosen(report_path, ["loose-box"], None, path).proposals
    assert not chosen(report_path, None, 0.5, path).proposals


def test_decisions_on_what_the_report_does_not_tell_are_counted(place: Path) -> None:
    picked = chosen(str(place / "report.json"), None, None, written(place, '{"aaaa": "accept", "zzzz": "accept"}'))
    assert picked.unknown == 1


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("d.json", "", "empty"),
        ("d.json", "7", "mapping of fingerprints"),
        ("d.json", '{"aaaa": "yes"}', "'yes', neither accept nor reject"),
        ("d.json", '{"aaaa": 1}', "neither accept nor reject"),
        ("d.json", '[{"decision": "accept"}]', "no fingerprint"),
        ("d.json", '[{"fingerprint": "a", "decision": "accept", "box": [1, 2]}]', "four finite numbers"),
        ("d.json", '[{"fingerprint": "a", "decision": "accept", "box": [1, 2, 3, NaN]}]', "four finite numbers"),
        ("d.json", '[{"fingerprint": "a", "decision": "accept", "class_id": 1.5}]', "whole number"),
        ("d.csv", "mark,decision\na,accept\n", "no column 'fingerprint'"),
        ("d.csv", "fingerprint,decision,x1\na,accept,one\n", "one"),
        ("d.csv", "fingerprint,decision\na\n", "neither accept nor reject"),
        ("d.csv", "", "no column"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_a_line(place: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(UsageError, match="--decisions") as caught:
        read_decisions(written(place, text, name))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing_is_said(place: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        read_decisions(str(place / "none.json"))
