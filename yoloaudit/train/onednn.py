"""A convolution → the same, computed with its SiLU in one call of oneDNN where that is possible.

On a processor, writing the maps and reading them again for the activation costs up to a sixth of the whole time.
PyTorch has the joint call for its own compiler; it is probed once, and wherever it is missing or wrong the ordinary
calls serve.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class Packed(nn.Conv2d):
    """A convolution for inference, followed by SiLU if asked; its weights are laid out once, at the first call.

    Maps of other devices and other precisions, and calls that are recorded, take the ordinary way. After the first call
    the weights may be moved, but not written to.
    """

    def __init__(self, conv: nn.Conv2d, weight: Tensor, bias: Tensor, *, silu: bool) -> None:
        entering, leaving = conv.in_channels, conv.out_channels
        with torch.device("meta"):
            super().__init__(entering, leaving, *_shape(conv))
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.bias = nn.Parameter(bias, requires_grad=False)
        self.silu = silu
        self.laid_out: Tensor | None = None

    def forward(self, maps: Tensor) -> Tensor:
        if maps.is_cpu and maps.dtype is torch.float32 and is_plain_inference() and available():
            if self.laid_out is None:
                self.laid_out = _laid_out(self, maps)
            return _joint(maps, self.laid_out, self, "swish" if self.silu else "none")
        out = super().forward(maps)
        return functional.silu(out, inplace=True) if self.silu else out

    def _apply(self, change: Callable[[Tensor], Tensor], recurse: bool = True) -> Packed:
        self.laid_out = None
        super()._apply(change, recurse)  # type: ignore[no-untyped-call]  # PyTorch does not annotate it
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "laid_out": None}


def _shape(conv: nn.Conv2d) -> tuple[Any, ...]:
    return conv.kernel_size, conv.stride, conv.padding


def is_plain_inference() -> bool:
    """Whether nobody is recording the calls: neither for gradients nor for an export."""
    return not (torch.is_grad_enabled() or torch._C._get_tracing_state() is not None or torch.compiler.is_compiling())


def _laid_out(conv: nn.Conv2d, maps: Tensor) -> Tensor:
    weight = conv.weight.detach().contiguous(memory_format=torch.channels_last).to_mkldnn()
    reorder: Any = torch._C._nn.mkldnn_reorder_conv2d_weight
    laid_out: Tensor = reorder(weight, conv.padding, conv.stride, conv.dilation, conv.groups, list(maps.shape))
    return laid_out


def _joint(maps: Tensor, weight: Tensor, conv: nn.Conv2d, activation: str) -> Tensor:
    call = torch.ops.mkldnn._convolution_pointwise
    shape = conv.padding, conv.stride, conv.dilation, conv.groups
    out: Tensor = call(maps, weight, conv.bias, *shape, activation, [], "")
    return out


@cache
def available() -> bool:
    """Whether this build of PyTorch has the joint call, and computes the right thing with it."""
    with torch.device("meta"):  # so that nothing is drawn
        conv = nn.Conv2d(4, 8, 3, 2, 1)
    conv.weight = nn.Parameter(torch.linspace(-1, 1, conv.weight.numel()).view_as(conv.weight), requires_grad=False)
    conv.bias = nn.Parameter(torch.linspace(0, 1, 8), requires_grad=False)
    maps = torch.linspace(-4, 4, 4 * 9 * 9).view(1, 4, 9, 9)
    expected = functional.silu(conv(maps))
    try:
        out = _joint(maps, _laid_out(conv, maps), conv, "swish")
    except (AttributeError, RuntimeError, TypeError):
        return False
    return out.shape == expected.shape and bool(torch.allclose(out, expected, atol=1e-4))
