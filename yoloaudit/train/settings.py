"""How a model looks at images, as a value; nothing here needs torch to be imported."""

from __future__ import annotations

from dataclasses import dataclass

from yoloaudit.parallel import default_workers

WORKERS = default_workers()
"""Threads that read images, unless told otherwise."""


@dataclass(frozen=True)
class Settings:
    """How images are looked at; the defaults are those of YOLOv5's validation."""

    imgsz: int = 640
    """Pixels of the longer side at the network's input; rounded up to a multiple of the stride."""
    batch: int = 32
    conf: float = 0.001
    iou: float = 0.6
    max_detections: int = 300
    multi_label: bool = True
    """A box may be given for several classes."""
    agnostic: bool = False
    """A box suppresses those of other classes, too."""
    classes: tuple[int, ...] = ()
    """Only these; empty: all."""
    rect: bool = True
    """Batches have the smallest shape their images fit in; otherwise all are square."""
    alone: bool = False
    """With `rect`: an image's shape depends on that image alone, and so does what is seen on it."""
    pad: float = 0.5
    """Strides that a rectangular batch has to spare."""
    augment: bool = False
    """Look three times, at three scales and mirrored."""
    half: bool = False
    """16-bit floats; on CUDA only."""
    workers: int = WORKERS
    """Threads that read images."""
    max_pixels: int | None = None
    """Images of more are not decoded. None: 89,478,485; 64,000,000 where the data are not trusted."""
