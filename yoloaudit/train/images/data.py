"""Images of a data set, or of a list of paths → pictures that fit the network, read in threads ahead of it.

The trainer's way in validation: an image is scaled so that its longer side is the image size, then padded to the shape
of its batch. N images; a shape is (height, width).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np

from yoloaudit.dataset.decodable import most_pixels
from yoloaudit.dataset.images import read_header
from yoloaudit.dataset.load import Dataset
from yoloaudit.files import Root
from yoloaudit.train.images.ahead import ahead
from yoloaudit.train.images.augment import Letterboxed, Pixels, Shape, letterbox, resize
from yoloaudit.train.images.picture import Picture, Unreadable, use
from yoloaudit.train.images.video import Moment
from yoloaudit.train.types import Integers

ROTATED = 5
"""EXIF orientations from this on swap width and height."""


@dataclass(frozen=True)
class Source:
    """Images to look at. Item i is `paths[i]`, and what is said of it is said of `places[i]`."""

    root: Root
    paths: tuple[str, ...]
    """Absolute."""
    places: tuple[int, ...]
    """Their rows in the table `images`, or their numbers in a list of paths."""
    sizes: Integers
    """N × 2: height and width as the trainer sees them, by the header; 0 where there is none."""
    errors: tuple[str | None, ...]
    """Why an image cannot be opened."""

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def most_pixels(self) -> int:
        """What is decoded at most: less where the data are not trusted."""
        return most_pixels(self.root.contained)

    def only(self, wanted: Sequence[int]) -> Source:
        """The items at these positions."""
        at = list(wanted)
        return Source(
            self.root,
            tuple(self.paths[item] for item in at),
            tuple(self.places[item] for item in at),
            self.sizes[at].reshape(-1, 2),
            tuple(self.errors[item] for item in at),
        )


class Fitted(NamedTuple):
    """One image made ready for the network, or why it is not."""

    place: int
    image: Pixels | None = None
    """H × W × 3, RGB, uint8."""
    letterboxed: Letterboxed = Letterboxed()
    native: Shape = (0, 0)
    """Shape of the image as the trainer sees it."""
    error: str | None = None
    content: bytes = b""
    """Hash of the file's bytes."""
    seconds: tuple[float, float] = (0.0, 0.0)
    """To read and decode the image, and to make it fit."""
    pixels: Pixels | None = None
    """The image itself, BGR, where it was asked for and is not too large to be kept."""
    moment: Moment | None = None
    """Where it is from, if it is a frame of a video."""


def of_split(dataset: Dataset, splits: Sequence[str] = (), *, dropped: bool = True) -> Source:
    """The images of these splits (all, if none is named) that the trainer would list; Source.places are their rows.

    Without `dropped` only those that it would use, with or without a label: what its validation looks at.
    """
    images = dataset.images
    wanted = np.ones(len(images), np.bool_)
    if splits:
        wanted &= images["split"].isin(list(splits)).to_numpy()
    if not dropped:
        wanted &= (images["fate"] != "dropped").to_numpy()
    rows = np.flatnonzero(wanted)
    paths = images["path"].to_numpy()[rows]
    sizes = images[["height", "width"]].to_numpy(np.int64)[rows]
    errors = images["error"].to_numpy(object)[rows].tolist()
    absolute = tuple(os.path.join(dataset.root, path) for path in paths.tolist())
    root = Root(dataset.root, dataset.untrusted)
    return Source(root, absolute, tuple(rows.tolist()), np.maximum(sizes, 0), tuple(errors))


def of_paths(paths: Sequence[str], root: Root | None = None) -> Source:
    """These files in their order; Source.places are their numbers from 0."""
    absolute = tuple(os.path.abspath(path) for path in paths)
    sizes = np.zeros((len(absolute), 2), np.int64)
    return Source(root or Root(os.getcwd()), absolute, tuple(range(len(absolute))), sizes, (None,) * len(absolute))


def with_sizes(source: Source) -> Source:
    """The source with the headers read that were not."""
    unknown = [at for at in range(len(source)) if not source.sizes[at].all() and source.errors[at] is None]
    sizes, errors = source.sizes.copy(), list(source.errors)
    for at in unknown:
        header = read_header(source.root, source.paths[at])
        sides = header.height, header.width
        sizes[at] = sides if header.orientation < ROTATED else sides[::-1]
        errors[at] = header.error
    return Source(source.root, source.paths, source.places, sizes, tuple(errors))


def batch_shapes(sizes: Integers, side: int, batch: int, stride: int, pad: float) -> tuple[Integers, Integers]:
    """An order of the images in which batches need little padding, and in that order the shape of each (N × 2).

    Images are sorted by height over width; a batch gets the smallest shape, in steps of `stride`, in which all of its
    images fit with `pad` strides to spare.
    """
    aspects = sizes[:, 0] / sizes[:, 1]
    order = np.argsort(aspects)  # not stable, as upstream's: which of equal shapes share a batch is part of the result
    shapes = np.zeros((len(order), 2), np.int64)
    for start in range(0, len(order), batch):
        part = aspects[order[start : start + batch]]
        share = (part.max(), 1.0) if part.max() < 1 else (1.0, 1 / part.min()) if part.min() > 1 else (1.0, 1.0)
        shapes[start : start + batch] = np.ceil(np.array(share) * side / stride + pad).astype(np.int64) * stride
    return order, shapes


def own_shapes(sizes: Integers, side: int, stride: int, pad: float) -> tuple[Integers, Integers]:
    """As batch_shapes, but each image has the shape that a batch of its own would have; equal shapes stand together."""
    order, shapes = batch_shapes(sizes, side, 1, stride, pad)
    again = np.lexsort((order, shapes[:, 1], shapes[:, 0]))
    return order[again], shapes[again]


def fitted(
    source: Source, shapes: Sequence[Shape], side: int, most: int, workers: int, waiting: int
) -> Iterator[Fitted]:
    """The images of a source in order, each scaled to `side` and padded to its shape.

    An image of more than `most` pixels is not decoded. At most `waiting` of them are ready and not yet taken.
    """
    work = partial(_fitted, source, shapes, side, most)
    return ahead(work, range(len(source)), workers, waiting)


def _fitted(source: Source, shapes: Sequence[Shape], side: int, most: int, at: int) -> Fitted:
    def fit(pixels: Pixels) -> tuple[Pixels, Letterboxed]:
        height, width = pixels.shape[:2]
        scaled = resize(pixels, side)
        made, boxed = letterbox(scaled, shapes[at], auto=False, scale_up=False)
        ratio = boxed.ratio[0] * scaled.shape[1] / width, boxed.ratio[1] * scaled.shape[0] / height
        return made, Letterboxed(ratio, boxed.padding)

    error = source.errors[at]
    if error is not None:
        return Fitted(source.places[at], error=error)
    return fit_file(source.root, source.paths[at], source.places[at], most, fit)


Fit = Callable[[Pixels], tuple[Pixels, Letterboxed]]


def fit_file(root: Root, path: str, place: int, most: int, fit: Fit, *, keep: bool = False) -> Fitted:
    """The image in a file, made to fit; never raises. With `keep` the pixels are kept too, unless they are many."""
    try:
        return use(root, path, most, partial(_fit_picture, place, fit, keep))
    except Unreadable as error:
        return Fitted(place, error=str(error))


def _fit_picture(place: int, fit: Fit, keep: bool, picture: Picture) -> Fitted:
    made = fit_pixels(place, picture.pixels, fit, keep=keep and not picture.large)
    return made._replace(content=picture.content, seconds=(picture.seconds, made.seconds[1]))


def fit_pixels(place: int, pixels: Pixels, fit: Fit, *, keep: bool = False, moment: Moment | None = None) -> Fitted:
    """Pixels (H × W × 3, BGR) made to fit."""
    began = time.perf_counter()
    made, letterboxed = fit(pixels)
    image = np.asarray(cv2.cvtColor(made, cv2.COLOR_BGR2RGB), np.uint8)
    seconds = 0.0, time.perf_counter() - began
    native = pixels.shape[0], pixels.shape[1]
    return Fitted(place, image, letterboxed, native, None, b"", seconds, pixels if keep else None, moment)
