"""What a sample shows and what is learned from it belong together, and are drawn as the trainer draws them."""

import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_samples import ROUGH, STILL, corners_of, flat
from yoloaudit.train.config import Hyper, hyper
from yoloaudit.train.samples import augment, paint
from yoloaudit.train.samples.augment import Recipe
from yoloaudit.train.samples.mosaic import Loaded
from yoloaudit.train.samples.streams import Streams, streams
from yoloaudit.train.types import Sample

SIDE = 48


def marked(place: int) -> Loaded:
    """A black picture with one white box, its label."""
    image = np.zeros((SIDE, 40, 3), np.uint8)
    image[8:40, 10:30] = 255
    return Loaded(place, Sample(image, np.array([[10, 8, 30, 40]], np.float32), np.array([place])))


def outlined(place: int) -> Loaded:
    loaded = flat(place, SIDE, 40, [10, 8, 30, 40], polygons=True)
    return Loaded(
        place, Sample(marked(place).sample.image, loaded.sample.boxes, np.array([place]), loaded.sample.segments)
    )


def sample(
    values: Hyper,
    seed: int,
    *,
    load: Callable[[int], Loaded] = marked,
    shape: tuple[int, int] = (SIDE, SIDE),
    rect: bool = False,
    tiles: int = 4,
) -> Recipe:
    return augment.augmented(3, 10, load, shape, values, streams(0, 0, seed), rect=rect, tiles=tiles)


@pytest.mark.parametrize("load", [marked, outlined])
@pytest.mark.parametrize("tiles", [4, 9])
def test_boxes_lie_on_what_they_name(load: Callable[[int], Loaded], tiles: int) -> None:
    values = hyper(hsv_h=0.0, hsv_s=0.0, hsv_v=0.0, flipud=0.5, degrees=0.0, copy_paste=0.5)
    found = 0
    for seed in range(40):
        recipe = sample(values, seed, load=load, tiles=tiles)
        image = paint.picture(recipe)[..., 0]
        for left, top, right, bottom in np.rint(corners_of(recipe.targets) * SIDE).astype(int).tolist():
            inside = image[top + 2 : bottom - 2, left + 2 : right - 2]
            found += inside.size > 0
            assert inside.size == 0 or inside.mean() > 150  # the edge of what is pasted may lie on another
    assert found > 40


@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([4, 9]), st.sampled_from([(48, 48), (32, 64)]))
def test_targets_are_shares_of_the_sides(seed: int, rect: bool, tiles: int, shape: tuple[int, int]) -> None:
    square = (shape[1], shape[1])
    recipe = sample(ROUGH, seed, load=outlined, shape=shape if rect else square, rect=rect, tiles=tiles)
    assert recipe.targets.dtype == np.float32
    assert recipe.targets.shape[1] == 5
    assert (corners_of(recipe.targets) >= -1e-6).all()
    assert (corners_of(recipe.targets) <= 1 + 1e-6).all()
    assert (recipe.targets[:, 3:] > 0).all()
    assert set(recipe.targets[:, 0]) <= set(range(10))
    assert paint.picture(recipe).shape == (*recipe.shape, 3)
    assert recipe.shape == (shape if rect else square)


def test_draws_come_in_the_trainers_order() -> None:
    python, numpy = random.Random(1), np.random.RandomState(1)
    recipe = augment.augmented(3, 10, marked, (SIDE, SIDE), hyper(mixup=1.0), Streams(python, numpy), rect=False)
    twin, colours = random.Random(1), np.random.RandomState(1)
    twin.random()  # mosaic
    place = 3
    for number in range(2):
        centre = [int(twin.uniform(SIDE / 2, 3 * SIDE / 2)) for _ in range(2)]
        places = [place, *twin.choices(range(10), k=3)]
        twin.shuffle(places)
        tiles = recipe.scenes[number].canvas.tiles
        assert [tile.place for tile in tiles] == places
        assert [tiles[3].top, tiles[3].left] == centre
        for _ in range(8):
            twin.random()
        if number == 0:
            assert twin.random() < 1  # mixup
            place = twin.randrange(10)
    assert recipe.share == colours.beta(32, 32)
    assert recipe.gains == tuple((1 + colours.uniform(-1, 1, 3) * (0.015, 0.7, 0.4)).tolist())
    assert (recipe.upside_down, recipe.mirrored) == (twin.random() < 0.0, twin.random() < 0.5)
    assert python.random() == twin.random()
    assert numpy.uniform() == colours.uniform()


def test_without_mosaic_the_picture_is_padded_and_moved_alone() -> None:
    recipe = sample(hyper("no-augmentation", fliplr=1.0), 0)
    assert recipe.scenes[0].matrix is None
    image = paint.picture(recipe)
    assert (image[:, :4] == 114).all()
    assert (image[:, 44:] == 114).all()
    assert image[10, 48 - 4 - 15].tolist() == [255, 255, 255]
    np.testing.assert_allclose(corners_of(recipe.targets)[0] * SIDE, [14, 8, 34, 40], atol=1e-4)


def test_a_rectangle_holds_no_mosaic() -> None:
    for seed in range(10):
        recipe = sample(hyper(mosaic=1.0), seed, shape=(32, 64), rect=True)
        assert len(recipe.scenes[0].canvas.tiles) == 1
        assert recipe.scenes[0].canvas.shape == (32, 64)


def test_a_picture_larger_than_its_rectangle_shrinks_with_its_boxes() -> None:
    recipe = augment.augmented(0, 1, outlined, (24, 64), STILL, streams(0, 0, 0), rect=True)
    assert paint.picture(recipe).shape == (24, 64, 3)
    np.testing.assert_allclose(corners_of(recipe.targets)[0] * (64, 24, 64, 24), [27, 4, 37, 20], atol=0.2)
    (scene,) = recipe.scenes
    assert scene.canvas.polygons[0].max() < 40


def test_what_is_validated_on_is_not_enlarged() -> None:
    large = augment.augmented(0, 1, marked, (96, 96), STILL, streams(0, 0, 0), rect=True)
    assert (paint.picture(large)[:, 8:88] != 114).any(axis=2).all()
    small = augment.plain(0, marked, (96, 96))
    image = paint.picture(small)
    assert (image[24:72, 28:68] != 114).all()
    assert (image[:24] == 114).all()
    np.testing.assert_allclose(corners_of(small.targets)[0] * 96, [38, 32, 58, 64], atol=1e-4)


def test_boxes_are_kept_from_the_far_border() -> None:
    recipe = augment.plain(0, lambda place: flat(place, 48, 48, [-5, -5, 60, 60]), (48, 48))
    np.testing.assert_allclose(corners_of(recipe.targets)[0] * 48, [0, 0, 48 - 1e-3, 48 - 1e-3], atol=1e-4)


def test_pictures_without_boxes_are_samples_too() -> None:
    for seed in range(5):
        recipe = sample(ROUGH, seed, load=lambda place: flat(place, SIDE, SIDE))
        assert recipe.targets.shape == (0, 5)


def test_of_polygons_and_boxes_each_is_moved_as_it_is() -> None:
    def either(place: int) -> Loaded:
        return outlined(place) if place % 2 else marked(place)

    turned = hyper(degrees=45.0, hsv_h=0.0, hsv_s=0.0, hsv_v=0.0)
    widths: dict[bool, list[float]] = {False: [], True: []}
    for seed in range(60):
        recipe = sample(turned, seed, load=either)
        for row in recipe.targets:
            widths[bool(row[0] % 2)].append(float(row[3] * row[4]))
    assert widths[True]
    assert widths[False]
