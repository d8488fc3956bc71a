"""A data set's files → Dataset: tables joined, pixel columns added, the trainer's view taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.tables import Boxes, Images, Labels
from pandas import DataFrame


@dataclass(frozen=True)
class Dataset:
    """A data set as tables; `root` is the absolute folder that paths are relative to."""

    root: str
    names: tuple[str, ...]
    images: Images
    labels: Labels
    boxes: Boxes
    listed: DataFrame
    strays: DataFrame
    descriptor: Descriptor
    layout: str = "yolo"
    imgsz: int = 640
    untrusted: bool = False

    def facts(self) -> Mapping[str, Any]:
        """What a report says of the data set as a whole."""
        raise AssertionError("written below")
