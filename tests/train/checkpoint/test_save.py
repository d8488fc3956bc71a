"""States that are written whole or not at all, and files of weights that any reader of ours takes."""

import errno
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from yoloaudit import files
from yoloaudit.errors import WriteError
from yoloaudit.train.checkpoint import save as saving
from yoloaudit.train.checkpoint.read import damaged
from yoloaudit.train.checkpoint.read import read as read_weights
from yoloaudit.train.checkpoint.resume import newest
from yoloaudit.train.checkpoint.save import META, TENSORS, VALUES, State, clear, numbered, save, weights
from yoloaudit.train.model import build


def state(number: int) -> State:
    tensors = {"model.a": torch.full((3, 2), float(number)), "count": torch.tensor(number)}
    return State(tensors, {"number": number, "share": 0.1 + number, "none": None, "nan": float("nan")})


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    place = save(str(tmp_path / "last.state"), state(7))
    assert sorted(os.listdir(place)) == sorted([META, TENSORS, VALUES])
    found = newest(str(tmp_path / "last.state"))
    assert found.path == place
    assert found.damaged == ()
    assert found.state.values["number"] == 7
    assert found.state.values["share"] == 0.1 + 7
    assert torch.equal(found.state.tensors["model.a"], state(7).tensors["model.a"])
    assert found.state.tensors["count"].dtype == torch.int64


def test_two_states_stay_and_nothing_else(tmp_path: Path) -> None:
    for number in range(5):
        save(str(tmp_path), state(number))
    assert numbered(str(tmp_path)) == ["000004", "000005"]
    assert sorted(os.listdir(tmp_path)) == ["000004", "000005"]
    assert newest(str(tmp_path)).state.values["number"] == 4


def test_a_state_of_a_training_is_no_pickle(tmp_path: Path) -> None:
    place = save(str(tmp_path), state(1))
    for name in (TENSORS, VALUES, META):
        assert not (Path(place) / name).read_bytes().startswith((b"\x80", b"PK"))
    assert set(json.loads((Path(place) / META).read_text())["sha256"]) == {TENSORS, VALUES}


@pytest.mark.parametrize("call", range(1, 12))
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_at_any_call_leaves_the_last_state(
    call: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(str(tmp_path), state(1))
    count = 0

    def failing(honest: Callable[..., Any]) -> Callable[..., Any]:
        def call_it(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == call:
                raise OSError(code, os.strerror(code))
            return honest(*arguments, **options)

        return call_it

    for name in ("fsync", "replace", "rename", "chmod"):
        monkeypatch.setattr(os, name, failing(getattr(os, name)))
    monkeypatch.setattr(tempfile, "mkstemp", failing(tempfile.mkstemp))
    try:
        save(str(tmp_path), state(2))
        said = None
    except WriteError as error:
        said = str(error)
    monkeypatch.undo()
    assert said is None or os.strerror(code) in said
    found = newest(str(tmp_path))
    assert found.damaged == ()
    assert found.state.values["number"] == (2 if said is None else 1)
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".tmp")]


def test_a_disk_that_lies_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(str(tmp_path), state(1))
    honest = files.write_atomically
    monkeypatch.setattr(saving, "write_atomically", lambda path, data: honest(path, data[:-1] + b"?"))
    with pytest.raises(WriteError, match="reads back"):
        save(str(tmp_path), state(2))
    monkeypatch.undo()
    assert newest(str(tmp_path)).state.values["number"] == 1


def test_what_was_cut_short_is_cleared_away(tmp_path: Path) -> None:
    save(str(tmp_path), state(1))
    (tmp_path / ".tmp-abc").mkdir()
    (tmp_path / "note.txt").write_text("mine")
    clear(str(tmp_path), unfinished=True)
    assert sorted(os.listdir(tmp_path)) == ["000001", "note.txt"]
    clear(str(tmp_path))
    assert os.listdir(tmp_path) == ["note.txt"]


def test_weights_are_read_as_any_other_file(tmp_path: Path) -> None:
    model = build("n", 3, ["a", "b", "ç"])
    anchors = model.anchors_px.numpy()
    data = weights(model.state_dict(), "n", model.names, model.strides, anchors, {"epoch": 4, "fitness": 0.25})
    assert data == weights(model.state_dict(), "n", model.names, model.strides, anchors, {"epoch": 4, "fitness": 0.25})
    (tmp_path / "best.pt").write_bytes(data)
    found = read_weights(str(tmp_path / "best.pt"))
    assert (found.layout, found.size, found.names) == ("yoloaudit", "n", ("a", "b", "ç"))
    assert found.settings == {"epoch": 4, "fitness": 0.25}
    assert found.state["model.0.conv.weight"].dtype == np.float16
    assert found.state["model.24.anchors"].dtype == np.float32
    np.testing.assert_array_equal(found.anchors, anchors)


def test_numbers_beyond_16_bits_stay_in_32(tmp_path: Path) -> None:
    state = dict(build("n", 1).state_dict())
    state["model.0.bn.running_var"] = torch.full_like(state["model.0.bn.running_var"], 1e6)
    anchors = build("n", 1).anchors_px.numpy()
    (tmp_path / "w.pt").write_bytes(weights(state, "n", ["a"], (8, 16, 32), anchors, {}))
    found = read_weights(str(tmp_path / "w.pt"))
    assert damaged(found) is None
    assert found.state["model.0.bn.running_var"].max() == 1e6
