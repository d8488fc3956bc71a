"""Levels of a model → its default anchors. Nothing here needs torch."""

from __future__ import annotations

import numpy as np

from yoloaudit.train.types import Floats

DEFAULT = {
    5: (
        ((10, 13), (16, 30), (33, 23)),
        ((30, 61), (62, 45), (59, 119)),
        ((116, 90), (156, 198), (373, 326)),
    ),
    6: (
        ((19, 27), (44, 40), (38, 94)),
        ((96, 68), (86, 152), (180, 137)),
        ((140, 301), (303, 264), (238, 542)),
        ((436, 615), (739, 380), (925, 792)),
    ),
}
"""Width and height in pixels at the network's input, finest level first; fitted to COCO at 640 and 1280."""


def default(levels: int) -> Floats:
    """Anchors of a P5 (5) or P6 (6) model: L × A × 2, pixels."""
    return np.array(DEFAULT[levels], dtype=np.float32)


def ordered(anchors: Floats) -> Floats:
    """The same anchors, L × A × 2, with the level of the smallest first: its level sees the finest grid.

    As upstream does, only the first and the last level are compared, by their mean area, and all levels are turned.
    """
    area = anchors.prod(axis=-1).mean(axis=-1)
    return anchors[::-1].copy() if area[-1] < area[0] else anchors
