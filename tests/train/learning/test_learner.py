"""A learner, batch by batch: when it moves, what it does with numbers that are none, and how it computes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.example_training import CPU, tiny
from yoloaudit.errors import UsageError
from yoloaudit.train.config import PRESETS, Options
from yoloaudit.train.learning.learner import PLAIN, Learner, Ways, precision_of
from yoloaudit.train.model import build
from yoloaudit.train.types import Batch

HYPER = PRESETS["scratch-low"]


def learner(batch: int = 4, batches: int = 50, ways: Ways = PLAIN, **options: Any) -> Learner:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return Learner(build("n", 2), HYPER, tiny(**options), batch=batch, batches=batches, device=CPU, ways=ways)


def batch(seed: int = 0, images: int = 4, side: int = 64) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (images, 3, side, side), dtype=torch.uint8, generator=generator)
    rows = torch.tensor([[number, number % 2, 0.5, 0.5, 0.4, 0.3] for number in range(images)])
    return Batch(pixels, rows, tuple(range(images)))


def weights(model: torch.nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()]).clone()


def test_the_optimizer_moves_once_enough_images_are_gathered() -> None:
    made = learner()
    made.done, made.last = 200, 199
    before, average = weights(made.model), weights(made.average.model)
    for number in range(15):
        assert not made.learn(batch(number)).stepped
    assert torch.equal(weights(made.model), before)
    assert made.learn(batch(15)).stepped
    assert not torch.equal(weights(made.model), before)
    assert not torch.equal(weights(made.average.model), average)
    assert all(parameter.grad is None for parameter in made.model.parameters())
    assert (made.done, made.last, made.average.updates) == (216, 215, 1)


def test_gradients_of_batches_add_up_to_those_of_their_images_together() -> None:
    together, apart = learner(), learner()
    for made in (together, apart):
        made.model.eval()
        made.done, made.last = 200, 199
    whole = batch()
    together.learn(whole)
    for number in range(2):
        rows = whole.targets[2 * number : 2 * number + 2].clone()
        rows[:, 0] -= 2 * number
        apart.learn(Batch(whole.images[2 * number : 2 * number + 2], rows, (0, 1)))
    for one, other in zip(together.model.parameters(), apart.model.parameters(), strict=True):
        assert one.grad is not None
        assert other.grad is not None
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-3, atol=1e-3)


def test_long_gradients_are_shortened_and_their_length_is_told() -> None:
    made = learner()
    made.loss.gains = replace(made.loss.gains, box=100.0)
    assert math.isnan(made.norm)
    assert made.learn(batch()).stepped
    assert made.norm > 10


def test_rates_are_those_of_the_schedule() -> None:
    made = learner()
    made.learn(batch())
    made.learn(batch(1))
    biases, others, _ = (group["lr"] for group in made.optimizer.param_groups)
    assert (biases, others) == (made.schedule.at(1).biases, made.schedule.at(1).weights)
    assert made.rates == made.schedule.at(2)


def test_numbers_that_are_none_throw_away_what_was_gathered() -> None:
    made = learner()
    made.learn(batch())
    before, average = weights(made.model), weights(made.average.model)
    with torch.no_grad():
        kept = made.model.head.m[1].weight.clone()  # type: ignore[operator]  # a convolution has weights
        made.model.head.m[1].weight.fill_(math.nan)  # type: ignore[operator]
    outcome = made.learn(batch(1))
    assert not outcome.finite
    assert not outcome.stepped
    assert torch.equal(weights(made.average.model), average)
    with torch.no_grad():
        made.model.head.m[1].weight.copy_(kept)  # type: ignore[operator]
    assert torch.equal(weights(made.model), before)
    assert made.is_sound()
    assert made.last == made.done - 1
    assert made.learn(batch(2)).finite


def test_statistics_that_a_broken_batch_spoils_are_mended() -> None:
    made = learner()
    made.learn(batch())
    first = made.model.model[0].conv.weight  # type: ignore[union-attr]  # the stem has a convolution
    with torch.no_grad():
        kept = first.clone()  # type: ignore[operator]
        first.fill_(math.inf)  # type: ignore[operator]
    assert not made.learn(batch(1)).finite
    with torch.no_grad():
        first.copy_(kept)  # type: ignore[operator]
    assert made.is_sound()
    assert made.learn(batch(2)).finite


def test_too_little_memory_leaves_the_weights_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    made = learner()
    made.done, made.last = 200, 199
    made.learn(batch())
    before = weights(made.model)

    def full(*_: object) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(made, "loss", full)
    with pytest.raises(torch.cuda.OutOfMemoryError):
        made.learn(batch(1))
    assert torch.equal(weights(made.model), before)
    assert all(parameter.grad is None for parameter in made.model.parameters())
    assert made.done == 201


def test_sizes_vary_with_the_batch_alone() -> None:
    made = learner(multi_scale=True, imgsz=128)
    seen: list[tuple[int, ...]] = []
    made.network = lambda images: seen.append(tuple(images.shape)) or made.model(images)  # type: ignore[func-returns-value]
    for number in range(8):
        made.done, made.last = number, number - 1
        made.learn(batch(side=128))
    made.done = 3
    made.learn(batch(side=128))
    sides = [shape[2] for shape in seen]
    assert sides[8] == sides[3]
    assert set(sides) <= {64, 96, 128, 160, 192}
    assert len(set(sides)) > 1


def test_four_images_in_one_count_as_four() -> None:
    plain, quad = learner(), learner(quad=True)
    for made in (plain, quad):
        made.done, made.last = 200, 199
        made.learn(batch())
    one, other = (next(made.model.parameters()).grad for made in (plain, quad))
    assert one is not None
    assert other is not None
    torch.testing.assert_close(4 * one, other)


def test_losses_of_16_bits_are_scaled_and_the_scale_is_lowered_where_they_overflow() -> None:
    made = learner(precision="fp16")
    made.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**40)
    before = weights(made.model)
    outcome = made.learn(batch())
    assert outcome.finite
    assert not outcome.stepped
    assert torch.equal(weights(made.model), before)
    assert made.average.updates == 0
    assert made.scaler.get_scale() == 2.0**39
    made.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**8)
    outcome = made.learn(batch())
    assert outcome.stepped
    assert math.isfinite(made.norm)
    plain = learner().learn(batch())
    assert outcome.losses == pytest.approx(plain.losses, rel=0.02)


@pytest.mark.parametrize("ways", [Ways(channels_last=False), Ways()])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_ways_to_compute_differ_by_rounding_alone(ways: Ways, precision: str) -> None:
    plain, other = learner(ways=Ways(channels_last=False)), learner(ways=ways, precision=precision)
    for number in range(3):
        one, two = plain.learn(batch(number)), other.learn(batch(number))
        assert two.losses == pytest.approx(one.losses, rel=0.02)


def test_frozen_layers_do_not_learn() -> None:
    made = learner(freeze=(3,))
    made.done, made.last = 50, -1
    before = {name: parameter.detach().clone() for name, parameter in made.model.named_parameters()}
    made.learn(batch())
    still = {name for name, parameter in made.model.named_parameters() if torch.equal(parameter, before[name])}
    assert still >= {name for name in before if name.startswith(("model.0.", "model.1.", "model.2."))}
    assert not still & {"model.3.conv.weight", "model.24.m.0.bias"}
    with pytest.raises(UsageError, match="layer 99"):
        learner(freeze=(1, 99))


def test_the_precision_is_that_of_the_device_unless_told() -> None:
    cuda = torch.device("cuda:0")
    assert precision_of(Options(), CPU) is torch.float32
    assert precision_of(Options(), cuda) is torch.float16
    assert precision_of(Options(precision="bf16"), cuda) is torch.bfloat16
