"""Planted errors are what they are said to be, lie within the image, and are drawn from the seed alone."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_scenes import scene_of, scenes_of, world
from yoloaudit.evidence import Floats, overlaps
from yoloaudit.geometry import area, iou
from yoloaudit.measure.judge.planting import (
    CLASS,
    DUPLICATE,
    JITTER,
    KINDS,
    LOOSE,
    OVERLAP,
    RIGHT,
    SHIFTED,
    SMALLEST,
    SPURIOUS,
    TIGHT,
    TOUCHING,
    Planted,
    plant,
)
from yoloaudit.measure.judge.scenes import Scene

LABEL = st.tuples(st.integers(0, 2), st.floats(0, 500), st.floats(0, 300), st.floats(1, 140), st.floats(1, 180))


def drawn(seed: int, found: list[Scene]) -> list[Planted]:
    return plant(found, np.random.default_rng(seed))


def originals(scene: Scene, planted: Planted, kind: int) -> tuple[Floats, Floats]:
    """Boxes of a kind, and the labels that they stand in for."""
    mine = planted.kinds == kind
    return planted.boxes[mine], scene.labels[planted.own[mine]]


def sides(boxes: Floats) -> Floats:
    return np.asarray(boxes[:, 2:] - boxes[:, :2])


@settings(max_examples=40)
@given(st.lists(st.lists(LABEL, max_size=5), min_size=1, max_size=4), st.integers(0, 99))
def test_what_is_promised_of_each_kind(labels: list[list[tuple[int, float, float, float, float]]], seed: int) -> None:
    found = [
        scene_of([(kind, x, y, x + w, y + h) for kind, x, y, w, h in rows], image=number, height=480)
        for number, rows in enumerate(labels)
    ]
    known = {int(kind) for scene in found for kind in scene.label_classes}
    for scene, planted in zip(found, drawn(seed, found), strict=True):
        for kind in (LOOSE, SHIFTED, TIGHT):
            boxes, own = originals(scene, planted, kind)
            assert ((iou(boxes, own) >= OVERLAP[0] - 0.01) & (iou(boxes, own) <= OVERLAP[1] + 0.021)).all()
            assert (sides(own) >= SMALLEST).all()
        assert (originals(scene, planted, LOOSE)[0] >= 0).all()
        loose, tight, shifted = (originals(scene, planted, kind) for kind in (LOOSE, TIGHT, SHIFTED))
        outward = np.array([1, 1, -1, -1])
        assert ((loose[1] - loose[0]) * outward >= -1e-9).all()
        assert ((tight[0] - tight[1]) * outward >= -1e-9).all()
        np.testing.assert_allclose(sides(shifted[0]), sides(shifted[1]), rtol=1e-9)
        assert (planted.boxes >= 0).all()
        assert (planted.boxes <= [640, 480, 640, 480]).all()
        assert (sides(planted.boxes) > 0).all()
        assert set(planted.classes.tolist()) <= known
        assert RIGHT not in planted.kinds
        swapped = planted.kinds == CLASS
        assert (planted.boxes[swapped] == scene.labels[planted.own[swapped]]).all()
        assert (planted.classes[swapped] != scene.label_classes[planted.own[swapped]]).all()
        alike = np.isin(planted.kinds, (LOOSE, SHIFTED, TIGHT))
        assert (planted.classes[alike] == scene.label_classes[planted.own[alike]]).all()
        invented = planted.boxes[planted.kinds == SPURIOUS]
        smaller = np.minimum(area(invented)[:, None], area(scene.labels)[None])
        assert (overlaps(invented, scene.labels)[1] <= TOUCHING * smaller + 1e-9).all()
        more = np.isin(planted.kinds, (SPURIOUS, DUPLICATE))
        assert (planted.own[more] == -1).all()
        assert (planted.own[~more] >= 0).all()
        twins = planted.boxes[planted.kinds == DUPLICATE]
        if len(twins):
            assert (overlaps(twins, scene.labels)[0].max(axis=1) >= (1 - JITTER / 2) ** 2 / (1 + JITTER / 2) ** 2).all()


def test_each_label_gets_each_error_once() -> None:
    found = scenes_of(world(0, images=8))
    planted = drawn(0, found)
    counts = np.bincount(np.concatenate([rows.kinds for rows in planted]), minlength=len(KINDS))
    labels = sum(len(scene.rows) for scene in found)
    assert counts[RIGHT] == 0
    assert counts[[CLASS, DUPLICATE]].tolist() == [labels] * 2
    assert (counts[[LOOSE, SHIFTED, TIGHT, SPURIOUS]] >= 0.9 * labels).all()
    for rows in planted:
        for kind in (LOOSE, SHIFTED, TIGHT, CLASS):
            own = rows.own[rows.kinds == kind]
            assert len(np.unique(own)) == len(own)


def test_overlaps_are_spread_over_the_whole_range() -> None:
    found = scenes_of(world(1, images=30))
    pairs = [originals(scene, rows, TIGHT) for scene, rows in zip(found, drawn(1, found), strict=True)]
    overlap = np.concatenate([iou(*each) for each in pairs])
    assert overlap.min() < OVERLAP[0] + 0.05
    assert overlap.max() > OVERLAP[1] - 0.05
    assert abs(overlap.mean() - sum(OVERLAP) / 2) < 0.04


def test_the_seed_decides_and_nothing_else() -> None:
    found = scenes_of(world(2, images=5))
    one, again, other = drawn(3, found), drawn(3, found), drawn(4, found)
    for first, second in zip(one, again, strict=True):
        for left, right in zip(first, second, strict=True):
            np.testing.assert_array_equal(left, right)
    assert any(not np.array_equal(first.boxes, second.boxes) for first, second in zip(one, other, strict=True))


def test_little_boxes_are_left_alone_and_a_whole_image_cannot_be_shifted() -> None:
    (planted,) = drawn(0, [scene_of([(0, 10, 10, 13, 200), (1, 0, 0, 640, 640)])])
    assert not (planted.own == 0).any()
    assert set(planted.kinds.tolist()) == {TIGHT, CLASS, DUPLICATE}, "nor made larger, and nothing is free"


@pytest.mark.parametrize("found", [[], [scene_of()], [scene_of(), scene_of(image=1)]])
def test_nothing_is_planted_without_labels(found: list[Scene]) -> None:
    planted = drawn(0, found)
    assert len(planted) == len(found)
    assert all(len(rows.kinds) == 0 and rows.boxes.shape == (0, 4) for rows in planted)


def test_of_one_class_none_is_swapped() -> None:
    (planted,) = drawn(0, [scene_of([(7, 100, 100, 200, 200)])])
    assert CLASS not in planted.kinds
    assert set(planted.classes.tolist()) == {7}


def test_thousands_of_labels_in_an_image_do_not_take_all_memory() -> None:
    rng = np.random.default_rng(0)
    start, size = rng.uniform(0, 600, (3000, 2)), rng.uniform(5, 20, (3000, 2))
    scene = scene_of(np.hstack([rng.integers(0, 3, (3000, 1)), start, start + size]).tolist())
    tracemalloc.start()
    try:
        (planted,) = drawn(0, [scene])
        assert tracemalloc.get_traced_memory()[1] < 180e6
    finally:
        tracemalloc.stop()
    assert len(planted.kinds) > 5 * 3000 * 0.8
