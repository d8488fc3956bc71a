"""A training that is stopped, killed or damaged goes on as if nothing had happened, or says why it does not."""

import json
import os
import random
import shutil
import time
from dataclasses import asdict, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.example_training import HERE, begun, contents, finished, gone_on, pictures, process, stopped
from tests.train.test_model_yaml import SMALL
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.errors import CheckpointError, DataError, UsageError
from yoloaudit.train.checkpoint.resume import newest
from yoloaudit.train.checkpoint.save import numbered
from yoloaudit.train.run import continuing, shelf
from yoloaudit.train.run.record import plain
from yoloaudit.train.types import Epoch
from yoloaudit.train.weights import load as load_weights

OFTEN: dict[str, Any] = {"save_every": 1}
KILLS = 10 if os.environ.get("YOLOAUDIT_SLOW") else 3


EPOCH = Epoch(0, (0.1, 0.1, 0.1), (0.01, 0.01, 0.01), 0, 0, 0, 0, (0.1, 0.1, 0.1), 0, True, 1.0)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    pictures(folder)
    return folder


@pytest.fixture(scope="module")
def dataset(data: Path) -> Dataset:
    return load(str(data / "data.yaml"), workers=1)


@pytest.fixture(scope="module")
def unbroken(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training of three epochs of three batches that nothing happened to."""
    folder = tmp_path_factory.mktemp("run") / "exp"
    finished(begun(dataset, folder, **OFTEN))
    return folder


@pytest.mark.parametrize("after", [1, 3])
def test_stopped_and_gone_on_with_it_is_the_same(after: int, dataset: Dataset, unbroken: Path, tmp_path: Path) -> None:
    training = begun(dataset, tmp_path / "exp", **OFTEN)
    assert stopped(training, after) == after
    assert not training.course.finished
    random.seed(99)
    torch.manual_seed(99)
    finished(gone_on(dataset, tmp_path / "exp"))
    assert contents(tmp_path / "exp") == contents(unbroken)


def test_killed_at_random_moments_it_is_the_same(data: Path, unbroken: Path, tmp_path: Path) -> None:
    """No more is ever lost than the batch that was being kept."""
    folder = tmp_path / "exp"
    rng = random.Random(time.time_ns())
    kills = 0
    while True:
        child, told = process(data, folder, OFTEN)
        done = watched(child, told, rng.uniform(0, 1.2) if kills < KILLS else None)
        child.join()
        if child.exitcode == 0:
            break
        assert child.exitcode == -9
        kills += 1
        states = shelf.state_folder(str(folder))
        kept = newest(states).state.values["learner"]["done"] if numbered(states) else 0
        assert kept >= done - 1
    assert contents(folder) == contents(unbroken)


def watched(child: Any, told: Connection, seconds: float | None) -> int:
    """Kill a training that long after its first batch; how many batches it has told of."""
    done, deadline = 0, None
    while child.is_alive():
        if told.poll(0.01):
            try:
                done = told.recv()
            except EOFError:
                break
            deadline = deadline or (None if seconds is None else time.monotonic() + seconds)
        if deadline is not None and time.monotonic() > deadline:
            child.kill()
            break
    return done


def test_gradients_that_are_being_gathered_go_along(dataset: Dataset, tmp_path: Path) -> None:
    """After the warm-up the gradients of sixteen batches of four make a step."""
    whole, parts = (begun(dataset, tmp_path / name, epochs=40, noval=True) for name in ("whole", "parts"))
    for training in (whole, parts):
        training.learner.done, training.learner.last = 102, 101
        training.course.epoch = 34
        training.course.history = [replace(EPOCH, epoch=number) for number in range(34)]
    stopped(whole, 5)
    stopped(parts, 2)
    again = gone_on(dataset, tmp_path / "parts")
    others = dict(again.learner.model.named_parameters())
    assert all(other.grad is not None for other in others.values())
    stopped(again, 3)
    for name, own in whole.learner.model.named_parameters():
        assert own.grad is not None
        assert torch.equal(own.grad, others[name].grad)  # type: ignore[arg-type]  # it has one
        assert torch.equal(own, others[name])


def test_a_damaged_state_gives_way_to_the_one_before(dataset: Dataset, unbroken: Path, tmp_path: Path) -> None:
    folder = tmp_path / "exp"
    stopped(begun(dataset, folder, **OFTEN), 5)
    states = Path(shelf.state_folder(str(folder)))
    number = numbered(str(states))[-1]
    latest = states / number / "tensors.safetensors"
    data = bytearray(latest.read_bytes())
    data[len(data) // 2] ^= 1
    latest.write_bytes(bytes(data))
    told: list[str] = []
    training = gone_on(dataset, folder, place=replace(HERE, tell=told.append))
    assert training.course.batch == 1
    assert any(f"{number} is damaged" in sentence and "the state before it" in sentence for sentence in told)
    finished(training)
    assert contents(folder) == contents(unbroken)
    for name in numbered(str(states)):
        (states / name / "values.json").write_bytes(b"{}")
    with pytest.raises(CheckpointError, match="nothing to go on with"):
        gone_on(dataset, folder)


def test_other_data_are_refused_or_told(data: Path, dataset: Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "exp"
    stopped(begun(dataset, folder), 4)
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    (copy / "labels/train/p0.txt").write_text("0 0.5 0.5 0.9 0.9\n")
    (copy / "images/train/p1.png").unlink()
    other = load(str(copy / "data.yaml"), workers=1)
    with pytest.raises(DataError, match="--allow-changed-data"):
        gone_on(other, folder)
    told: list[str] = []
    training = gone_on(other, folder, allow=True, place=replace(HERE, tell=told.append))
    assert training.course.epoch == 1
    assert training.course.batch == 0
    assert any("begins anew" in sentence for sentence in told)
    assert len(finished(training)) == 3
    assert newest(shelf.state_folder(str(folder))).state.values["changed_data"]
    renamed = replace(other, names=("cat", "cow"))
    with pytest.raises(DataError, match="cat, cow"):
        gone_on(renamed, folder, allow=True)


def test_other_settings_are_refused(dataset: Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "exp"
    stopped(begun(dataset, folder), 4)
    other: dict[str, Any] = {"imgsz": 128, "batch_size": 2, "seed": 1, "hyp": "VOC", "optimizer": "Adam"}
    for name, value in other.items():
        with pytest.raises(UsageError, match=f"begun with --{name.replace('_', '-')}"):
            gone_on(dataset, folder, **{name: value})
    assert gone_on(dataset, folder, imgsz=64, epochs=5, patience=3).options.epochs == 5


def test_what_is_finished_is_finished_unless_more_is_asked_for(dataset: Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "exp"
    finished(begun(dataset, folder, epochs=1))
    training = gone_on(dataset, folder)
    assert training.course.finished
    assert list(training.events()) == []
    training.finish()
    found = continuing.found_in(str(folder))
    options, _ = continuing.settings_of(found, {})
    recorded = json.dumps(plain({"history": [asdict(epoch) for epoch in training.course.history]}))
    for record in ("{}", "[]", "broken", "[" * 100_000, recorded.replace('"epoch": 0', '"epoch": 1')):
        (folder / "record.json").write_text(record)
        continuing.refuse_finished(str(folder), found, options)
    (folder / "record.json").write_text(recorded)
    continuing.refuse_finished(str(folder), found, options, "baseline")
    with pytest.raises(UsageError, match=r"finished: it had 1 epoch\. More epochs: --epochs 2"):
        continuing.refuse_finished(str(folder), found, options)
    assert len(finished(gone_on(dataset, folder, epochs=2))) == 2
    stopped(begun(dataset, tmp_path / "fewer", epochs=9), 7)
    assert list(gone_on(dataset, tmp_path / "fewer", epochs=1).events()) == []


def test_a_model_of_other_multiples_goes_on_too(dataset: Dataset, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(SMALL)
    whole, parts = (begun(dataset, tmp_path / name, cfg=str(own), epochs=1) for name in ("whole", "parts"))
    finished(whole)
    stopped(parts, 0)
    own.unlink()
    finished(gone_on(dataset, tmp_path / "parts"))
    assert contents(tmp_path / "parts").keys() == contents(tmp_path / "whole").keys()
    held, _ = load_weights(str(tmp_path / "parts/weights/best.pt"))
    assert held.size.name == "d0.5w0.4"


def test_the_newest_run_is_found(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--resume RUN"):
        continuing.newest_run(str(tmp_path))
    for number, name in enumerate(("train/exp", "train/exp2", "baseline/exp")):
        states = tmp_path / name / "weights" / "last.state"
        (states / "000001").mkdir(parents=True)
        os.utime(states, (number, number if name != "train/exp2" else 10))
    assert continuing.newest_run(str(tmp_path)) == str(tmp_path / "train/exp2")
    fold = tmp_path / "baseline/exp/folds/1/weights/last.state"
    (fold / "000001").mkdir(parents=True)
    os.utime(fold, (20, 20))
    assert continuing.newest_run(str(tmp_path)) == str(tmp_path / "baseline/exp"), "its fold was the last"
