"""Validation in training: the numbers of `yoloaudit val`, losses as the training has them, and nothing read twice."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.example_detector import COCO128, WEIGHTS
from tests.example_training import CPU, pictures, tiny
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.train import weights
from yoloaudit.train.config import PRESETS, Options
from yoloaudit.train.images import data, picture
from yoloaudit.train.learning.validate import Halt, Validation, labels_by_image
from yoloaudit.train.model import Detector, build, fuse
from yoloaudit.train.objective.loss import Loss
from yoloaudit.train.samples.loader import Loader
from yoloaudit.train.settings import Settings

HYPER = PRESETS["no-augmentation"]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return pictures(tmp_path_factory.mktemp("data"), train=1, val=5)


@pytest.fixture(scope="module")
def model() -> Detector:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return build("n", 2).eval()


def held_out(dataset: Dataset, kept_bytes: int = 1 << 20) -> Validation:
    return Validation(dataset, "val", Settings(imgsz=64, batch=2, workers=0), device=CPU, kept_bytes=kept_bytes)


def test_losses_are_those_of_the_training_images(dataset: Dataset, model: Detector) -> None:
    """Held against the loader of the trainer, which makes the same batches in another way."""
    loss = Loss(model, HYPER, imgsz=64)
    _, found = held_out(dataset).judged(model, loss)
    options = tiny(batch_size=2)
    loader = Loader(dataset, "val", HYPER, options, batch=2, rect=True, augment=False, pad=0.5, classes=2)
    fused, told = fuse(model), []
    with torch.inference_mode():
        for batch in loader.epoch(0):
            losses = loss(fused(batch.images.float() / 255), batch.targets)
            told.append([losses.box.item(), losses.objectness.item(), losses.classes.item()])
    np.testing.assert_allclose(found, np.mean(told, axis=0), rtol=1e-5)


def test_pictures_are_decoded_once(dataset: Dataset, model: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0
    honest = picture.use

    def counting(*arguments: object) -> object:
        nonlocal count
        count += 1
        return honest(*arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(data, "use", counting)
    kept, forgetful = held_out(dataset), held_out(dataset, kept_bytes=0)
    first, _ = kept.judged(model)
    again, _ = kept.judged(model)
    assert count == 5
    assert first.overall == again.overall
    forgetful.judged(model)
    forgetful.judged(model)
    assert count == 15


def test_a_wish_to_stop_is_followed_between_two_batches(dataset: Dataset, model: Detector) -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked == 2

    validation = held_out(dataset)
    with pytest.raises(Halt):
        validation.scores(model, Loss(model, HYPER, imgsz=64), stop=stop)
    assert asked == 2
    validation.scores(model, Loss(model, HYPER, imgsz=64))


def test_where_nothing_is_labelled_scores_are_nought(tmp_path: Path, model: Detector) -> None:
    pictures(tmp_path, train=1, val=2)
    for path in (tmp_path / "labels/val").iterdir():
        path.write_text("")
    bare = load(str(tmp_path / "data.yaml"), workers=1)
    found = held_out(bare).scores(model, Loss(model, HYPER, imgsz=64))
    assert (found.precision, found.recall, found.map50, found.map50_95, found.fitness) == (0, 0, 0, 0, 0)
    assert found.losses[0] == 0
    assert found.by_class.tolist() == [0, 0]
    assert labels_by_image(bare.boxes, range(3)).keys() == {bare.images["split"].tolist().index("train")}


def test_a_picture_that_is_gone_is_left_out(tmp_path: Path, model: Detector) -> None:
    spoilt = pictures(tmp_path, train=1, val=4)
    (tmp_path / "images/val/p1.png").unlink()
    evaluation, losses = held_out(spoilt).judged(model, Loss(model, HYPER, imgsz=64))
    assert len(evaluation.images) == 3
    assert len(evaluation.unreadable) == 1
    assert all(loss > 0 for loss in losses)


@pytest.mark.skipif(not WEIGHTS.exists(), reason="needs the weights and images in shared")
def test_numbers_are_upstreams() -> None:
    """Section 7.7 of the specification: val2017-128 at 320, batch 32."""
    torch.set_num_threads(1)
    coco = load(str(COCO128), imgsz=320, splits=["val"])
    trained, _ = weights.load(str(WEIGHTS))
    settings = Settings(imgsz=Options(imgsz=320).side(32), batch=32, workers=1)
    found = Validation(coco, "val", settings, device=CPU).scores(trained, Loss(trained, HYPER, imgsz=320))
    assert found.precision == pytest.approx(0.5391, abs=1e-3)
    assert found.recall == pytest.approx(0.3998, abs=1e-3)
    assert found.map50 == pytest.approx(0.4580, abs=1e-3)
    assert found.map50_95 == pytest.approx(0.3047, abs=1e-3)
    assert len(found.by_class) == 80
