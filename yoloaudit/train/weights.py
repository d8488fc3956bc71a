"""A name or a file of weights → the detector that they are of; weights of one model → another model.

Nothing is guessed: each tensor has its name and its shape, or the file is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yoloaudit.errors import CheckpointError
from yoloaudit.findings import shorten
from yoloaudit.progress import Progress, silent
from yoloaudit.train.checkpoint import lineage
from yoloaudit.train.checkpoint import read as checkpoint
from yoloaudit.train.model import Detector, build
from yoloaudit.train.release import locate as releases
from yoloaudit.train.types import Checkpoint

ANCHORS, PIXEL_ANCHORS, VARIANCE = "anchors", "anchor_grid", "running_var"
"""Ends of the names of some tensors."""
NUMBERS = "fiub"
"""Kinds of dtypes that can be weights: floats, integers, truth values."""


class Transfer(NamedTuple):
    """What a model has taken over."""

    copied: int
    of: int
    """Tensors that the model has."""
    left: tuple[str, ...]
    """Those that stay as they were."""


def _untold(sentence: str) -> None:
    pass


def load(
    path_or_name: str,
    *,
    device: torch.device | str = "cpu",
    tell: Callable[[str], None] = _untold,
    progress: Progress = silent,
) -> tuple[Detector, Checkpoint]:
    """The detector of a file, or of an official name such as yolov5s, in 32 bits and evaluation mode.

    An official file is downloaded once; `tell` is handed sentences about that. Raises CheckpointError where there is
    none, where it is damaged, and where it is of another kind of model.
    """
    found = checkpoint.read(releases.locate(path_or_name, tell=tell, progress=progress))
    return detector(found).to(device), found


def detector(found: Checkpoint) -> Detector:
    """The detector that a checkpoint is of, on the processor; raises CheckpointError as `load` does."""
    reason = checkpoint.unlike(found)
    architecture = lineage.architecture_of(found.state)
    if reason is not None or found.size is None or architecture is None:
        raise CheckpointError(f"{_named(found)} {reason or 'is of no architecture that yoloaudit builds'}")
    head = lineage.head_of(found.state)
    assert head is not None
    names = found.names or None
    model = build(found.size, found.classes, names, head.anchors, architecture=architecture, device="meta")
    state = {name: array for name, array in found.state.items() if not name.endswith(PIXEL_ANCHORS)}
    _refuse_misfit(model, state, found)
    model.load_state_dict({name: _tensor(name, array, found) for name, array in state.items()}, assign=True)
    return model.eval()


def transfer(model: Detector, found: Checkpoint, *, anchors: bool = True) -> Transfer:
    """Copy into the model every tensor that has a name and a shape of the model's; without `anchors`, not those.

    Raises CheckpointError if one of them is damaged; the model is then as it was.
    """
    own = model.state_dict()
    fitting = {
        name: _tensor(name, array, found)
        for name, array in found.state.items()
        if name in own and array.shape == own[name].shape and (anchors or ANCHORS not in name)
    }
    with torch.no_grad():
        for name, tensor in fitting.items():
            own[name].copy_(tensor)
    return Transfer(len(fitting), len(own), tuple(name for name in own if name not in fitting))


def check_names(found: Checkpoint, names: Sequence[str]) -> str | None:
    """How the classes of the weights differ from those of a data set, in a sentence; None if they do not.

    Case and outer spaces do not count, nor names where the weights bear none.
    """
    if found.classes != len(names):
        ours, theirs = _classes(found.classes, found.names), _classes(len(names), names)
        return f"the weights know {ours}, the data set has {theirs}"
    pairs = enumerate(zip(found.names, names, strict=False))
    other = [(number, *pair) for number, pair in pairs if len({name.strip().casefold() for name in pair}) > 1]
    if not other:
        return None
    number, ours, theirs = other[0]
    rest = f", and {len(other) - 1} more of {len(names)} differ" if len(other) > 1 else ""
    return f"class {number} is {shorten(ours)!r} in the weights, but {shorten(theirs)!r} in the data set{rest}"


def _classes(count: int, names: Sequence[str]) -> str:
    shown = ", ".join(shorten(name, 40) for name in names[:3]) + (" …" if len(names) > 3 else "")
    return f"{count} class{'' if count == 1 else 'es'}" + (f" ({shown})" if shown else "")


def _named(found: Checkpoint) -> str:
    return shorten(found.path, 200) or "the checkpoint"


def _refuse_misfit(model: Detector, state: dict[str, NDArray[Any]], found: Checkpoint) -> None:
    """CheckpointError unless names and shapes are exactly those of the model."""
    own = model.state_dict()
    missing = [name for name in own if name not in state]
    unexpected = [shorten(name) for name in state if name not in own]
    misshapen = [
        f"{name}, {list(array.shape)} in place of {list(own[name].shape)}"
        for name, array in state.items()
        if name in own and array.shape != own[name].shape
    ]
    kinds = {"missing": missing, "unknown": unexpected, "of another shape": misshapen}
    wrong = [f"{len(names):,} {word} (first {names[0]})" for word, names in kinds.items() if names]
    if wrong:
        like = f"yolov5{found.size} of {found.classes} classes"
        raise CheckpointError(f"{_named(found)} looks like {like}, but of its tensors are {'; '.join(wrong)}")


def _tensor(name: str, array: NDArray[Any], found: Checkpoint) -> Tensor:
    """A copy in 32 bits (counters: 64), which is refused if no network can compute with it."""
    if array.dtype.kind not in NUMBERS:
        raise CheckpointError(f"{_named(found)} is damaged: {shorten(name, 100)} holds {array.dtype}, not numbers")
    counts = name.endswith("num_batches_tracked")
    with np.errstate(over="ignore", invalid="ignore"):
        tensor = torch.from_numpy(np.array(array, np.int64 if counts else np.float32))
    if not tensor.isfinite().all():
        reason = checkpoint.damaged(found) or f"is damaged: weights in {shorten(name, 100)} are beyond 32 bits"
        raise CheckpointError(f"{_named(found)} {reason}")
    least = tensor.min().item() if tensor.numel() else 0
    if (name.endswith(VARIANCE) and least < 0) or (name.endswith(f".{ANCHORS}") and least <= 0):
        where = shorten(name, 100)
        raise CheckpointError(f"{_named(found)} is damaged: {where} holds {least:g}, which no training gives")
    return tensor
