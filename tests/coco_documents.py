"""Small COCO documents and data sets for tests."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yoloaudit.checks.base import Picture
from yoloaudit.dataset.coco import find as coco
from yoloaudit.dataset.load import Dataset, read
from yoloaudit.testing import draw

CATEGORIES = [{"id": 7, "name": "dog"}, {"id": 3, "name": "cat"}]


def image(number: Any = 1, name: str = "a.png", **more: Any) -> dict[str, Any]:
    return {"id": number, "file_name": name, "width": 100, "height": 50} | more


def annotation(number: int = 1, box: Any = (10, 10, 20, 10), **more: Any) -> dict[str, Any]:
    return {"id": number, "image_id": 1, "category_id": 3, "bbox": box, "area": 1, "iscrowd": 0} | more


def document(*annotations: Any, images: Any = None, categories: Any = CATEGORIES, **more: Any) -> dict[str, Any]:
    return {"images": images or [image()], "annotations": list(annotations), "categories": categories} | more


def write(folder: Path, files: Mapping[str, Any]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            content = draw(Picture(width=100, height=50))
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def load(path: Path, **options: Any) -> Dataset:
    return read(coco.find(str(path), **options), workers=1, untrusted=options.get("untrusted", False))


def one(folder: Path, content: Any, **options: Any) -> Dataset:
    """A JSON of this content beside a.png."""
    write(folder, {"a.png": None, "annotations.json": content})
    return load(folder / "annotations.json", **options)


def flaw_of(dataset: Dataset) -> str | None:
    """What is odd about the first label."""
    flaw = dataset.labels["flaw"].iat[0]
    return flaw if isinstance(flaw, str) else None
