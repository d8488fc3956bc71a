"""A .pt file that passed the gate → its Checkpoint; nothing of its pickle is imported or called.

What a trainer wrote holds the model as a tree of modules, under `ema` or `model`; a plain state dictionary holds the
tensors by name. The tree is walked with limits, so a module that holds itself, or shares its children, does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.errors import CheckpointError
from yoloaudit.findings import shorten
from yoloaudit.train.checkpoint import lineage, opcodes
from yoloaudit.train.checkpoint.archive import Archive
from yoloaudit.train.checkpoint.inert import Record, Storage, Tensor
from yoloaudit.train.checkpoint.lineage import DROPPED
from yoloaudit.train.checkpoint.plain import plain
from yoloaudit.train.types import Checkpoint

MOST_PARTS = 100_000
"""Modules and their tensors; yolov5x6 has fewer than 2,000."""
MOST_PASSING = 100
"""Buffers of a module that are not part of its state."""
MOST_LEVELS = 8
MOST_TENSORS = 100_000
MOST_DEPTH = 100
"""Modules within modules."""
MOST_NAME, MOST_CLASS_NAME = 1_000, 200
TIMES_THE_FILE = 2
"""All tensors together may be so many times as large as the file: some share a storage."""
MODELS = ("ema", "model", "state_dict")
"""Where a model is looked for, in this order."""


class Found(NamedTuple):
    """The tensors of a model by name; the module they are of, and the classes of all its modules."""

    tensors: Mapping[str, Tensor]
    root: Record | None = None
    blocks: tuple[str, ...] = ()


def read(archive: Archive, size: int) -> Checkpoint:
    """The checkpoint in an archive of `size` bytes; raises CheckpointError, with a text to follow the file's name."""
    sizes = {key: entry.size for key, entry in archive.storages.items()}
    top = opcodes.value_of(archive.read(archive.pickle).tobytes(), sizes)
    found = _found(top)
    _refuse_size(found, size)
    storages = Storages(archive)
    tensors = {name: storages.array(tensor) for name, tensor in found.tensors.items()}
    if found.root is None:
        return lineage.told(tensors, "state-dict")
    stride = found.root.state.get("stride")
    said = storages.array(stride) if type(stride) is Tensor and stride.elements <= MOST_LEVELS else None
    made = lineage.told(tensors, "yolov5", said)
    return _with_attributes(made, top if type(top) is dict else {}, found.root, found.blocks)


def _found(top: Any) -> Found:
    """The model in the value of a pickle."""
    if type(top) is Record:
        return _module(top)
    if type(top) is not dict:
        raise CheckpointError("holds a pickle, but no checkpoint: its value is no mapping and no model")
    for key in MODELS:
        held = top.get(key)
        if type(held) is Record:
            return _module(held)
        if type(held) is dict and held:
            return Found(_tensors(held))
    if any(type(value) is Tensor for value in top.values()):
        return Found(_tensors(top))
    keys = ", ".join(ascii(str(key)[:40]) for key in list(top)[:8]) or "nothing"
    raise CheckpointError(f"is no checkpoint: it holds no model and no tensors, but {keys}")


def _tensors(mapping: Mapping[Any, Any]) -> dict[str, Tensor]:
    """A plain state dictionary."""
    if len(mapping) > MOST_TENSORS:
        raise CheckpointError(f"holds {len(mapping):,} tensors, above the limit of {MOST_TENSORS:,} for checkpoints")
    for name, tensor in mapping.items():
        if type(name) is not str or len(name) > MOST_NAME or type(tensor) is not Tensor:
            raise CheckpointError(
                f"is no checkpoint: {str(name)[:80]!a} in its state dictionary is no tensor with a name"
            )
    return {name: tensor for name, tensor in mapping.items() if not name.endswith(DROPPED)}


def _module(root: Record) -> Found:
    """The tensors of a module and of all below it, in the order and under the names of its state dictionary."""
    tensors: dict[str, Tensor] = {}
    blocks: dict[str, None] = {}
    waiting = [("", root, 0)]
    seen = 0
    while waiting:
        prefix, module, depth = waiting.pop()
        if module.name.role != "module" or type(module.state) is not dict:
            raise CheckpointError(f"is no checkpoint: what it holds as a model, {module.name!r}, is no module")
        own, children, count = _parts(module)
        seen += 1 + count
        if seen > MOST_PARTS or depth > MOST_DEPTH or len(prefix) > MOST_NAME:
            raise CheckpointError(
                f"holds a model of more than {MOST_PARTS:,} parts or {MOST_DEPTH} levels, or one that holds itself"
            )
        blocks[module.name.name] = None
        for name, tensor in own:
            if tensors.setdefault(prefix + name, tensor) is not tensor:
                raise CheckpointError(f"holds two tensors of the name {(prefix + name)[:80]!a}")
        waiting += ((f"{prefix}{name}.", child, depth + 1) for name, child in reversed(children))
    return Found(tensors, root, tuple(blocks))


class Parts(NamedTuple):
    """The tensors of a module itself, parameters first, its children, and how many names there were."""

    tensors: list[tuple[str, Any]]
    children: list[tuple[str, Any]]
    names: int


def _parts(module: Record) -> Parts:
    held = [module.state.get(place, {}) for place in ("_parameters", "_buffers", "_modules")]
    if any(type(each) is not dict for each in held) or (count := sum(map(len, held))) > MOST_PARTS:
        raise CheckpointError(f"is no checkpoint: {module.name!r} has no mappings of its parts, or too many parts")
    parameters, buffers, children = ([item for item in each.items() if item[1] is not None] for each in held)
    passing = plain(module.state.get("_non_persistent_buffers_set"), MOST_PASSING)
    passing = passing if type(passing) is list else []
    tensors = parameters + [item for item in buffers if item[0] not in passing and item[0] != DROPPED]
    for parts, wanted in ((tensors, Tensor), (children, Record)):
        for name, part in parts:
            if type(name) is not str or len(name) > MOST_NAME or type(part) is not wanted:
                shown = ascii(str(name)[:80])
                raise CheckpointError(f"is no checkpoint: {shown} in a {module.name!r} is no tensor and no module")
    return Parts(tensors, children, count)


def _refuse_size(found: Found, size: int) -> None:
    """Before anything is allocated: the tensors may not be more than the file can hold."""
    wanted = sum(tensor.elements * tensor.storage.item for tensor in found.tensors.values())
    if wanted > TIMES_THE_FILE * size:
        raise CheckpointError(f"holds tensors of {wanted:,} bytes in all, in a file of {size:,}. It is refused")
    if not found.tensors:
        raise CheckpointError("is no checkpoint: its model holds no tensors")


class Storages:
    """The storages of an archive, each read once."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._read: dict[str, NDArray[np.uint8]] = {}

    def array(self, tensor: Tensor) -> NDArray[Any]:
        """The elements of a tensor, in C order; bfloat16, which NumPy lacks, becomes float32."""
        held = tensor.storage
        dtype = np.dtype({"bfloat16": "uint16", "bool": "uint8"}.get(held.dtype, held.dtype))
        if not tensor.elements:
            found: NDArray[Any] = np.empty(tensor.shape, dtype)
        else:
            steps = [step * held.item for step in tensor.strides]
            found = np.ndarray(tensor.shape, dtype, self._bytes(held).data, tensor.offset * held.item, steps)
            found = found if found.flags.c_contiguous else found.copy(order="C")
        if held.dtype == "bfloat16":
            return lineage.widened(found)
        return found.astype(np.bool_) if held.dtype == "bool" else found

    def _bytes(self, held: Storage) -> NDArray[np.uint8]:
        if held.key not in self._read:
            self._read[held.key] = self._archive.read(self._archive.storages[held.key])
        return self._read[held.key]


def _with_attributes(made: Checkpoint, top: Mapping[str, Any], root: Record, blocks: tuple[str, ...]) -> Checkpoint:
    """The checkpoint with what a pickled model says of itself beside its tensors."""
    said = root.state
    names = _names(said.get("names"))
    fit = len(names) == made.classes
    return replace(
        made,
        version=lineage.version_of_module(made.state, top.keys(), root.name.name, blocks, said.get("names")),
        names=names if fit else (),
        settings=_settings(top, said, blocks, () if fit else names),
    )


def _names(held: Any) -> tuple[str, ...]:
    """The names of the classes, from a list or from a mapping of ids from 0 without a gap."""
    if type(held) is dict:
        held = [held.get(index) for index in range(min(len(held), lineage.MOST_CLASSES))]
    if type(held) is not list or len(held) > lineage.MOST_CLASSES or any(type(name) is not str for name in held):
        return ()
    return tuple(shorten(name, MOST_CLASS_NAME) for name in held)


def _settings(
    top: Mapping[str, Any], own: Mapping[str, Any], blocks: tuple[str, ...], misfit: tuple[str, ...]
) -> dict[str, Any]:
    """Plain values beside the tensors: those at the top, the model's hyper-parameters and its YAML."""
    rest = {str(key)[:MOST_NAME]: value for key, value in top.items() if key not in (*MODELS, "optimizer")}
    from_model = {key: own[key] for key in ("hyp", "yaml", "nc", "yaml_file") if key in own}
    found: dict[str, Any] = plain({**rest, **from_model}) or {}
    found["blocks"] = list(blocks)
    if misfit:
        found["names"] = list(misfit)
    return found
