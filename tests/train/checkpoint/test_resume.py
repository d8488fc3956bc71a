"""Whatever happens to a state, it is noticed, and the one before it is found."""

import os
import shutil
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from yoloaudit.errors import CheckpointError
from yoloaudit.train.checkpoint.resume import Unproven, newest, proven
from yoloaudit.train.checkpoint.save import META, TENSORS, VALUES, State, save

FILES = (TENSORS, VALUES, META)


def state(number: int) -> State:
    return State({"model.a": torch.arange(40.0) * number}, {"number": number})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("states")
    for number in (1, 2):
        save(str(place), state(number))
    return place


@given(name=st.sampled_from(FILES), at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=150)
def test_a_flipped_bit_is_noticed_or_harmless(name: str, at: float, bit: int, folder: Path) -> None:
    path = folder / "000002" / name
    whole = path.read_bytes()
    broken = bytearray(whole)
    broken[int(at * len(whole))] ^= 1 << bit
    path.write_bytes(bytes(broken))
    try:
        found = newest(str(folder))
    finally:
        path.write_bytes(whole)
    if name == META and not found.damaged:
        assert found.state.values["number"] == 2
        assert torch.equal(found.state.tensors["model.a"], state(2).tensors["model.a"])
    else:
        assert found.state.values["number"] == 1
        assert len(found.damaged) == 1
        assert "000002" in found.damaged[0]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["empty", "cut", "zeros", "gone", "folder", "fifo", "json"])
def test_the_one_before_is_found(name: str, kind: str, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "states")
    path = tmp_path / "states" / "000002" / name
    whole = path.read_bytes()
    path.unlink()
    match kind:
        case "empty" | "cut" | "zeros" | "json":
            made = {"empty": b"", "cut": whole[: len(whole) // 2], "zeros": bytes(len(whole)), "json": b"[1]"}
            path.write_bytes(made[kind])
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
    found = newest(str(tmp_path / "states"))
    assert found.state.values["number"] == 1
    assert "000002 is damaged" in found.damaged[0]


def test_nothing_to_go_on_with_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="nothing to go on with"):
        newest(str(tmp_path / "none"))
    shutil.copytree(folder, tmp_path / "states")
    for number in ("000001", "000002"):
        (tmp_path / "states" / number / VALUES).write_bytes(b"{}")
    with pytest.raises(CheckpointError, match=r"values\.json is not what was written, nor in 1 older"):
        newest(str(tmp_path / "states"))


def test_a_state_of_another_format_is_not_guessed_at(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "states")
    meta = tmp_path / "states" / "000002" / META
    meta.write_text(meta.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(Unproven, match="format 2"):
        proven(str(meta.parent))
