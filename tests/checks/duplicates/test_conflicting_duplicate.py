"""conflicting-duplicate: what counts as a conflict, which of the two images is shown, and what is left out."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.example_looks import sentences
from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.duplicates import conflicting_duplicate
from yoloaudit.checks.duplicates.conflicting_duplicate import ConflictingDuplicate
from yoloaudit.dataset.tables import COPIES, COPY_KINDS, Copies, Defects, categorical, table

Pair = tuple[int, int, str] | tuple[int, int, str, float]
CAT, DOG = (0, 0.5, 0.5, 0.2, 0.2), (1, 0.2, 0.2, 0.1, 0.1)


def copies_of(pairs: Sequence[Pair]) -> Copies:
    return table(
        COPIES,
        {
            "first": [pair[0] for pair in pairs],
            "second": [pair[1] for pair in pairs],
            "kind": categorical([COPY_KINDS.index(pair[2]) for pair in pairs], COPY_KINDS),
            "distance": [0] * len(pairs),
            "correlation": [pair[3] if len(pair) > 3 else 1 for pair in pairs],
        },
    )


def find(
    labels: Sequence[Sequence[Sequence[float]]], pairs: Sequence[Pair] = ((0, 1, "bytes"),), **columns: Any
) -> Defects:
    images = images_of(len(labels)).assign(**columns)
    boxes = boxes_of([(number, *row) for number, rows in enumerate(labels) for row in rows], images)
    return ConflictingDuplicate().find(images, boxes, copies_of(pairs), ("cat", "dog"))


def told(defects: Defects) -> list[tuple[int, int]]:
    """Row and image of each finding."""
    return [(row["row"], row["image"]) for row in defects.to_dict("records")]


@pytest.mark.parametrize(("shift", "conflicts"), [(0.0, False), (0.066, False), (0.068, True)])
def test_boxes_match_from_half_an_overlap_on(shift: float, conflicts: bool) -> None:
    assert bool(len(find([[CAT], [(0, 0.5 + shift, 0.5, 0.2, 0.2)]]))) == conflicts


def test_order_and_boxes_that_stand_twice_do_not_matter() -> None:
    assert find([[CAT, DOG], [DOG, CAT, (0, 0.5, 0.51, 0.2, 0.2)]]).empty


def test_another_class_is_shown_at_the_row_of_the_later_image() -> None:
    defects = find([[DOG, CAT], [DOG, (1, 0.5, 0.5, 0.2, 0.2)]])
    (defect,) = defects.to_dict("records")
    assert (defect["row"], defect["image"], defect["severity"], defect["value"]) == (3, 1, "error", 2)
    assert defect["related"] == [{"image": 0}, {"row": 0}, {"row": 1}, {"row": 2}]
    assert sentences(ConflictingDuplicate(), defects) == [
        "shows the same picture as images/0.png, but at this box of class 'dog' the other has another class; "
        "here 2 × dog, there 1 × cat, 1 × dog"
    ]


def test_a_box_that_only_the_earlier_image_has_is_shown_there() -> None:
    defects = find([[DOG, CAT], [DOG]])
    assert told(defects) == [(1, 0)]
    (said,) = sentences(ConflictingDuplicate(), defects)
    assert said.endswith("at this box of class 'cat' the other has no box; here 1 × cat, 1 × dog, there 1 × dog")


def test_an_image_without_any_box_conflicts_with_one_that_has_some() -> None:
    assert told(find([[CAT], []])) == [(0, 0)]
    assert told(find([[CAT], []], label=[0, -1])) == [(0, 0)]
    assert find([[], []]).empty


def test_near_duplicates_are_a_warning_and_boxes_in_them_may_move() -> None:
    near = [(0, 1, "near", 0.99)]
    moved = (0, 0.8, 0.5, 0.2, 0.2)
    assert find([[CAT, DOG], [DOG, moved]], near).empty
    assert len(find([[CAT, DOG], [DOG, moved]])) == 1
    for other in ([DOG], [DOG, moved, (0, 0.8, 0.8, 0.2, 0.2)], [DOG, (1, 0.5, 0.5, 0.2, 0.2)]):
        assert find([[CAT, DOG], other], near)["severity"].tolist() == ["warning"]


def test_of_near_pairs_each_image_is_compared_with_the_nearest_one() -> None:
    pairs = [(0, 1, "near", 0.99), (0, 2, "near", 0.985), (1, 2, "near", 0.999)]
    assert [image for _, image in told(find([[CAT], [DOG], [DOG]], pairs))] == [1]
    assert [image for _, image in told(find([[CAT], [CAT], [DOG]], pairs))] == [2]


def test_equal_boxes_without_an_area_do_not_conflict() -> None:
    flat = (0, 0.5, 0.5, 0, 0.2)
    assert find([[CAT, flat], [CAT, flat]]).empty
    assert find([[CAT, flat], [CAT]]).empty


def test_one_label_file_and_one_image_file_are_not_compared_with_themselves() -> None:
    assert find([[CAT], []], label=[0, 0]).empty
    assert find([[CAT], []], path=["a.png", "a.png"]).empty


def test_images_that_are_dropped_are_not_compared() -> None:
    assert find([[CAT], []], fate=["used", "dropped"]).empty
    assert find([[CAT], []], fate=["dropped", "used"]).empty


def test_in_parts_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = [[CAT], [DOG], [CAT], [CAT, DOG], [CAT]]
    pairs: list[Pair] = [(0, number, "bytes") for number in range(1, 5)]
    whole = told(find(labels, pairs))
    assert len(whole) == 2
    monkeypatch.setattr(conflicting_duplicate, "PAIRS_AT_ONCE", 1)
    assert told(find(labels, pairs)) == whole


def test_no_pairs_and_no_boxes() -> None:
    assert find([[CAT], [DOG]], []).empty
