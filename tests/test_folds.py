"""Folds: each image is in exactly one, no group in two, all alike; and the data set as the model of a fold has it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.example_tables import boxes_of, images_of
from tests.example_training import pictures
from tests.test_resplit import hashes_of, pixels_of
from yoloaudit.dataset.tables import Images
from yoloaudit.errors import DataError
from yoloaudit.folds import NOWHERE, Folds, divide, held_out

ROW = (0.5, 0.5, 0.2, 0.2)


def divided(
    images: Images, count: int = 2, seed: int = 0, *, classes: Sequence[int] | None = None, **columns: Any
) -> Folds:
    """Folds of images that each show one object."""
    size = len(images)
    rows = [(image, (classes or [0] * size)[image], *ROW) for image in range(size)]
    hashes = hashes_of(size, columns.pop("cluster", None))
    hashes["perceptual"] = np.array(columns.pop("perceptual", range(1, size + 1)), np.uint64)
    return divide(images, boxes_of(rows, images), hashes, pixels_of(size, **columns), count, seed)


@given(data=st.data(), size=st.integers(20, 90), count=st.integers(2, 5), seed=st.integers(0, 5))
def test_every_image_is_in_one_fold_and_no_group_in_two(data: st.DataObject, size: int, count: int, seed: int) -> None:
    draw = data.draw
    rare = st.integers(0, 4 * size)
    cluster = draw(st.lists(rare, min_size=size, max_size=size))
    source = draw(st.lists(st.none() | rare.map(str), min_size=size, max_size=size))
    split = draw(st.lists(st.sampled_from(["train", "train", "val", "test"]), min_size=size, max_size=size))
    fate = draw(st.lists(st.sampled_from(["used", "used", "background", "dropped"]), min_size=size, max_size=size))
    images = images_of(size, split=split, source=source, fate=fate)
    try:
        made = divided(images, count, seed, cluster=cluster)
    except DataError:
        assume(False)
    assert ((made.fold == NOWHERE) == (np.array(split) == "test")).all()
    frame = pd.DataFrame({"fold": made.fold, "cluster": cluster, "source": source})[made.fold != NOWHERE]
    for tie in ("cluster", "source"):
        assert frame.dropna().groupby(tie)["fold"].nunique().le(1).all()
    usable = (made.fold != NOWHERE) & (np.array(fate) != "dropped")
    assert set(made.fold[usable].tolist()) == set(range(count)), "each fold has an image to learn from"


@given(size=st.integers(40, 150), count=st.integers(2, 5), seed=st.integers(0, 9))
def test_folds_have_their_share_of_images_and_of_each_class(size: int, count: int, seed: int) -> None:
    classes = [number % 3 for number in range(size)]
    made = divided(
        images_of(size, split=["train", "val"] * (size // 2) + ["train"] * (size % 2)), count, seed, classes=classes
    )
    counts = pd.crosstab(np.array(classes), made.fold).to_numpy()
    assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 2
    assert np.ptp(np.bincount(made.fold)) <= 2


@given(size=st.integers(20, 60), count=st.integers(2, 4), seed=st.integers(0, 5), data=st.data())
def test_the_order_of_files_and_their_split_do_not_matter(
    size: int, count: int, seed: int, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(size)))
    cluster = data.draw(st.lists(st.integers(0, size), min_size=size, max_size=size))
    classes = data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    split = data.draw(st.lists(st.sampled_from(["train", "val"]), min_size=size, max_size=size))
    try:
        made = divided(images_of(size), count, seed, classes=classes, cluster=cluster)
    except DataError:
        assume(False)
    images = images_of(size, split=split)
    images["path"] = [f"elsewhere/{number}.png" for number in range(size)]
    others = divided(
        images,
        count,
        seed,
        classes=[classes[old] for old in order],
        cluster=[cluster[old] for old in order],
        perceptual=[old + 1 for old in order],
    )
    assert others.fold.tolist() == made.fold[list(order)].tolist()


def test_another_seed_is_another_division() -> None:
    images = images_of(60)
    assert divided(images, seed=1).fold.tolist() == divided(images, seed=1).fold.tolist()
    assert divided(images, seed=1).fold.tolist() != divided(images, seed=2).fold.tolist()


@pytest.mark.parametrize(
    ("size", "count", "columns", "said"),
    [
        (6, 3, {"cluster": [0, 0, 0, 1, 1, 1]}, "there are 2. Say --folds 2"),
        (6, 2, {"cluster": [0] * 6}, "all 6 images are one group"),
        (1, 2, {}, "one image"),
        (0, 2, {}, "there is no image to train on"),
    ],
)
def test_fewer_groups_than_folds_are_one_line(size: int, count: int, columns: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said) as refused:
        divided(images_of(size), count, **columns)
    assert "\n" not in str(refused.value)


def test_images_that_all_are_dropped_are_one_line() -> None:
    with pytest.raises(DataError, match="no image to train on"):
        divided(images_of(5, fate="dropped"))


def test_without_any_box_images_are_divided() -> None:
    images = images_of(8, fate="background")
    made = divide(images, boxes_of([], images), hashes_of(8), pixels_of(8), 2)
    assert np.bincount(made.fold).tolist() == [4, 4]


def test_a_fold_is_held_out(tmp_path: Any) -> None:
    dataset = pictures(tmp_path, train=6, val=2)
    fold = np.arange(len(dataset.images)) % 2
    fold[0] = NOWHERE
    folds = Folds(fold, 2, 8, 0)
    first, second = (held_out(dataset, folds, number) for number in range(2))
    for made, number in ((first, 0), (second, 1)):
        split = made.images["split"].astype(str).to_numpy()
        assert (split[1:] == np.where(fold[1:] == number, "val", "train")).all()
        assert split[0] == dataset.images["split"].iloc[0]
        assert (made.boxes["split"].astype(str).to_numpy() == split[made.boxes["image"]]).all()
        assert made.splits == ("train", "val")
    assert len({dataset.fingerprint, first.fingerprint, second.fingerprint}) == 3
    assert set(dataset.images["split"]) == {"train", "val"}, "the data set itself stays as it is"


def test_rows_without_an_image_keep_their_split_and_test_stays(tmp_path: Any) -> None:
    dataset = pictures(tmp_path, train=4, val=2)
    dataset.boxes.loc[0, "image"] = -1
    before = str(dataset.boxes["split"].iloc[0])
    made = held_out(dataset, Folds(np.zeros(len(dataset.images), np.int64), 2, 6, 0), 1)
    assert str(made.boxes["split"].iloc[0]) == before
    assert set(made.images["split"].astype(str)) == {"train"}
