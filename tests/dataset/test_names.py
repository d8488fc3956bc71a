"""Every class id gets a name, whatever shape the names were written in."""

from typing import Any

import pytest

from yoloaudit.dataset.names import MAX_NAMES, class_id, class_names, is_inverted


@pytest.mark.parametrize(
    ("names", "count", "expected"),
    [
        (["cat", "dog"], None, ("cat", "dog")),
        ([0, 1.5, True], None, ("0", "1.5", "True")),
        (["cat", None, ["x"], {}], None, ("cat", "class 1", "class 2", "class 3")),
        ({1: "dog", 0: "cat"}, None, ("cat", "dog")),
        ({0: "cat", 3: "dog"}, 2, ("cat", "class 1", "class 2", "dog")),
        ({"0": "cat", "1": "dog"}, None, ("cat", "dog")),
        ({"cat": 0, "dog": 1}, None, ("cat", "dog")),
        ({"x": "cat", "y": "dog"}, None, ("cat", "dog")),
        ({2_000_000_000: "cat"}, None, ("cat",)),
        ({-1: "cat", 0: "dog"}, None, ("cat", "dog")),
        ("cat", 2, ("cat",)),
        (None, 2, ("class 0", "class 1")),
        (None, 1_000_000_000, ()),
        (None, True, ()),
        (None, "2", ()),
        ([], 3, ()),
        ({}, None, ()),
    ],
)
def test_names_by_class_id(names: Any, count: Any, expected: tuple[str, ...]) -> None:
    assert class_names(names, count) == expected


def test_names_are_bounded() -> None:
    assert class_names(["A" * 1_000_000]) == ("A" * 200,)
    assert len(class_names([str(number) for number in range(20_000)])) == MAX_NAMES


def test_class_ids() -> None:
    assert [class_id(key) for key in (0, "7", -1, True, "x", "²", None, 1.0)] == [
        0,
        7,
        None,
        None,
        None,
        None,
        None,
        None,
    ]


def test_an_inverted_mapping_is_told() -> None:
    assert is_inverted({"cat": 0})
    assert not is_inverted({0: "cat"})
    assert not is_inverted({"0": 0})
    assert not is_inverted({})
