"""The folder `weights` of a run: what is kept when, and that nobody else writes there."""

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from tests.example_training import begun, finished, pictures, stopped
from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import CheckpointError, UsageError
from yoloaudit.train.checkpoint.read import read
from yoloaudit.train.checkpoint.resume import newest
from yoloaudit.train.run import shelf
from yoloaudit.train.run.shelf import course_of, held


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return pictures(tmp_path_factory.mktemp("data"), train=4, val=2)


def weights_of(folder: Path) -> list[str]:
    return sorted(name for name in os.listdir(folder / "weights") if name.endswith(".pt"))


def test_weights_can_be_read_and_say_what_they_are_of(dataset: Dataset, tmp_path: Path) -> None:
    training = begun(dataset, tmp_path / "exp", epochs=2, save_period=2)
    history = finished(training)
    assert weights_of(tmp_path / "exp") == ["best.pt", "epoch1.pt", "last.pt"]
    last = read(str(tmp_path / "exp/weights/last.pt"))
    assert (last.layout, last.names, last.size) == ("yoloaudit", ("cat", "dog"), "n")
    assert last.settings["epoch"] == 1
    assert last.settings["fitness"] == pytest.approx(history[-1].fitness)
    assert last.settings["fingerprint"] == dataset.fingerprint
    assert last.settings["hyper"]["lr0"] == 0.01
    best = read(str(tmp_path / "exp/weights/best.pt"))
    assert best.settings["epoch"] == max(epoch.epoch for epoch in history if epoch.best)


def test_nosave_keeps_the_end_alone(dataset: Dataset, tmp_path: Path) -> None:
    training = begun(dataset, tmp_path / "exp", epochs=2, nosave=True)
    epochs = 0
    for event in training.events():
        epochs += not hasattr(event, "batch")
        assert weights_of(tmp_path / "exp") == ([] if epochs < 2 else ["best.pt", "last.pt"])
    stopping = begun(dataset, tmp_path / "stopped", epochs=2, nosave=True)
    stopped(stopping, 1)
    assert newest(shelf.state_folder(str(tmp_path / "stopped"))).state.values["course"]["batch"] == 1


def test_how_far_it_was_comes_back(dataset: Dataset, tmp_path: Path) -> None:
    training = begun(dataset, tmp_path / "exp", epochs=3)
    stopped(training, 2)
    values = newest(shelf.state_folder(str(tmp_path / "exp"))).state.values
    assert course_of(values) == training.course
    told = values["course"]
    wrongs: list[dict[str, Any]] = [{}, {"epoch": 5}, {"batch": "1"}, {"sums": [1]}, {"history": [{}]}]
    for wrong in [*wrongs, {"stopping": {"a": 1}}]:
        with pytest.raises(CheckpointError, match="how far"):
            course_of({"course": {**told, **wrong}} if wrong else {})


def _hold(folder: str, connection: Any) -> None:
    with held(folder):
        connection.send("held")
        connection.recv()


def test_one_training_a_run_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.example_training"])
    mine, its = context.Pipe()
    other = context.Process(target=_hold, args=(str(tmp_path), its), daemon=True)
    other.start()
    assert mine.recv() == "held"
    with pytest.raises(UsageError, match="another training"), held(str(tmp_path)):
        pass
    with held(str(tmp_path), first=False):
        pass
    other.kill()
    other.join()
    with held(str(tmp_path)):
        assert os.listdir(tmp_path) == [".training"]
    assert os.listdir(tmp_path) == []
    with pytest.raises(UsageError, match="no run folder"), held(str(tmp_path / "none")):
        pass


def test_what_an_earlier_training_left_is_forgotten_with_its_folds(dataset: Dataset, tmp_path: Path) -> None:
    places = [tmp_path / name / "weights/last.state" for name in (".", "folds/0", "folds/11", "folds/mine")]
    for states in places:
        (states / "000001").mkdir(parents=True)
    assert sorted(shelf.folds(str(tmp_path))) == [str(tmp_path / "folds/0"), str(tmp_path / "folds/11")]
    assert shelf.folds(str(tmp_path / "nowhere")) == []
    begun(dataset, tmp_path)
    assert [os.listdir(states) for states in places] == [[], [], [], ["000001"]]
