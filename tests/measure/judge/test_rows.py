"""What is seen of a row must not tell whether the row was planted; and what it is to tell."""

import numpy as np
import pytest

from tests.example_scenes import one_row, scene_of, scenes_of, world
from yoloaudit.measure.judge import rows
from yoloaudit.measure.judge.habits import Habits
from yoloaudit.measure.judge.planting import CLASS, DUPLICATE, KINDS, SPURIOUS, Planted, plant
from yoloaudit.measure.judge.rows import seen
from yoloaudit.measure.judge.scenes import Scene


def really(scene: Scene, planted: Planted, at: int) -> tuple[Scene, Planted]:
    """The scene in which the planted row stands in the labels, and the same row as a label."""
    own = int(planted.own[at])
    labels, classes = scene.labels.copy(), scene.label_classes.copy()
    if own < 0:
        own = len(labels)
        labels = np.concatenate([labels, planted.boxes[at][None]])
        classes = np.append(classes, planted.classes[at])
    labels[own], classes[own] = planted.boxes[at], planted.classes[at]
    made = scene._replace(labels=labels, label_classes=classes, rows=np.arange(len(labels)))
    return made, one_row(planted.boxes[at].tolist(), int(planted.classes[at]), own)


def differing(found: list[Scene], planted: list[Planted]) -> dict[int, set[str]]:
    """Columns in which a planted row differs from the same row in the labels, and the kinds of error."""
    different: dict[int, set[str]] = {}
    for number, (scene, rows_of) in enumerate(zip(found, planted, strict=True)):
        as_planted = seen(scene, rows_of, Habits(found)).numbers
        for at in range(len(rows_of.kinds)):
            replaced, row = really(scene, rows_of, at)
            habits = Habits([*found[:number], replaced, *found[number + 1 :]])
            as_label = seen(replaced, row, habits).numbers[0]
            for column in np.flatnonzero(~np.isclose(as_planted[at], as_label, rtol=1e-9, atol=1e-9)).tolist():
                different.setdefault(column, set()).add(KINDS[rows_of.kinds[at]])
    return different


@pytest.mark.parametrize("found", [
    scenes_of(world(0, images=6)),
    scenes_of(world(1, images=6, each=1)),
    [scene_of(image=0, found=[(0, 0.9, 10, 10, 90, 90), (1, 0.3, 200, 300, 400, 450)]), *scenes_of(world(2, 3, 2))[1:]],
    [scene._replace(boxes=scene.boxes[:0], scores=scene.scores[:0], classes=scene.classes[:0])
     for scene in scenes_of(world(3, images=3, each=2))],
])  # fmt: skip
def test_a_planted_row_looks_as_it_does_in_the_labels(found: list[Scene]) -> None:
    planted = plant(found, np.random.default_rng(0))
    assert {SPURIOUS, CLASS, DUPLICATE} <= {kind for rows_of in planted for kind in rows_of.kinds.tolist()}
    assert differing(found, planted) == {}


LABELS = [(0, 100, 100, 200, 200), (1, 300, 300, 400, 400)]
FOUND = [(0, 0.9, 110, 105, 180, 190), (2, 0.8, 300, 300, 400, 400), (0, 0.5, 500, 500, 600, 600)]


def test_where_an_object_is_and_what_it_rather_is() -> None:
    scene = scene_of(LABELS, FOUND)
    rows_of = Planted(*(np.zeros(2, np.int64),), scene.labels, scene.label_classes, np.arange(2))
    made = seen(scene, rows_of, Habits([scene]))
    np.testing.assert_allclose(made.boxes, [[110, 105, 180, 190], [300, 300, 400, 400]])
    assert made.classes.tolist() == [-1, 2]
    np.testing.assert_allclose(made.score, [0.9 * 0.7 * 0.85, 0.8])


def test_what_nothing_is_near_keeps_its_box() -> None:
    for scene in (scene_of(LABELS), scene_of(LABELS, [(0, 0.9, 500, 500, 600, 600)])):
        rows_of = Planted(np.zeros(2, np.int64), scene.labels, scene.label_classes, np.arange(2))
        made = seen(scene, rows_of, Habits([scene]))
        np.testing.assert_array_equal(made.boxes, scene.labels)
        assert made.classes.tolist() == [-1, -1]
        assert made.score.tolist() == [0, 0]


def test_a_lone_invented_row_in_an_image_without_labels() -> None:
    """The label that comes in with it is its only one, and has no rivals."""
    elsewhere = scenes_of(world(4, images=3))[1:]
    bare = scene_of([], FOUND, image=0)
    planted = one_row((150, 150, 260, 260), 0, -1, SPURIOUS)
    assert differing([bare, *elsewhere], [planted, *(one_row((0, 0, 1, 1))._replace(
        kinds=np.zeros(0, np.int64), boxes=np.zeros((0, 4)), classes=np.zeros(0, np.int64), own=np.zeros(0, np.int64)
    ) for _ in elsewhere)]) == {}  # fmt: skip


def test_rows_do_not_depend_on_how_many_are_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = scenes_of(world(5, images=4))
    habits, planted = Habits(found), plant(found, np.random.default_rng(1))
    whole = [seen(scene, rows_of, habits) for scene, rows_of in zip(found, planted, strict=True)]
    monkeypatch.setattr(rows, "AT_ONCE", 7)
    for scene, rows_of, one in zip(found, planted, whole, strict=True):
        for left, right in zip(one, seen(scene, rows_of, habits), strict=True):
            np.testing.assert_allclose(np.asarray(left, float), np.asarray(right, float), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("scene", [scene_of(), scene_of(LABELS), scene_of([], FOUND), scene_of(LABELS, FOUND)])
def test_every_number_is_one(scene: Scene) -> None:
    width = seen(scene_of(LABELS, FOUND), one_row((1, 1, 9, 9)), Habits([scene_of(LABELS)])).numbers.shape[1]
    for row in (one_row((1, 1, 9, 9)), one_row((0, 0, 640, 640), 2147483647), one_row((5, 5, 5.001, 5.001))):
        made = seen(scene, row, Habits([scene]))
        assert made.numbers.shape == (1, width)
        assert np.isfinite(made.numbers).all()
    none = Planted(np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert seen(scene, none, Habits([scene])).numbers.shape == (0, width)
