"""Batches are the trainer's, the same for the same seed whatever makes them, and training goes on where it stopped."""

import json
import threading
import time
from _thread import interrupt_main
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_detector import COCO128
from tests.example_samples import ROUGH, STILL, corners_of, golden, loader_of, names_of, planted, same
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.errors import DataError, UsageError
from yoloaudit.train.config import hyper
from yoloaudit.train.images.ahead import THREADS
from yoloaudit.train.samples.pieces import PIECE

STEPS = golden("train_curve").get("runs", {}).get("c", {}).get("steps", [])


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return planted(tmp_path_factory.mktemp("data"), 27)


@pytest.mark.skipif(not STEPS or not COCO128.exists(), reason="needs shared/reference and shared/data")
def test_the_recorded_run_without_augmentation() -> None:
    """Run c: the files, the shape and the number of targets of each of its 24 batches."""
    dataset = load(str(COCO128))
    loader = loader_of(dataset, imgsz=320, batch_size=16, rect=True, memory=1 << 27)
    assert len(loader) == 8
    batches = [batch for epoch in range(3) for batch in loader.epoch(epoch)]
    recorded = [[Path(name).stem for name in step["files"]] for step in STEPS]
    assert names_of(dataset, batches) == recorded
    assert [list(batch.images.shape[2:]) for batch in batches] == [step["hw"] for step in STEPS]
    assert [len(batch.targets) for batch in batches] == [step["targets"] for step in STEPS]
    assert same(batches[:8], batches[8:16])
    assert loader.reader.pictures.decoded == 128


@pytest.mark.parametrize("values", [hyper(), ROUGH, STILL], ids=["default", "rough", "still"])
@pytest.mark.parametrize("given", [{}, {"rect": True}, {"quad": True}, {"tiles": 9}, {"image_weights": True}], ids=str)
def test_any_number_of_threads_makes_the_same(dataset: Dataset, values: Any, given: dict[str, Any]) -> None:
    expected = list(loader_of(dataset, values, workers=0, memory=0, batch_size=12, **given).epoch(3))
    assert all(batch.images.is_contiguous() and batch.images.dtype == torch.uint8 for batch in expected)
    for workers in (1, 3):
        loader = loader_of(dataset, values, batch_size=12, **given)
        loader.workers = workers
        assert same(list(loader.epoch(3)), expected)


def test_a_batch_holds_shares_of_its_own_images(dataset: Dataset) -> None:
    for batch in loader_of(dataset, ROUGH, batch_size=10).epoch(0):
        assert batch.images.shape[1:] == (3, 64, 64)
        assert len(batch.images) == len(batch.places)
        assert batch.targets.dtype == torch.float32
        numbers = batch.targets[:, 0]
        assert (numbers.diff() >= 0).all()
        assert set(numbers.tolist()) <= set(range(len(batch.images)))
        corners = corners_of(batch.targets.numpy())
        assert (corners > -1e-6).all()
        assert (corners < 1 + 1e-6).all()


def test_every_image_once_an_epoch(dataset: Dataset) -> None:
    loader = loader_of(dataset, hyper(), batch_size=PIECE * 2 + 1)
    assert len(loader) == 2
    epochs = [[place for batch in loader.epoch(number) for place in batch.places] for number in range(3)]
    assert all(sorted(epoch) == sorted(loader.reader.source.places) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_pictures_on_disk_are_decoded_once_for_all_runs(dataset: Dataset, tmp_path: Path) -> None:
    given = {"cache": "disk", "folder": str(tmp_path), "memory": 0}
    first, second = loader_of(dataset, hyper(), **given), loader_of(dataset, hyper(), **given)
    assert same(list(first.epoch(0)), list(second.epoch(0)))
    assert first.reader.pictures.decoded == len(first.reader)
    assert second.reader.pictures.decoded == 0
    assert same(list(second.epoch(1)), list(loader_of(dataset, hyper()).epoch(1)))


def test_without_augmentation_images_come_as_they_are(dataset: Dataset) -> None:
    first, second = (list(loader_of(dataset, ROUGH, augment=False).epoch(epoch)) for epoch in (0, 1))
    assert same(first, second)
    assert [place for batch in first for place in batch.places] == sorted(
        place for batch in first for place in batch.places
    )
    assert sum(len(batch.targets) for batch in first) == len(loader_of(dataset).reader.labels.values)


@settings(max_examples=12)
@given(taken=st.integers(0, 7), epoch=st.integers(0, 2))
def test_it_goes_on_where_it_stopped(dataset: Dataset, taken: int, epoch: int) -> None:
    whole = loader_of(dataset, ROUGH, image_weights=True)
    whole.weigh([0.9, 0.2, 0.5])
    expected = list(whole.epoch(epoch))
    stopped = loader_of(dataset, ROUGH, image_weights=True)
    stopped.weigh([0.9, 0.2, 0.5])
    batches = stopped.epoch(epoch)
    begun = [next(batches) for _ in range(taken)]
    state = json.loads(json.dumps(stopped.state()))
    batches.close()  # type: ignore[attr-defined]  # a generator
    resumed = loader_of(dataset, ROUGH, image_weights=True, workers=0)
    resumed.restore(state)
    assert resumed.state() == state or taken == 0
    assert same(begun + list(resumed.epoch(epoch)), expected)
    assert resumed.state()["batch"] == len(resumed) == 7
    assert same(list(resumed.epoch(epoch)), expected), "an epoch that is asked for again begins at its beginning"
    assert same(list(resumed.epoch(epoch + 1)), list(whole.epoch(epoch + 1)))


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"batch_size": 5}, "batch size 4, not 5"),
        ({"seed": 1}, "seed 0, not 1"),
        ({"imgsz": 96}, "image size 64, not 96"),
        ({"rect": True}, "rect False, not True"),
    ],
)
def test_a_state_of_another_run_is_refused(dataset: Dataset, other: dict[str, Any], named: str) -> None:
    state = loader_of(dataset).state()
    with pytest.raises(UsageError, match=f"the run had {named}"):
        loader_of(dataset, **other).restore(state)
    with pytest.raises(UsageError, match="the run had images None, not 27"):
        loader_of(dataset).restore({key: value for key, value in state.items() if key != "images"})
    for wrong in ({"epoch": "1"}, {"batch": None}, {"maps": [1.0]}):
        with pytest.raises(UsageError, match="of another version, or damaged"):
            loader_of(dataset).restore({**state, **wrong})


@pytest.mark.parametrize("rect", [False, True])
def test_processes_share_each_batch(dataset: Dataset, rect: bool) -> None:
    whole = list(loader_of(dataset, ROUGH, batch_size=6, rect=rect).epoch(1))
    shares = [list(loader_of(dataset, ROUGH, batch_size=6, rect=rect, rank=rank, world=2).epoch(1)) for rank in (0, 1)]
    for batch, mine, its in zip(whole, *shares, strict=True):
        assert mine.places + its.places == batch.places
        assert torch.equal(torch.cat([mine.images, its.images]), batch.images)
        moved = its.targets.clone()
        moved[:, 0] += len(mine.images)
        assert torch.equal(torch.cat([mine.targets, moved]), batch.targets)


def test_no_process_is_left_without_an_image(dataset: Dataset) -> None:
    for rank in (0, 1):
        *_, last = loader_of(dataset, batch_size=2, rank=rank, world=2).epoch(0)
        assert len(last.images) == 1


def test_four_images_may_count_as_one(dataset: Dataset) -> None:
    batches = list(loader_of(dataset, hyper(), batch_size=8, quad=True).epoch(0))
    assert [len(batch.images) for batch in batches] == [2, 2, 2, 1]
    assert all(batch.images.shape[2:] == (128, 128) for batch in batches)
    assert all(set(batch.targets[:, 0].tolist()) <= {0, 1} for batch in batches)


def test_an_image_that_vanishes_leaves_batches_whole(tmp_path: Path) -> None:
    dataset = planted(tmp_path, 12)
    loader = loader_of(dataset, hyper(), memory=0)
    for number in (3, 4):
        (tmp_path / "images" / "train" / f"00{number}.png").unlink()
    batches = list(loader.epoch(0))
    assert [len(batch.images) for batch in batches] == [4, 4, 4]
    assert {Path(path).stem for path in loader.reader.unreadable} == {"003", "004"}
    named = [name for names in names_of(dataset, batches) for name in names]
    assert named.count("005") == 3
    assert not {"003", "004"} & set(named)
    assert same(batches, list(loader_of(dataset, hyper(), workers=0).epoch(0)))


def test_when_all_vanish_the_reason_is_raised_and_no_thread_is_left(tmp_path: Path) -> None:
    loader = loader_of(planted(tmp_path, 3), hyper())
    for path in loader.reader.source.paths:
        Path(path).unlink()
    with pytest.raises(DataError, match="no image can be read any more"):
        list(loader.epoch(0))
    assert_no_thread_is_left()


def assert_no_thread_is_left() -> None:
    until = time.monotonic() + 5
    while any(thread.name.startswith(THREADS) for thread in threading.enumerate()):
        assert time.monotonic() < until, "threads work on"
        time.sleep(0.01)


def test_whoever_stops_early_lets_threads_go(dataset: Dataset) -> None:
    loader = loader_of(dataset, hyper())
    for batch in loader.epoch(0):
        assert len(batch.images) == 4
        break
    assert loader.state()["batch"] == 1
    assert_no_thread_is_left()


def test_an_interrupt_ends_it_at_once(dataset: Dataset) -> None:
    loader = loader_of(dataset, hyper())
    Timer(0.2, interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        all(list(loader.epoch(epoch)) for epoch in range(2000))
    assert_no_thread_is_left()


def test_what_cannot_be_is_refused(dataset: Dataset) -> None:
    for wrong in ({"rect": True, "image_weights": True}, {"quad": True, "batch_size": 6}, {"batch": -1}):
        with pytest.raises(UsageError):
            loader_of(dataset, **wrong)


def test_one_image_is_enough(tmp_path: Path) -> None:
    loader = loader_of(planted(tmp_path, texts={"a": ""}), ROUGH)
    (batch,) = loader.epoch(0)
    assert batch.images.shape == (1, 3, 64, 64)
    assert batch.targets.shape == (0, 6)
