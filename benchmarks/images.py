"""Real JPEGs → more of them, each with pixels of its own; and small JPEGs by the hundred thousand."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image, ImageChops, ImageOps, JpegImagePlugin

from yoloaudit import parallel

SUFFIXES = {".jpg", ".jpeg"}
BLOCK = 16
"""Pixels that a JPEG codes together, colour at half size included: shifts by whole ones keep a file's size."""
GOLDEN = 0.6180339887
"""Multiples of it, less their whole part, never come close to each other."""
SMALL = (48, 64)
PATCHES = (6, 8)
"""Height and width of a small image, in pixels and in patches of one colour."""
FOLDERS = 100
CHUNK = 50


@dataclass(frozen=True)
class Made:
    """What was written: the descriptor, how many images, their bytes."""

    descriptor: Path
    files: int
    bytes: int

    @property
    def images(self) -> Path:
        """The folder that holds all images."""
        return self.descriptor.parent / "images"


def real(source: Path, folder: Path, files: int, workers: int) -> Made:
    """`files` JPEGs like those below `source`: first they themselves, then shifted and mirrored ones; labels too."""
    originals = distinct(source)
    if not originals:
        raise SystemExit(f"no JPEG below {source}: give a folder of data sets with --source")
    jobs = [(original, turn, number) for number, (turn, original) in enumerate(turns(originals, files))]
    for split in ("train", "val"):
        (folder / "images" / split).mkdir(parents=True)
        (folder / "labels" / split).mkdir(parents=True)
    chunks = parallel.in_chunks(jobs, CHUNK)
    written = parallel.run(partial(write_turns, folder), chunks, workers=workers, lost=not_written)
    digests = {digest for part in written for digest, _ in part}
    if len(digests) != files:
        raise SystemExit(f"{files - len(digests)} of {files} images came out like another")
    return Made(described(folder), files, sum(size for part in written for _, size in part))


def distinct(source: Path) -> list[Path]:
    """JPEGs below a folder in order of their paths, each content once."""
    known: dict[bytes, Path] = {}
    for path in sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()):
        known.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
    return list(known.values())


def turns(originals: Sequence[Path], files: int) -> Iterator[tuple[int, Path]]:
    """The originals over and over, with the number of the turn, until there are enough."""
    endless = ((turn, original) for turn in count() for original in originals)
    return (pair for pair, _ in zip(endless, range(files), strict=False))


def write_turns(folder: Path, jobs: Sequence[tuple[Path, int, int]]) -> list[tuple[bytes, int]]:
    """Write images with one row of a label each; digests and sizes of the images."""
    written = []
    for original, turn, number in jobs:
        split, name = "train" if number % 10 else "val", f"{number:06d}"
        data = shifted(original, turn) if turn else original.read_bytes()
        (folder / "images" / split / f"{name}.jpg").write_bytes(data)
        (folder / "labels" / split / f"{name}.txt").write_text(f"0 0.5 0.5 {0.2 + number % 97 / 200:.3f} 0.25\n")
        written.append((hashlib.sha256(data).digest(), len(data)))
    return written


def not_written(job: tuple[Path, int, int], why: str) -> list[tuple[bytes, int]]:
    """End the run: a set that lacks images would prove nothing."""
    raise SystemExit(f"{job[0]}: {why}")


def shifted(original: Path, turn: int) -> bytes:
    """The image moved round by whole blocks and, every other time, mirrored: same size, same tables, other pixels."""
    with Image.open(original) as image:
        options = {"qtables": getattr(image, "quantization", None), "progressive": "progressive" in image.info}
        if (sampling := JpegImagePlugin.get_sampling(image)) >= 0:
            options["subsampling"] = sampling
        if "exif" in image.info:
            options["exif"] = image.info["exif"]
        across, down = (
            max(1, round(side / BLOCK * (turn * share % 1.0))) * BLOCK
            for side, share in zip(image.size, (GOLDEN, GOLDEN**2), strict=True)
        )
        moved = ImageChops.offset(image, across, down)
    buffer = io.BytesIO()
    (ImageOps.mirror(moved) if turn % 2 else moved).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def small(folder: Path, files: int) -> Made:
    """`files` JPEGs of 64 × 48 random patches in a hundred folders, without labels."""
    size = 0
    for number in range(FOLDERS):
        place = folder / "images" / ("train" if number % 10 else "val") / f"{number:03d}"
        place.mkdir(parents=True)
        numbers = range(number * files // FOLDERS, (number + 1) * files // FOLDERS)
        levels = np.random.default_rng(number).integers(0, 256, (len(numbers), *PATCHES, 3), dtype=np.uint8)
        for name, patches in zip(numbers, levels, strict=True):
            pixels = patches.repeat(SMALL[0] // PATCHES[0], axis=0).repeat(SMALL[1] // PATCHES[1], axis=1)
            data = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=85)
            (place / f"{name:06d}.jpg").write_bytes(data)
            size += len(data)
    return Made(described(folder), files, size)


def described(folder: Path) -> Path:
    """Write the descriptor of a set of one class."""
    descriptor = folder / "data.yaml"
    descriptor.write_text("path: .\ntrain: images/train\nval: images/val\nnames: [thing]\n", encoding="utf-8")
    return descriptor
