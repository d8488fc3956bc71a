"""The tensors of a model, by their names → its size, its classes, its anchors, and the release that it is of."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.family import SIZES, STRIDES, Architecture, channels, detect_widths, layers, like, repeats
from yoloaudit.train.types import Checkpoint, Floats

ANCHORS = re.compile(r"model\.([0-9]{1,4})\.anchors")
MOST_CLASSES = 10_000
MOST_STRIDE = 1024
MOST_DIMENSIONS = 8
MOST_REPEATS = 32
LEVELS = {3: 5, 4: 6}
"""Levels of the head → levels of the pyramid."""
FOCUS, STEM = "model.0.conv.conv.weight", "model.0.conv.weight"
"""The first tensor of releases up to 5.0, and from 6.0 on."""
CSP = "model.2.cv4.conv.weight"
"""A tensor of release 3 alone."""
DROPPED = "anchor_grid"
"""End of the name of anchors in pixels, which files before 6.1 hold beside those in grid units."""
KNOWN = {"Bottleneck", "C3", "Concat", "Conv", "Focus", "SPP", "SPPF", "Detect", "DetectionModel", "Model"}
"""Blocks of the detectors of releases 4.0 and later."""
PLAIN_MODULES = {"BatchNorm2d", "Conv2d", "MaxPool2d", "ModuleList", "Sequential", "SiLU", "Upsample"}
"""What these blocks are made of."""

State = Mapping[str, NDArray[Any]]


class Head(NamedTuple):
    """The last layer: its number, anchors in grid units (L × A × 2), channels that come in, and classes."""

    layer: int
    anchors: Floats
    widths: tuple[int, ...]
    classes: int


def head_of(state: State) -> Head | None:
    """The head of a detector; None where the tensors have none, or its levels contradict each other."""
    layers = [int(match[1]) for name in state if (match := ANCHORS.fullmatch(name))]
    if not layers:
        return None
    layer = max(layers)
    anchors = state[f"model.{layer}.anchors"]
    if anchors.ndim != 3 or anchors.shape[2] != 2 or not 1 <= len(anchors) <= 8 or not 1 <= anchors.shape[1] <= 64:
        return None
    weights = [state.get(f"model.{layer}.m.{level}.weight") for level in range(len(anchors))]
    shapes = [weight.shape for weight in weights if weight is not None and weight.ndim == 4]
    outputs = {shape[0] for shape in shapes}
    if len(shapes) != len(anchors) or len(outputs) != 1:
        return None
    each, rest = divmod(outputs.pop(), anchors.shape[1])
    if rest or not 1 <= each - 5 <= MOST_CLASSES:
        return None
    with np.errstate(over="ignore"):
        grid = anchors.astype(np.float32)
    return Head(layer, grid, tuple(shape[1] for shape in shapes), each - 5)


def architecture_of(state: State) -> Architecture | None:
    """v6 for releases 6.0 and later, v5 for 4.0 and 5.0; None for any other."""
    if CSP in state:
        return None
    return "v5" if FOCUS in state else "v6" if STEM in state else None


def size_of(state: State) -> str | None:
    """The size of the family whose widths and repeats the layers have.

    Where some layer is of none, n, s, m, l, x, n6 … x6 by the width of the stem, the repeats of layer 2 and the widths
    at the head: whoever builds it can then say which tensors are missing.
    """
    head, stem = head_of(state), state.get(FOCUS, state.get(STEM))
    if head is None or stem is None or stem.ndim != 4:
        return None
    levels = LEVELS.get(len(head.widths))
    if levels is not None and STEM in state and (exact := _exactly(state, levels)):
        return exact
    depth = sum(f"model.2.m.{index}.cv1.conv.weight" in state for index in range(16))
    for name, size in SIZES.items():
        wide = channels(64, size.width) == stem.shape[0] and detect_widths(size) == head.widths
        if wide and repeats(3, size.depth) == depth and size.levels == levels:
            return name
    return None


def _exactly(state: State, levels: int) -> str | None:
    """The name of the size all of whose layers, of releases 6.0 and later, are so wide and so deep."""
    counts, widths = [], []
    for number, row in enumerate(layers(levels)):
        if row.block == "C3":
            counts.append(sum(f"model.{number}.m.{index}.cv1.conv.weight" in state for index in range(MOST_REPEATS)))
        elif row.block == "Conv":
            weight = state.get(f"model.{number}.conv.weight")
            widths.append(0 if weight is None or weight.ndim != 4 else weight.shape[0])
    found = like(counts, widths, levels)
    return None if found is None else found.name


def strides_of(head: Head, said: NDArray[Any] | None) -> tuple[int, ...]:
    """Pixels between neighbouring cells, a level each: as the file says, else as all models of the family have them."""
    if said is not None and said.shape == (len(head.anchors),) and np.isfinite(said).all():
        strides = tuple(round(float(stride)) for stride in said)
        if all(1 <= stride <= MOST_STRIDE for stride in strides):
            return strides
    return STRIDES[LEVELS[len(head.anchors)]] if len(head.anchors) in LEVELS else ()


def anchors_of(head: Head, strides: tuple[int, ...]) -> Floats | None:
    """Anchors in pixels, L × A × 2; None where the strides are not known, or the anchors no numbers."""
    if not strides:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        pixels = head.anchors * np.array(strides, np.float32)[:, None, None]
    return pixels if np.isfinite(pixels).all() else None


def told(tensors: dict[str, NDArray[Any]], layout: str, strides: NDArray[Any] | None = None) -> Checkpoint:
    """The checkpoint of these tensors, with all that they tell themselves; `strides` where the file says them."""
    head = head_of(tensors)
    steps = strides_of(head, strides) if head else ()
    return Checkpoint(
        tensors,
        layout,
        size=size_of(tensors),
        version=version_of_tensors(tensors),
        classes=head.classes if head else 0,
        anchors=anchors_of(head, steps) if head else None,
        strides=steps,
    )


def widened(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The bits of bfloat16, which NumPy lacks, as float32: they are its upper half."""
    return np.asarray(bits.astype(np.uint32) << 16).view(np.float32)


def version_of_tensors(state: State) -> str | None:
    """The releases that a state dictionary can be of."""
    if CSP in state:
        return "v3.0 or v3.1"
    return {"v5": "v4.0 or v5.0", "v6": "v6.0 or later", None: None}[architecture_of(state)]


def version_of_module(
    state: State, keys: Collection[str], root: str, blocks: Collection[str], names: Any
) -> str | None:
    """The release that wrote a pickled module.

    `keys`: at the top of the file; `root`: the class of the model; `blocks`: the classes of its modules; `names`: of
    the classes, a mapping since 7.0. A later release may have written an older model again: the model decides.
    """
    if CSP in state:
        return "v3.0" if "LeakyReLU" in blocks else "v3.1" if "Hardswish" in blocks else "v3.0 or v3.1"
    architecture = architecture_of(state)
    if architecture == "v5":
        return "v5.0" if "ema" in keys else "v4.0"
    if architecture is None:
        return None
    if type(names) is dict or "git" in keys:
        return "v7.0 or later"
    if root == "DetectionModel" or "opt" in keys:
        return "v6.2"
    return "v6.1" if "date" in keys else "v6.0"
