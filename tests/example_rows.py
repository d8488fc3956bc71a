"""Rows of a detector's output, drawn or written by hand, and the choice among them made box by box."""

from collections.abc import Sequence

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from yoloaudit.train.decode import Settings


def row(x: float, y: float, w: float, h: float, objectness: float, *classes: float) -> list[float]:
    return [x, y, w, h, objectness, *classes]


def rows_of(*rows: Sequence[float]) -> Tensor:
    return torch.tensor([rows], dtype=torch.float32)


def drawn_rows(seed: int, count: int, classes: int, side: int = 64) -> Tensor:
    """1 × N × (5 + C), on a grid of quarters of a pixel, so that shifting boxes rounds nothing."""
    drawn = np.random.default_rng(seed)
    centre, size = drawn.integers(0, 4 * side, (count, 2)) / 4, drawn.integers(1, 2 * side, (count, 2)) / 2
    return torch.from_numpy(np.hstack([centre, size, drawn.random((count, 1 + classes))]).astype(np.float32))[None]


drawn_sets = st.builds(drawn_rows, st.integers(0, 10**6), st.integers(0, 60), st.sampled_from([1, 2, 5]))
settings = st.builds(
    Settings,
    conf=st.sampled_from([0.0, 0.05, 0.3, 1.0]),
    iou=st.sampled_from([0.0, 0.2, 0.45, 0.6, 1.0]),
    max_detections=st.sampled_from([1, 3, 1000]),
    multi_label=st.booleans(),
    agnostic=st.booleans(),
    classes=st.sampled_from([None, (), (0,), (0, 4)]),
)


def by_hand(rows: Tensor, chosen: Settings) -> list[list[float]]:
    """Greedy suppression, box by box, in 64 bits."""
    found = []
    for x, y, w, h, objectness, *classes in rows.tolist():
        scores = [float(np.float32(objectness) * np.float32(share)) for share in classes]
        best = [scores.index(max(scores))]
        for number in range(len(scores)) if chosen.multi_label else best:
            wanted = chosen.classes is None or number in chosen.classes
            if objectness > chosen.conf and scores[number] > chosen.conf and wanted:
                found.append([x - w / 2, y - h / 2, x + w / 2, y + h / 2, scores[number], number])
    kept: list[list[float]] = []
    for box in sorted(found, key=lambda box: -box[4]):
        rivals = [other for other in kept if chosen.agnostic or other[5] == box[5]]
        if all(overlap(box, other) <= chosen.iou for other in rivals):
            kept.append(box)
    return kept[: chosen.max_detections]


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    across = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    down = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return float(np.float32(across * down) / np.float32(sum(areas) - across * down))
