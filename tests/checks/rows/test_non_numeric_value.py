"""non-numeric-value: when separators alone are wrong."""

import pytest

from yoloaudit.checks.rows.non_numeric_value import separators_only


@pytest.mark.parametrize(
    "raw",
    [
        "0,0.5,0.5,0.2,0.2",
        "0, 0.5, 0.5, 0.2, 0.2",
        "0;0.5;0.5;0.2;0.2",
        "0 0.5,0.5,0.2,0.2",
        "0 0.5 0.5 0.2 0.2,",
        "0,.1,.1,.2,.1,.2,.2",
    ],
)
def test_separators_can_be_replaced(raw: str) -> None:
    assert separators_only(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "0 0,5 0,5 0,2 0,2",
        "0 0,1 0,1 0,1 0,1",
        "0;0,1;0,1;0,1;0,1",
        "cat,0.5,0.5,0.2,0.2",
        "0,0.5,0.5,0.2",
        "0.5,0.5,0.5,0.2,0.2",
        "0,320,240,64,48",
        "0,nan,0.5,0.2,0.2",
        "0 0.5 0.5 0.2 x",
        "",
    ],
)
def test_anything_else_is_left_to_a_person(raw: str) -> None:
    assert not separators_only(raw)
