"""A learner's whole state: what comes back is what was there, and nothing foreign is taken for one."""

import random
from typing import Any

import numpy as np
import pytest
import torch

from tests.train.learning.test_learner import batch, learner
from yoloaudit.errors import CheckpointError
from yoloaudit.train.checkpoint.resume import newest
from yoloaudit.train.checkpoint.save import State, save
from yoloaudit.train.learning import memory
from yoloaudit.train.learning.learner import Learner


def run(made: Learner, first: int, last: int) -> list[Any]:
    return [made.learn(batch(number)) for number in range(first, last)]


@pytest.mark.parametrize(
    "options",
    [{}, {"optimizer": "AdamW"}, {"precision": "bf16", "freeze": (5,)}],
    ids=str,
)
def test_it_goes_on_bit_by_bit(options: dict[str, Any], tmp_path: Any) -> None:
    whole, part = learner(**options), learner(**options)
    for made in (whole, part):
        made.done, made.last = 50, 49
    expected = run(whole, 0, 5)
    run(part, 0, 3)
    save(str(tmp_path), memory.kept(part))
    again = learner(**options)
    run(again, 20, 21)
    memory.restore(again, newest(str(tmp_path)).state)
    assert run(again, 3, 5) == expected[3:]
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, again.model.state_dict()[name]), name
    for name, tensor in whole.average.model.state_dict().items():
        assert torch.equal(tensor, again.average.model.state_dict()[name]), name
    assert whole.average.updates == again.average.updates
    assert whole.scaler.state_dict() == again.scaler.state_dict()


def test_the_scale_of_16_bit_losses_goes_on(tmp_path: Any) -> None:
    made, again = learner(precision="fp16"), learner(precision="fp16")
    made.learn(batch(images=1))
    made.scaler.update(123.0)
    save(str(tmp_path), memory.kept(made))
    memory.restore(again, newest(str(tmp_path)).state)
    assert again.scaler.state_dict() == made.scaler.state_dict()
    assert again.scaler.get_scale() == 123.0


def test_random_numbers_go_on(tmp_path: Any) -> None:
    made = learner()
    save(str(tmp_path), memory.kept(made))
    drawn = random.random(), np.random.rand(), torch.rand(1).item()  # noqa: NPY002 - whoever draws from it
    memory.restore(learner(), newest(str(tmp_path)).state)
    assert (random.random(), np.random.rand(), torch.rand(1).item()) == drawn  # noqa: NPY002


def test_a_state_of_something_else_is_one_sentence() -> None:
    kept = memory.kept(learner())
    foreign = [
        State({}, kept.values),
        State(kept.tensors, {}),
        State(kept.tensors, {**kept.values, "done": "7"}),
        State(kept.tensors, {**kept.values, "optimizer": {"slots": {}, "groups": []}}),
        State(kept.tensors, {**kept.values, "random": {"python": [3, [1], None], "numpy": []}}),
        State({**kept.tensors, "gradient.model.0.conv.weight": torch.zeros(3)}, kept.values),
        State({**kept.tensors, "model.model.0.conv.weight": torch.zeros(3)}, kept.values),
    ]
    for state in foreign:
        with pytest.raises(CheckpointError):
            memory.restore(learner(), state)
