"""The whole way from files to detections: equal to the trainer's, whatever lies between the files and the batches."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.example_detector import COCO128, CPU, GOLDEN, WEIGHTS, broken_pictures, eager, odd_pictures, photo
from yoloaudit.dataset.load import load
from yoloaudit.errors import UsageError
from yoloaudit.files import Root
from yoloaudit.progress import Step
from yoloaudit.train import weights
from yoloaudit.train.eye import Timer
from yoloaudit.train.images import data
from yoloaudit.train.images.augment import letterbox
from yoloaudit.train.images.data import Fitted, Source, fit_file, of_paths, of_split
from yoloaudit.train.images.sources import Item, Reading, pictures
from yoloaudit.train.model import Detector, build
from yoloaudit.train.predict import chosen_by, predict, predict_files, see, stride_of, whole_side
from yoloaudit.train.settings import Settings
from yoloaudit.train.types import Predicted

needs_weights = pytest.mark.skipif(
    not (GOLDEN.exists() and WEIGHTS.exists() and COCO128.exists()), reason="needs shared/reference, weights and data"
)
DEMO = ("bus.jpg", "zidane.jpg")
DETECT = Settings(batch=1, conf=0.25, iou=0.45, max_detections=1000, multi_label=False)
CASES = {
    "detect_default": DETECT,
    "agnostic": replace(DETECT, agnostic=True),
    "classes_0": replace(DETECT, classes=(0,)),
    "multi_label_conf.001_iou.6": Settings(batch=1),
    "tta_detect_default": replace(DETECT, augment=True),
}
SMALL = Settings(imgsz=64, batch=4, conf=0.3, max_detections=20, workers=2)


@pytest.fixture(scope="module")
def official() -> Detector:
    torch.set_num_threads(1)
    return weights.load(str(WEIGHTS))[0]


def golden() -> dict[str, Any]:
    numbers: dict[str, Any] = json.loads((GOLDEN / "nms.json").read_text())
    return numbers


def close(seen: Predicted, boxes: Any, rows: Any, atol: float = 0.01) -> None:
    """Boxes in pixels of the image, and rows that end in score and class."""
    listed = np.array(rows, np.float64)
    np.testing.assert_allclose(seen.detections.boxes[: len(listed)], boxes, rtol=0, atol=atol)
    np.testing.assert_allclose(seen.detections.scores[: len(listed)], listed[:, 4], rtol=0, atol=1e-5)
    assert seen.detections.classes[: len(listed)].tolist() == listed[:, 5].astype(int).tolist()


@needs_weights
@pytest.mark.parametrize("case", CASES)
def test_the_demo_images_show_what_the_trainer_sees(case: str, official: Detector) -> None:
    items = [Item(str(GOLDEN / name)) for name in DEMO]
    fit = partial(letterbox, shape=(640, 640))
    for picture, seen in see(official, pictures(items, fit, Reading(10**7)), CASES[case], device=CPU):
        expected = golden()["demo"][DEMO[picture.place]][case]
        assert len(seen.detections) == expected["n"]
        assert (seen.height, seen.width) == tuple(golden()["demo"][DEMO[picture.place]]["image_shape"][:2])
        close(seen, expected["native_xyxy"], expected["det_letterbox_xyxy_conf_cls"])


@needs_weights
def test_square_batches_show_what_the_trainer_sees(official: Detector) -> None:
    images = golden()["val8"]["images"]
    source = of_paths([str(COCO128.parent / "images" / "val2017" / image["file"]) for image in images])
    found = list(predict(official, source, Settings(rect=False, batch=8), device=CPU))
    assert [seen.place for seen in found] == list(range(8))
    for seen, image in zip(found, images, strict=True):
        assert len(seen.detections) == image["n"]
        close(seen, image["native_xyxy"], image["det_letterbox"][: len(image["native_xyxy"])])


def crowd(folder: Path, count: int = 12) -> Source:
    random = np.random.default_rng(0)
    for number in range(count):
        width, height = random.integers(20, 120, 2).tolist()
        (folder / f"{number:02}.jpg").write_bytes(photo(number, width, height))
    return of_paths([str(folder / f"{number:02}.jpg") for number in range(count)], Root(str(folder)))


def by_place(found: Iterator[Predicted] | list[Predicted]) -> dict[int, Predicted]:
    return {seen.place: seen for seen in found}


def same(one: Predicted, other: Predicted, atol: float = 0.01) -> bool:
    if len(one.detections) != len(other.detections):
        return False
    return bool(np.allclose(one.detections.boxes, other.detections.boxes, atol=atol))


@pytest.mark.parametrize(
    "settings", [SMALL, replace(SMALL, rect=False), replace(SMALL, alone=True), replace(SMALL, augment=True)]
)
def test_every_image_has_one_outcome_within_its_edges(settings: Settings, tmp_path: Path) -> None:
    source = crowd(tmp_path)
    found = list(predict(eager(), source, settings, device=CPU))
    assert sorted(seen.place for seen in found) == list(range(12))
    assert sum(len(seen.detections) for seen in found) > 20
    for seen in found:
        boxes, scores = seen.detections.boxes, seen.detections.scores
        assert (boxes >= 0).all()
        assert (boxes <= [seen.width, seen.height] * 2).all()
        assert (np.diff(scores) <= 0).all()
        assert len(boxes) <= 20
        assert (seen.detections.classes < 3).all()


def test_batches_workers_and_order_change_nothing_where_images_are_looked_at_alone(tmp_path: Path) -> None:
    source = crowd(tmp_path)
    alone = replace(SMALL, alone=True)
    expected = by_place(predict(eager(), source, alone, device=CPU))
    for batch, workers in ((1, 0), (3, 1), (64, 5)):
        found = by_place(predict(eager(), source, replace(alone, batch=batch, workers=workers), device=CPU))
        assert all(same(found[place], expected[place]) for place in expected)
    part = source.only([7, 2])
    again = by_place(predict(eager(), part, alone, device=CPU))
    assert set(again) == {7, 2}
    assert all(same(again[place], expected[place]) for place in again)


def test_one_bad_file_does_not_change_what_is_seen_on_the_others(tmp_path: Path) -> None:
    files = {**odd_pictures(), **broken_pictures()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    source = of_paths([str(tmp_path / name) for name in files], Root(str(tmp_path)))
    found = by_place(predict(eager(), source, SMALL, device=CPU))
    assert len(found) == len(files)
    for name, seen in zip(files, (found[place] for place in range(len(files))), strict=True):
        assert (seen.error is not None) == (name in broken_pictures()), name
        if seen.error is not None:
            assert (len(seen.detections), seen.height, seen.width) == (0, 0, 0)
        else:
            assert seen.height > 0


def test_a_file_that_vanishes_in_between_has_its_reason(tmp_path: Path) -> None:
    from yoloaudit.train.images.data import with_sizes

    source = with_sizes(crowd(tmp_path, 4))
    (tmp_path / "02.jpg").unlink()
    found = by_place(predict(eager(), source, SMALL, device=CPU))
    assert [found[place].error for place in range(4)] == [None, None, "does not exist", None]


def test_no_image_at_all(tmp_path: Path) -> None:
    assert list(predict(eager(), of_paths([]), SMALL, device=CPU)) == []
    (tmp_path / "a.jpg").write_bytes(b"")
    (seen,) = predict(eager(), of_paths([str(tmp_path / "a.jpg")]), SMALL, device=CPU)
    assert seen.error


def test_a_limit_on_pixels_holds(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(photo(0, 100, 100))
    source = of_paths([str(tmp_path / "a.jpg")])
    (seen,) = predict(eager(), source, replace(SMALL, max_pixels=9_999), device=CPU)
    assert "above the limit of 9,999" in str(seen.error)
    (seen,) = predict(eager(), source, replace(SMALL, max_pixels=10_000), device=CPU)
    assert seen.error is None


def test_the_content_that_was_seen_is_told(tmp_path: Path) -> None:
    source = crowd(tmp_path, 3)
    contents = {file.place: file.content for file, _ in predict_files(eager(), source, SMALL, device=CPU)}
    assert len(set(contents.values())) == 3


def test_progress_and_time_are_told(tmp_path: Path) -> None:
    steps: Counter[str] = Counter()

    class Noted:
        @contextmanager
        def task(self, name: str, total: int | None = None) -> Iterator[Step]:
            assert total == 5
            yield lambda items: steps.update({name: items})

    timer = Timer()
    source = crowd(tmp_path, 5)
    list(predict(eager(), source, SMALL, device=CPU, progress=Noted(), timer=timer))
    assert steps == {"detecting": 5}
    assert timer.images == 5
    assert all(part > 0 for part in timer.speed())
    assert Timer().speed() == (0, 0, 0, 0)


def test_the_model_is_left_as_it_is(tmp_path: Path) -> None:
    model = build("n", 2).train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    list(predict(model, crowd(tmp_path, 2), SMALL, device=CPU))
    assert model.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_on_a_processor_half_means_nothing(tmp_path: Path) -> None:
    source = crowd(tmp_path, 3)
    whole = by_place(predict(eager(), source, SMALL, device=CPU))
    half = by_place(predict(eager(), source, replace(SMALL, half=True), device=CPU))
    assert all(np.array_equal(half[place].detections.boxes, whole[place].detections.boxes) for place in whole)


def test_sides_are_rounded_up_to_the_stride() -> None:
    assert [whole_side(side, 32) for side in (1, 32, 33, 640)] == [32, 32, 64, 640]
    assert stride_of(eager()) == 32
    assert stride_of(build("n6", 1)) == 64


@pytest.mark.parametrize("wrong", [{"conf": 1.5}, {"iou": -0.1}, {"conf": float("nan")}, {"max_detections": 0}])
def test_thresholds_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        chosen_by(replace(SMALL, **wrong))


def test_nothing_is_read_further_ahead_than_it_has_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def noted(*arguments: Any, **more: Any) -> Fitted:
        read.append(arguments[2])
        return fit_file(*arguments, **more)

    monkeypatch.setattr(data, "fit_file", noted)
    results = predict(eager(), crowd(tmp_path, 12), replace(SMALL, batch=1, workers=1, rect=False), device=CPU)
    assert next(results).place == 0
    assert len(read) <= 5


def test_neighbours_of_one_shape_pass_together() -> None:
    sizes: list[int] = []

    class Counting(Timer):
        def add(self, images: int, seconds: Any) -> None:
            sizes.append(images)
            super().add(images, seconds)

    def made() -> Iterator[Fitted]:
        for place, side in enumerate((64, 64, 64, 32, 64)):
            yield Fitted(place, np.zeros((side, side, 3), np.uint8), native=(side, side))
            yield Fitted(100 + place, error="unreadable")

    found = [seen.place for _, seen in see(eager(), made(), replace(SMALL, batch=2), device=CPU, timer=Counting())]
    assert found == [0, 100, 1, 101, 2, 102, 3, 103, 4, 104]
    assert sizes == [2, 1, 1, 1]


@needs_weights
def test_a_split_of_a_data_set_keeps_its_rows(official: Detector) -> None:
    dataset = load(str(COCO128), workers=1)
    source = of_split(dataset, ["val"], dropped=False).only([0, 1, 2])
    for seen in predict(official, source, Settings(imgsz=320, batch=2), device=CPU):
        image = dataset.images.iloc[seen.place]
        assert image["split"] == "val"
        assert (seen.height, seen.width) == (image["height"], image["width"])
