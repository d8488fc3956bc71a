"""Classes that were not labelled in a part of the data set: found once, and only where the model is sure of them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.example_seen import all_seen, judgements_of, labels_of, predictions_of, said, skill_of
from tests.example_tables import images_of
from yoloaudit.checks.model.missed_label import MissedLabel
from yoloaudit.checks.partial import Seen, unlabelled_parts
from yoloaudit.dataset.tables import MATCHES, Judgements, table

CAT, DOG, OTHER = (10, 10, 60, 60), (200, 200, 300, 300), (400, 400, 450, 450)


def merged(
    a: int = 30, b: int = 20, *, missed: int = 20, score: float = 0.7, clips: bool = False
) -> tuple[Seen, Judgements]:
    """Two merged sets: cats everywhere; dogs in all images, labelled in folder a, not in b, where so many are seen."""
    images = images_of(a + b, source=["clip a"] * a + ["clip b"] * b if clips else None)
    folders = [f"images/{'train' if clips else 'a' if number < a else 'b'}/{number}.png" for number in range(a + b)]
    images["path"] = folders
    boxes = labels_of([(n, 0, *CAT) for n in range(a + b)] + [(n, 1, *DOG) for n in range(a)], images)
    found = [(n, 0, 0.9, *CAT) for n in range(a + b)] + [(n, 1, 0.6, *DOG) for n in range(a)]
    found += [(n, 1, score, *DOG) for n in range(a, a + missed)]
    predictions = predictions_of(found)
    dogs = (predictions["class_id"] == 1).to_numpy() & (predictions["image"] < a).to_numpy()
    pairs: dict[str, Any] = {"box": a + b + predictions["image"].to_numpy()[dogs], "detection": np.flatnonzero(dogs)}
    matches = table(MATCHES, pairs | {"iou": np.ones(int(dogs.sum()))})
    skill = skill_of(2, threshold=[0.5, float("nan")])
    judged = judgements_of(*((n, -1, "missing", 0.3, 1, DOG, score) for n in range(a, a + missed)))
    return Seen(images, boxes, predictions, matches, skill, all_seen(images)), judged


@pytest.mark.parametrize("clips", [False, True])
def test_a_class_that_one_of_two_merged_sets_does_not_label(clips: bool) -> None:
    """Its precision over all the data is too low for any threshold: it is taken from where the class is labelled."""
    known, judged = merged(clips=clips)
    (part,) = unlabelled_parts(judged, known, 5, 0.1)
    assert (part.class_id, part.name, part.total) == (1, "source clip b" if clips else "folder images/b", 20)
    assert part.images.tolist() == list(range(30, 50))
    assert part.rows.all()


@pytest.mark.parametrize(
    ("changes", "count"),
    [({"missed": 5}, 1), ({"missed": 4}, 0), ({"missed": 5, "b": 60}, 0), ({"score": 0.55}, 0), ({"score": 0.61}, 1)],
)
def test_how_many_images_and_how_sure(changes: dict[str, Any], count: int) -> None:
    known, judged = merged(**changes)
    assert len(unlabelled_parts(judged, known, 5, 0.1)) == count


def test_a_single_label_of_the_class_is_enough_to_think_otherwise() -> None:
    known, judged = merged()
    boxes = labels_of(
        [*known.boxes[["image", "class_id", "x1", "y1", "x2", "y2"]].to_numpy().tolist(), (49, 1, *OTHER)], known.images
    )
    assert not unlabelled_parts(judged, known._replace(boxes=boxes), 5, 0.1)


def test_a_class_that_is_labelled_nowhere_is_none_of_this_data_set() -> None:
    known, judged = merged()
    assert not unlabelled_parts(judged, known._replace(boxes=known.boxes[:50]), 5, 0.1)


def test_nothing_to_go_by() -> None:
    known, judged = merged()
    for empty in (
        known._replace(predictions=known.predictions[:0], matches=known.matches[:0]),
        known._replace(boxes=known.boxes[:0]),
    ):
        assert not unlabelled_parts(judged, empty, 5, 0.1)
    assert not unlabelled_parts(judged[:0], known, 5, 0.1)


def test_one_finding_for_all_of_them_and_the_others_by_themselves() -> None:
    known, judged = merged()
    more = judgements_of((2, -1, "missing", 0.8, 0, OTHER), (3, -1, "missing", 0.05, 0, OTHER))
    check = MissedLabel()
    every = pd.concat([judged, more], ignore_index=True)
    images, boxes, predictions, matches, skill, seen = known
    defects = check.find(every, images, boxes, predictions, matches, skill, seen, ("cat", "dog"))
    assert said(check, defects) == [
        "class 'dog' has no label in any of the 20 images of the folder images/b, but the model is sure of it in 20 of "
        "them (20 objects): not labelled there",
        "no label where the model sees 'cat' with score 0.90 (probability 0.80, val prediction)",
    ]
    whole = defects.iloc[0]
    assert (whole["severity"], whole["folded"], whole["value"], len(whole["related"])) == ("warning", 20, 20, 20)
    assert defects.attrs["measured"] == pytest.approx((20 * 0.3 + 0.8) / 80)
