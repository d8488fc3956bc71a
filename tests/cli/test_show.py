"""The text that a person reads: golden at 80 columns, harmless whatever the data set holds."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.example_report import example, hostile
from yoloaudit.cli.show import text

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "report.text"
TITLES = {
    "missing-split-path": "Split path that does not exist.",
    "tiny-box": "Box only a few pixels wide or high.",
    "few-images-per-class": "Class that too few training images show.",
    "pixel-coordinates": "Coordinates in pixels instead of shares of the image.",
}
NOTE = "train: written '../train/images', read from 'train/images' (without ../)"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
COMMAND = re.compile(r"(?m)^\s*::\S|##\[|##vso\[")


def test_equals_its_golden_file() -> None:
    """`YOLOAUDIT_GOLDEN=write pytest` writes it anew; look at the difference before keeping it."""
    shown = "\n".join(text(example(), TITLES, notes=[NOTE], data="pets/data.yaml", width=80, lively=False)) + "\n"
    if os.environ.get("YOLOAUDIT_GOLDEN") == "write":
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("lively", [False, True])
def test_hostile_text_stays_text(width: int, lively: bool) -> None:
    shown = "\n".join(
        text(hostile(), {}, notes=["\x1b[31m\n::error::x"], data="$(x)", most=None, width=width, lively=lively)
    )
    bare = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert not CONTROL.search(bare)
    assert not COMMAND.search(bare)
    assert "[red]x[/]" in bare


def test_nothing_found_is_said() -> None:
    report = replace(example(), findings=[], runs=[run for run in example().runs if run.status != "error"])
    lines = text(report, TITLES, width=80, lively=False)
    assert "Problems: none" in lines
    assert lines[-1] == "Passed at --fail-on error: no problems (exit 0)"
    assert "Next" not in lines


@pytest.mark.parametrize(
    ("fail_on", "last"),
    [
        ("error", "Failed at --fail-on error: 1 error, 4 warnings, 400 info (exit 1)"),
        ("never", "Done: 1 error, 4 warnings, 400 info (exit 0)"),
    ],
)
def test_verdict_names_the_gate(fail_on: str, last: str) -> None:
    runs = [run for run in example().runs if run.status != "error"]
    report = replace(example(), runs=runs, settings={"fail_on": fail_on})
    assert text(report, TITLES, width=100, lively=False)[-1] == last


def test_all_or_few_findings() -> None:
    assert "  … and 397 more: --max-per-rule 0 or --format json" in text(
        example(), TITLES, most=3, width=80, lively=False
    )
    every = text(example(), TITLES, most=None, width=80, lively=False)
    assert sum("shorter side is" in line for line in every) == 23
