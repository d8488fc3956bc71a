"""What is seen of labels, planted rows and objects, in one table each; with views where images can be viewed."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pytest

from tests.example_scenes import scene_of, scenes_of, world
from yoloaudit.evidence import Floats, Integers
from yoloaudit.measure.judge import gather, planting
from yoloaudit.measure.judge.gather import gathered, lessons
from yoloaudit.progress import Progress, silent


class Answer(NamedTuple):
    numbers: Floats
    boxes: Floats
    spread: Floats


class Viewed:
    """Views that answer with the box and the class they were asked about, but not for all images."""

    def __init__(self, unreadable: frozenset[int] = frozenset()) -> None:
        self.unreadable = unreadable
        self.questions: Mapping[int, tuple[Floats, Integers]] = {}

    def __call__(
        self, questions: Mapping[int, tuple[Floats, Integers]], progress: Progress
    ) -> Iterator[tuple[int, Answer]]:
        self.questions = questions
        for image, (boxes, classes) in reversed(list(questions.items())):
            if image not in self.unreadable:
                yield image, Answer(np.column_stack([boxes, classes]), boxes + 1, np.full((len(boxes), 4), 3.0))


FOUND = [scene._replace(image=scene.image + 10) for scene in scenes_of(world(0, images=6))]
TAUGHT = np.ones(len(FOUND), np.bool_)


def test_labels_as_they_are_and_planted_rows() -> None:
    seen, free = gathered(FOUND, TAUGHT, None, 0, silent)
    real = seen.only(seen.kinds == 0)
    assert real.place.tolist() == [at for scene in FOUND for at in range(len(scene.rows))]
    assert real.scene.tolist() == [number for number, scene in enumerate(FOUND) for _ in scene.rows]
    np.testing.assert_array_equal(real.own, np.concatenate([scene.labels for scene in FOUND]))
    assert (seen.place[seen.kinds > 0] == -1).all()
    assert set(seen.kinds.tolist()) == set(range(len(planting.KINDS)))
    assert np.isfinite(seen.numbers).all()
    assert seen.numbers.dtype == free.numbers.dtype == np.float32
    assert not seen.spread.any()
    assert free.taught.any()
    assert not free.taught.all()
    assert len({len(column) for column in free}) == 1


def test_views_add_their_numbers_to_the_rows_that_they_are_of() -> None:
    plain, plain_free = gathered(FOUND, TAUGHT, None, 0, silent)
    seen, free = gathered(FOUND, TAUGHT, Viewed(), 0, silent)
    width = plain.numbers.shape[1]
    np.testing.assert_array_equal(seen.numbers[:, :width], plain.numbers)
    np.testing.assert_allclose(seen.numbers[:, width : width + 4], seen.own, rtol=1e-6)
    np.testing.assert_allclose(seen.boxes, seen.own + 1)
    assert (seen.spread == 3).all()
    width = plain_free.numbers.shape[1]
    np.testing.assert_allclose(free.numbers[:, width : width + 4], free.boxes, rtol=1e-6)
    np.testing.assert_array_equal(free.numbers[:, width + 4], free.classes)


def test_images_that_cannot_be_viewed_are_left_out_unless_that_is_all_of_them() -> None:
    seen, free = gathered(FOUND, TAUGHT, Viewed(frozenset({10, 12})), 0, silent)
    assert set(seen.scene.tolist()) == set(free.scene.tolist()) == {1, 3, 4, 5}
    everything = frozenset(scene.image for scene in FOUND)
    none, plain = gathered(FOUND, TAUGHT, Viewed(everything), 0, silent), gathered(FOUND, TAUGHT, None, 0, silent)
    for one, other in zip(none, plain, strict=True):
        for left, right in zip(one, other, strict=True):
            np.testing.assert_array_equal(left, right)


def test_the_seed_decides_what_is_planted() -> None:
    one, again, other = (gathered(FOUND, TAUGHT, None, seed, silent)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.own, again.own)
    assert not np.array_equal(one.own[one.kinds > 0], other.own[other.kinds > 0])


def test_no_more_is_planted_than_there_is_use_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MOST_TAUGHT", 60)
    seen, _ = gathered(FOUND, lessons(FOUND, 0), None, 0, silent)
    assert 60 * 0.8 <= (seen.kinds > 0).sum() <= 60
    assert (seen.kinds == 0).sum() == 30, "all labels are judged"
    assert len(np.unique(seen.scene[seen.kinds > 0])) == 2


def test_images_with_nothing_on_them() -> None:
    seen, free = gathered([scene_of(image=3), scene_of(image=4)], np.ones(2, np.bool_), Viewed(), 0, silent)
    assert len(seen.kinds) == len(free.taught) == 0
    assert seen.own.shape == free.boxes.shape == (0, 4)


def test_a_file_that_is_listed_twice_teaches_once() -> None:
    twice = [*FOUND, FOUND[2]._replace(image=99)]
    assert lessons(twice, 0).tolist() == [True] * len(FOUND) + [False]
