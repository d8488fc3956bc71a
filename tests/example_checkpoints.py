"""Checkpoints written by hand: pickles opcode by opcode, and the ZIP around them, hostile ones too."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.checkpoint import archive, lineage
from yoloaudit.train.checkpoint import read as checkpoint
from yoloaudit.train.family import SIZES, Architecture, channels, detect_widths, outputs, repeats
from yoloaudit.train.types import Checkpoint

EMPTY_TUPLE = b")"
TYPES = {"float16": "HalfStorage", "float32": "FloatStorage", "int64": "LongStorage", "float64": "DoubleStorage"}


def pickle(body: bytes, protocol: int = 2) -> bytes:
    return b"\x80" + bytes([protocol]) + body + b"."


def text(value: str) -> bytes:
    raw = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(raw)) + raw


def number(value: int) -> bytes:
    raw = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
    return b"J" + struct.pack("<i", value) if -(1 << 31) <= value < 1 << 31 else b"\x8a" + bytes([len(raw)]) + raw


def name(module: str, word: str) -> bytes:
    return f"c{module}\n{word}\n".encode()


def group(*parts: bytes) -> bytes:
    return b"(" + b"".join(parts) + b"t"


def call(what: bytes, *arguments: bytes) -> bytes:
    return what + group(*arguments) + b"R"


def listing(*parts: bytes) -> bytes:
    return b"](" + b"".join(parts) + b"e"


def mapping(pairs: Mapping[str, bytes]) -> bytes:
    return b"}(" + b"".join(text(key) + value for key, value in pairs.items()) + b"u"


def plain(value: Any) -> bytes:
    """A plain value as a pickle has it."""
    if value is None or isinstance(value, bool):
        return {None: b"N", True: b"\x88", False: b"\x89"}[value]
    if isinstance(value, int):
        return number(value)
    if isinstance(value, float):
        return b"G" + struct.pack(">d", value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return b"}(" + b"".join(plain(key) + plain(held) for key, held in value.items()) + b"u"
    return listing(*(plain(item) for item in value)) if isinstance(value, list) else group(*map(plain, value))


def tensor(
    elements: int = 4,
    offset: int = 0,
    shape: Sequence[int] = (2, 2),
    strides: Sequence[int] = (2, 1),
    key: str = "0",
    storage: str = "FloatStorage",
) -> bytes:
    held = group(text("storage"), name("torch", storage), text(key), text("cpu"), number(elements)) + b"Q"
    rest = (b"\x89", call(name("collections", "OrderedDict")))
    sizes = (group(*map(number, shape)), group(*map(number, strides)))
    return call(name("torch._utils", "_rebuild_tensor_v2"), held, number(offset), *sizes, *rest)


def zipped(pickled: bytes, storages: Mapping[str, bytes] | None = None, root: str = "archive", **more: bytes) -> bytes:
    """The ZIP of a pickle and its storages; `more` are further entries below the root."""
    held = {"0": bytes(16)} if storages is None else storages
    files = {"data.pkl": pickled, **more, **{f"data/{key}": data for key, data in held.items()}, "version": b"3\n"}
    return zipped_files({f"{root}/{place}": data for place, data in files.items()})


def zipped_files(files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as file:
        for place, data in files.items():
            file.writestr(zipfile.ZipInfo(place), data, compression)
    return made.getvalue()


def saved(**top: bytes) -> bytes:
    """A ZIP whose pickle is a mapping."""
    return zipped(pickle(mapping(top)))


def read(data: bytes) -> Checkpoint:
    return checkpoint.from_file(io.BytesIO(data), len(data))


def gate(data: bytes) -> archive.Archive:
    return archive.archive(io.BytesIO(data), len(data))


class Tensors:
    """Tensors of zeros, or of what is given, each with a storage of its own."""

    def __init__(self, dtype: str = "float16") -> None:
        self.storages: dict[str, bytes] = {}
        self.dtype = dtype
        self._keys: Iterator[int] = count()

    def of(self, *shape: int, values: Any = None, dtype: str = "") -> bytes:
        """The opcodes of a tensor."""
        kind = dtype or self.dtype
        held = np.zeros(shape, kind) if values is None else np.asarray(values, kind)
        key = str(next(self._keys))
        self.storages[key] = held.tobytes()
        strides = [prod(held.shape[place + 1 :]) for place in range(held.ndim)]
        made = tensor(held.size, 0, held.shape, strides, key, TYPES[kind])
        return call(name("torch._utils", "_rebuild_parameter"), made, b"\x89", call(name("collections", "OrderedDict")))


def module(
    kind: str,
    parameters: Mapping[str, bytes] | None = None,
    buffers: Mapping[str, bytes] | None = None,
    modules: Mapping[str, bytes] | None = None,
    attributes: Mapping[str, bytes] | None = None,
) -> bytes:
    """A module as torch pickles it: made without arguments, then given its state."""
    place, _, word = kind.rpartition(".")
    state = {
        "training": b"\x89",
        "_parameters": mapping(parameters or {}),
        "_buffers": mapping(buffers or {}),
        "_non_persistent_buffers_set": call(name("__builtin__", "set"), b"]"),
        "_forward_hooks": call(name("collections", "OrderedDict")),
        "_modules": mapping(modules or {}),
        **(attributes or {}),
    }
    return name(place, word) + EMPTY_TUPLE + b"\x81" + mapping(state) + b"b"


def conv(tensors: Tensors, out: int, into: int, kernel: int) -> bytes:
    return module(
        "models.common.Conv",
        modules={
            "conv": module("torch.nn.modules.conv.Conv2d", {"weight": tensors.of(out, into, kernel, kernel)}),
            "bn": module(
                "torch.nn.modules.batchnorm.BatchNorm2d",
                {"weight": tensors.of(out)},
                {"running_mean": tensors.of(out), "num_batches_tracked": tensors.of(dtype="int64")},
            ),
            "act": module("torch.nn.modules.activation.SiLU"),
        },
    )


def detector(
    tensors: Tensors,
    size: str = "n",
    classes: int = 2,
    stem: str = "Conv",
    root: str = "Model",
    attributes: Mapping[str, bytes] | None = None,
) -> bytes:
    """A model of the family reduced to the layers that tell what it is: the stem, layer 2 and the head."""
    scale = SIZES[size]
    wide, levels = channels(64, scale.width), len(scale.strides)
    first = conv(tensors, wide, 3, 6)
    if stem == "Focus":
        first = module("models.common.Focus", modules={"conv": conv(tensors, wide, 12, 3)})
    blocks = {
        str(index): module("models.common.Bottleneck", modules={"cv1": conv(tensors, 8, 8, 1)})
        for index in range(repeats(3, scale.depth))
    }
    third = module("models.common.C3", modules={"m": module("torch.nn.modules.container.Sequential", modules=blocks)})
    heads = {
        str(level): module("torch.nn.modules.conv.Conv2d", {"weight": tensors.of(3 * (5 + classes), width, 1, 1)})
        for level, width in enumerate(detect_widths(scale))
    }
    head = module(
        "models.yolo.Detect",
        buffers={
            "anchors": tensors.of(values=np.arange(1, levels * 6 + 1).reshape(levels, 3, 2)),
            "anchor_grid": tensors.of(levels, 1, 3, 1, 1, 2),
        },
        modules={"m": module("torch.nn.modules.container.ModuleList", modules=heads)},
    )
    last = "24" if levels == 3 else "33"
    layers = module("torch.nn.modules.container.Sequential", modules={"0": first, "2": third, last: head})
    stride = tensors.of(values=scale.strides, dtype="float32")
    said = {"names": plain([f"class {index}" for index in range(classes)]), "stride": stride, **(attributes or {})}
    return module(f"models.yolo.{root}", modules={"model": layers}, attributes=said)


def tensors_of(size: str, classes: int = 3, architecture: Architecture = "v6") -> dict[str, NDArray[Any]]:
    """The tensors of a model that tell what it is."""
    scale = SIZES[size]
    wide, widths = channels(64, scale.width), detect_widths(scale)
    layer = "24" if scale.levels == 5 else "33"
    stem = {lineage.STEM: (wide, 3, 6, 6)} if architecture == "v6" else {lineage.FOCUS: (wide, 12, 3, 3)}
    shapes: dict[str, tuple[int, ...]] = {**stem, f"model.{layer}.anchors": (len(widths), 3, 2)}
    for index in range(repeats(3, scale.depth)):
        shapes[f"model.2.m.{index}.cv1.conv.weight"] = (8, 8, 1, 1)
    for level, width in enumerate(widths):
        shapes[f"model.{layer}.m.{level}.weight"] = (outputs(classes), width, 1, 1)
    return {name: np.ones(shape, np.float16) for name, shape in shapes.items()}
