"""The joint call of a convolution and its SiLU against the two calls that it stands for."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from yoloaudit.train import onednn
from yoloaudit.train.onednn import Packed

MAPS = torch.linspace(-3, 3, 2 * 8 * 10 * 12).view(2, 8, 10, 12)


@pytest.fixture(autouse=True)
def drawn_weights() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        yield


def packed(silu: bool = True, kernel: int = 3, stride: int = 2) -> tuple[Packed, nn.Conv2d]:
    conv = nn.Conv2d(8, 16, kernel, stride, kernel // 2)
    assert conv.bias is not None
    return Packed(conv, conv.weight, conv.bias, silu=silu), conv


def expected(conv: nn.Conv2d, silu: bool = True) -> Tensor:
    out: Tensor = conv(MAPS)
    return functional.silu(out) if silu else out


@pytest.mark.parametrize("silu", [True, False])
@pytest.mark.parametrize("joint", [True, False])
@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (3, 2)])
def test_both_ways_lead_to_the_same(
    silu: bool, joint: bool, kernel: int, stride: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not joint:
        monkeypatch.setattr(onednn, "available", lambda: False)
    block, conv = packed(silu, kernel, stride)
    with torch.inference_mode():
        torch.testing.assert_close(block(MAPS), expected(conv, silu), rtol=1e-4, atol=1e-5)
        larger = torch.randn(1, 8, 31, 20)
        assert block(larger).shape == conv(larger).shape


def test_other_sizes_and_orders_after_the_first_call() -> None:
    block, conv = packed()
    with torch.inference_mode():
        block(MAPS)
        for maps in (torch.randn(1, 8, 64, 40), torch.randn(5, 8, 3, 3).contiguous(memory_format=torch.channels_last)):
            torch.testing.assert_close(block(maps), functional.silu(conv(maps)), rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(not onednn.available(), reason="this build of PyTorch has no joint call")
def test_the_joint_call_is_made_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    block, _ = packed()
    calls: list[str] = []
    joint = onednn._joint

    def noted(maps: Tensor, weight: Tensor, conv: nn.Conv2d, activation: str) -> Tensor:
        calls.append(activation)
        return joint(maps, weight, conv, activation)

    monkeypatch.setattr(onednn, "_joint", noted)
    with torch.no_grad():
        block(MAPS)
        assert calls == ["swish"]
        assert block.laid_out is not None
    block(MAPS)
    with torch.no_grad():
        block.double()(MAPS.double())
    assert calls == ["swish"]


def test_weights_that_move_are_laid_out_anew() -> None:
    block, conv = packed()
    with torch.no_grad():
        block(MAPS)
        block.half().float()
        conv.half().float()
        torch.testing.assert_close(block(MAPS), expected(conv), rtol=1e-4, atol=1e-5)


def test_a_copy_works_alone() -> None:
    block, conv = packed()
    with torch.no_grad():
        block(MAPS)
        for other in (copy.deepcopy(block), copy.copy(block)):
            assert other.laid_out is None
            torch.testing.assert_close(other(MAPS), expected(conv), rtol=1e-4, atol=1e-5)


def test_a_recording_holds_ordinary_calls_alone() -> None:
    block, conv = packed()
    with torch.no_grad():
        block(MAPS)
        exported = torch.export.export(block, (MAPS,))
    assert "conv2d" in str(exported.graph)
    assert "mkldnn" not in str(exported.graph)
    torch.testing.assert_close(exported.module()(MAPS), expected(conv), rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("ignore:.torch.jit.trace:FutureWarning")
def test_so_does_an_older_kind_of_recording() -> None:
    block, _ = packed()
    with torch.no_grad():
        traced: Any = torch.jit.trace(block, MAPS)  # type: ignore[no-untyped-call]  # PyTorch does not annotate it
    assert "mkldnn" not in str(traced.inlined_graph)


@pytest.mark.parametrize("error", [AttributeError, RuntimeError, TypeError])
def test_a_build_without_the_call(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*arguments: object) -> Tensor:
        raise error

    monkeypatch.setattr(onednn, "_joint", missing)
    assert not onednn.available.__wrapped__()


def test_a_build_whose_call_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onednn, "_joint", lambda *arguments: torch.zeros(1, 8, 5, 5))
    assert not onednn.available.__wrapped__()
