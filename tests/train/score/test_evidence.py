"""Evidence image by image: it scores as the evaluation that it is of, and knows when labels are others."""

import numpy as np
import pytest

from tests.example_detections import rows, seen
from tests.example_evidence import evidence, of_old
from yoloaudit.train.score.evaluate import Evaluation, evaluate
from yoloaudit.train.score.evidence import counts_of, evidence_of, held_against, only
from yoloaudit.train.score.metrics import score_classes

PATHS = [f"images/val/{number}.jpg" for number in range(9)]


def evaluation(shift: float = 0.0, order: tuple[int, ...] = (2, 0, 1)) -> Evaluation:
    """Three images, seen in another order than they stand in; one of them without labels."""
    boxes = rows(
        (0, 0, 0.5, 0.5, 0.2, 0.2), (0, 1, 0.2, 0.2 + shift, 0.1, 0.1), (2, 1, 0.5, 0.5, 0.4, 0.4),
        (2, 1, 0.8, 0.8, 0.1, 0.1),
    )  # fmt: skip
    looks = {
        0: seen(0, (40, 40, 60, 60, 0.9, 0), (15, 15, 25, 25, 0.4, 1), (0, 0, 9, 9, 0.4, 0)),
        1: seen(1, (0, 0, 9, 9, 0.95, 1)),
        2: seen(2, (30, 30, 70, 70, 0.8, 1), (31, 31, 70, 70, 0.3, 1)),
    }
    return evaluate([looks[place] for place in order], boxes, ["cat", "dog"])


def test_detections_stand_by_score_and_images_by_position() -> None:
    made = evidence_of(evaluation(), PATHS)
    assert made.images == ("images/val/2.jpg", "images/val/0.jpg", "images/val/1.jpg")
    assert (np.diff(made.scores) <= 0).all()
    assert made.image.tolist() == [2, 1, 0, 1, 1, 0]
    assert sorted(map(tuple, made.labels.tolist())) == [(0, 1, 2), (1, 0, 1), (1, 1, 1)]
    assert made.hits.shape == (6, 10)


def test_it_scores_as_the_evaluation_does() -> None:
    found = evaluation()
    made = evidence_of(found, PATHS)
    truth = np.repeat(made.labels[:, 1], made.labels[:, 2])
    again = score_classes(made.hits, made.scores, made.classes, truth)
    assert again.ap == pytest.approx(found.by_class.ap)
    assert again.f1 == pytest.approx(found.by_class.f1)


def test_digests_tell_whether_labels_are_the_same() -> None:
    one, same, other = (evidence_of(evaluation(shift), PATHS) for shift in (0.0, 0.0, 0.05))
    assert one.digests == same.digests
    assert [a == b for a, b in zip(one.digests, other.digests, strict=True)] == [True, False, True]
    turned = evidence_of(evaluation(order=(0, 1, 2)), PATHS)
    by_path = [dict(zip(each.images, each.digests, strict=True)) for each in (one, turned)]
    assert by_path[0] == by_path[1]


def test_nothing_seen_and_nothing_labelled() -> None:
    made = evidence_of(evaluate([seen(3)], rows((0, 0, 0.5, 0.5, 0.2, 0.2)), ["cat"]), PATHS)
    assert made.images == ("images/val/3.jpg",)
    assert len(made.labels) == len(made.scores) == 0
    assert evidence_of(evaluate([], rows((0, 0, 0.5, 0.5, 0.2, 0.2)), ["cat"]), PATHS).images == ()


def test_boxes_and_sizes_are_kept() -> None:
    made = evidence_of(evaluation(), PATHS)
    assert made.sizes is not None
    assert made.boxes is not None
    assert made.truth is not None
    assert made.sizes.tolist() == [[100, 100]] * 3
    assert made.boxes[0].tolist() == [0, 0, 9, 9]
    assert made.truth.images.tolist() == [1, 1, 0, 0]
    assert counts_of(made.truth).tolist() == sorted(made.labels.tolist())


def test_held_against_its_own_labels_it_is_the_same() -> None:
    made = evidence(4)
    assert made.truth is not None
    again = held_against(made, made.truth)
    assert (again.hits == made.hits).all()
    assert again.digests == made.digests
    assert (again.labels == made.labels).all()


def test_held_against_fewer_labels_less_is_right() -> None:
    made = evidence(4)
    assert made.truth is not None
    half = held_against(made, made.truth.at(np.arange(0, len(made.truth.images), 2)))
    assert half.hits.sum() < made.hits.sum()
    assert half.labels[:, 2].sum() == 20


def test_some_of_its_images_in_another_order() -> None:
    made = evidence(4)
    some = only(made, [7, 2])
    assert some.images == ("images/val/7.jpg", "images/val/2.jpg")
    assert some.digests == (made.digests[7], made.digests[2])
    assert some.boxes is not None
    assert made.boxes is not None
    assert some.truth is not None
    assert (some.boxes[some.image == 0] == made.boxes[made.image == 7]).all()
    assert counts_of(some.truth).tolist() == sorted(some.labels.tolist())
    assert only(of_old(made), [1]).truth is None
