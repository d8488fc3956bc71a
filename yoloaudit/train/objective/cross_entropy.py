"""Logits and what they should say → the cross-entropy of each, plain and in the forms that weigh some more than others.

Logits and targets have one shape, and so have results: nothing is averaged here. Targets are 0 to 1. Training takes
`cross_entropy`, or `focal` where the hyper-parameter fl_gamma is above 0; `quality_focal` and `blurred` are there to be
compared with.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

BALANCE = 0.25
"""Weight of what is there in the focal losses; the rest goes to what is not."""
SMALLEST = 1e-8
"""Below any difference from 1 that 32 bits can tell, 0 apart."""


def cross_entropy(logits: Tensor, targets: Tensor, positive: float = 1.0) -> Tensor:
    """-(p·t·ln σ(x) + (1 - t)·ln(1 - σ(x))), where p is the weight of what is there."""
    weight = None if positive == 1 else logits.new_tensor(positive)
    return functional.binary_cross_entropy_with_logits(logits, targets, pos_weight=weight, reduction="none")


def focal(logits: Tensor, targets: Tensor, gamma: float, positive: float = 1.0) -> Tensor:
    """Cross-entropy × (1 - p_t)^γ: what is told well already counts less (Lin et al. 2017)."""
    score = logits.sigmoid()
    told = targets * score + (1 - targets) * (1 - score)
    return cross_entropy(logits, targets, positive) * _balance(targets) * _power(1 - told, gamma)


def quality_focal(logits: Tensor, targets: Tensor, gamma: float) -> Tensor:
    """Cross-entropy × |t - σ|^γ, for targets between 0 and 1 (Li et al. 2020)."""
    return cross_entropy(logits, targets) * _balance(targets) * _power((targets - logits.sigmoid()).abs(), gamma)


def blurred(logits: Tensor, targets: Tensor, alpha: float) -> Tensor:
    """Cross-entropy × (1 - e^((σ - t - 1)/α)): what is told where no label stands counts less, as it may be missing."""
    return cross_entropy(logits, targets) * (1 - torch.exp((logits.sigmoid() - targets - 1) / (alpha + 1e-4)))


def _power(share: Tensor, gamma: float) -> Tensor:
    """A share to the power γ. At 0, which a saturated score gives, a power below 1 has no finite slope."""
    return share.clamp(SMALLEST) ** gamma


def _balance(targets: Tensor) -> Tensor:
    return targets * BALANCE + (1 - targets) * (1 - BALANCE)
