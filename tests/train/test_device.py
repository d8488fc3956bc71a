"""Which device a word stands for, and what is said of one that is not there."""

import pytest
import torch

from yoloaudit.errors import UsageError
from yoloaudit.train.device import choose, describe


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with neither CUDA nor MPS."""
    return equip(monkeypatch)


def equip(patch: pytest.MonkeyPatch, cuda: int = 0, mps: bool = False) -> pytest.MonkeyPatch:
    patch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    patch.setattr(torch.cuda, "device_count", lambda: cuda)
    patch.setattr(torch.backends.mps, "is_available", lambda: mps)
    return patch


@pytest.mark.parametrize(
    ("cuda", "mps", "best"), [(0, False, "cpu"), (0, True, "mps"), (2, True, "cuda:0"), (1, False, "cuda:0")]
)
@pytest.mark.parametrize("text", ["", "  "])
def test_the_best_there_is(machine: pytest.MonkeyPatch, text: str, cuda: int, mps: bool, best: str) -> None:
    equip(machine, cuda, mps)
    assert str(choose(text)) == best


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("cpu", "cpu"),
        (" CPU ", "cpu"),
        ("mps", "mps"),
        ("0", "cuda:0"),
        ("1", "cuda:1"),
        ("cuda", "cuda:0"),
        ("cuda:1", "cuda:1"),
    ],
)
def test_a_device_by_name(machine: pytest.MonkeyPatch, text: str, meant: str) -> None:
    equip(machine, 2, mps=True)
    assert str(choose(text)) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0", "no CUDA device 0: PyTorch sees none. Name cpu"),
        ("cuda", "no CUDA device 0"),
        ("mps", "no Apple GPU .mps.. Name cpu"),
        ("0,1", "one device at a time, not 0,1. Name cpu"),
        ("gpu", "no device gpu. Name cpu, mps, or a CUDA device as 0 or cuda:0"),
        ("cuda:x", "no device cuda:x"),
        ("-1", "no device -1"),
        ("²", "no device ²"),
        ("9" * 500, "no device 9+…"),
    ],
)
def test_what_is_not_there(machine: pytest.MonkeyPatch, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        choose(text)
    assert len(str(caught.value)) < 200


def test_what_is_there_is_named(machine: pytest.MonkeyPatch) -> None:
    equip(machine, 2)
    with pytest.raises(UsageError, match=r"no CUDA device 2: PyTorch sees 2. Name 0 or 1 or cpu"):
        choose("cuda:2")


def test_a_device_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    assert describe(torch.device("cpu")) == "cpu (1 thread)"
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    assert describe(torch.device("cpu")) == "cpu (8 threads)"
    assert describe(torch.device("mps")) == "mps"


def test_a_card_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class Facts:
        name = "NVIDIA H100"
        total_memory = 85 * 10**9

    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: Facts)
    assert describe(torch.device("cuda", 1)) == "cuda:1 (NVIDIA H100, 79 GiB)"
