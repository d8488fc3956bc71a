"""The cross-entropies against upstream's figures, and against the formulas in 64 bits."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.example_models import golden, needs_shared
from yoloaudit.train.objective.cross_entropy import blurred, cross_entropy, focal, quality_focal

Form: TypeAlias = Callable[[Tensor, Tensor, float], Tensor]
logits = st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=8)


@needs_shared
@pytest.mark.parametrize(
    ("name", "function", "parameter"),
    [("focal_1.5", focal, 1.5), ("qfocal_1.5", quality_focal, 1.5), ("bceblur_.05", blurred, 0.05)],
)
def test_means_are_upstreams(name: str, function: Form, parameter: float) -> None:
    case = golden("loss_meta.json")["focal_only"][name]
    found = function(torch.tensor(case["logits"]), torch.tensor(case["targets"]), parameter)
    assert found.mean().item() == pytest.approx(case["loss"], rel=1e-7)


@given(logits, st.floats(0, 1), st.floats(0.1, 4))
def test_positive_weight_as_in_the_formula(drawn: list[float], wanted: float, positive: float) -> None:
    x, t = torch.tensor(drawn), torch.full((len(drawn),), wanted)
    told = -(positive * t.double() * torch.nn.functional.logsigmoid(x.double()))
    told -= (1 - t.double()) * torch.nn.functional.logsigmoid(-x.double())
    torch.testing.assert_close(cross_entropy(x, t, positive).double(), told, rtol=1e-5, atol=2e-5)


@given(logits, st.floats(0.1, 3))
def test_focal_is_never_more_than_the_plain_one(drawn: list[float], gamma: float) -> None:
    x = torch.tensor(drawn)
    for wanted, weight in ((0.0, 0.75), (1.0, 0.25)):
        t = torch.full_like(x, wanted)
        plain = cross_entropy(x, t)
        assert (focal(x, t, gamma) <= plain * weight + 1e-6).all()
        torch.testing.assert_close(focal(x, t, 0.0), plain * weight)
        assert (blurred(x, t, 0.05) <= plain).all()


@pytest.mark.parametrize("function", [focal, quality_focal])
@pytest.mark.parametrize("gamma", [0.3, 0.7, 1.5])
def test_gradients_are_finite_where_a_score_is_saturated(function: Form, gamma: float) -> None:
    x = torch.tensor([-200.0, -20, 0, 20, 200], requires_grad=True)
    for wanted in (0.0, 0.5, 1.0):
        found = function(x, torch.full_like(x, wanted), gamma)
        assert torch.autograd.grad(found.sum(), x)[0].isfinite().all()
