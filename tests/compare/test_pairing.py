"""Runs side by side: the same classes by name, the same images by path and size, the same labels by digest."""

from dataclasses import replace

import numpy as np
import pytest

from tests.example_evidence import evidence, of_old
from yoloaudit.compare.pairing import pair
from yoloaudit.compare.trained import Trained
from yoloaudit.errors import DataError
from yoloaudit.train.score.evidence import Evidence, held_against, only

NAMES = ("cat", "dog", "bird")


def run(made: Evidence, names: tuple[str, ...] = NAMES) -> Trained:
    return Trained("runs/exp", names, made)


def relabelled(made: Evidence, row: int = 0) -> Evidence:
    """One label of it gone."""
    assert made.truth is not None
    return held_against(made, made.truth.at(np.arange(len(made.truth.images)) != row))


def test_a_run_and_itself() -> None:
    made = evidence(1)
    found = pair([run(made)], [run(made)])
    assert len(found.images) == 12
    assert not found.relabelled.any()
    assert (found.missing, found.only_one, found.resized, found.torn) == ((), (0, 0), 0, 0)
    first, second = found.on_one_ruler()
    assert (first[0].hits == second[0].hits).all()


def test_images_in_another_order_are_put_in_one() -> None:
    made = evidence(1)
    found = pair([run(made)], [run(only(made, list(range(11, -1, -1))))])
    first, second = found.own
    assert first[0].images == second[0].images
    assert first[0].digests == second[0].digests
    assert not found.relabelled.any()


def test_only_common_images_are_kept() -> None:
    made = evidence(1)
    found = pair([run(only(made, range(8)))], [run(only(made, range(5, 12)))])
    assert found.images == ("images/val/5.jpg", "images/val/6.jpg", "images/val/7.jpg")
    assert found.only_one == (5, 4)


def test_no_common_image_is_refused() -> None:
    made = evidence(1)
    with pytest.raises(DataError, match="no val image is common"):
        pair([run(only(made, [0, 1]))], [run(only(made, [2, 3]))])


def test_images_of_other_sizes_are_not_the_same() -> None:
    made = evidence(1)
    assert made.sizes is not None
    sizes = made.sizes.copy()
    sizes[3] = 7
    found = pair([run(made)], [run(replace(made, sizes=sizes))])
    assert (len(found.images), found.resized) == (11, 1)
    with pytest.raises(DataError, match="different sizes"):
        pair([run(made)], [run(replace(made, sizes=made.sizes + 1))])


def test_classes_are_the_same_by_name() -> None:
    made = evidence(1)
    assert made.truth is not None
    turn = np.array([2, 0, 1])
    labels = made.labels.copy()
    labels[:, 1] = turn[labels[:, 1]]
    turned = replace(
        made, labels=labels, classes=turn[made.classes], truth=made.truth._replace(classes=turn[made.truth.classes])
    )
    found = pair([run(made)], [run(turned, ("dog", "bird", "cat"))])
    assert found.names == ("dog", "bird", "cat")
    assert not found.relabelled.any()
    first, second = found.own
    assert (first[0].classes == second[0].classes).all()
    assert sorted(first[0].labels.tolist()) == sorted(second[0].labels.tolist())


def test_classes_that_one_lacks_are_left_out() -> None:
    found = pair([run(evidence(1))], [run(evidence(1), ("cat", "dog", "cow"))])
    assert found.names == ("cat", "dog")
    assert found.missing == ("bird", "cow")
    assert found.own[0][0].labels[:, 1].max() == 1
    assert not found.relabelled.any()
    with pytest.raises(DataError, match="no class name in common"):
        pair([run(evidence(1))], [run(evidence(1), ("a", "b", "c"))])


def test_changed_labels_are_noticed_and_the_new_ones_are_the_ruler() -> None:
    made = evidence(1)
    other = relabelled(made)
    found = pair([run(made)], [run(other)])
    assert found.relabelled.sum() == 1
    new, old = found.on_one_ruler(), found.on_one_ruler(0)
    assert (new[0][0].hits == new[1][0].hits).all()
    assert (old[0][0].hits == old[1][0].hits).all()
    assert new[0][0].labels[:, 2].sum() == 39
    assert old[1][0].labels[:, 2].sum() == 40


def test_images_whose_labels_differ_within_a_side_are_left_out() -> None:
    made = evidence(1)
    found = pair([run(made), run(relabelled(made))], [run(made)])
    assert (len(found.images), found.torn) == (11, 1)
    assert made.truth is not None
    nothing = held_against(made, made.truth.at(np.zeros(0, np.int64)))
    some = only(made, [int(made.labels[0, 0])])
    with pytest.raises(DataError, match="different labels"):
        pair([run(some), run(only(nothing, [int(made.labels[0, 0])]))], [run(some)])


def test_records_of_old_have_no_boxes() -> None:
    made = evidence(1)
    assert pair([run(made)], [run(made)]).has_boxes
    assert not pair([run(made)], [run(of_old(made))]).has_boxes
