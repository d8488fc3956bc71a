"""Each block against its definition, on small maps."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.example_models import lively
from yoloaudit.train.blocks import C3, SPP, SPPF, Bottleneck, Concat, Conv, Detect, Focus


@pytest.fixture(autouse=True)
def drawn_weights() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        with torch.no_grad():
            yield


def test_conv_is_convolution_normalisation_and_silu() -> None:
    block = Conv(3, 8, kernel=3, stride=2)
    lively(block)
    maps = torch.randn(2, 3, 9, 10)
    bn = block.bn
    assert isinstance(bn, nn.BatchNorm2d)
    assert bn.running_mean is not None
    assert bn.running_var is not None
    out = functional.conv2d(maps, block.conv.weight, stride=2, padding=1)
    mean, variance, gain, bias = (x.view(-1, 1, 1) for x in (bn.running_mean, bn.running_var, bn.weight, bn.bias))
    normal = (out - mean) / torch.sqrt(variance + 1e-3) * gain + bias
    torch.testing.assert_close(block(maps), normal * torch.sigmoid(normal))
    assert bn.momentum == 0.03


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "side"), [(1, 1, None, 12), (3, 1, None, 12), (3, 2, None, 6), (6, 2, 2, 6)]
)
def test_sizes_of_a_conv(kernel: int, stride: int, padding: int | None, side: int) -> None:
    assert Conv(4, 8, kernel, stride, padding)(torch.randn(1, 4, 12, 12)).shape == (1, 8, side, side)


def test_an_image_is_left_as_it_is() -> None:
    maps = torch.randn(1, 8, 6, 6)
    before = maps.clone()
    for block in (Conv(8, 8), Bottleneck(8), C3(8, 8, 2), SPPF(8, 8), SPP(8, 8, (3, 5, 7)), Focus(8, 8)):
        block(maps)
        assert torch.equal(maps, before)


@pytest.mark.parametrize("shortcut", [True, False])
def test_bottleneck(shortcut: bool) -> None:
    block = Bottleneck(8, shortcut)
    lively(block)
    maps = torch.randn(2, 8, 7, 7)
    torch.testing.assert_close(block(maps), block.cv2(block.cv1(maps)) + (maps if shortcut else 0))


def test_c3_joins_its_branches_in_order() -> None:
    block = C3(12, 16, 2)
    lively(block)
    maps = torch.randn(2, 12, 5, 5)
    joined = torch.cat((block.m[1](block.m[0](block.cv1(maps))), block.cv2(maps)), 1)
    torch.testing.assert_close(block(maps), block.cv3(joined))
    assert joined.shape[1] == 16


def test_gradients_reach_every_weight() -> None:
    block = C3(8, 8, 2)
    with torch.enable_grad():
        block(torch.randn(2, 8, 6, 6)).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in block.parameters())


def test_gradients_are_those_of_the_definition() -> None:
    block = Bottleneck(4).double()
    lively(block)
    with torch.enable_grad():
        assert torch.autograd.gradcheck(block, torch.randn(1, 4, 3, 3, dtype=torch.float64, requires_grad=True))


def test_pools_in_a_row_equal_pools_side_by_side() -> None:
    quick, plain = SPPF(8, 16), SPP(8, 16, (5, 9, 13))
    lively(quick)
    plain.load_state_dict(quick.state_dict())
    maps = torch.randn(2, 8, 20, 17)
    assert torch.equal(quick(maps), plain.eval()(maps))


def test_focus_equals_the_stem_of_later_releases() -> None:
    """A 3 × 3 convolution of the four phases is one of 6 × 6 at stride 2 over the image."""
    old, new = Focus(3, 8), Conv(3, 8, kernel=6, stride=2, padding=2)
    phases = [(0, 0), (1, 0), (0, 1), (1, 1)]
    for number, (row, column) in enumerate(phases):
        new.conv.weight[:, :, row::2, column::2] = old.conv.conv.weight[:, 3 * number : 3 * number + 3]
    image = torch.randn(1, 3, 16, 20)
    torch.testing.assert_close(old.eval()(image), new.eval()(image))


def test_concat() -> None:
    one, other = torch.randn(1, 2, 3, 3), torch.randn(1, 4, 3, 3)
    assert torch.equal(Concat()([one, other])[:, 2:], other)


def head(classes: int = 4) -> Detect:
    return Detect((8, 16), classes, np.array([[[8, 16], [24, 8]], [[32, 64], [16, 16]]], np.float32), (8, 16))


def test_the_head_keeps_anchors_in_cells() -> None:
    assert head().anchors.tolist() == [[[1, 2], [3, 1]], [[2, 4], [1, 1]]]
    assert list(head().state_dict()) == ["anchors", "m.0.weight", "m.0.bias", "m.1.weight", "m.1.bias"]


@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_the_head_splits_channels_by_anchor_without_a_copy(order: torch.memory_format) -> None:
    detect = head()
    kept: list[Tensor] = []
    detect.m[0].register_forward_hook(lambda conv, entering, leaving: kept.append(leaving))
    maps = [torch.randn(2, 8, 4, 6).contiguous(memory_format=order), torch.randn(2, 16, 2, 3)]
    fine, coarse = detect(maps)
    assert fine.shape == (2, 2, 4, 6, 9)
    assert coarse.shape == (2, 2, 2, 3, 9)
    assert fine.data_ptr() == kept[0].data_ptr()
    for anchor, output in ((0, 0), (1, 8), (1, 3)):
        assert torch.equal(fine[:, anchor, :, :, output], kept[0][:, 9 * anchor + output])
