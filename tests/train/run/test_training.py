"""A training as a whole: its events, its pictures, its outcome, and memory that runs out."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.example_training import HERE, begun, finished, pictures, stopped
from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import UsageError
from yoloaudit.train.checkpoint.resume import newest
from yoloaudit.train.run import shelf
from yoloaudit.train.run.training import is_memory
from yoloaudit.train.types import Losses


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return pictures(tmp_path_factory.mktemp("data"), train=4, val=2)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (torch.cuda.OutOfMemoryError("CUDA out of memory"), "--batch-size"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), "--batch-size, as 2"),
    ],
)
def test_too_little_memory_names_a_smaller_batch_and_keeps_the_state(
    error: RuntimeError, said: str, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = begun(dataset, tmp_path / "exp", epochs=3, nosave=True)
    events = training.events()
    next(events)

    def full(*_: object) -> None:
        raise error

    next(events)
    monkeypatch.setattr(training.learner, "loss", full)
    with pytest.raises(UsageError, match="too little memory for a batch of 4") as raised:
        list(events)
    assert said in str(raised.value)
    assert newest(shelf.state_folder(str(tmp_path / "exp"))).state.values["course"]["epoch"] == 1


def test_a_batch_that_is_skipped_is_told_with_its_images(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    place = replace(HERE, tell=told.append)
    training = begun(dataset, tmp_path / "exp", epochs=2, batch_size=2, place=place)
    honest = training.learner.loss

    def broken(heads: Sequence[Tensor], targets: Tensor, *_: object) -> Losses:
        made = honest(heads, targets)
        return (
            replace(made, box=made.box * math.nan, total=made.total * math.nan) if training.learner.done == 1 else made
        )

    monkeypatch.setattr(training.learner, "loss", broken)
    history = finished(training)
    (said,) = (sentence for sentence in told if "skipped" in sentence)
    assert said.startswith("note: batch 2 of epoch 1 is skipped: its losses are no numbers (images/train/p")
    assert all(math.isfinite(loss) for epoch in history for loss in epoch.losses)
    assert training.learner.is_sound()


def test_other_errors_are_left_as_they_are(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training = begun(dataset, tmp_path / "exp")

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(training.learner, "loss", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        list(training.events())
    assert not is_memory(RuntimeError("a bug"))


def test_the_outcome_is_that_of_the_best_weights(dataset: Dataset, tmp_path: Path) -> None:
    training = begun(dataset, tmp_path / "exp", epochs=2, noplots=False)
    history = finished(training)
    outcome = training.finish()
    assert outcome.evaluation is not None
    assert outcome.best == max((epoch for epoch in history if epoch.best), key=lambda epoch: epoch.epoch)
    assert outcome.evaluation.overall.map50 == pytest.approx(outcome.best.map50, abs=0.02)
    assert outcome.losses == pytest.approx(outcome.best.val_losses, rel=0.01)
    assert {"results.png", "labels.jpg", "train_batch0.jpg", "confusion_matrix.png"} <= set(outcome.files)
    assert all((tmp_path / "exp" / name).stat().st_size > 0 for name in outcome.files)


def test_pictures_are_drawn_once(dataset: Dataset, tmp_path: Path) -> None:
    training = begun(dataset, tmp_path / "exp", noplots=False)
    stopped(training, 1)
    assert {path.name for path in (tmp_path / "exp").glob("*.jpg")} == {
        "labels.jpg",
        "labels_correlogram.jpg",
        "train_batch0.jpg",
    }
