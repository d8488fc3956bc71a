"""A small data set to train on: pictures of several shapes, some with boxes, some with polygons, one without either."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tests.example_detector import GOLDEN, photo
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.train.config import Hyper, Options, hyper
from yoloaudit.train.samples.loader import Loader
from yoloaudit.train.samples.mosaic import Loaded
from yoloaudit.train.types import Batch, Sample

torch.set_num_threads(1)
YAML = "path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog, bird]\n"
SIZES = ((96, 64), (64, 96), (80, 80), (100, 40), (40, 100), (96, 72), (30, 20))
STILL = hyper("no-augmentation")
ROUGH = hyper("scratch-high", degrees=10.0, shear=4.0, mosaic=0.7, mixup=0.5, flipud=0.3, copy_paste=0.5)
"""Everything is drawn, and nothing for certain."""


def golden(name: str) -> Any:
    """Recorded numbers of the trainer; nothing where they are not at hand."""
    path = GOLDEN / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def rows_of(number: int) -> str:
    """Label rows of an image: boxes, polygons in every third image, none in every seventh."""
    if number % 7 == 6:
        return ""
    random = np.random.default_rng(number)
    lines = []
    for count in range(1 + number % 4):
        width, height = random.uniform(0.15, 0.5, 2)
        left, top = random.uniform(0, 1 - width), random.uniform(0, 1 - height)
        values = [left + width / 2, top + height / 2, width, height]
        if number % 3 == 2:
            values = [left, top, left + width, top, left + width, top + height, left + width / 3, top + height * 0.8]
        lines.append(" ".join(f"{value:.6f}" for value in ((count + number) % 3, *values)).replace(".000000", "", 1))
    return "".join(f"{line}\n" for line in lines)


def plant(folder: Path, count: int = 9, texts: Mapping[str, str] | None = None) -> str:
    """Write a data set of so many training images, or one of these label files each; the path of its YAML."""
    texts = {f"{number:03}": rows_of(number) for number in range(count)} if texts is None else texts
    for split in ("train", "val"):
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True, exist_ok=True)
    for number, (name, text) in enumerate(texts.items()):
        (folder / "images" / "train" / f"{name}.png").write_bytes(photo(number, *SIZES[number % len(SIZES)], "PNG"))
        (folder / "labels" / "train" / f"{name}.txt").write_bytes(text.encode())
    (folder / "images" / "val" / "v.png").write_bytes(photo(99, 48, 32, "PNG"))
    (folder / "data.yaml").write_text(YAML)
    return str(folder / "data.yaml")


def planted(folder: Path, count: int = 9, texts: Mapping[str, str] | None = None) -> Dataset:
    return load(plant(folder, count, texts), workers=1)


def loader_of(dataset: Dataset, values: Hyper = STILL, **given: Any) -> Loader:
    """A loader at 64 pixels, batches of four, two threads; options and arguments of the loader by name."""
    asked = {"imgsz": 64, "batch_size": 4, "workers": 2, **given}
    options = {name: asked.pop(name) for name in tuple(asked) if name in Options.model_fields and name != "device"}
    return Loader(dataset, "train", values, Options(**options), memory=asked.pop("memory", 1 << 24), **asked)


def names_of(dataset: Dataset, batches: Sequence[Batch]) -> list[list[str]]:
    """File names of the images of some batches, without their ends."""
    paths = dataset.images["path"]
    return [[Path(paths[place]).stem for place in batch.places] for batch in batches]


def same(some: Sequence[Batch], others: Sequence[Batch]) -> bool:
    """Whether batches are equal to the last bit."""
    return len(some) == len(others) and all(
        one.places == other.places and torch.equal(one.images, other.images) and torch.equal(one.targets, other.targets)
        for one, other in zip(some, others, strict=True)
    )


def flat(place: int, height: int, width: int, *boxes: Sequence[float], polygons: bool = False) -> Loaded:
    """A picture of one grey level, its number, with boxes of class 0."""
    image = np.full((height, width, 3), place, np.uint8)
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    outlines = tuple(box[[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2) for box in corners) if polygons else ()
    return Loaded(place, Sample(image, corners, np.zeros(len(corners), np.int64), outlines))


def corners_of(targets: NDArray[np.float32]) -> NDArray[np.float32]:
    """N × 4: x1 y1 x2 y2 as shares, from rows that end in cx cy w h."""
    middle, half = targets[:, -4:-2], targets[:, -2:] / 2
    return np.concatenate([middle - half, middle + half], axis=1)
