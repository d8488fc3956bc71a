"""A recipe is painted as it says: mixed, coloured, flipped, its channels in the order of the network."""

from dataclasses import replace

import numpy as np
import pytest

from tests.example_pictures import texture
from tests.example_samples import STILL
from yoloaudit.train.samples import augment, paint
from yoloaudit.train.samples.augment import Recipe
from yoloaudit.train.samples.mosaic import Loaded
from yoloaudit.train.samples.streams import streams
from yoloaudit.train.types import Pixels, Sample

NO_BOXES = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)


def recipe_of(image: Pixels) -> Recipe:
    """A picture as it is."""
    load = Loaded(0, Sample(image, *NO_BOXES))
    height, width, _ = image.shape
    return augment.augmented(0, 1, lambda _: load, (height, width), STILL, streams(0, 0, 0), rect=True)


@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
def test_flips(upside_down: bool, mirrored: bool) -> None:
    image = texture(1, 50, 40)
    recipe = replace(recipe_of(image), upside_down=upside_down, mirrored=mirrored)
    expected = image[:: -1 if upside_down else 1, :: -1 if mirrored else 1]
    assert (paint.picture(recipe) == expected).all()
    room = np.zeros((3, 40, 50), np.uint8)
    paint.paint(recipe, room)
    assert (room == expected[..., ::-1].transpose(2, 0, 1)).all()


def test_two_scenes_are_mixed() -> None:
    first, second = recipe_of(texture(1, 32, 32)), recipe_of(texture(2, 32, 32))
    both = replace(first, scenes=(*first.scenes, *second.scenes), share=0.75)
    expected = np.floor(texture(1, 32, 32) * 0.75 + texture(2, 32, 32) * 0.25)
    assert (paint.picture(both) == expected).all()


def test_colours_are_changed_last() -> None:
    image = texture(1, 32, 32)
    assert (paint.picture(replace(recipe_of(image), gains=(1.0, 1.0, 0.0))) == 0).all()
    assert (paint.picture(recipe_of(image)) == image).all()


def test_the_picture_itself_is_never_changed() -> None:
    image = texture(1, 32, 32)
    image.flags.writeable = False
    paint.picture(replace(recipe_of(image), gains=(1.0, 0.5, 0.5), mirrored=True))
