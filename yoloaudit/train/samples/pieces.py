"""A batch → pieces of it for threads; pieces that are made → the batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from yoloaudit.train.images.augment import Shape
from yoloaudit.train.samples.augment import Recipe
from yoloaudit.train.samples.paint import paint
from yoloaudit.train.types import Floats, Integers

PIECE = 8
"""Samples that a thread makes before it hands them on."""


class Piece(NamedTuple):
    """Some samples of a batch."""

    epoch: int
    batch: int
    positions: Integers
    """In the epoch."""
    images: Integers
    """Which image each is about."""
    shape: Shape
    whole: Tensor | None
    """The pixels of the batch, B × 3 × H × W, to be filled; None where a device makes them."""
    first: int
    """In the batch."""
    last: bool
    """Whether the batch is whole with these."""


class Made(NamedTuple):
    """Some samples of a batch."""

    piece: Piece
    targets: Sequence[Floats]
    """Of each: N × 5."""
    recipes: Sequence[Recipe] = ()
    """For a device; those whose pixels are written are let go of, and their pictures with them."""


def cut(
    epoch: int, batch: int, positions: Integers, images: Integers, shape: Shape, whole: Tensor | None
) -> Iterator[Piece]:
    """A batch in pieces, in order."""
    for first in range(0, len(positions), PIECE):
        part = slice(first, first + PIECE)
        last = first + PIECE >= len(positions)
        yield Piece(epoch, batch, positions[part], images[part], shape, whole, first, last)


def blank(count: int, shape: Shape, *, pinned: bool) -> Tensor:
    """Room for the pixels of a batch; `pinned` for a GPU to copy from."""
    return torch.empty((count, 3, *shape), dtype=torch.uint8, pin_memory=pinned)


def painted(piece: Piece, recipes: Sequence[Recipe]) -> Made:
    """The samples of a piece, once their pixels are in the batch."""
    targets = [recipe.targets for recipe in recipes]
    if piece.whole is None:
        return Made(piece, targets, recipes)
    slots = piece.whole[piece.first : piece.first + len(recipes)].numpy()
    for recipe, slot in zip(recipes, slots, strict=True):
        paint(recipe, slot)
    return Made(piece, targets)


def joined(targets: Sequence[Floats]) -> Tensor:
    """Targets of each image of a batch as those of the batch: T × 6, number of the image, class, cx cy w h."""
    counts = [len(rows) for rows in targets]
    whole = np.empty((sum(counts), 6), np.float32)
    whole[:, 0] = np.repeat(np.arange(len(targets)), counts)
    whole[:, 1:] = np.concatenate(targets)
    return torch.from_numpy(whole)
