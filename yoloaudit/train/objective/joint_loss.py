"""What a process's share of a batch holds → what its losses count in those of the whole batch.

A mean over assignments is one over those of all processes: else a box would count more where its process has few. With
it, processes together learn as one process does from the same batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, distributed


def weights(counts: Sequence[int], images: int, device: torch.device) -> Tensor:
    """L: what a process's mean over the assignments of each level counts, so that the mean over processes is the whole.

    All processes call it together, each with the assignments a level and the images of its own share.
    """
    own = torch.tensor([*counts, images], dtype=torch.float32, device=device)
    whole = own.clone()
    distributed.all_reduce(whole)
    return own[:-1] / whole[:-1].clamp(1) * whole[-1] / own[-1]
