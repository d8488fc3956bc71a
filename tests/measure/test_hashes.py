"""Perceptual hashes: near for the same picture in another size or coding, far for another; numbers of keys."""

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from tests.example_pictures import Pixels, encoded, pillows, texture
from yoloaudit.measure.facts import KEY
from yoloaudit.measure.hashes import codes_of, perceptual
from yoloaudit.measure.pixels import measure, small

SEEDS = range(8)


def _hash(*pictures: Pixels) -> list[int]:
    hashes: list[int] = perceptual(np.stack([small(measure(picture)[1]) for picture in pictures])).tolist()
    return hashes


def _apart(one: Pixels, other: Pixels) -> int:
    first, second = _hash(one, other)
    return (first ^ second).bit_count()


def _keys(*keys: bytes) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    return np.array([np.void(key) for key in keys], dtype=KEY)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hash_outlives_another_size(seed: int) -> None:
    picture = texture(seed, 320, 240)
    for size in ((160, 120), (640, 480), (200, 190)):
        resized = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
        assert _apart(picture, resized) <= 4


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("quality", [30, 75])
def test_a_hash_outlives_another_coding(seed: int, quality: int) -> None:
    picture = texture(seed)
    assert _apart(picture, pillows(encoded(picture, "JPEG", quality=quality))) <= 4


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hash_outlives_other_light(seed: int) -> None:
    picture = texture(seed)
    assert _apart(picture, (picture * 0.8 + 20).astype(np.uint8)) <= 4


def test_other_pictures_are_far() -> None:
    hashes = _hash(*(texture(seed) for seed in SEEDS))
    assert min((one ^ other).bit_count() for one, other in combinations(hashes, 2)) > 10


def test_a_mirrored_picture_is_far() -> None:
    picture = texture(1)
    assert _apart(picture, picture[:, ::-1]) > 10


def test_half_of_the_bits_are_set() -> None:
    assert all(28 <= value.bit_count() <= 34 for value in _hash(*(texture(seed) for seed in SEEDS)))


@pytest.mark.parametrize("level", [0, 1, 77, 255])
def test_a_flat_picture_has_no_hash(level: int) -> None:
    flat = np.full((2, 64, 64), level, np.uint8)
    flat[1, :32] = level ^ 64
    hashes = perceptual(flat)
    assert hashes[0] == 0
    assert hashes[1] != 0


def test_a_hash_does_not_depend_on_the_others() -> None:
    pictures = [texture(seed) for seed in SEEDS]
    assert _hash(*pictures) == [_hash(picture)[0] for picture in pictures]


def test_no_pictures_have_no_hashes() -> None:
    assert perceptual(np.zeros((0, 64, 64), np.uint8)).dtype == np.uint64
    assert len(perceptual(np.zeros((0, 64, 64), np.uint8))) == 0


def test_equal_keys_have_equal_numbers() -> None:
    one, other, last = b"a" * 16, b"a" * 8 + b"b" * 8, b"b" * 8 + b"a" * 8
    codes = codes_of(_keys(one, other, one, last, other)).tolist()
    assert codes == [0, 1, 0, 2, 1]


def test_zeros_say_nothing() -> None:
    half = bytes(15) + b"\1"
    assert codes_of(_keys(bytes(16), half, bytes(16), half[::-1])).tolist() == [-1, 0, -1, 1]
    assert codes_of(_keys(bytes(16), bytes(16))).tolist() == [-1, -1]
    assert codes_of(_keys()).tolist() == []
