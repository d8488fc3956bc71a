"""Names in a pickle → inert records: what a checkpoint of YOLOv5 may hold, and all that comes of calling it.

Nothing is imported, looked up or called: a name is text in a list, and what a pickle wants done with it becomes a
record that remembers it. Only a tensor is more than that: its place in a storage is checked here with Python's
integers, before anything is allocated. Raises CheckpointError, with a text to follow the file's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, NamedTuple

from yoloaudit.errors import CheckpointError

MOST_DIMENSIONS = 8
NUMERIC = re.compile(r"[<|=]?(?:b1|[iu][1248]|f[248])")
"""NumPy's short names of types whose elements are numbers."""
BLOCKS = """Bottleneck BottleneckCSP C3 C3Ghost C3SPP C3TR C3x Classify Concat Contract Conv CrossConv DWConv
DWConvTranspose2d Expand Focus GhostBottleneck GhostConv MixConv2d Proto SPP SPPF TransformerBlock TransformerLayer"""
TORCH_MODULES = {
    "activation": "ELU GELU Hardsigmoid Hardswish LeakyReLU Mish MultiheadAttention ReLU ReLU6 SiLU Sigmoid Softmax",
    "batchnorm": "BatchNorm1d BatchNorm2d",
    "container": "ModuleDict ModuleList ParameterDict ParameterList Sequential",
    "conv": "Conv1d Conv2d ConvTranspose2d",
    "dropout": "Dropout Dropout2d",
    "flatten": "Flatten",
    "linear": "Identity Linear NonDynamicallyQuantizableLinear",
    "normalization": "GroupNorm LayerNorm",
    "padding": "ZeroPad2d",
    "pooling": "AdaptiveAvgPool2d AvgPool2d MaxPool2d",
    "upsampling": "Upsample UpsamplingNearest2d",
}
MODULES = {
    "models.common": BLOCKS,
    "models.experimental": BLOCKS,
    "models.yolo": "ClassificationModel Detect DetectionModel Model Segment SegmentationModel",
    **{f"torch.nn.modules.{module}": names for module, names in TORCH_MODULES.items()},
}
"""Classes of which a pickle may hold objects."""
VALUES = {
    "__builtin__": "bytes set",
    "builtins": "bytes set",
    "_codecs": "encode",
    "datetime": "date datetime",
    "numpy": "dtype ndarray",
    "numpy.core.multiarray": "_reconstruct scalar",
    "numpy._core.multiarray": "_reconstruct scalar",
    "pathlib": "PosixPath PurePosixPath PureWindowsPath WindowsPath",
    "pathlib._local": "PosixPath PurePosixPath PureWindowsPath WindowsPath",
    "torch": "Size device",
    "torch.serialization": "_get_layout",
}
"""What may be called: the call is remembered, and read by `plain` where it is of interest."""
STORAGES = {
    "HalfStorage": ("float16", 2),
    "BFloat16Storage": ("bfloat16", 2),
    "FloatStorage": ("float32", 4),
    "DoubleStorage": ("float64", 8),
    "LongStorage": ("int64", 8),
    "IntStorage": ("int32", 4),
    "ShortStorage": ("int16", 2),
    "CharStorage": ("int8", 1),
    "ByteStorage": ("uint8", 1),
    "BoolStorage": ("bool", 1),
}
"""Type of the elements, and their bytes."""
FOREIGN = ("models.", "torch.nn.", "utils.", "mmcv.", "mmdet.", "torchvision.", "timm.")
"""Modules whose classes are of another architecture rather than of an attacker."""
ULTRALYTICS = ("ultralytics.", "yolox.", "nanodet.", "super_gradients.")


class Name:
    """A name that may stand in a pickle: `role` says what may be done with it."""

    __slots__ = ("module", "name", "role")

    def __init__(self, module: str, name: str, role: str) -> None:
        self.module, self.name, self.role = module, name, role

    def __repr__(self) -> str:
        return f"{self.module}.{self.name}"


class Record:
    """An object that a pickle describes: the name it has, what it is called with, and its state."""

    __slots__ = ("arguments", "name", "state")

    def __init__(self, name: Name, arguments: tuple[Any, ...]) -> None:
        self.name, self.arguments = name, arguments
        self.state: Any = None


class Storage(NamedTuple):
    """A storage: type of its elements, their bytes, its key in the archive, how many elements."""

    dtype: str
    item: int
    key: str
    elements: int


class Tensor(NamedTuple):
    """A tensor: where its elements lie in a storage; counted in elements, and checked."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    elements: int


def corrupt(why: str) -> CheckpointError:
    """The error of a pickle that no trainer wrote."""
    return CheckpointError(f"holds a corrupt pickle: {why}. Get it again, from a place you trust")


def _names() -> Iterator[Name]:
    for module, names in MODULES.items():
        yield from (Name(module, name, "module") for name in names.split())
    for module, names in VALUES.items():
        yield from (Name(module, name, "value") for name in names.split())
    yield from (Name("torch", name, "storage") for name in STORAGES)
    yield Name("collections", "OrderedDict", "mapping")
    yield Name("torch._utils", "_rebuild_tensor_v2", "tensor")
    yield Name("torch._utils", "_rebuild_parameter", "parameter")


NAMES = {(name.module, name.name): name for name in _names()}


def named(module: str, name: str) -> Name:
    """The inert stand-in of a name; CheckpointError for one that is not on the list."""
    known = NAMES.get((module, name))
    if known is not None:
        return known
    shown = ascii(f"{module}.{name}"[:120])[1:-1]
    if module.startswith(ULTRALYTICS):
        raise CheckpointError(f"is a checkpoint of another package: it holds {shown}. yoloaudit reads YOLOv5's")
    if module.startswith(FOREIGN) and name.isidentifier() and name[0].isupper():
        raise CheckpointError(f"is a checkpoint of another architecture: it holds {shown}, which YOLOv5 does not have")
    raise CheckpointError(
        f"asks for {shown}: no checkpoint of YOLOv5 does, and loading this pickle elsewhere may run code. It is refused"
    )


def called(name: Any, arguments: Any) -> Any:
    """What comes of a call: a tensor, an empty mapping or a record of it; CheckpointError for any other call."""
    if type(name) is not Name or type(arguments) is not tuple:
        raise corrupt("it calls what cannot be called")
    role = name.role
    if role == "tensor":
        return tensor(arguments)
    if role == "parameter" and len(arguments) == 3 and type(arguments[0]) is Tensor:
        return arguments[0]
    if role == "mapping" and not arguments:
        return {}
    if role == "value" and (name.name != "dtype" or _is_numeric(arguments)):
        return Record(name, arguments)
    raise CheckpointError(f"holds a pickle that calls {name!r} as no checkpoint does. It is refused")


def _is_numeric(arguments: tuple[Any, ...]) -> bool:
    """Whether a NumPy type is one of numbers; arrays of objects are pickles of their own."""
    return bool(arguments) and type(arguments[0]) is str and NUMERIC.fullmatch(arguments[0]) is not None


def built(target: Any, state: Any) -> None:
    """Give an object its state: once, and a dictionary, or a tuple for NumPy's own."""
    if type(target) is dict and type(state) is dict:
        return  # attributes of an ordered dictionary: versions of modules, which nothing here needs
    wanted = tuple if type(target) is Record and target.name.module.startswith("numpy") else dict
    if type(target) is not Record or target.state is not None or type(state) is not wanted:
        raise CheckpointError("holds a pickle that sets the state of what has none. It is refused")
    target.state = state


def storage(identity: Any, sizes: Mapping[str, int]) -> Storage:
    """The storage that a persistent id stands for, if the archive holds it in full; `sizes` in bytes by key."""
    if type(identity) is not tuple or len(identity) != 5 or identity[0] != "storage":
        raise corrupt("it refers to what is no storage")
    _, kind, key, place, elements = identity
    if type(kind) is not Name or kind.role != "storage" or type(key) is not str or type(place) is not str:
        raise corrupt("it refers to a storage of no known type")
    dtype, item = STORAGES[kind.name]
    held = sizes.get(key)
    if held is None or type(elements) is not int or elements * item != held:
        said = "no such storage" if held is None else f"{held:,} bytes of it"
        raise CheckpointError(f"is corrupt: its pickle names storage {key[:20]!a}, and the file has {said}")
    return Storage(dtype, item, key, elements)


def tensor(arguments: tuple[Any, ...]) -> Tensor:
    """A tensor that lies within its storage; arguments: storage, offset, size, stride, and what is not needed."""
    if len(arguments) not in (6, 7) or type(arguments[0]) is not Storage:
        raise corrupt("a tensor without a storage")
    held, offset, shape, strides = arguments[:4]
    if type(shape) is not tuple or type(strides) is not tuple or not len(shape) == len(strides) <= MOST_DIMENSIONS:
        raise corrupt("a tensor whose shape is none")
    numbers = (offset, *shape, *strides)
    if any(type(number) is not int or not 0 <= number < 1 << 62 for number in numbers):
        raise corrupt("a tensor with a size, stride or offset that is no count")
    steps = tuple(step if length > 1 else 0 for length, step in zip(shape, strides, strict=True))
    elements = prod(shape)
    last = offset + sum((length - 1) * step for length, step in zip(shape, steps, strict=True))
    if elements == 0:
        if prod(length or 1 for length in shape) > 1 << 31:
            raise corrupt("an empty tensor of an impossible size")
    elif last >= held.elements or elements > held.elements:
        raise corrupt("a tensor that lies outside the bounds of its storage")
    return Tensor(held, offset, shape, steps, elements)
