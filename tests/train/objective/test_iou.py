"""IoU and its kin against upstream's figures, and the laws that hold between them."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.example_models import golden, needs_shared
from yoloaudit.train.objective import iou as module

KINDS = ("iou", "giou", "diou", "ciou")
PAIRS = 14

side = st.floats(0.0078125, 100, width=32)
boxes = st.lists(st.tuples(*[st.floats(-16, 16, width=32)] * 2, side, side), min_size=1, max_size=8)
ROUNDING = 2e-3
"""What 32 bits lose on the smallest of these boxes, far from the origin."""


def overlap(kind: str, first: Tensor, second: Tensor) -> Tensor:
    found: Tensor = getattr(module, kind)(first, second)
    return found


@needs_shared
@pytest.mark.parametrize("number", range(PAIRS))
def test_values_and_gradients_are_upstreams(number: int) -> None:
    pair = golden("ciou.json")["pairs_xywh"][number]
    first, second = (torch.tensor([pair[name]], dtype=torch.float32) for name in ("box1", "box2"))
    for kind in KINDS:
        value = overlap(kind, first, second).item()
        expected = math.nan if pair[kind] is None else pair[kind]
        assert value == pytest.approx(expected, abs=1e-7, rel=1e-7, nan_ok=True), kind
    first.requires_grad_()
    gradient = torch.autograd.grad(module.ciou(first, second).sum(), first)[0]
    expected = [math.nan if value is None else value for value in pair["ciou_grad_box1"]]
    assert gradient[0].tolist() == pytest.approx(expected, abs=1e-7, rel=1e-6, nan_ok=True)


@needs_shared
def test_all_pairs_are_looked_at() -> None:
    assert len(golden("ciou.json")["pairs_xywh"]) == PAIRS


@given(boxes, boxes)
def test_each_kind_is_stricter_than_the_one_before(
    first: list[tuple[float, ...]], second: list[tuple[float, ...]]
) -> None:
    count = min(len(first), len(second))
    one, other = torch.tensor(first[:count]), torch.tensor(second[:count])
    iou, giou, diou, ciou = (overlap(kind, one, other) for kind in KINDS)
    assert ((iou >= 0) & (iou <= 1 + ROUNDING)).all()
    for kind in (giou, diou, ciou):
        assert (kind <= iou + ROUNDING).all()
        assert (kind >= -2).all()
    assert (ciou <= diou + ROUNDING).all()
    torch.testing.assert_close(module.iou(other, one), iou, atol=ROUNDING, rtol=0)
    torch.testing.assert_close(module.giou(other, one), giou, atol=ROUNDING, rtol=0)


@given(boxes)
def test_a_box_overlaps_itself_wholly(first: list[tuple[float, ...]]) -> None:
    one = torch.tensor(first)
    for kind in KINDS:
        torch.testing.assert_close(overlap(kind, one, one), torch.ones(len(one)), atol=ROUNDING, rtol=0)


@given(boxes)
def test_gradients_are_finite(first: list[tuple[float, ...]]) -> None:
    one = torch.tensor(first).requires_grad_()
    other = one.detach().flip(0) + torch.tensor([0.5, 0, 0.3, 0.1])
    assert torch.autograd.grad(module.ciou(one, other).sum(), one)[0].isfinite().all()


def test_no_gradient_passes_through_the_weight_of_the_proportions() -> None:
    first, second = torch.tensor([[0.0, 0, 2, 30]], requires_grad=True), torch.tensor([[0.0, 0, 30, 2]])
    slant = torch.atan(second[:, 2] / second[:, 3]) - torch.atan(first[:, 2] / first[:, 3])
    unlike = 4 / math.pi**2 * slant**2
    weight = (unlike / (1 - module.iou(first, second) + unlike + 1e-7)).detach()
    by_hand = torch.autograd.grad((module.diou(first, second) - weight * unlike).sum(), first)[0]
    torch.testing.assert_close(torch.autograd.grad(module.ciou(first, second).sum(), first)[0], by_hand)


def test_a_box_that_rounding_makes_overlap_itself_by_more_than_all() -> None:
    one = torch.tensor([[0.0, 1, 1, 1.5863450765609741]], requires_grad=True)
    found = module.ciou(one, one.detach())
    assert found.item() == pytest.approx(1, abs=1e-6)
    assert torch.autograd.grad(found.sum(), one)[0].isfinite().all()


def test_no_pairs() -> None:
    none = torch.zeros(0, 4)
    assert [overlap(kind, none, none).shape for kind in KINDS] == [(0,)] * 4
