"""Every format: equal to its golden file, strict to its reader, harmless whatever the data set holds."""

import csv
import json
import os
import re
from pathlib import Path

import pytest

from tests.example_report import HOSTILE, example, hostile
from yoloaudit.errors import UsageError, WriteError
from yoloaudit.report.write import FORMATS, write
from yoloaudit.version import __version__

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
CONTROL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
COMMAND = re.compile(r"(?m)^\s*::\S|##\[|##vso\[")


@pytest.mark.parametrize("name", FORMATS)
def test_equals_its_golden_file(name: str, tmp_path: Path) -> None:
    """`YOLOAUDIT_GOLDEN=write pytest` writes them anew; look at the difference before keeping it."""
    write(example(), name, tmp_path / "report")
    written = (tmp_path / "report").read_text(encoding="utf-8").replace(f'"{__version__}"', '"0.0.0"')
    golden = GOLDEN / f"report.{name}"
    if os.environ.get("YOLOAUDIT_GOLDEN") == "write":
        golden.write_text(written, encoding="utf-8")
    assert written == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_text_stays_text(name: str) -> None:
    text = "\n".join(FORMATS[name](hostile()))
    assert not CONTROL.search(text)
    assert name == "github" or not COMMAND.search(text)  # of whose commands test_escape.py tells


def test_json_gives_hostile_text_back_exactly() -> None:
    document = json.loads("\n".join(FORMATS["json"](hostile())))
    assert document["dataset"]["names"] == list(HOSTILE)
    assert [finding["message"] for finding in document["findings"]][: 2 * len(HOSTILE) : 2] == list(HOSTILE)


def test_jsonl_is_a_document_a_line() -> None:
    whole = json.loads("\n".join(FORMATS["json"](example())))
    assert [json.loads(line) for line in FORMATS["jsonl"](example())] == whole["findings"]


def test_csv_has_a_row_a_finding_and_no_formula() -> None:
    text = "\n".join(FORMATS["csv"](hostile()))
    rows = list(csv.reader(text.splitlines(), strict=True))
    assert len(rows) == len(hostile().findings) + 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [value for row in rows for value in row if re.match(r"\s*[=+@＝＋－＠]|-\D", value)]


def test_csv_leaves_numbers_alone() -> None:
    report = example()
    assert '-1.5,"' not in "\n".join(FORMATS["csv"](report))
    assert ",-1,1,30,40," not in "\n".join(FORMATS["csv"](report))
    assert "1.5,2.0,30.25,40.0,0.1,0.5,0.9123457" in "\n".join(FORMATS["csv"](report))


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    kept = tmp_path / "report.json"
    kept.write_text("before")
    with pytest.raises(UsageError, match="no format 'xml'"):
        write(example(), "xml", kept)
    with pytest.raises(WriteError, match="cannot write"):
        write(example(), "json", tmp_path / "nowhere" / "report.json")
    assert kept.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
