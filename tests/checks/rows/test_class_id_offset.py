"""class-id-offset: which ids it takes for numbers from 1, and that it never hides an error behind a warning."""

import pytest

from yoloaudit.checks.base import Example
from yoloaudit.checks.rows.class_id_offset import ClassIdOffset
from yoloaudit.testing import run


def example(*class_ids: int, names: str = "[cat, dog, cow]") -> Example:
    text = "".join(f"{class_id} 0.5 0.{place} 0.1 0.1\n" for place, class_id in enumerate(class_ids, 1))
    descriptor = f"path: .\ntrain: images/train\nval: images/val\nnames: {names}\n"
    return Example({"data.yaml": descriptor, "labels/train/a.txt": text, "labels/val/b.txt": ""})


@pytest.mark.parametrize(
    ("class_ids", "expected"),
    [((1, 2, 3), 3), ((1, 3), 2), ((1, 2), 0), ((2, 3), 0), ((0, 1, 3), 0), ((1, 2, 4), 0), ((3,), 0), ((), 0)],
)
def test_ids_from_one_to_the_number_of_names(class_ids: tuple[int, ...], expected: int) -> None:
    assert len(run(ClassIdOffset, example(*class_ids))) == expected


def test_a_single_class() -> None:
    assert len(run(ClassIdOffset, example(1, 1, names="[cat]"))) == 2


def test_rows_that_stop_the_training_stay_errors() -> None:
    assert run(ClassIdOffset, example(1, 2, 3))["severity"].tolist() == ["warning", "warning", "error"]
