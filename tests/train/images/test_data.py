"""Images of a data set reach the network in the shapes of the trainer, and no file stops the others."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_detector import COCO128, GOLDEN, broken_pictures, odd_pictures, photo, sideways
from tests.example_tree import CLEAN, grow
from yoloaudit.dataset.decodable import MOST_PIXELS, MOST_PIXELS_UNTRUSTED
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.files import Root
from yoloaudit.train.images.augment import Letterboxed
from yoloaudit.train.images.data import (
    Fitted,
    Source,
    batch_shapes,
    fit_pixels,
    fitted,
    of_paths,
    of_split,
    own_shapes,
    with_sizes,
)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Train: a wide one, a turned one, an unreadable one. Val: a small one with a broken label."""
    path = grow(tmp_path)
    train, val = tmp_path / "images" / "train", tmp_path / "images" / "val"
    (train / "a.png").write_bytes(photo(1, 96, 64))
    (train / "turned.jpg").write_bytes(sideways(photo(2, 96, 64), 6))
    (train / "broken.jpg").write_bytes(b"")
    (val / "b.png").write_bytes(photo(3, 40, 40))
    (tmp_path / "labels" / "val" / "b.txt").write_text("0 2 2 2 2\n")
    return load(path, workers=1)


def all_of(source: Source, side: int = 64, workers: int = 2) -> list[Fitted]:
    shapes = [(side, side)] * len(source)
    return list(fitted(source, shapes, side, MOST_PIXELS, workers, 4))


def test_a_split_is_what_the_trainer_lists(dataset: Dataset) -> None:
    source = of_split(dataset, ["train"])
    names = [Path(path).name for path in source.paths]
    assert names == ["a.png", "broken.jpg", "turned.jpg"]
    assert [dataset.images["path"][place] for place in source.places] == [f"images/train/{name}" for name in names]
    assert source.sizes.tolist() == [[64, 96], [0, 0], [96, 64]]
    assert source.errors[0] is None
    assert source.errors[1] is not None
    assert len(of_split(dataset)) == 4
    assert len(of_split(dataset, ["val"])) == 1
    assert len(of_split(dataset, ["val"], dropped=False)) == 0
    assert [Path(path).name for path in of_split(dataset, ["train"], dropped=False).paths] == ["a.png", "turned.jpg"]


def test_untrusted_data_have_the_lower_limit(tmp_path: Path) -> None:
    path = grow(tmp_path)
    assert of_split(load(path, workers=1)).most_pixels == MOST_PIXELS
    assert of_split(load(path, workers=1, untrusted=True)).most_pixels == MOST_PIXELS_UNTRUSTED


def test_a_path_outside_the_root_stays_whole(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "x.jpg").write_bytes(photo())
    path = grow(tmp_path / "set", CLEAN.replace("val: images/val", f"val: {tmp_path}/away"))
    source = of_split(load(path, workers=1), ["val"])
    assert source.paths == (str(tmp_path / "away" / "x.jpg"),)
    assert all_of(source)[0].error is None


def test_sizes_that_nobody_read_are_read(dataset: Dataset, tmp_path: Path) -> None:
    unread = of_split(load(str(tmp_path / "data.yaml"), workers=1, headers=None), ["train"])
    assert not unread.sizes.any()
    assert with_sizes(unread).sizes.tolist() == of_split(dataset, ["train"]).sizes.tolist()
    paths = of_paths([str(tmp_path / "images" / "train" / name) for name in ("turned.jpg", "none.jpg")])
    assert paths.places == (0, 1)
    known = with_sizes(paths)
    assert known.sizes.tolist() == [[96, 64], [0, 0]]
    assert known.errors == (None, "does not exist")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_by_the_header_is_that_of_the_pixels(orientation: int, format: str, tmp_path: Path) -> None:
    place = tmp_path / "a.jpg"
    place.write_bytes(sideways(photo(3, 96, 64, "PNG"), orientation, format))
    source = with_sizes(of_paths([str(place)]))
    assert source.sizes.tolist() == [list(all_of(source)[0].native)]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_every_readable_file_is_fitted_and_every_other_has_its_reason(workers: int, tmp_path: Path) -> None:
    files = {**odd_pictures(), **broken_pictures()}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    source = of_paths([str(tmp_path / name) for name in [*files, "vanished.jpg"]], Root(str(tmp_path)))
    made = all_of(source, workers=workers)
    assert [one.place for one in made] == list(range(len(source)))
    broken = {name for name, one in zip(files, made, strict=False) if one.error is not None}
    assert broken == set(broken_pictures())
    assert made[-1].error == "does not exist"
    for one in made:
        if one.image is not None:
            assert one.image.shape == (64, 64, 3)
            assert one.image.flags["C_CONTIGUOUS"]
            assert len(one.content) == 16
            assert one.pixels is None


def test_red_comes_first_and_padding_is_grey(tmp_path: Path) -> None:
    made = fit_pixels(
        7, np.full((32, 64, 3), (10, 20, 30), np.uint8), lambda pixels: (pixels, Letterboxed()), keep=True
    )
    assert made.image is not None
    assert made.image[0, 0].tolist() == [30, 20, 10]
    assert (made.place, made.native) == (7, (32, 64))
    assert made.pixels is not None
    (tmp_path / "wide.png").write_bytes(photo(0, 64, 32, "PNG"))
    padded = all_of(of_paths([str(tmp_path / "wide.png")]))[0]
    assert padded.letterboxed == Letterboxed((1.0, 1.0), (0.0, 16.0))
    assert padded.image is not None
    assert (padded.image[:16] == 114).all()


def test_the_ratio_is_that_of_each_axis(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(photo(0, 100, 33, "PNG"))
    boxed = all_of(of_paths([str(tmp_path / "a.png")]))[0].letterboxed
    assert boxed.ratio == (64 / 100, 22 / 33)
    assert boxed.padding == (0, 21)


@pytest.mark.skipif(not COCO128.exists() or not GOLDEN.exists(), reason="needs shared/data and shared/reference")
def test_batch_shapes_equal_the_trainers() -> None:
    golden = json.loads((GOLDEN / "schedule.json").read_text())
    source = of_split(load(str(COCO128), workers=1), ["val"], dropped=False)
    order, shapes = batch_shapes(source.sizes, 640, 32, 32, 0.5)
    assert shapes[::32].tolist() == golden["rect_val128_b32_batch_shapes"]
    first = [Path(source.paths[at]).name for at in order[:4]]
    assert first == golden["rect_val128_first5"][:4]


SIZES = st.lists(st.tuples(st.integers(1, 2000), st.integers(1, 2000)), min_size=1, max_size=40)


@given(SIZES, st.integers(1, 9), st.sampled_from([32, 64]), st.sampled_from([0.0, 0.5]))
def test_images_fit_into_the_shapes_of_their_batches(
    sizes: list[tuple[int, int]], batch: int, stride: int, pad: float
) -> None:
    known, side = np.array(sizes, np.int64), 640
    order, shapes = batch_shapes(known, side, batch, stride, pad)
    assert sorted(order.tolist()) == list(range(len(sizes)))
    scaled = known[order] * (side / known[order].max(axis=1, keepdims=True))
    assert (scaled <= shapes + 1e-6).all()
    assert (shapes % stride == 0).all()
    for start in range(0, len(sizes), batch):
        assert len(np.unique(shapes[start : start + batch], axis=0)) == 1


@given(SIZES, st.integers(0, 1000))
def test_an_own_shape_depends_on_the_image_alone(sizes: list[tuple[int, int]], seed: int) -> None:
    known = np.array(sizes, np.int64)
    order, shapes = own_shapes(known, 640, 32, 0.5)
    own = {int(at): tuple(shape) for at, shape in zip(order, shapes.tolist(), strict=True)}
    shuffled = np.random.default_rng(seed).permutation(len(sizes))
    order, shapes = own_shapes(known[shuffled], 640, 32, 0.5)
    assert {int(shuffled[at]): tuple(shape) for at, shape in zip(order, shapes.tolist(), strict=True)} == own
    assert len({tuple(shape) for shape in shapes.tolist()}) == 1 + int((np.diff(shapes, axis=0) != 0).any(axis=1).sum())
