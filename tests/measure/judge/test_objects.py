"""An object that one label alone explains looks as it does when that label is really absent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_scenes import scene_of, scenes_of, world
from yoloaudit.evidence import overlaps
from yoloaudit.measure.judge.habits import Habits
from yoloaudit.measure.judge.objects import LEAST, MOST, Objects, objects
from yoloaudit.measure.judge.rows import HALF
from yoloaudit.measure.judge.scenes import Scene

SIDE = st.sampled_from([0, 20, 40, 60, 80, 120])
BOX = st.tuples(SIDE, SIDE, st.sampled_from([40, 60, 100]), st.sampled_from([40, 60, 100]))
LABEL = st.tuples(st.integers(0, 2), BOX)
FOUND = st.tuples(st.integers(0, 2), st.sampled_from([0.02, 0.1, 0.4, 0.41, 0.9]), BOX)


def drawn(
    labels: list[tuple[int, tuple[int, int, int, int]]], found: list[tuple[int, float, tuple[int, int, int, int]]]
) -> Scene:
    return scene_of(
        [(kind, x, y, x + w, y + h) for kind, (x, y, w, h) in labels],
        [(kind, score, x, y, x + w, y + h) for kind, score, (x, y, w, h) in found],
    )


def without(scene: Scene, label: int) -> Scene:
    rest = np.arange(len(scene.rows)) != label
    return scene._replace(rows=scene.rows[rest], labels=scene.labels[rest], label_classes=scene.label_classes[rest])


def same_as_if_absent(scene: Scene, others: list[Scene]) -> int:
    """Compares each object that a label explains with the free object that it becomes; how many there are."""
    given_ = objects(scene, Habits([scene, *others]))
    explained = np.flatnonzero(given_.own >= 0)
    for at in explained.tolist():
        bare = without(scene, int(given_.own[at]))
        free = objects(bare, Habits([bare, *others]), taught=False)
        (row,) = np.flatnonzero((free.boxes == given_.boxes[at]).all(axis=1))
        np.testing.assert_allclose(given_.numbers[at], free.numbers[row], rtol=1e-6, atol=1e-6)
        assert (free.own[row], free.classes[row], free.scores[row]) == (-1, given_.classes[at], given_.scores[at])
    return len(explained)


@given(st.lists(LABEL, max_size=5), st.lists(FOUND, max_size=7))
def test_equal_numbers_with_the_label_and_without(
    labels: list[tuple[int, tuple[int, int, int, int]]],
    found: list[tuple[int, float, tuple[int, int, int, int]]],
) -> None:
    same_as_if_absent(drawn(labels, found), [scene_of([(1, 5, 5, 90, 90)], image=1)])


def test_equal_numbers_in_images_as_they_are() -> None:
    found = scenes_of(world(0, images=5))
    compared = sum(same_as_if_absent(scene, [*found[:at], *found[at + 1 :]]) for at, scene in enumerate(found))
    assert compared >= 15


@given(st.lists(LABEL, max_size=5), st.lists(FOUND, max_size=9))
def test_objects_are_apart_and_told_once(
    labels: list[tuple[int, tuple[int, int, int, int]]],
    found: list[tuple[int, float, tuple[int, int, int, int]]],
) -> None:
    scene = drawn(labels, found)
    made = objects(scene, Habits([scene]))
    apart = overlaps(made.boxes, made.boxes)[0] - np.eye(len(made.own))
    assert (apart <= 0.5).all()
    free = made.own < 0
    assert (np.flatnonzero(free) == np.arange(free.sum())).all(), "unexplained ones come first"
    assert (overlaps(made.boxes[free], scene.labels)[0] < HALF).all()
    assert len(np.unique(made.own[~free])) == (~free).sum()
    assert (made.scores > LEAST).all()
    assert np.isfinite(made.numbers).all()
    alone = objects(scene, Habits([scene]), taught=False)
    np.testing.assert_array_equal(alone.numbers, made.numbers[free])


def test_a_label_is_explained_by_the_best_of_what_it_alone_explains() -> None:
    labels = [(0, 0, 0, 100, 100)]
    made = objects(scene := scene_of(labels, [(0, 0.5, 0, 0, 99, 98), (1, 0.9, 0, 0, 100, 50)]), Habits([scene]))
    assert made.own.tolist() == [0]
    assert made.classes.tolist() == [1], "0.9 × 0.5 comes before 0.5, or covers it"
    twice = scene_of(labels * 2, [(0, 0.5, 0, 0, 99, 98)])
    assert not len(objects(twice, Habits([twice])).own), "were one label gone, the other one would explain it"


@pytest.mark.parametrize("scene", [scene_of(), scene_of([(0, 0, 0, 9, 9)]), scene_of([], [(0, 0.009, 0, 0, 9, 9)])])
def test_nothing_seen_is_no_object(scene: Scene) -> None:
    made: Objects = objects(scene, Habits([scene]))
    assert made.boxes.shape == (0, 4)
    columns = objects(scene_of([], [(0, 0.5, 0, 0, 9, 9)]), Habits([scene_of()])).numbers.shape[1]
    assert made.numbers.shape == (0, columns)


def test_thousands_of_labels_and_detections() -> None:
    rng = np.random.default_rng(0)
    start, size = rng.uniform(0, 600, (5000, 2)), rng.uniform(10, 30, (5000, 2))
    boxes = np.hstack([start, start + size])
    kinds = rng.integers(0, 3, (5000, 1))
    found = np.hstack([kinds[:1000], rng.uniform(0.02, 1, (1000, 1)), boxes[:1000]])
    scene = scene_of(np.hstack([kinds, boxes]).tolist(), found.tolist())
    made = objects(scene, Habits([scene]))
    assert 0 < len(made.own) <= MOST
    assert np.isfinite(made.numbers).all()
