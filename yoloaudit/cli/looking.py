"""How a model is asked to look → how it can; where that is something else, it is said on standard error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from yoloaudit.cli import streams

if TYPE_CHECKING:
    from yoloaudit.train.model import Detector
    from yoloaudit.train.settings import Settings


def possible(looks: Settings, model: Detector, device: str) -> Settings:
    """The settings with the image size that the model can take; `device` is its type."""
    from yoloaudit.train.predict import stride_of, whole_side

    stride = stride_of(model)
    side = whole_side(looks.imgsz, stride)
    if side != looks.imgsz:
        streams.tell(f"note: {looks.imgsz} px is no multiple of {stride}, so {side} px is used")
    if looks.half and device != "cuda":
        streams.tell("note: --half is for CUDA; here 32-bit floats are used")
    return replace(looks, imgsz=side)
