"""The average of a model against upstream's figures and the closed form, and going on from a state."""

import pytest
import torch

from tests.example_models import golden, needs_shared
from yoloaudit.errors import CheckpointError
from yoloaudit.train.learning.ema import Average, decay
from yoloaudit.train.model import Detector, build


def filled(value: float) -> Detector:
    model = build("n", 1)
    for tensor in model.state_dict().values():
        tensor.fill_(value)
    return model


@needs_shared
def test_decay_is_upstreams() -> None:
    for updates, expected in golden("schedule.json")["ema_decay"].items():
        assert decay(int(updates)) == pytest.approx(expected, rel=1e-12)


@needs_shared
def test_averages_are_upstreams() -> None:
    sequence = golden("schedule.json")["ema_scalar_sequence"]
    average = Average(filled(sequence["init"]))
    for value, expected in zip(sequence["model_values"], sequence["ema"], strict=True):
        average.update(filled(value))
        for name, tensor in average.model.state_dict().items():
            if tensor.is_floating_point():
                assert tensor.flatten()[0].item() == pytest.approx(expected, rel=1e-6), name


def test_every_float_is_averaged_and_counters_stay() -> None:
    average, model = Average(filled(0)), filled(1)
    average.update(model)
    kinds = {name: tensor.unique().tolist() for name, tensor in average.model.state_dict().items()}
    share = 1 - decay(1)
    for name, values in kinds.items():
        assert values == [0] if name.endswith("num_batches_tracked") else values == pytest.approx([share], rel=1e-6)


def test_the_average_is_a_copy_that_does_not_learn() -> None:
    model = build("n", 1)
    average = Average(model.train())
    assert model.training
    assert not average.model.training
    assert not any(part.requires_grad for part in average.model.parameters())
    assert all(part.requires_grad for part in model.parameters())
    kept = average.model.state_dict()["model.0.conv.weight"].clone()
    model.state_dict()["model.0.conv.weight"].zero_()
    assert torch.equal(average.model.state_dict()["model.0.conv.weight"], kept)


def test_going_on_from_a_state_is_bit_exact() -> None:
    models = [filled(value) for value in (0.3, -1.7, 2.9, 0.1)]
    whole = Average(models[0])
    for model in models[1:]:
        whole.update(model)
    first = Average(models[0])
    first.update(models[1])
    state = first.state()
    saved = {name: tensor.clone() for name, tensor in state["model"].items()}
    second = Average(filled(9))
    second.restore(state["updates"], saved)
    for model in models[2:]:
        second.update(model)
    assert second.updates == whole.updates == 3
    for one, other in zip(whole.model.state_dict().values(), second.model.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_a_state_of_another_model_changes_nothing() -> None:
    average = Average(filled(1))
    for other in (build("n", 2).state_dict(), {}, {**build("n", 1).state_dict(), "more": torch.zeros(1)}):
        with pytest.raises(CheckpointError, match="another model"):
            average.restore(7, other)
        assert average.updates == 0
        assert average.model.state_dict()["model.0.conv.weight"].unique().tolist() == [1]
