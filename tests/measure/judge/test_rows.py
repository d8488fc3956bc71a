"""What is seen of a row must not tell whether the row was planted; and what it is to tell."""

import numpy as np
import pytest

from tests.example_scenes import one_row, scene_of, scenes_of, world
from yoloaudit.evidence import Floats
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
