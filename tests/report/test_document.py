"""The schema that is shipped: fresh, and true of reports."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import yoloaudit.report
from tests.example_report import example, hostile
from yoloaudit.findings import Report, Severity
from yoloaudit.report.document import Document, FindingFacts, RunFacts, SplitLedger, schema
from yoloaudit.report.to_json import lines

SHIPPED = Path(yoloaudit.report.__file__).with_name("report.schema.json")


def parsed(report: Report) -> dict[str, Any]:
    def refuse(token: str) -> None:
        raise ValueError(f"{token} is not JSON")

    document: dict[str, Any] = json.loads("\n".join(lines(report)), parse_constant=refuse)
    return document


def test_shipped_schema_is_fresh() -> None:
    """`YOLOAUDIT_GOLDEN=write pytest` writes it anew."""
    text = json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("YOLOAUDIT_GOLDEN") == "write":
        SHIPPED.write_text(text, encoding="utf-8")
    assert SHIPPED.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("report", [example(), hostile()], ids=["example", "hostile"])
def test_report_validates_against_the_shipped_schema(report: Report) -> None:
    jsonschema.validate(parsed(report), json.loads(SHIPPED.read_text(encoding="utf-8")))


def test_schema_refuses_what_is_no_report() -> None:
    document = parsed(example())
    document["findings"][0]["severity"] = "ERROR"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())


def test_keys_are_the_promised_ones_in_order() -> None:
    document = parsed(example())
    assert list(document) == list(Document.__annotations__)
    assert list(document["ledger"]["train"]) == list(SplitLedger.__annotations__)
    assert list(document["rules"][0]) == list(RunFacts.__annotations__)
    assert all(list(finding) == list(FindingFacts.__annotations__) for finding in document["findings"])


def test_summary_counts_findings_and_names_the_exit_code() -> None:
    report = replace(example(), runs=[])
    assert parsed(report)["summary"] == {"error": 1, "warning": 4, "info": 23, "exit_code": 1}
    kinder = replace(report, settings={"fail_on": "never"})
    assert parsed(kinder)["summary"]["exit_code"] == 0
    assert parsed(example())["summary"]["exit_code"] == 3
    assert report.count(Severity.WARNING) == 4


def test_numbers_of_tables_and_numbers_without_end() -> None:
    runs = [replace(run, measured=float("nan"), limit=float("inf")) for run in example().runs]
    report = replace(example(), runs=runs, dataset={**example().dataset, "kinds": {"box": np.int64(3)}})
    document = parsed(report)
    assert document["dataset"]["kinds"] == {"box": 3}
    assert {run["measured"] for run in document["rules"]} == {None}
    assert {run["limit"] for run in document["rules"]} == {None}
