"""Parts put together: upstream's own training followed step by step, and data sets of every odd kind."""

import json
import os
from pathlib import Path

import pytest
import torch

from tests.example_detector import COCO128, GOLDEN, WEIGHTS
from tests.example_training import CPU, HERE, begun, finished, pictures
from yoloaudit.dataset.load import load
from yoloaudit.errors import DataError, UsageError
from yoloaudit.train.config import hyper, options
from yoloaudit.train.learning.distributed import Ranks
from yoloaudit.train.learning.learner import Ways
from yoloaudit.train.run import trainer
from yoloaudit.train.run.training import Place
from yoloaudit.train.types import Epoch, Step

SLOW = bool(os.environ.get("YOLOAUDIT_SLOW"))
needs_curve = pytest.mark.skipif(not GOLDEN.exists(), reason="needs upstream's figures in shared/reference")


@needs_curve
@pytest.mark.parametrize(
    "steps", [2, pytest.param(24, marks=pytest.mark.skipif(not SLOW, reason="half a minute: YOLOAUDIT_SLOW=1"))]
)
def test_a_training_of_upstream_is_followed(steps: int, tmp_path: Path) -> None:
    """Run (c) of train_curve.json: pretrained, no augmentation, rectangular, three epochs of eight batches."""
    torch.set_num_threads(1)
    golden = json.loads((GOLDEN / "train_curve.json").read_text())["runs"]["c"]
    asked = {"weights": str(WEIGHTS), "imgsz": 320, "batch_size": 16, "epochs": 3, "rect": True, "device": "cpu"}
    wanted = options({**asked, "noautoanchor": True, "noplots": True})
    place = Place(CPU, ways=Ways(rounded=True, channels_last=False))  # as upstream lays out its maps
    dataset = load(str(COCO128), imgsz=320)
    training = trainer.begin(dataset, wanted, hyper("no-augmentation"), str(tmp_path), place)
    names = [os.path.basename(path) for path in dataset.images["path"]]
    batches = iter(training.loader.epoch(0))
    told = iter(golden["steps"])
    assert [names[place] for place in next(batches).places] == golden["steps"][0]["files"]
    training.loader.restore({**training.loader.state(), "epoch": 0, "batch": 0})
    done = 0

    def enough() -> bool:
        return done >= steps

    for event in training.events(enough):
        if isinstance(event, Epoch):
            theirs = golden["epochs"][event.epoch]
            assert event.rates == pytest.approx(theirs["lr"])
            assert event.losses[0] == pytest.approx(theirs["train_box"], rel=1e-4)
            assert event.map50 == pytest.approx(theirs["mAP50"], abs=0.002)
            assert event.map50_95 == pytest.approx(theirs["mAP50_95"], abs=0.002)
            assert event.val_losses[1] == pytest.approx(theirs["val_obj"], rel=2e-3)
            continue
        step, done = next(told), done + 1
        assert event.losses == pytest.approx(step["items"], rel=1e-4)
        assert [group["lr"] for group in training.learner.optimizer.param_groups] == pytest.approx(step["lr"])
        assert event.stepped == step["stepped"]
        if step["stepped"]:
            assert training.learner.norm == pytest.approx(step["grad_norm_before_clip"], rel=1e-3)
    if training.course.finished:
        outcome = training.finish()
        assert outcome.evaluation is not None
        last = golden["final_validation_of_best"]
        assert outcome.evaluation.overall.map50 == pytest.approx(last["mAP50"], abs=0.002)
        assert outcome.evaluation.overall.map50_95 == pytest.approx(last["mAP50_95"], abs=0.002)


def test_no_val_split_is_told_and_the_latest_is_the_best(tmp_path: Path) -> None:
    pictures(tmp_path / "data", train=4, val=1)
    (tmp_path / "data" / "data.yaml").write_text("path: .\ntrain: images/train\nnames: [cat, dog]\n")
    dataset = load(str(tmp_path / "data" / "data.yaml"), workers=1)
    told: list[str] = []
    training = begun(dataset, tmp_path / "exp", place=Place(CPU, tell=told.append), epochs=2)
    assert any("no val split" in sentence for sentence in told)
    assert [epoch.best for epoch in finished(training)] == [True, True]
    outcome = training.finish()
    assert outcome.evaluation is None
    assert outcome.best is not None
    assert outcome.best.epoch == 1


@pytest.mark.parametrize("labels", ["", "0 0.5 0.5 0.001 0.001\n", "1 0.5 0.5 1 1\n", "0 0 0 0.1 0.1\n"])
def test_odd_boxes_are_trained_on(labels: str, tmp_path: Path) -> None:
    """Backgrounds alone, boxes of a pixel, of everything, at the corner; one image, one class without a box."""
    pictures(tmp_path / "data", train=1, val=1)
    (tmp_path / "data" / "labels/train/p0.txt").write_text(labels)
    dataset = load(str(tmp_path / "data" / "data.yaml"), workers=1)
    training = begun(dataset, tmp_path / "exp", epochs=2, noautoanchor=False)
    assert len(finished(training)) == 2
    assert training.course.broken == []


def test_nothing_to_train_on_is_one_sentence(tmp_path: Path) -> None:
    dataset = pictures(tmp_path / "data", train=0, val=1)
    with pytest.raises(DataError, match="split train"):
        begun(dataset, tmp_path / "exp")


def test_all_classes_can_be_one(tmp_path: Path) -> None:
    dataset = pictures(tmp_path / "data", train=4, val=2)
    training = begun(dataset, tmp_path / "exp", epochs=1, single_cls=True)
    finished(training)
    outcome = training.finish()
    assert training.learner.model.names == ("item",)
    assert outcome.evaluation is not None
    assert outcome.evaluation.names == ("item",)


def test_a_batch_has_to_be_dealt_out_evenly(tmp_path: Path) -> None:
    dataset = pictures(tmp_path / "data", train=4, val=1)
    with pytest.raises(UsageError, match="--batch-size 4"):
        begun(dataset, tmp_path / "exp", batch_size=5, place=Place(CPU, Ranks(0, 2, 0)))
    with pytest.raises(UsageError, match="Name a batch"):
        begun(dataset, tmp_path / "exp", batch_size=-1, place=Place(CPU, Ranks(0, 2, 0)))
    assert begun(dataset, tmp_path / "exp", batch_size=-1, place=HERE).loader.batch == 16


def test_the_seed_decides(tmp_path: Path) -> None:
    dataset = pictures(tmp_path / "data", train=4, val=1)
    runs = {}
    for name, seed in (("one", 1), ("again", 1), ("two", 2)):
        training = begun(dataset, tmp_path / name, seed=seed, epochs=1)
        runs[name] = [event.losses for event in training.events() if isinstance(event, Step)]
    assert runs["one"] == runs["again"]
    assert runs["one"] != runs["two"]
