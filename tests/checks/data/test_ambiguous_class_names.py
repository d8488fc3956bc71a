"""Names that are one class in two spellings are told; names that merely look alike are not."""

import pytest

from yoloaudit.checks.data.ambiguous_class_names import AmbiguousClassNames
from yoloaudit.dataset.descriptor import Descriptor, Entry


def told(names: list[object]) -> list[tuple[str, str]]:
    texts = tuple(str(name) for name in names)
    defects = AmbiguousClassNames().find(texts, Descriptor("data.yaml", {"names": Entry(names, 4)}))
    return [(str(defect["severity"]), defect["reason"]) for defect in defects.to_dict("records")]


@pytest.mark.parametrize(
    "names",
    [
        ["car", "cat", "bus", "fork"],
        [str(number) for number in range(10)],
        ["type_a1", "type_a2", "lane-10", "lane-11"],
        ["male", "female"],
        ["speed 30", "speed 50"],
        ["plane", "plate"],
        [],
    ],
)
def test_names_that_merely_look_alike(names: list[object]) -> None:
    assert told(names) == []


@pytest.mark.parametrize(
    ("names", "severity", "reason"),
    [
        (["cat", "dog", "cat"], "error", "2 classes have the same name: 0 'cat', 2 'cat'"),
        (
            ["Cat", "cat "],
            "warning",
            "2 classes have the same name up to case, blanks and underscores: 0 'Cat', 1 'cat '",
        ),
        (["traffic light", "traffic-light"], "warning", "2 classes have the same name up to case"),
        (["person", "persons"], "warning", "2 classes have names that differ in one letter: 0 'person', 1 'persons'"),
        (["helmet", "helmat"], "warning", "2 classes have names that differ in one letter"),
        (["ahelmet", "helmet", "helme"], "warning", "2 classes have names that differ in one letter"),
        ([True, "x", False], "error", "the name of classes 0, 2 is a truth value, not text"),
        (["x", " "], "error", "the name of class 1 is empty"),
        (["x", None], "error", "the name of class 1 is empty"),
        ([["x"]], "error", "the name of class 0 is a list, not text"),
    ],
)
def test_names_that_are_told(names: list[object], severity: str, reason: str) -> None:
    defects = told(names)
    assert defects[0][0] == severity
    assert defects[0][1].startswith(reason)


def test_many_names_are_quick() -> None:
    assert len(told(["same"] * 10_000)) == 1
    assert told([f"{'x' * 30}{number}" for number in range(10_000)]) == []
