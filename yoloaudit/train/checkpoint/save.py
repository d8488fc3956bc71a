"""The state of a training → a folder of files, whole or not at all, that prove themselves; a model → a file of weights.

    <folder>/000007/tensors.safetensors     every tensor by its name
    <folder>/000007/values.json             everything else
    <folder>/000007/meta.json               the SHA-256 of both, written last

A state is written under another name, read back, and only then gets its number; the one before it stays beside it. No
file is a pickle. `resume` reads what stands here.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import torch
from torch import Tensor

from yoloaudit.errors import FileRefused, WriteError
from yoloaudit.files import Root, sync_folder, write_atomically, writing
from yoloaudit.train.checkpoint import tensor_file
from yoloaudit.train.types import Floats

TENSORS, VALUES, META = "tensors.safetensors", "values.json", "meta.json"
FORMAT = 1
UNFINISHED = ".tmp-"
"""How names begin of states that are being written."""
KEPT = 2
"""States that stay: the newest, and the one before."""
MOST_BYTES = 32 << 30
KINDS = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
"""Names of dtypes in a file of tensors."""
ALIGNED = 8
EXACT = ("anchors",)
"""Ends of the names of tensors that a file of weights holds in full."""


class State(NamedTuple):
    """All that a training needs to go on as if it had never stopped."""

    tensors: Mapping[str, Tensor]
    values: Mapping[str, Any]
    """What JSON can hold; numbers may be infinite or none."""


def save(folder: str, state: State) -> str:
    """Write a state below this folder, and let go of all but the newest two; its path.

    Raises WriteError where it cannot be written, or reads back as something else; those that stood there are intact.
    """
    files = {TENSORS: to_bytes(state.tensors), VALUES: json.dumps(dict(state.values), indent=1).encode("ascii")}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files[META] = json.dumps({"format": FORMAT, "sha256": hashes}, indent=1).encode("ascii")
    with writing(folder):
        os.makedirs(folder, exist_ok=True)
        place = _write(folder, files)
    for name in numbered(folder)[:-KEPT]:
        shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    return place


def _write(folder: str, files: Mapping[str, bytes]) -> str:
    temporary = tempfile.mkdtemp(prefix=UNFINISHED, dir=folder)
    try:
        for name, data in files.items():
            write_atomically(os.path.join(temporary, name), data)
        if any(not is_written(os.path.join(temporary, name), data) for name, data in files.items()):
            raise WriteError(f"{temporary} reads back as something else than was written. Mistrust this disk")
        os.chmod(temporary, 0o777 & ~_mask())
        sync_folder(temporary)
        place = os.path.join(folder, f"{_next(folder):06d}")
        os.rename(temporary, place)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    sync_folder(folder)
    return place


def is_written(path: str, data: bytes) -> bool:
    """Whether a file holds just these bytes."""
    try:
        return Root(os.path.dirname(path)).read(path, MOST_BYTES).data == data
    except FileRefused:
        return False


def numbered(folder: str) -> list[str]:
    """The names of the states in a folder, the newest last."""
    with suppress(OSError):
        names = [name for name in os.listdir(folder) if name.isascii() and name.isdecimal()]
        return sorted(names, key=int)
    return []


def clear(folder: str, *, unfinished: bool = False) -> None:
    """Remove the states in a folder; with `unfinished` only what writing was cut short of."""
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(UNFINISHED) or (not unfinished and name.isascii() and name.isdecimal()):
                shutil.rmtree(os.path.join(folder, name), ignore_errors=True)


def weights(
    state: Mapping[str, Tensor],
    size: str,
    names: Sequence[str],
    strides: Sequence[int],
    anchors: Floats,
    settings: Mapping[str, Any],
) -> bytes:
    """A file of weights, as `checkpoint.read` reads it: 16-bit floats wherever they hold the numbers.

    `anchors` L × A × 2 in pixels; `settings` plain values that go along. Equal arguments give equal bytes.
    """
    tensors = {name: _halved(name, tensor.detach()) for name, tensor in state.items()}
    return to_bytes(tensors, tensor_file.metadata(size, names, strides, anchors, settings))


def to_bytes(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """A file of the layout of safetensors: the length of a header, the header as JSON, the numbers of all tensors.

    That package writes the same layout, but in an order that chance decides.
    """
    ordered = sorted(tensors.items(), key=lambda item: -item[1].element_size())
    parts = [tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes() for _, tensor in ordered]
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    start = 0
    for (name, tensor), part in zip(ordered, parts, strict=True):
        offsets = [start, start + len(part)]
        header[name] = {"dtype": KINDS[tensor.dtype], "shape": list(tensor.shape), "data_offsets": offsets}
        start += len(part)
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % ALIGNED)
    return b"".join([len(text).to_bytes(8, "little"), text, *parts])


def _halved(name: str, tensor: Tensor) -> Tensor:
    if not tensor.is_floating_point() or name.endswith(EXACT):
        return tensor
    half = tensor.to(torch.float16)
    return half if bool(half.isfinite().all()) or not bool(tensor.isfinite().all()) else tensor


def _next(folder: str) -> int:
    names = numbered(folder)
    return int(names[-1]) + 1 if names else 1


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
