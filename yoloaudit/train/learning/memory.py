"""A learner → the tensors and values from which another one goes on bit by bit as it would have; and back.

Tensors are named `model.…`, `average.…`, `gradient.…`, `optimizer.<number>.…` and `random.…`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from yoloaudit.errors import CheckpointError
from yoloaudit.train.checkpoint.save import State
from yoloaudit.train.learning.learner import Learner

BROKEN = (KeyError, ValueError, TypeError, IndexError, RuntimeError, AttributeError, OverflowError)
"""What PyTorch, NumPy and Python raise where they are handed a state of something else."""


def kept(learner: Learner) -> State:
    """The whole state of a learner, and the random states of the process. The tensors are its own, not copies."""
    average = learner.average.state()
    tensors: dict[str, Tensor] = {}
    tensors |= _named("model", learner.model.state_dict())
    tensors |= _named("average", average["model"])
    gradients = {name: own.grad for name, own in learner.model.named_parameters() if own.grad is not None}
    tensors |= _named("gradient", gradients)
    moved, slots, groups = _of_optimizer(learner.optimizer)
    drawn, streams = _random(learner.device)
    values = {
        "done": learner.done,
        "last": learner.last,
        "updates": average["updates"],
        "optimizer": {"groups": groups, "slots": slots},
        "scaler": learner.scaler.state_dict(),
        "random": streams,
    }
    return State(tensors | _named("optimizer", moved) | _named("random", drawn), values)


def restore(learner: Learner, state: State) -> None:
    """Make a learner go on from a state; raises CheckpointError if that is of another model or optimizer."""
    values = state.values
    learner.optimizer.zero_grad(set_to_none=True)
    try:
        learner.average.restore(_integer(values["updates"]), _part("average", state.tensors))
        learner.model.load_state_dict(_part("model", state.tensors))
        _restore_gradients(learner, _part("gradient", state.tensors))
        _restore_optimizer(learner.optimizer, values["optimizer"], _part("optimizer", state.tensors))
        if learner.scaler.is_enabled():
            learner.scaler.load_state_dict(values["scaler"])
        learner.done, learner.last = _integer(values["done"]), _integer(values["last"])
        _restore_random(values["random"], _part("random", state.tensors), learner.device)
    except BROKEN as error:
        said = " ".join(str(error).split())[:200]
        raise CheckpointError(f"the state is of another training: {type(error).__name__}: {said}") from None


def _named(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{part}.{name}": tensor for name, tensor in tensors.items()}


def _part(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    start = f"{part}."
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise TypeError("a count is no whole number")
    return value


def _of_optimizer(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, Any], list[Any]]:
    """What it keeps for each parameter, tensors and others by `<number>.<name>`; and its groups."""
    whole = optimizer.state_dict()
    slots = {f"{number}.{name}": value for number, held in whole["state"].items() for name, value in held.items()}
    tensors = {name: value for name, value in slots.items() if isinstance(value, Tensor)}
    others = {name: value for name, value in slots.items() if name not in tensors}
    return tensors, others, whole["param_groups"]


def _restore_optimizer(optimizer: torch.optim.Optimizer, said: Any, tensors: Mapping[str, Tensor]) -> None:
    state: dict[int, dict[str, Any]] = {}
    for place, value in {**said["slots"], **tensors}.items():
        number, _, name = place.partition(".")
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": said["groups"]})
    for parameter, slots in optimizer.state.items():
        for name, value in slots.items():
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                slots[name] = torch.empty_like(parameter).copy_(value)  # laid out as the parameter is


def _restore_gradients(learner: Learner, tensors: Mapping[str, Tensor]) -> None:
    parameters = dict(learner.model.named_parameters())
    for name, gradient in tensors.items():
        own = parameters[name]
        if own.shape != gradient.shape:
            raise ValueError(f"the gradient of {name} is of another shape")
        made = torch.empty_like(own)
        own.grad = made.copy_(gradient)


def _random(device: torch.device) -> tuple[dict[str, Tensor], dict[str, Any]]:
    tensors = {"torch": torch.get_rng_state()}
    if device.type == "cuda":
        tensors["cuda"] = torch.cuda.get_rng_state(device)
    kind, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002 - whoever draws from it
    assert isinstance(keys, np.ndarray)
    return tensors, {"python": random.getstate(), "numpy": [kind, keys.tolist(), *rest]}


def _restore_random(values: Mapping[str, Any], tensors: Mapping[str, Tensor], device: torch.device) -> None:
    version, numbers, following = values["python"]
    random.setstate((version, tuple(numbers), following))
    kind, keys, *rest = values["numpy"]
    np.random.set_state((kind, np.array(keys, np.uint32), *rest))  # noqa: NPY002
    torch.set_rng_state(tensors["torch"])
    if device.type == "cuda" and "cuda" in tensors:
        torch.cuda.set_rng_state(tensors["cuda"], device)
