"""A size and a number of classes → the detector, freshly initialised; its copy for inference; what it costs."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call

from yoloaudit.errors import UsageError
from yoloaudit.train import blocks, family, onednn
from yoloaudit.train.anchors import defaults as boxes
from yoloaudit.train.types import Floats

FRESH_VARIANCE = 0.9
"""Upstream measures its strides with one empty image, which lowers every running variance from 1."""
OBJECTS, SIDE = 8, 640
"""Objects that an image of this side is expected to show, for the first objectness."""
BLOCK = 1 << 25
"""Larger blocks of memory go back to the system at once (glibc), and paging them in again takes a third of the time."""


class Detector(nn.Module):
    """The network: images B × 3 × H × W, RGB, 0 to 1 → raw heads B × A × H_l × W_l × (5 + C), finest level first.

    H and W are multiples of the coarsest stride. `build` makes one.
    """

    def __init__(
        self, size: family.Size, names: Sequence[str], anchors: Floats, architecture: family.Architecture = "v6"
    ) -> None:
        super().__init__()
        self.size, self.names, self.architecture = size, tuple(names), architecture
        self.rows = family.layers(size.levels, architecture)
        self.kept = frozenset(source for row in self.rows for source in row.sources if source >= 0)
        self.stem = family.channels(self.rows[0].channels, size.width)
        self.model = nn.Sequential(*_layers(size, self.rows, len(names), anchors))

    @property
    def classes(self) -> int:
        return len(self.names)

    @property
    def strides(self) -> tuple[int, ...]:
        """Pixels between neighbouring cells of each level; a constant of the family, nothing measures it."""
        return self.size.strides

    @property
    def head(self) -> blocks.Detect:
        head = self.model[-1]
        assert isinstance(head, blocks.Detect)
        return head

    @property
    def anchors(self) -> Tensor:
        """L × A × 2: width and height in cells of the level. The buffer itself, `model.24.anchors` in a file."""
        return self.head.anchors

    @property
    def anchors_px(self) -> Tensor:
        """L × A × 2: width and height in pixels at the network's input."""
        return self.anchors * self.anchors.new_tensor(self.strides).view(-1, 1, 1)

    def forward(self, images: Tensor) -> list[Tensor]:
        passes = list(self.passes(images))
        return passes[0] if len(passes) == 1 else [torch.cat(level) for level in zip(*passes, strict=True)]

    def passes(self, images: Tensor) -> Iterator[list[Tensor]]:
        """The raw heads of the first images, then of those that follow, and so on: of as many as suit the memory."""
        most = self._at_once(images)
        for first in range(0, max(1, len(images)), most):
            yield self._heads(images[first : first + most])

    def _at_once(self, images: Tensor) -> int:
        """How many images pass together: all, or on a processor as many as keep every map below BLOCK bytes."""
        if self.training or not images.is_cpu or not onednn.is_plain_inference():
            return max(1, len(images))
        cells = images.shape[2] * images.shape[3] // self.rows[0].stride ** 2
        return max(1, BLOCK // max(1, cells * self.stem * images.element_size()))

    def _heads(self, images: Tensor) -> list[Tensor]:
        kept: dict[int, Tensor] = {}
        out = images
        for index, (row, layer) in enumerate(zip(self.rows, self.model, strict=True)):
            entering = [out if source == -1 else kept[source] for source in row.sources]
            out = layer(entering if len(entering) > 1 else entering[0])
            if index in self.kept:
                kept[index] = out
        heads: list[Tensor] = list(out)
        return heads


def _layers(size: family.Size, rows: Sequence[family.Row], classes: int, anchors: Floats) -> list[nn.Module]:
    layers: list[nn.Module] = []
    widths = [3]
    for row in rows:
        entering = [widths[source if source < 0 else source + 1] for source in row.sources]
        if row.block == "Detect":
            layers.append(blocks.Detect(entering, classes, anchors, size.strides))
        else:
            layers.append(_layer(row, size, sum(entering)))
        widths.append(family.channels(row.channels, size.width) or sum(entering))
    return layers


def _layer(row: family.Row, size: family.Size, entering: int) -> nn.Module:
    leaving, repeats = family.channels(row.channels, size.width), family.repeats(row.repeats, size.depth)
    match row.block:
        case "Conv":
            return blocks.Conv(entering, leaving, row.kernel, row.stride, row.padding)
        case "Focus":
            return blocks.Focus(entering, leaving, row.kernel)
        case "C3":
            return blocks.C3(entering, leaving, repeats, row.shortcut)
        case "SPPF":
            return blocks.SPPF(entering, leaving, row.kernel)
        case "SPP":
            return blocks.SPP(entering, leaving, family.POOLS[size.levels])
        case "Upsample":
            return nn.Upsample(scale_factor=2)
        case _:
            return blocks.Concat()


def build(
    size: str,
    classes: int,
    names: Sequence[str] | None = None,
    anchors: Floats | None = None,
    *,
    architecture: family.Architecture = "v6",
    device: torch.device | str = "cpu",
) -> Detector:
    """A fresh detector, in training mode: `n` or `yolov5n` and so on, anchors L × A × 2 in pixels.

    Convolutions take PyTorch's initialisation, from torch's generator. On the device `meta` nothing is allocated.
    UsageError for an unknown size, and for names or anchors that do not fit.
    """
    chosen = family.size_of(size)
    levels = len(chosen.strides)
    names = [f"class{number}" for number in range(classes)] if names is None else names
    if classes < 1 or len(names) != classes:
        raise UsageError(f"a model of {classes} classes cannot bear {len(names)} names")
    anchors = boxes.default(chosen.levels) if anchors is None else anchors
    if anchors.ndim != 3 or anchors.shape[::2] != (levels, 2) or not anchors.size:
        raise UsageError(f"the anchors are {anchors.shape}, not {levels} levels × anchors × 2")
    with torch.device(device):
        model = Detector(chosen, names, boxes.ordered(anchors), architecture)
    _initialise(model)
    return model


@torch.no_grad()
def _initialise(model: Detector) -> None:
    """What a fresh model has beyond PyTorch's defaults.

    Objectness and classes start at the rates that an image of COCO would show. The buffers of batch normalisation equal
    upstream's, number by number, so that a run from scratch can be compared with one of upstream's.
    """
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_var is not None:
            module.running_var.fill_(FRESH_VARIANCE)
            assert module.num_batches_tracked is not None
            module.num_batches_tracked.fill_(1)
    for conv, stride in zip(model.head.m, model.strides, strict=True):
        assert isinstance(conv, nn.Conv2d)
        assert conv.bias is not None
        bias = conv.bias.view(-1, model.head.outputs)
        bias[:, 4] += math.log(OBJECTS / (SIDE / stride) ** 2)
        bias[:, 5:] += math.log(0.6 / (model.classes - 0.99999))


@torch.no_grad()
def fuse(model: Detector) -> Detector:
    """A copy for inference, in evaluation mode: batch normalisation is folded into the convolutions.

    With γ β μ σ² ε of the normalisation: W' = W · γ / √(σ² + ε), b' = β − γ · μ / √(σ² + ε). On a processor the copy
    keeps its maps in the order batch, row, column, channel, in which convolutions take half the time.
    """
    fused = copy.deepcopy(model).eval().requires_grad_(False)
    for block in fused.modules():
        if isinstance(block, blocks.Conv) and isinstance(block.bn, nn.BatchNorm2d):
            block.conv = onednn.Packed(block.conv, *_folded(block.conv, block.bn), silu=True)
            block.bn, block.act = nn.Identity(), nn.Identity()
    head = fused.head
    for level, conv in enumerate(head.m):
        if not isinstance(conv, onednn.Packed):
            assert isinstance(conv, nn.Conv2d)
            assert conv.bias is not None
            head.m[level] = onednn.Packed(conv, conv.weight, conv.bias, silu=False)
    return channels_last(fused) if head.anchors.is_cpu else fused


def _folded(conv: nn.Conv2d, bn: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    assert bn.running_var is not None
    assert bn.running_mean is not None
    gain = bn.weight.float() / torch.sqrt(bn.running_var.float() + bn.eps)
    bias = bn.bias.float() - gain * bn.running_mean.float()
    weight = conv.weight.float() * gain.view(-1, 1, 1, 1)
    return weight.to(conv.weight.dtype), bias.to(conv.weight.dtype)


def channels_last(model: Detector) -> Detector:
    """The same model, whose convolutions read and write maps in the order batch, row, column, channel."""
    return model.to(memory_format=torch.channels_last)


def parameters(model: nn.Module) -> int:
    """How many numbers training can change."""
    return sum(parameter.numel() for parameter in model.parameters())


def gflops(model: Detector, side: int = SIDE) -> float:
    """Billions of operations for one image of that side: two for each product of a convolution, nothing else."""
    counted: list[int] = []

    def count(conv: nn.Module, _: tuple[Tensor, ...], leaving: Tensor) -> None:
        assert isinstance(conv, nn.Conv2d)
        counted.append(2 * leaving.numel() * conv.weight[0].numel())

    hooks = [conv.register_forward_hook(count) for conv in model.modules() if isinstance(conv, nn.Conv2d)]
    shapes = {name: tensor.to("meta") for name, tensor in model.state_dict().items()}
    try:
        with torch.no_grad():
            functional_call(model, shapes, (torch.empty(1, 3, side, side, device="meta", dtype=model.anchors.dtype),))
    finally:
        for hook in hooks:
            hook.remove()
    return sum(counted) / 1e9
