"""What is asked for becomes a training: which folder is meant, and that several devices are several processes."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import typer

from yoloaudit.cli import training
from yoloaudit.cli.training import Asked, run, run_of
from yoloaudit.errors import UsageError
from yoloaudit.train.learning import distributed


def test_a_run_is_named_by_its_folder_or_by_anything_in_it(tmp_path: Path) -> None:
    weights = tmp_path / "exp" / "weights"
    weights.mkdir(parents=True)
    (weights / "last.pt").write_bytes(b"")
    for named in (weights.parent, weights, weights / "last.pt"):
        assert run_of(str(named)) == str(weights.parent)
    assert os.path.basename(run_of(str(tmp_path / "none" / "x.pt"))) == "none"


def test_several_devices_are_a_process_each(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []

    def launch(arguments: Sequence[str], count: int, stop: Callable[[], int | None]) -> int:
        told.extend([list(arguments), count, stop()])
        return 7

    monkeypatch.setattr(distributed, "launch", launch)
    monkeypatch.setattr(sys, "argv", ["yoloaudit", "train", "--device", "0,1"])
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(typer.Exit) as ended:
        run(Asked("data.yaml"), {"device": "0,1"})
    assert ended.value.exit_code == 7
    assert told == [["train", "--device", "0,1"], 2, None]


def test_a_process_of_several_that_cannot_reach_the_others_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("MASTER_ADDR", raising=False)
    with pytest.raises(UsageError, match="torchrun"):
        run(Asked("data.yaml"), {"device": "cpu"})
    assert training.NEWEST == "last"
