"""The bytes of a .safetensors file → its Checkpoint: anybody's, or our own, whose metadata say what the model is.

Our own metadata, all of them texts, are `yoloaudit` (the layout's number) and, as JSON, `size`, `names`, `strides`,
`anchors` (pixels, L × A × 2) and `settings`. Raises CheckpointError, with a text to follow the file's name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.coco.safe_json import JsonRefused, read_json
from yoloaudit.errors import CheckpointError, MissingPackage
from yoloaudit.train.checkpoint import lineage
from yoloaudit.train.checkpoint.plain import plain
from yoloaudit.train.types import Checkpoint

OURS, LAYOUT = "yoloaudit", "1"
MOST_HEADER = 8 << 20
MOST_CONTAINERS = 100_000
"""Lists and objects of a header: three a tensor."""
DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "uint16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "uint8",
}
METADATA = "__metadata__"


def looks_like(head: bytes, size: int) -> bool:
    """Whether a file of `size` bytes that begins so claims to be one: the length of a header, then a JSON object."""
    return len(head) > 8 and head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= size - 8


def metadata(
    size: str | None,
    names: Sequence[str],
    strides: Sequence[int],
    anchors: NDArray[Any],
    settings: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """The metadata of a file of ours; `anchors` L × A × 2 in pixels, `settings` plain values."""
    values = {
        "size": size,
        "names": list(names),
        "strides": list(strides),
        "anchors": anchors.tolist(),
        "settings": dict(settings or {}),
    }
    return {OURS: LAYOUT, **{key: json.dumps(value, allow_nan=False) for key, value in values.items()}}


def read(data: bytes) -> Checkpoint:
    """The checkpoint in the bytes of a file; raises CheckpointError, MissingPackage without `safetensors`."""
    header = _header(data)
    try:
        import safetensors
    except ImportError:
        raise MissingPackage("this file needs the package safetensors: pip install 'yoloaudit[train]'") from None
    try:
        parsed: Any = safetensors.deserialize(data)  # type: ignore[no-untyped-call]  # its stub has no types
    except safetensors.SafetensorError as error:
        raise CheckpointError(f"is corrupt: {ascii(str(error)[:200])[1:-1]}") from None
    held = dict(parsed)
    names = [name for name in header if name in held and not name.endswith(lineage.DROPPED)]
    made = lineage.told({name: _array(name, held[name]) for name in names}, "safetensors")
    said = header.get(METADATA, {})
    return _as_said(made, said) if OURS in said else made


def _header(data: bytes) -> dict[str, Any]:
    length = int.from_bytes(data[:8], "little")
    if length > min(MOST_HEADER, len(data) - 8):
        raise CheckpointError(f"is corrupt: its header is said to have {length:,} bytes")
    header = _json(data[8 : 8 + length], "header")
    said = header.get(METADATA, {}) if type(header) is dict else None
    if type(said) is not dict or any(type(value) is not str for value in said.values()):
        raise CheckpointError("is corrupt: its header is no JSON object, or has metadata that are no texts")
    return dict(header)


def _json(text: bytes, what: str) -> Any:
    try:
        document = read_json(text, MOST_CONTAINERS)
    except JsonRefused as error:
        raise CheckpointError(f"is corrupt: its {what} {error}") from None
    if document.repeated:
        raise CheckpointError(f"is corrupt: its {what} has {document.repeated[0][:80]!a} twice")
    return document.value


def _array(name: str, held: Mapping[str, Any]) -> NDArray[Any]:
    """One tensor; bfloat16, which NumPy lacks, becomes float32."""
    kind = held["dtype"]
    if kind not in DTYPES or len(held["shape"]) > lineage.MOST_DIMENSIONS:
        raise CheckpointError(f"holds a tensor {name[:80]!a} of a type that no detector has: {str(kind)[:20]}")
    found = np.frombuffer(held["data"], np.dtype(DTYPES[kind]).newbyteorder("<")).reshape(held["shape"])
    if kind == "BF16":
        return lineage.widened(found)
    return found.astype(np.bool_) if kind == "BOOL" else found


def _as_said(made: Checkpoint, said: Mapping[str, str]) -> Checkpoint:
    """The checkpoint with what our own metadata say, held against the tensors."""
    if said[OURS] != LAYOUT:
        raise CheckpointError(f"is of layout {said[OURS][:20]!a}, which a later yoloaudit wrote. Upgrade yoloaudit")
    size, names, strides, anchors, settings = (
        _json(said.get(key, "null").encode("utf-8", "replace"), f"metadata `{key}`")
        for key in ("size", "names", "strides", "anchors", "settings")
    )
    pixels = _anchors(anchors)
    steps = tuple(strides) if type(strides) is list and all(type(step) is int for step in strides) else ()
    fits = (
        size == made.size
        and type(names) is list
        and all(type(name) is str for name in names)
        and len(names) == made.classes
        and made.anchors is not None
        and steps == made.strides
        and pixels.shape == made.anchors.shape
        and np.allclose(pixels, made.anchors, rtol=0.01)
        and type(settings) is dict
    )
    if not fits:
        raise CheckpointError("is damaged: its metadata and its tensors are not of the same model")
    return replace(made, layout=OURS, names=tuple(names), anchors=pixels, settings=plain(settings))


def _anchors(said: Any) -> NDArray[np.float32]:
    """L × A × 2 numbers; empty where they are none."""
    try:
        with np.errstate(over="ignore"):
            found = np.array(said, dtype=np.float32)
    except (TypeError, ValueError):
        return np.zeros(0, np.float32)
    return found if np.isfinite(found).all() else np.zeros(0, np.float32)
