"""The schema of a rule pack agrees with load_rules."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from yoloaudit.checks.discover import all_checks
from yoloaudit.errors import UsageError
from yoloaudit.pack_files import packs_folder, read_pack
from yoloaudit.pack_schema import schema
from yoloaudit.packs import load_rules

VALIDATOR = Draft202012Validator(schema())
GOOD = [
    "extends: [default]",
    "rules: {tiny-box: }",
    "rules: {tiny-box: {min_side: 4, severity: error, why: null}}",
    "rules: {tiny-face: {check: tiny-box, min_side: 4, classes: [face]}}",
    "rules: {tiny-box: {check: tiny-box, max_share: 0.5}}",
    "rules: {by-eye: {not_measurable: a person has to look, guide: look}}",
]
BAD = [
    "extends: default",
    "rule: {}",
    "rules: {tiny-bx: {}}",
    "rules: {Tiny: {check: tiny-box}}",
    "rules: {tiny-box: {min_sid: 4}}",
    "rules: {tiny-box: {min_side: 0}}",
    "rules: {tiny-box: {severity: fatal}}",
    "rules: {tiny-box: {check: few-images-per-class}}",
    "rules: {tiny-face: {check: tiny-box, min_sid: 4}}",
    "rules: {tiny-face: {check: tiny-bx}}",
    "rules: {by-eye: {not_measurable: a person has to look, min_side: 3}}",
]


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", sorted(packs_folder().glob("*.yaml")), ids=lambda path: path.name)
def test_our_packs_pass(path: Path) -> None:
    VALIDATOR.validate(read_pack(str(path)))


@pytest.mark.parametrize("text", GOOD)
def test_what_loads_passes(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    load_rules([str(path)])
    VALIDATOR.validate(read_pack(str(path)))


@pytest.mark.parametrize("text", BAD)
def test_what_is_refused_fails(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UsageError):
        load_rules([str(path)])
    with pytest.raises(ValidationError):
        VALIDATOR.validate(read_pack(str(path)))


@pytest.mark.parametrize("name", all_checks())
def test_every_parameter_is_described(name: str) -> None:
    declared: dict[str, Any] = schema()["$defs"][name]["properties"]
    for key in all_checks()[name].model_fields:
        assert declared[key]["description"]
        assert "default" in declared[key]
