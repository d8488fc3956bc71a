"""A batch as the model is given it → train_batch0.jpg: its pictures side by side, with their boxes and names.

This is where a person sees what augmentation makes of the labels, and whether these still fit.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from yoloaudit.train.plot.mosaic import MOST_TILES, Tile, mosaic
from yoloaudit.train.types import Batch

BATCHES = 3
"""Batches at the start of a training that are drawn."""
MOST_BOXES = 300
"""Of one picture; the rest would hide it."""


def batch_picture(batch: Batch, paths: Sequence[str], names: Sequence[str]) -> bytes:
    """JPEG of up to 16 pictures, 1920 pixels at most; `paths` of the table `images`, by row, `names` by class id.

    A mosaic bears the name of the first of the images that it is made of.
    """
    pictures = batch.images[:MOST_TILES].detach().cpu().numpy().transpose(0, 2, 3, 1)
    targets = batch.targets.detach().cpu().numpy().astype(np.float32)
    tiles = []
    for number, picture in enumerate(pictures):
        own = targets[targets[:, 0] == number][:MOST_BOXES]
        half = own[:, 4:6] / 2
        boxes = np.concatenate([own[:, 2:4] - half, own[:, 2:4] + half], axis=1)
        title = os.path.basename(paths[batch.places[number]])
        tiles.append(Tile(title, np.ascontiguousarray(picture), boxes, own[:, 1].astype(np.int64)))
    return mosaic(tiles, names)
