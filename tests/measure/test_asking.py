"""Each image is asked with the weights that judge it; what cannot be read is left out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from tests.example_detector import NAMES, eager, photo, write_weights
from tests.example_tree import grow
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.errors import CheckpointError
from yoloaudit.evidence import Floats, Integers
from yoloaudit.measure import asking
from yoloaudit.measure.asking import Eyes, views_of
from yoloaudit.progress import silent
from yoloaudit.train.model import Detector, build
from yoloaudit.train.settings import Settings
from yoloaudit.train.views import Asked, View, Viewer

LOOKS = Settings(imgsz=64, workers=0)
BOX, CLASS = np.array([[10.0, 10, 40, 40], [5, 5, 30, 45]]), np.array([0, 1])


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    descriptor = grow(tmp_path / "set")
    for number, size in enumerate([(70, 50), (50, 70), (64, 64)]):
        (tmp_path / f"set/images/train/{number}.jpg").write_bytes(photo(number, *size))
    (tmp_path / "set/images/train/c.jpg").write_bytes(photo(7)[:-400])
    (tmp_path / "set/images/val/b.png").write_bytes(photo(9, format="PNG")[:60])
    return load(descriptor, workers=1)


def row(dataset: Dataset, name: str) -> int:
    return [Path(path).name for path in dataset.images["path"]].index(name)


def answers(eyes: list[Eyes], dataset: Dataset, rows: list[int], boxes: Floats = BOX) -> dict[int, Any]:
    classes: Integers = np.zeros(len(boxes), np.int64)
    return dict(views_of(eyes, dataset, LOOKS, device="cpu")(dict.fromkeys(rows, (boxes, classes)), silent))


def test_what_can_be_read_is_answered(dataset: Dataset, tmp_path: Path) -> None:
    everything = np.arange(len(dataset.images))
    eyes = [Eyes(write_weights(tmp_path / "one.safetensors"), everything)]
    found = answers(eyes, dataset, everything.tolist())
    readable = {row(dataset, f"{number}.jpg") for number in range(3)}
    assert readable <= set(found)
    assert row(dataset, "b.png") not in found, "cut off within its header"
    assert row(dataset, "a.png") not in found, "empty"
    for answer in found.values():
        assert answer.boxes.shape == answer.spread.shape == (2, 4)
        assert np.isfinite(answer.numbers).all()
    numbers = [found[at].numbers for at in sorted(readable)]
    assert not np.allclose(numbers[0], numbers[1]), "each picture says something else"


def other() -> Detector:
    model = build("n", len(NAMES), NAMES).eval()
    model.load_state_dict(eager().state_dict())
    for level in model.head.m:
        level.bias.data.add_(1)  # type: ignore[operator]  # a convolution has a bias
    return model


def test_each_image_is_asked_with_its_own_weights(dataset: Dataset, tmp_path: Path) -> None:
    first, second = row(dataset, "0.jpg"), row(dataset, "1.jpg")
    files = write_weights(tmp_path / "one.safetensors"), write_weights(tmp_path / "two.safetensors", other())
    both = [Eyes(files[0], np.array([first])), Eyes(files[1], np.array([second]))]
    found = answers(both, dataset, [first, second])
    alone = [answers([Eyes(file, np.array([first, second]))], dataset, [first, second]) for file in files]
    np.testing.assert_allclose(found[first].numbers, alone[0][first].numbers, atol=1e-6)
    np.testing.assert_allclose(found[second].numbers, alone[1][second].numbers, atol=1e-6)
    assert not np.allclose(alone[0][first].numbers, alone[1][first].numbers)


def test_only_what_is_asked_for_is_looked_at(dataset: Dataset, tmp_path: Path) -> None:
    third = row(dataset, "2.jpg")
    eyes = [Eyes(write_weights(tmp_path / "one.safetensors"), np.arange(len(dataset.images)))]
    assert list(answers(eyes, dataset, [third], BOX[:1])) == [third]
    assert answers(eyes, dataset, [third], BOX[:0])[third].boxes.shape == (0, 4)
    assert answers(eyes, dataset, []) == {}
    assert answers(eyes, dataset, [row(dataset, "a.png")]) == {}


def test_products_of_numpy_take_no_core_from_the_network(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads of BLAS wait busily after each product: beside a network they halve its speed."""
    seen: list[int] = []

    class Watched(Viewer):
        def ask(self, views: Sequence[View], boxes: Floats, classes: Integers) -> Asked:
            seen.extend(each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas")
            return super().ask(views, boxes, classes)

    monkeypatch.setattr(asking, "Viewer", Watched)
    third = row(dataset, "2.jpg")
    with threadpool_limits(2, user_api="blas"):
        answers([Eyes(write_weights(tmp_path / "one.safetensors"), np.array([third]))], dataset, [third])
        after = {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}
    assert seen
    assert set(seen) == {1}
    assert after == {2}, "afterwards all is as it was"


def test_nothing_is_read_before_it_is_asked_for(dataset: Dataset, tmp_path: Path) -> None:
    third = row(dataset, "2.jpg")
    gone = [Eyes(str(tmp_path / "gone.safetensors"), np.array([third]))]
    ask = views_of(gone, dataset, LOOKS, device="cpu")
    assert dict(ask({}, silent)) == {}, "no image, no weights"
    with pytest.raises(CheckpointError):
        dict(ask({third: (BOX, CLASS)}, silent))
