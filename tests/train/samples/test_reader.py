"""Images come with their labels at the training size; one that cannot be read any more is named and stood in for."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.example_detector import photo, sideways
from tests.example_samples import SIZES, plant, planted
from yoloaudit.dataset.load import load
from yoloaudit.errors import DataError
from yoloaudit.train.samples.reader import Reader

SIDE = 50
ONE = "0 .5 .5 .2 .2\n"


def stem(path: str) -> str:
    return Path(path).stem


def test_boxes_are_pixels_of_the_picture(tmp_path: Path) -> None:
    reader = Reader(planted(tmp_path, texts={"a": "1 .5 .25 .2 .5\n", "b": "2 .1 .1 .5 .1 .5 .9\n"}), "train", SIDE)
    place, first = reader.load(0)
    assert place == 0
    assert first.image.shape == (34, 50, 3)
    assert first.boxes.dtype == np.float32
    np.testing.assert_allclose(first.boxes, [[20, 0, 30, 17]], atol=1e-5)
    assert first.classes.tolist() == [1]
    assert first.segments == ()
    _, second = reader.load(1)
    assert second.image.shape == (50, 34, 3)
    np.testing.assert_allclose(second.segments[0], np.array([[0.1, 0.1], [0.5, 0.1], [0.5, 0.9]]) * (34, 50), rtol=1e-6)
    np.testing.assert_allclose(second.boxes[0], [3.4, 5, 17, 45], rtol=1e-5)


def test_only_what_the_trainer_uses(tmp_path: Path) -> None:
    texts = {"a": ONE, "b": "", "c": ONE + "0 2 .5 .2 .2\n", "d": ONE, "e": ONE, "f": ONE}
    path = plant(tmp_path, texts=texts)
    (tmp_path / "images" / "train" / "d.png").write_bytes(b"no image")
    (tmp_path / "images" / "train" / "e.png").write_bytes(photo(1, 9, 30, "PNG"))
    os.unlink(tmp_path / "labels" / "train" / "f.txt")
    reader = Reader(load(path, workers=1), "train", SIDE)
    assert [stem(path) for path in reader.source.paths] == ["a", "b", "f"]
    assert [len(reader.load(at).sample.boxes) for at in range(3)] == [1, 0, 0]


def test_an_image_of_an_unknown_class_is_left_out(tmp_path: Path) -> None:
    dataset = planted(tmp_path, texts={"a": ONE, "b": ONE + "3 .5 .5 .2 .2\n"})
    reader = Reader(dataset, "train", SIDE)
    assert [stem(path) for path in reader.source.paths] == ["a"]
    assert [stem(path) for path in reader.left_out] == ["b"]
    assert len(Reader(dataset, "train", SIDE, classes=4)) == 2
    one = Reader(dataset, "train", SIDE, one_class=True)
    assert len(one) == 2
    assert one.load(1).sample.classes.tolist() == [0, 0]


def test_pixels_and_shape_agree_for_every_orientation(tmp_path: Path) -> None:
    path = plant(tmp_path, texts={f"{number}": ONE for number in range(1, 9)})
    for number in range(1, 9):
        image = tmp_path / "images" / "train" / f"{number}.png"
        image.with_suffix(".jpg").write_bytes(sideways(photo(number, 96, 64), number))
        image.unlink()
    reader = Reader(load(path, workers=1), "train", SIDE)
    assert len(reader) == 8
    for at, (height, width) in enumerate(reader.sizes.tolist()):
        shape = reader.load(at).sample.image.shape
        assert (shape[0] > shape[1]) == (height > width) == (at + 1 >= 5)


def test_nothing_to_train_on_is_said(tmp_path: Path) -> None:
    dataset = planted(tmp_path, texts={"a": "7 .5 .5 .2 .2\n"})
    for split in ("train", "test"):
        with pytest.raises(DataError, match=f"split {split} holds no image that can be trained on"):
            Reader(dataset, split, SIDE)


def test_an_image_that_vanishes_is_named_and_the_next_one_stands_in(tmp_path: Path) -> None:
    reader = Reader(planted(tmp_path, 5), "train", SIDE)
    for number in (1, 2, 4):
        (tmp_path / "images" / "train" / f"00{number}.png").write_bytes(b"\x89PNG\r\n")
    assert [reader.load(at).place for at in range(5)] == [0, 3, 3, 3, 0]
    assert [reader.standing(at) for at in range(5)] == [0, 3, 3, 3, 0]
    assert [stem(path) for path in reader.unreadable] == ["001", "002", "004"]
    assert all(reader.unreadable.values())
    height, width, _ = reader.load(1).sample.image.shape
    assert (width > height) == (SIZES[3][0] > SIZES[3][1])


def test_when_none_can_be_read_any_more_training_ends_with_a_reason(tmp_path: Path) -> None:
    reader = Reader(planted(tmp_path, 2), "train", SIDE)
    for number in range(2):
        os.unlink(tmp_path / "images" / "train" / f"00{number}.png")
    for _ in range(2):
        with pytest.raises(
            DataError, match=r"no image can be read any more; the first of 2, .*000\.png, does not exist"
        ):
            reader.load(1)
