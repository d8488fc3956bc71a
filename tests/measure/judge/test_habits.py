"""What is usual for a class, as seen from an image, is learnt from the other images alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.example_scenes import scene_of, scenes_of, world
from yoloaudit.measure.judge.habits import WEIGHT, Habits, shape_of

ROW = st.tuples(st.integers(0, 3), st.integers(0, 400), st.integers(0, 400), st.integers(5, 200), st.integers(5, 200))


def rows(drawn: list[tuple[int, int, int, int, int]]) -> list[tuple[float, ...]]:
    return [(kind, x, y, x + w, y + h) for kind, x, y, w, h in drawn]


@given(st.lists(ROW, max_size=4), st.lists(ROW, max_size=4), st.lists(ROW, max_size=6))
def test_own_labels_do_not_count(
    one: list[tuple[int, int, int, int, int]],
    other: list[tuple[int, int, int, int, int]],
    rest: list[tuple[int, int, int, int, int]],
) -> None:
    elsewhere = scene_of(rows(rest), [(0, 0.9, 10, 10, 90, 90)], image=1)
    asked = np.arange(6)
    said = []
    for own in (one, other):
        scene = scene_of(rows(own), [(1, 0.8, 5, 5, 60, 60)], image=0)
        said.append(np.array(Habits([scene, elsewhere]).of(scene, asked)))
    np.testing.assert_allclose(said[0], said[1], rtol=1e-6, atol=1e-6)


def test_means_and_spreads_lean_on_those_of_all_classes() -> None:
    found = scenes_of(world(0, images=12))
    scene, others = found[3], [*found[:3], *found[4:]]
    sizes, aspects, classes = (
        np.concatenate(parts)
        for parts in zip(*((*shape_of(each.labels, each), each.label_classes) for each in others), strict=True)
    )
    usual = Habits(found).of(scene, np.array([0, 1, 99]))
    for at, number in enumerate((0, 1, 99)):
        mine = sizes[classes == number]
        mean = (mine.sum() + WEIGHT * sizes.mean()) / (len(mine) + WEIGHT)
        variance = (((mine - mean) ** 2).sum() + WEIGHT * sizes.var()) / (len(mine) + WEIGHT)
        np.testing.assert_allclose(usual.size[at], mean, rtol=1e-9)
        np.testing.assert_allclose(usual.size_spread[at] ** 2, variance, rtol=1e-6)
        assert usual.labels[at] == round(2 * np.log1p(len(mine))) / 2
    np.testing.assert_allclose(usual.aspect[2], aspects.mean(), rtol=1e-9)


def test_how_many_labels_were_left_out_cannot_be_read_from_it() -> None:
    """Whoever could read it would tell a planted label, which nobody leaves out, from one that is there."""
    rng = np.random.default_rng(0)
    found = []
    for image in range(60):
        corners = rng.integers(0, 300, (image % 4, 2))
        labels = [(0, x, y, x + 50, y + 40) for x, y in corners.tolist()]
        found.append(scene_of(labels, [(kind, 0.7, *box) for kind, *box in labels], image=image))
    habits = Habits(found)
    said = [habits.of(scene, np.array([0])) for scene in found]
    assert len({usual.labels.item() for usual in said}) == 1
    assert len({usual.found.item() for usual in said}) == 1


def test_a_class_is_known_as_well_as_it_is_found() -> None:
    labels = [(0, 0, 0, 100, 100), (1, 300, 300, 400, 400)]
    seen = scene_of(labels, [(0, 0.9, 0, 0, 100, 100), (0, 0.8, 300, 300, 400, 400)], image=0)
    found = Habits([seen] * 1 + [scene_of(labels, image=1)])
    asked = found.of(scene_of(labels, image=1), np.array([0, 1]))
    assert asked.found[0] > asked.found[1]


def test_a_data_set_of_one_image_or_none() -> None:
    only = scene_of([(0, 0, 0, 10, 10)])
    for scene in (only, scene_of()):
        usual = np.array(Habits([scene]).of(scene, np.array([0, 2147483647])))
        assert np.isfinite(usual).all()
        assert not usual[0].any()
    assert len(Habits([]).classes) == 0
