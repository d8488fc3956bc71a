"""A split of a data set → batches to train on, epoch by epoch, made ahead of time by threads.

The same seed gives the same bytes, whatever the number of threads: every sample draws from streams of its own, that
depend on seed, epoch and position alone. Threads suffice, as nearly all is done by OpenCV, which lets others run.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, cast

import numpy as np
import torch

from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import UsageError
from yoloaudit.train.config import Hyper, Options
from yoloaudit.train.images.ahead import ahead
from yoloaudit.train.samples import order
from yoloaudit.train.samples.augment import Recipe, augmented, plain
from yoloaudit.train.samples.cache import default_folder
from yoloaudit.train.samples.free_memory import available
from yoloaudit.train.samples.frequency import Weights, image_weights
from yoloaudit.train.samples.gpu import Store
from yoloaudit.train.samples.order import Dealt
from yoloaudit.train.samples.pieces import PIECE, Made, Piece, blank, cut, joined, painted
from yoloaudit.train.samples.reader import Reader
from yoloaudit.train.samples.scales import quads
from yoloaudit.train.samples.streams import streams
from yoloaudit.train.types import Batch

MEMORY = {None: 0.5, "val": 0.5, "disk": 0.5, "ram": 0.9}
"""Of the memory that is available, for decoded pictures, by --cache."""


class Loader:
    """Batches of a split: `batch` images at a time, in all processes together."""

    def __init__(
        self,
        dataset: Dataset,
        split: str,
        hyper: Hyper,
        options: Options,
        *,
        batch: int | None = None,
        rect: bool | None = None,
        augment: bool = True,
        pad: float = 0.0,
        stride: int = 32,
        classes: int | None = None,
        rank: int = 0,
        world: int = 1,
        tiles: int = 4,
        device: torch.device | None = None,
        pinned: bool = False,
        memory: int | None = None,
        folder: str | None = None,
    ) -> None:
        """Read the labels; images are read when they are needed. DataError where there is none to train on.

        What is None is as in `options`. Without `augment` images come as they are, in their order. A rectangular batch
        has `pad` strides to spare. `classes` is how many there are: those with a name. Of each batch only the share of
        process `rank` of `world` is made. `tiles` of a mosaic are 4 or 9. With `device`, pixels are augmented there;
        with `pinned`, batches lie in memory that a GPU copies from. Decoded pictures are kept in `memory` bytes, and
        with --cache disk in `folder` (default: the user's cache folder).
        """
        self.side, self.seed, self.batch = options.side(stride), options.seed, batch or options.batch_size
        self._hyper, self._augment, self._tiles = hyper, augment, tiles
        self._rect, self._quad = options.rect if rect is None else rect, options.quad and augment
        self._rank, self._world, self._pinned = rank, world, pinned
        _refuse(self.batch, self._rect, options, hyper, device)
        known = 1 if options.single_cls else max(1, len(dataset.names) if classes is None else classes)
        memory = _memory(options, device, world) if memory is None else memory
        self.reader = _reader(dataset, split, options, self.side, known, memory, folder, shrink=not augment)
        self._maps: Weights = np.zeros(known)
        self._counts = self.reader.labels.counts(known) if options.image_weights else None
        sizes = self.reader.sizes
        self._rectangles = order.rectangular(sizes, self.side, self.batch, stride, pad) if self._rect else None
        self.workers = min(options.workers, max(1, _processors() // world))
        self._store = None if device is None else Store(self.reader, device, self.workers)
        self._at = self._start = 0, 0

    def __len__(self) -> int:
        """Batches of an epoch."""
        return -(-len(self.reader) // self.batch)

    def weigh(self, maps: Sequence[float] | Weights) -> None:
        """With --image-weights: from the next epoch on show images of classes of low mAP (C, 0 to 1) more often."""
        self._maps = np.asarray(maps, np.float64)

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of an epoch, from 0; those not yet taken where that is the epoch that was restored.

        Whoever stops early closes the iterator, so that no thread works on.
        """
        first = self._start[1] if self._start[0] == number else 0
        self._start, self._at = (number, 0), (number, first)
        dealt = self._dealt(number)
        pieces = (piece for batch in range(first, len(self)) for piece in self._pieces(number, batch, dealt))
        most = 2 * max(self.workers, -(-self.batch // PIECE))
        whole: list[Made] = []
        with closing(cast(Generator[Made], ahead(self._made, pieces, self.workers, most))) as parts:
            for made in parts:
                whole.append(made)
                if made.piece.last:
                    self._at = number, made.piece.batch + 1
                    yield self._gathered(whole)
                    whole = []

    def state(self) -> dict[str, Any]:
        """Where this loader is, in plain values: after the last batch that was taken."""
        return {**self._kind(), "epoch": self._at[0], "batch": self._at[1], "maps": self._maps.tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where another loader was; UsageError where this one would not give the batches that are missing."""
        for name, mine in self._kind().items():
            if state.get(name) != mine:
                was = f"{name.replace('_', ' ')} {state.get(name)}, not {mine}"
                raise UsageError(f"the run had {was}: it only goes on with the same data and options, or starts anew")
        epoch, batch, maps = state.get("epoch"), state.get("batch"), state.get("maps", ())
        if type(epoch) is not int or type(batch) is not int or np.shape(maps) != self._maps.shape:
            raise UsageError("the state of the training data is of another version, or damaged: start a new run")
        self._at = self._start = epoch, batch
        self.weigh(maps)

    def _kind(self) -> dict[str, Any]:
        """What has to be the same for batches to be the same."""
        return {
            "seed": self.seed,
            "batch_size": self.batch,
            "image_size": self.side,
            "images": len(self.reader),
            "labels": len(self.reader.labels.values),
            "rect": self._rect,
        }

    def _dealt(self, epoch: int) -> Dealt:
        count = len(self.reader)
        if self._rectangles is not None:
            return self._rectangles
        if not self._augment:
            return order.as_listed(count, self.side)
        if self._counts is not None:
            return order.weighted(image_weights(self._counts, self._maps), self.side, self.seed, epoch)
        return order.shuffled(count, self.side, self.seed, epoch)

    def _pieces(self, epoch: int, batch: int, dealt: Dealt) -> Iterator[Piece]:
        positions = order.share(len(dealt.images), self.batch, batch, self._rank, self._world)
        if self._quad:
            positions = np.resize(positions, -(-len(positions) // 4) * 4)
        height, width = dealt.shapes[batch * self.batch].tolist()
        room = blank(len(positions), (height, width), pinned=self._pinned) if self._store is None else None
        return cut(epoch, batch, positions, dealt.images[positions], (height, width), room)

    def _made(self, piece: Piece) -> Made:
        count, load = len(self.reader), self.reader.load if self._store is None else self._store.load
        recipes: list[Recipe] = []
        for position, image in zip(piece.positions.tolist(), piece.images.tolist(), strict=True):
            if not self._augment:
                recipes.append(plain(image, load, piece.shape))
                continue
            drawn = streams(self.seed, piece.epoch, position)
            recipes.append(
                augmented(image, count, load, piece.shape, self._hyper, drawn, rect=self._rect, tiles=self._tiles)
            )
        return painted(piece, recipes)

    def _gathered(self, parts: Sequence[Made]) -> Batch:
        piece = parts[0].piece
        images = piece.whole
        if images is None:
            assert self._store is not None
            images = self._store.painted([recipe for part in parts for recipe in part.recipes])
        targets = joined([rows for part in parts for rows in part.targets])
        if self._quad:
            stream = streams(self.seed, piece.epoch, f"quad {piece.batch}").python
            images, targets = quads(images, targets, stream)
        numbers = (self.reader.standing(number) for part in parts for number in part.piece.images.tolist())
        return Batch(images, targets, tuple(self.reader.source.places[number] for number in numbers))


def _reader(
    dataset: Dataset,
    split: str,
    options: Options,
    side: int,
    classes: int,
    memory: int,
    folder: str | None,
    *,
    shrink: bool,
) -> Reader:
    """The images of a split, kept as the options say."""
    return Reader(
        dataset,
        split,
        side,
        classes=classes,
        one_class=options.single_cls,
        shrink=shrink,
        memory=memory,
        folder=(folder or default_folder()) if options.cache == "disk" else None,
    )


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory(options: Options, device: torch.device | None, world: int) -> int:
    """Bytes for decoded pictures; none where a device holds them all."""
    return 0 if device is not None else int(available() * MEMORY[options.cache] / world)


def _refuse(batch: int, rect: bool, options: Options, hyper: Hyper, device: torch.device | None) -> None:
    if batch < 1:
        raise UsageError("a batch has 1 image or more")
    if options.image_weights and rect:
        raise UsageError("--image-weights draws images at random, --rect fixes their order: choose one")
    if options.quad and (batch % 4 or rect):
        raise UsageError("--quad makes one image of four squares: give a batch that is a multiple of 4, without --rect")
    if device is not None and (hyper.copy_paste or rect):
        raise UsageError("a device augments neither rectangular batches nor copy-paste: leave that to the processor")
