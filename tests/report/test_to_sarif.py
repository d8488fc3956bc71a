"""SARIF: valid by the official schema, each result at its label row, within GitHub's limits."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.example_changes import changed, hostile_everywhere
from tests.example_report import example, hostile
from yoloaudit.findings import Finding, Location, Report, Severity
from yoloaudit.report import to_sarif
from yoloaudit.report.about import About

SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))


def run_of(report: Report) -> dict[str, Any]:
    run: dict[str, Any] = json.loads("\n".join(to_sarif.lines(report)))["runs"][0]
    return run


def many(count: int, message: str = "x") -> Report:
    place = Location("train", "images/a.jpg", "labels/a.txt", 1)
    grades = (Severity.INFO, Severity.ERROR)
    findings = [
        Finding(f"rule-{n % 3}", grades[n == 7], f"{message} {n}", place, fingerprint=str(n)) for n in range(count)
    ]
    return replace(example(), findings=findings)


@pytest.mark.parametrize("report", [example(), hostile(), changed(), hostile_everywhere(), many(0)])
def test_official_schema_takes_it(report: Report) -> None:
    document = json.loads("\n".join(to_sarif.lines(report)))
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)
    run = document["runs"][0]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(ids[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert all(result["locations"] for result in run["results"]), "GitHub refuses a result without a place"


def test_a_row_is_a_line_of_its_label_file_with_the_image_beside_it() -> None:
    found = next(result for result in run_of(example())["results"] if result["ruleId"] == "swapped-label")
    assert found["level"] == "warning"
    assert found["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "labels/train/0007.txt", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 4},
            }
        }
    ]
    related = [place["physicalLocation"]["artifactLocation"]["uri"] for place in found["relatedLocations"]]
    assert related == ["images/train/0007.jpg", "labels/train/0008.txt"]
    assert found["partialFingerprints"] == {"yoloaudit/v1": "00000000000000w1:1"}
    assert found["properties"]["box"] == [1.5, 2.0, 30.25, 40.0]


def test_a_finding_of_the_whole_is_at_the_descriptor_and_says_what_it_is_about() -> None:
    found = next(result for result in run_of(example())["results"] if result["ruleId"] == "few-images-per-class")
    (place,) = found["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "data.yaml"
    assert [each["name"] for each in place["logicalLocations"]] == ["train", "cat"]
    bare = replace(example(), dataset={**example().dataset, "descriptor": None})
    (place,) = next(r for r in run_of(bare)["results"] if r["ruleId"] == "few-images-per-class")["locations"]
    assert list(place) == ["logicalLocations"]


def test_paths_count_from_the_repository() -> None:
    report = replace(example(), settings={"base": "/data", "fail_on": "error"})
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run_of(report)["results"]}
    assert all(uri.startswith("pets/") for uri in uris)
    assert run_of(report)["automationDetails"] == {"id": "yoloaudit/pets/"}


def test_known_findings_are_suppressed_and_come_last() -> None:
    results = run_of(changed())["results"]
    assert [result["baselineState"] for result in results[:2]] == ["new", "new"]
    assert {result["baselineState"] for result in results[2:]} == {"unchanged"}
    assert all(result["suppressions"][0]["kind"] == "external" for result in results[2:])
    assert not any("suppressions" in result for result in results[:2])
    assert "absent" not in json.dumps(results), "a mended finding would be an alert"
    assert not any("baselineState" in result for result in run_of(example())["results"])


def test_rules_say_what_they_are_why_and_what_the_guide_says() -> None:
    about = {"few-images-per-class": About("Too few", "Because of `this`.\n\nCollect <more>.")}
    text = "\n".join(to_sarif.lines(example(), about))
    rules = {rule["id"]: rule for rule in json.loads(text)["runs"][0]["tool"]["driver"]["rules"]}
    rule = rules["few-images-per-class"]
    assert rule["shortDescription"] == {"text": "Too few"}
    assert rule["fullDescription"] == {"text": "Too few. Because of `this`. Collect <more>."}
    assert "Guide: Images per class. ≥ 1500 images per class recommended" in rule["help"]["text"]
    assert "<p>Collect &lt;more&gt;.</p>" in rule["help"]["markdown"]
    assert rule["properties"]["tags"] == ["classes", "guide"]
    assert set(rules) == {run.rule for run in example().runs}


def test_what_crashed_and_what_was_not_looked_at_is_told() -> None:
    (invocation,) = run_of(example())["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 3
    assert (
        invocation["toolExecutionNotifications"][0]["message"]["text"] == "crowded-image crashed: ValueError: no boxes"
    )
    assert len(invocation["toolConfigurationNotifications"]) == 2


def test_no_more_results_than_github_takes_and_the_worst_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (to_sarif.MOST_RESULTS, to_sarif.MOST_SHOWN) == (25_000, 5_000)
    monkeypatch.setattr(to_sarif, "MOST_RESULTS", 2_500)
    monkeypatch.setattr(to_sarif, "MOST_SHOWN", 500)
    run = run_of(many(2_510))
    assert len(run["results"]) == 2_500
    assert run["results"][0]["level"] == "error"
    told = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"][1:]]
    assert told == [
        "10 info left out: a file for GitHub holds 2,500 results and 10 MB when packed",
        "GitHub shows the first 500 of these 2,500 results",
    ]


def test_no_larger_packed_than_github_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to_sarif, "MOST_PACKED", 1_100_000)
    import random
    import zlib

    letters = random.Random(1)
    report = many(0)
    place = Location("train", "images/a.jpg", "labels/a.txt", 1)
    noise = ["".join(letters.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=480)) for _ in range(6000)]
    report = replace(report, findings=[Finding("x", Severity.ERROR, text, place) for text in noise])
    text = "\n".join(to_sarif.lines(report))
    assert len(zlib.compress(text.encode("ascii"))) < 1_200_000
    assert 2000 < len(json.loads(text)["runs"][0]["results"]) < 6000
    assert "left out" in text


def test_equal_fingerprints_are_told_apart() -> None:
    finding = example().findings[0]
    results = run_of(replace(example(), findings=[finding, finding]))["results"]
    assert [result["partialFingerprints"]["yoloaudit/v1"][-2:] for result in results] == [":1", ":2"]
