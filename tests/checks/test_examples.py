"""Every check against its own good and bad examples, and every check's page for what it must say."""

from collections.abc import Iterator

import pytest

from yoloaudit.checks.base import INPUTS, Check, Example
from yoloaudit.checks.discover import all_checks
from yoloaudit.findings import Severity
from yoloaudit.testing import examples, run

CHECKS = all_checks()


def cases() -> Iterator[object]:
    for check in CHECKS.values():
        for title, example, finds in examples(check):
            yield pytest.param(check, example, finds, id=title)


@pytest.mark.parametrize(("check", "example", "finds"), list(cases()))
def test_example(check: type[Check], example: str | Example, finds: bool) -> None:
    defects = run(check, example)
    assert (len(defects) > 0) == finds, defects.to_string()
    made = check(**({} if isinstance(example, str) else example.settings))
    for defect in defects.to_dict("records"):
        sentence = made.describe({str(name): fact for name, fact in defect.items()})
        assert sentence.strip()
        assert not {"nan", "None", "<NA>"} & set(sentence.split()), sentence


@pytest.mark.parametrize("check", list(CHECKS.values()), ids=list(CHECKS))
def test_page_is_whole(check: type[Check]) -> None:
    assert check.title().endswith(".")
    assert check.why()
    assert check.message
    assert isinstance(check.severity, Severity)
    assert check.good
    assert check.bad
    assert set(check.inputs()) <= set(INPUTS)
    undescribed = [name for name, field in check.model_fields.items() if not field.description]
    assert not undescribed, "parameters without a description"
    unknown = [name for name in check.explains if name not in CHECKS]
    assert not unknown, "explains checks that do not exist"
