"""Groups, rates, momentum and steps against upstream's tables and its real run, and the laws of a schedule."""

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.optim import SGD, Adam, AdamW

from tests.example_models import GOLDEN, golden, needs_shared
from yoloaudit.errors import UsageError
from yoloaudit.train.config import Hyper, hyper
from yoloaudit.train.learning.optim import (
    Name,
    Rates,
    Schedule,
    accumulation,
    clip,
    decay,
    freeze,
    groups,
    optimizer,
    round_to_half,
    set_rates,
)
from yoloaudit.train.model import build

TABLES = {table["tag"]: table for table in golden("schedule.json")["lr"]} if GOLDEN.exists() else {}


def stepped(schedule: Schedule, batches: int) -> list[bool]:
    """Whether the optimizer moves after each of the first batches of a run."""
    last, found = -1, []
    for batch in range(batches):
        found.append(schedule.steps(batch, last))
        last = batch if found[-1] else last
    return found


@needs_shared
def test_groups_are_upstreams() -> None:
    model = build("n", 80)
    made = optimizer(model, "SGD", Hyper(), 16)
    names = {parameter: name for name, parameter in model.named_parameters()}
    for group, expected in zip(made.param_groups, golden("schedule.json")["optimizer"]["sgd_groups"], strict=True):
        assert [names[parameter] for parameter in group["params"][:3]] == expected["first3"]
        assert len(group["params"]) == expected["n"]
        assert sum(parameter.numel() for parameter in group["params"]) == expected["numel"]
        assert {key: group[key] for key in ("lr", "momentum", "nesterov", "weight_decay")} == {
            key: expected[key] for key in ("lr", "momentum", "nesterov", "weight_decay")
        }


@pytest.mark.parametrize(("name", "kind"), [("SGD", SGD), ("Adam", Adam), ("AdamW", AdamW)])
def test_every_parameter_is_in_one_group_and_only_weights_decay(name: Name, kind: type) -> None:
    model = build("n6", 3)
    made = optimizer(model, name, Hyper(), 16)
    assert isinstance(made, kind)
    held = [parameter for group in made.param_groups for parameter in group["params"]]
    assert len(held) == len(set(held)) == len(list(model.parameters()))
    assert [group["weight_decay"] for group in made.param_groups] == [0, 0.0005, 0]
    if name != "SGD":
        assert {group["betas"] for group in made.param_groups} == {(0.937, 0.999)}


def test_frozen_parameters_are_in_their_group() -> None:
    model = build("n", 3)
    whole = [len(group) for group in groups(model)]
    freeze(model, (0, 1))
    assert [len(group) for group in groups(model)] == whole


@needs_shared
def test_accumulation_and_decay_are_upstreams() -> None:
    for batch, expected in golden("schedule.json")["accumulate"].items():
        assert accumulation(int(batch)) == expected
    for batch, expected in golden("schedule.json")["weight_decay_scaled"].items():
        assert decay(Hyper(), int(batch)) == pytest.approx(expected, rel=1e-12)


@needs_shared
@pytest.mark.parametrize("tag", TABLES)
def test_rates_are_those_of_the_table(tag: str) -> None:
    table = TABLES[tag]
    schedule = Schedule(hyper(lrf=table["lrf"]), table["epochs"], table["nb"], table["batch"], cosine=table["cos"])
    steps = stepped(schedule, table["epochs"] * table["nb"])
    assert schedule.warm_up == table["nw"]
    for epoch, batch, *expected in table["rows"]:
        assert epoch == batch // table["nb"]
        rates = schedule.at(batch)
        assert list(rates) == pytest.approx(expected[:4], rel=2e-9, abs=1e-12)
        assert steps[batch] == expected[4]


@needs_shared
def test_one_cycle_is_upstreams() -> None:
    expected = golden("schedule.json")["one_cycle"]["epochs10_lrf0.1"]
    schedule = Schedule(hyper(lrf=0.1), 10, 8, 16, cosine=True)
    assert [schedule.factor(epoch) for epoch in range(11)] == pytest.approx(expected, rel=1e-12)


@needs_shared
def test_a_real_run_had_these_rates_and_steps() -> None:
    run = golden("train_curve.json")["runs"]["c"]
    schedule = Schedule(hyper("no-augmentation"), epochs=3, batches=8, batch=16)
    made = optimizer(build("n", 80), "SGD", schedule.hyper, 16)
    steps = stepped(schedule, 24)
    assert len(run["steps"]) == 24
    for batch, expected in enumerate(run["steps"]):
        set_rates(made, schedule.at(batch))
        assert expected["ni"] == batch
        assert [group["lr"] for group in made.param_groups] == pytest.approx(expected["lr"], rel=1e-12, abs=1e-18)
        assert [group["momentum"] for group in made.param_groups] == pytest.approx(expected["momentum"], rel=1e-12)
        assert steps[batch] == expected["stepped"]
    for epoch, expected in enumerate(run["epochs"]):
        rates = schedule.at(epoch * 8 + 7)
        assert [rates.biases, rates.weights, rates.weights] == pytest.approx(expected["lr"], rel=1e-12)


@given(st.integers(1, 300), st.integers(1, 200), st.integers(1, 300), st.booleans(), st.floats(0, 1))
def test_rates_stay_within_their_bounds(epochs: int, batches: int, images: int, cosine: bool, lrf: float) -> None:
    schedule = Schedule(hyper(lrf=lrf), epochs, batches, images, cosine)
    factors = [schedule.factor(epoch) for epoch in range(epochs + 1)]
    assert factors[0] == 1
    assert factors[-1] == pytest.approx(lrf, abs=1e-12)
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(factors))
    for batch in (0, 1, schedule.warm_up, schedule.warm_up + 1, epochs * batches - 1):
        rates = schedule.at(min(batch, epochs * batches - 1))
        assert 0 <= rates.weights <= 0.01 + 1e-12
        assert 0 <= rates.biases <= 0.1 + 1e-12
        assert 0.8 <= rates.momentum <= 0.937
        assert 1 <= rates.accumulate <= 64
    assert schedule.at(0) == Rates(0.1, 0.0, 0.8, 1)


def test_a_run_without_warm_up_still_has_100_batches_of_it() -> None:
    assert Schedule(hyper(warmup_epochs=0), 10, 50, 16).warm_up == 100
    assert Schedule(hyper(), 10, 50, 16).warm_up == 150


def test_adam_keeps_its_betas() -> None:
    made = optimizer(build("n", 3), "Adam", Hyper(), 16)
    set_rates(made, Rates(0.3, 0.2, 0.8, 1))
    assert [group["lr"] for group in made.param_groups] == [0.3, 0.2, 0.2]
    assert {group["betas"] for group in made.param_groups} == {(0.937, 0.999)}


def test_no_momentum() -> None:
    made: Any = optimizer(build("n", 3), "SGD", hyper(momentum=0), 16)
    assert not any(group["nesterov"] for group in made.param_groups)


def test_long_gradients_are_shortened_together() -> None:
    layer = nn.Linear(2, 1)
    layer.weight.grad, layer.bias.grad = torch.tensor([[30.0, 0.0]]), torch.tensor([40.0])
    assert clip(layer).item() == pytest.approx(50)
    assert math.hypot(*layer.weight.grad[0].tolist(), layer.bias.grad.item()) == pytest.approx(10, rel=1e-4)
    assert clip(layer).item() == pytest.approx(10, rel=1e-4)
    assert layer.bias.grad.item() == pytest.approx(8, rel=1e-4)


def test_frozen_layers_do_not_learn_but_their_normalisations_follow() -> None:
    model = build("n", 3)
    names = freeze(model, (0, 2))
    assert names == [name for name, part in model.named_parameters() if not part.requires_grad]
    assert {name.split(".")[1] for name in names} == {"0", "2"}
    before = model.state_dict()["model.0.bn.running_mean"].clone()
    sum(head.mean() for head in model(torch.rand(2, 3, 64, 64))).backward()
    assert all((part.grad is None) == (name in names) for name, part in model.named_parameters())
    assert not torch.equal(model.state_dict()["model.0.bn.running_mean"], before)
    assert freeze(model, ()) == []
    assert all(part.requires_grad for part in model.parameters())


@pytest.mark.parametrize(
    ("layers", "told"), [((25,), "no layer 25"), (range(1000), "no layer"), (range(25), "nothing")]
)
def test_layers_that_cannot_be_frozen(layers: range, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        freeze(build("n", 3), layers)


def test_rounding_to_half_is_to_the_nearest_16_bit_float() -> None:
    layer = nn.BatchNorm1d(1)
    layer.weight.data.fill_(0.1)
    round_to_half(layer)
    assert layer.weight.item() == torch.tensor(0.1).half().item()
    assert layer.weight.dtype == torch.float32
