"""The images whose detections changed most, with what was gained and lost on them."""

from dataclasses import replace

import numpy as np

from tests.example_evidence import evidence, of_old, worse
from yoloaudit.compare.changes import changed, confidence_of
from yoloaudit.train.score.evidence import Evidence, only


def surely(seed: int) -> Evidence:
    """Made-up evidence whose detections all count."""
    made = evidence(seed, images=8, labels=30, detections=60)
    return replace(made, scores=np.sort(made.scores)[::-1] * 0.01 + 0.98)


def test_nothing_changes_between_a_run_and_itself() -> None:
    assert changed(surely(1), surely(1)) == []


def test_labels_lost_on_an_image() -> None:
    made = surely(2)
    assert made.boxes is not None
    image = int(made.image[made.hits[:, 0]][0])
    blind = made.image == image
    boxes = np.where(blind[:, None], np.array([0, 0, 1, 1], np.float32), made.boxes)
    other = replace(made, hits=made.hits & ~blind[:, None], boxes=boxes)
    (found,) = changed(made, other)
    assert found.image == made.images[image]
    assert (found.gained, found.found_by_both) == (0, 0)
    assert found.lost == made.hits[blind, 0].sum()
    assert found.by == found.lost + found.wrong_b - found.wrong_a
    assert len(found.truth) == found.labels
    assert len(found.seen_by_a) == len(found.seen_by_b) == blind.sum()
    (back,) = changed(other, made)
    assert (back.gained, back.lost) == (found.lost, 0)


def test_the_most_changed_come_first_and_few_are_kept() -> None:
    made = evidence(3, images=50, labels=200, detections=600)
    found = changed(made, worse(made, 0.5), most=7)
    assert len(found) == 7
    assert [each.by for each in found] == sorted((each.by for each in found), reverse=True)


def test_labels_in_another_order_are_the_same_labels() -> None:
    made = surely(4)
    assert made.truth is not None
    turned = replace(made, truth=made.truth.at(np.arange(len(made.truth.images))[::-1]))
    assert changed(made, turned) == []


def test_without_boxes_counts_are_all_that_is_known() -> None:
    made = of_old(evidence(5, images=20, labels=80, detections=200))
    found = changed(made, worse(made, 0.5))
    assert found
    assert all(each.truth == each.seen_by_a == each.seen_by_b == () for each in found)
    assert all(each.gained + each.found_by_both <= each.labels for each in found)


def test_nothing_labelled() -> None:
    made = only(evidence(6), [0])
    bare = replace(made, labels=made.labels[:0], hits=made.hits & False, truth=None, boxes=None)
    assert confidence_of(bare) == 0
    assert changed(bare, bare) == []
