"""A model whose normalisations see only their own process's images → one whose normalisations see those of all.

For processors; PyTorch's own class of this kind needs a GPU. B × C × H × W maps, statistics over B, H and W.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed, nn


class JointBatchNorm(nn.BatchNorm2d):
    """Batch normalisation over the maps of all processes; its parameters and buffers are those of the plain one."""

    def forward(self, maps: Tensor) -> Tensor:
        if not self.training or not distributed.is_initialized() or distributed.get_world_size() == 1:
            return super().forward(maps)
        count = _sum(maps.new_tensor([maps.numel() / maps.shape[1]]))
        mean = _sum(maps.sum((0, 2, 3))) / count
        centred = maps - mean.view(1, -1, 1, 1)
        variance = _sum(centred.square().sum((0, 2, 3))) / count
        self._note(mean, variance, float(count))
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return centred * scale.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)

    @torch.no_grad()
    def _note(self, mean: Tensor, variance: Tensor, count: float) -> None:
        """The running statistics, as the plain class keeps them: the variance is that of a sample."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance * (count / max(1.0, count - 1)), self.momentum)


class _Sum(torch.autograd.Function):
    """The sum over all processes; gradients come back from all of them."""

    @staticmethod
    def forward(_: Any, values: Tensor) -> Tensor:
        total = values.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        distributed.all_reduce(total)
        return total


def _sum(values: Tensor) -> Tensor:
    total: Tensor = _Sum.apply(values)
    return total


def joined(model: nn.Module) -> nn.Module:
    """The model with all its normalisations joined; on CUDA by PyTorch's own class. Tensors are shared, not copied."""
    if any(parameter.is_cuda for parameter in model.parameters()):
        convert: Any = nn.SyncBatchNorm.convert_sync_batchnorm
        converted: nn.Module = convert(model)
        return converted
    for name, part in list(model.named_children()):
        if isinstance(part, nn.BatchNorm2d) and not isinstance(part, JointBatchNorm):
            setattr(model, name, _like(part))
        else:
            joined(part)
    return model


def _like(plain: nn.BatchNorm2d) -> JointBatchNorm:
    made = JointBatchNorm(plain.num_features, plain.eps, plain.momentum, device="meta")
    made.weight, made.bias = plain.weight, plain.bias
    made.running_mean, made.running_var = plain.running_mean, plain.running_var
    made.num_batches_tracked = plain.num_batches_tracked
    made.train(plain.training)
    return made
