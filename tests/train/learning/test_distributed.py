"""Several processes that train together: who they are, and that they learn what one process learns."""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.example_training import CPU, begun, pictures
from yoloaudit.dataset.load import load
from yoloaudit.errors import UsageError
from yoloaudit.train.learning import distributed
from yoloaudit.train.learning.distributed import ALONE, Ranks, from_environment, launch, own_device, several
from yoloaudit.train.run.training import Place
from yoloaudit.train.types import Epoch


def test_who_a_process_is_stands_in_its_environment() -> None:
    assert from_environment({}) == ALONE
    assert from_environment({"RANK": "1", "WORLD_SIZE": "4", "LOCAL_RANK": "0"}) == Ranks(1, 4, 0)
    assert from_environment({"RANK": "1", "WORLD_SIZE": "4"}) == Ranks(1, 4, 1)
    for rank, world in (("x", "2"), ("2", "2"), ("-1", "2"), ("9" * 40, "2")):
        with pytest.raises(UsageError):
            from_environment({"RANK": rank, "WORLD_SIZE": world})


def test_several_devices_are_told_from_one() -> None:
    assert several("0,1") == ["0", "1"]
    assert several("cuda:0,1, 3") == ["0", "1", "3"]
    assert several("") == several("0") == several("cpu") == several("cuda:1") == []
    with pytest.raises(UsageError, match="twice"):
        several("0,0")
    assert own_device("cpu", Ranks(1, 2, 1)) == CPU
    with pytest.raises(UsageError, match="more processes"):
        own_device("0,1", Ranks(2, 3, 2))


def test_alone_nothing_is_shared() -> None:
    assert ALONE.any([True, False], CPU) == [True, False]
    assert ALONE.mean(torch.ones(2)).tolist() == [1, 1]
    assert ALONE.told("x") == "x"
    assert ALONE.share(7) == 7


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def train(rank: int, world: int, port: int, data: str, folder: str, options: dict[str, Any], tell: Connection) -> None:
    """One process of several; the first one tells losses, scores and a sum over its weights."""
    told = {"RANK": rank, "WORLD_SIZE": world, "LOCAL_RANK": rank, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in told.items()})
    torch.set_num_threads(1)
    ranks = from_environment()
    with distributed.connected(ranks, CPU):
        dataset = load(data, workers=1)
        training = begun(dataset, Path(folder), place=Place(CPU, ranks), **options)
        numbers = []
        for event in training.events():
            numbers.append([*event.losses, *((event.map50, *event.val_losses) if isinstance(event, Epoch) else ())])
        weights = [float(each.double().abs().sum()) for each in training.learner.average.model.state_dict().values()]
        tell.send((numbers, weights))


def together(world: int, data: Path, folder: Path, **options: Any) -> list[tuple[list[list[float]], list[float]]]:
    """What each of these processes tells."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.example_training"])
    pipes = [context.Pipe(duplex=False) for _ in range(world)]
    port, yaml = free_port(), str(data / "data.yaml")
    each = [(rank, world, port, yaml, str(folder), options, pipes[rank][1]) for rank in range(world)]
    processes = [context.Process(target=train, args=arguments, daemon=True) for arguments in each]
    for process in processes:
        process.start()
    told = [mine.recv() for mine, _ in pipes]
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * world
    return told


def test_two_processes_learn_what_one_learns(tmp_path: Path) -> None:
    """Fourteen images in batches of eight: the last batch is smaller, and boxes are dealt out unevenly."""
    pictures(tmp_path / "data", train=14, val=2)
    options = {"batch_size": 8, "epochs": 2, "sync_bn": True}
    ((alone, weights),) = together(1, tmp_path / "data", tmp_path / "one", **options)
    (first, own), (second, other) = together(2, tmp_path / "data", tmp_path / "two", **options)
    assert own == other
    assert len(alone) == len(first) == len(second) == 6
    for one, two in zip(alone, first, strict=True):
        assert two[:3] == pytest.approx(one[:3], rel=1e-4)
        assert two[3:] == pytest.approx(one[3:], rel=1e-4, abs=1e-3)
    assert own == pytest.approx(weights, rel=1e-3)
    assert (tmp_path / "two" / "weights" / "best.pt").exists()


def test_processes_are_launched_and_stopped_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import os, sys, time; sys.exit(3) if os.environ['RANK'] == '1' else time.sleep(60)"
    began = time.monotonic()
    monkeypatch.setattr(distributed, "_command", lambda arguments: [sys.executable, "-c", *arguments])
    assert launch([script], 2, lambda: None) == 3
    assert launch(["import time; time.sleep(60)"], 2, lambda: 15) == 143
    ends = "import os; assert os.environ['WORLD_SIZE'] == '2'"
    assert launch([ends], 2, lambda: None) == 0
    assert time.monotonic() - began < 30
