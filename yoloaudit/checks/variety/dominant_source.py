"""dominant-source: most training images from one camera, one clip or original, or of one resolution."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from yoloaudit.checks.appearance import size_in_words, sizes, trained_on
from yoloaudit.checks.base import Check, Example, Picture, measured, unmeasured
from yoloaudit.checks.scenes import sources_of
from yoloaudit.dataset.tables import Boxes, Defects, Images, Pixels
from yoloaudit.findings import Severity, shorten
from yoloaudit.geometry import Integers

MOST = 0.5
"""Share of the images from which on cameras are known, or export is certain, so that resolutions tell nothing."""
EXPORTED = "; resizing on export makes one resolution too, and then it tells nothing of sources"


class Part(NamedTuple):
    """The most frequent camera, source or resolution, in words, and the share of all images that it has."""

    words: str
    share: float
    idle: bool = False
    """A small share says nothing: cameras of few images are known, or many originals may be of one camera."""
    doubt: str = ""


class DominantSource(Check):
    """Most training images from one source.

    The guide recommends images from different sources: scraped online, collected locally, different cameras. The model
    learns the lens, the noise and the places of one source along with the objects. Collect images elsewhere, and with
    other cameras. A source is the camera by EXIF, else the clip or original by the file name, else the resolution;
    the resolution is left out where cameras are known for half of the images, or file names show that half were
    exported by a tool (`.rf.`), which resizes. It does not see cameras where EXIF was taken off, nor whether one
    resolution comes from one camera or from resizing, and two cameras in one room count as two.
    """

    severity = Severity.INFO
    kind = "heuristic"
    needs = ("train",)
    message = "{source} {value:.0%} of {total:,} training images, at or above {max_source_share:.0%}{doubt}"
    max_source_share: float = Field(0.8, gt=0, le=1, description="share of training images that come from one source")
    min_images: int = Field(30, ge=1, description="training images that it takes to judge")

    good = (
        Example(
            {
                f"images/train/{i}.png": Picture(64 + i % 2, 64, seed=i, camera="K 20" if i % 4 else "M7")
                for i in range(40)
            },
            title="three of four by one camera",
        ),
        Example(
            {
                f"images/train/{i}.png": Picture(64, 64, seed=i, camera=("K 20", "M7")[i % 2] if i % 3 else "")
                for i in range(40)
            },
            title="two cameras, and one resolution that export made",
        ),
        Example(
            {f"images/train/{i:02}_png.rf.{'0' * 32}.png": Picture(64, 64, seed=i) for i in range(40)},
            title="a tool exported them and made one resolution",
        ),
        Example({f"images/train/{i}.png": Picture(64, 64, seed=i) for i in range(28)}, title="29 images are too few"),
    )
    bad = (
        Example(
            {f"images/train/{i}.png": Picture(64 + i, 64, seed=i, camera="K 20" if i % 8 else "M7") for i in range(40)},
            title="seven of eight by one camera",
        ),
        Example({f"images/train/{i}.png": Picture(64, 64, seed=i) for i in range(40)}, title="one resolution"),
        Example(
            {f"images/train/cam_{i:04}.png": Picture(64 + i, 64, seed=i) for i in range(40)}
            | {f"labels/train/cam_{i:04}.txt": f"0 {0.3 + i / 100} .5 .2 .2\n" for i in range(40)},
            title="frames of one clip",
        ),
    )

    def find(self, images: Images, pixels: Pixels, boxes: Boxes) -> Defects:
        kept = trained_on(images)
        total = int(kept.sum())
        if total < self.min_images:
            return unmeasured(f"{total:,} training images, below {self.min_images:,}", self.max_source_share)
        parts = list(parts_of(images[kept], pixels[kept], boxes))
        large = [part for part in parts if part.share >= self.max_source_share]
        if not large and all(part.idle for part in parts):
            return unmeasured("no camera is known, and resizing on export hides the rest", self.max_source_share)
        share = large[0].share if large else max(part.share for part in parts if not part.idle)
        found = [
            {
                "split": "train",
                "value": part.share,
                "limit": self.max_source_share,
                "score": part.share,
                "source": part.words,
                "total": total,
                "doubt": part.doubt,
            }
            for part in large[:1]
        ]
        return measured(self.flag_whole(found), share, self.max_source_share)


def parts_of(images: Images, pixels: Pixels, boxes: Boxes) -> Iterator[Part]:
    """The most frequent of each kind of source, the most telling kind first."""
    cameras, makes = pd.factorize(pixels["camera"].to_numpy())
    known = np.mean(cameras >= 0)
    for number, share in most_frequent(cameras):
        yield Part(f"one camera, {shorten(str(makes[number]))!r}, took", share, idle=bool(known < MOST))
    sources, names = sources_of(images, boxes)
    exported = (sources >= 0) & (images["frame"] < 0).to_numpy()
    for number, share in most_frequent(sources):
        words = f"one source by file name, {shorten(str(names[number]))!r}, holds"
        yield Part(words, share, idle=bool(exported.any()))
    if max(known, exported.mean()) < MOST:
        codes, found = pd.factorize(sizes(images))
        for number, share in most_frequent(np.where(found[codes] > 0, codes, -1)):
            yield Part(f"one resolution, {size_in_words(int(found[number]))}, is that of", share, doubt=EXPORTED)


def most_frequent(codes: Integers) -> Iterator[tuple[int, float]]:
    """The most frequent code and its share of all; nothing where all are -1."""
    counts = np.bincount(codes[codes >= 0])
    if len(counts):
        yield int(counts.argmax()), float(counts.max() / len(codes))
