"""Feature maps → feature maps: the blocks that the layer tables name.

B × C × H × W. Attributes bear the names that official files use for their tensors.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from yoloaudit.train.types import Floats

BN_EPSILON, BN_MOMENTUM = 1e-3, 0.03
SILU = nn.SiLU(inplace=True)
"""x · σ(x). It has no state, and so all blocks share one."""


class Conv(nn.Module):
    """Convolution without bias, batch normalisation, SiLU. Half the kernel is padded unless told otherwise."""

    def __init__(self, entering: int, leaving: int, kernel: int = 1, stride: int = 1, padding: int | None = None):
        super().__init__()
        padding = kernel // 2 if padding is None else padding
        self.conv = nn.Conv2d(entering, leaving, kernel, stride, padding, bias=False)
        self.bn: nn.Module = nn.BatchNorm2d(leaving, BN_EPSILON, BN_MOMENTUM)
        self.act: nn.Module = SILU

    def forward(self, maps: Tensor) -> Tensor:
        out: Tensor = self.act(self.bn(self.conv(maps)))
        return out


class Bottleneck(nn.Module):
    """A 1 × 1 and a 3 × 3 convolution of the same width, added to what comes in if there is a shortcut."""

    def __init__(self, width: int, shortcut: bool = True):
        super().__init__()
        self.cv1 = Conv(width, width)
        self.cv2 = Conv(width, width, kernel=3)
        self.shortcut = shortcut

    def forward(self, maps: Tensor) -> Tensor:
        out: Tensor = self.cv2(self.cv1(maps))
        return out.add_(maps) if self.shortcut else out


class C3(nn.Module):
    """Two branches of half the width, one of them through bottlenecks, joined and mixed."""

    def __init__(self, entering: int, leaving: int, repeats: int = 1, shortcut: bool = True):
        super().__init__()
        half = leaving // 2
        self.cv1 = Conv(entering, half)
        self.cv2 = Conv(entering, half)
        self.cv3 = Conv(2 * half, leaving)
        self.m = nn.Sequential(*(Bottleneck(half, shortcut) for _ in range(repeats)))

    def forward(self, maps: Tensor) -> Tensor:
        out: Tensor = self.cv3(torch.cat((self.m(self.cv1(maps)), self.cv2(maps)), 1))
        return out


class SPPF(nn.Module):
    """Maxima over windows of 5, 9 and 13 cells beside the map itself: one pool, passed three times."""

    def __init__(self, entering: int, leaving: int, kernel: int = 5):
        super().__init__()
        half = entering // 2
        self.cv1 = Conv(entering, half)
        self.cv2 = Conv(4 * half, leaving)
        self.m = nn.MaxPool2d(kernel, stride=1, padding=kernel // 2)

    def forward(self, maps: Tensor) -> Tensor:
        pooled = [self.cv1(maps)]
        for _ in range(3):
            pooled.append(self.m(pooled[-1]))
        out: Tensor = self.cv2(torch.cat(pooled, 1))
        return out


class SPP(nn.Module):
    """The older form: three pools of their own windows, side by side."""

    def __init__(self, entering: int, leaving: int, kernels: Sequence[int]):
        super().__init__()
        half = entering // 2
        self.cv1 = Conv(entering, half)
        self.cv2 = Conv((len(kernels) + 1) * half, leaving)
        self.m = nn.ModuleList(nn.MaxPool2d(kernel, stride=1, padding=kernel // 2) for kernel in kernels)

    def forward(self, maps: Tensor) -> Tensor:
        narrow = self.cv1(maps)
        out: Tensor = self.cv2(torch.cat([narrow, *(pool(narrow) for pool in self.m)], 1))
        return out


class Focus(nn.Module):
    """The older stem: the four phases of the image as channels at half its size, then a convolution."""

    def __init__(self, entering: int, leaving: int, kernel: int = 3):
        super().__init__()
        self.conv = Conv(4 * entering, leaving, kernel)

    def forward(self, maps: Tensor) -> Tensor:
        phases = [maps[..., row::2, column::2] for column in (0, 1) for row in (0, 1)]
        out: Tensor = self.conv(torch.cat(phases, 1))
        return out


class Concat(nn.Module):
    """Maps of one size, joined along their channels."""

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        return torch.cat(tuple(maps), 1)


class Detect(nn.Module):
    """The head: at each level one 1 × 1 convolution, seen as B × A × H × W × (5 + C) without a copy.

    Of an anchor's outputs the first are tx ty tw th and objectness, then one for each class; none is squashed yet.
    """

    anchors: Tensor
    """L × A × 2: width and height in cells of the level."""

    def __init__(self, widths: Sequence[int], classes: int, anchors: Floats, strides: Sequence[int]):
        super().__init__()
        self.each, self.outputs = anchors.shape[1], 5 + classes
        cells = torch.as_tensor(anchors) / torch.tensor(strides, dtype=torch.float32).view(-1, 1, 1)
        self.register_buffer("anchors", cells)
        self.m = nn.ModuleList(nn.Conv2d(width, self.each * self.outputs, 1) for width in widths)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        return [self._seen(conv(level)) for conv, level in zip(self.m, maps, strict=True)]

    def _seen(self, out: Tensor) -> Tensor:
        batch, _, height, width = out.shape
        return out.view(batch, self.each, self.outputs, height, width).permute(0, 1, 3, 4, 2)
