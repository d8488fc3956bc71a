"""Models, images and upstream's figures for tests of the detector."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from yoloaudit.train.model import Detector

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
GOLDEN = SHARED / "reference" / "golden"
COCO, FACE = SHARED / "weights" / "yolov5n_coco_v6.0.pt", SHARED / "weights" / "yolov5n_face_v6.pt"
needs_shared = pytest.mark.skipif(not GOLDEN.exists(), reason="needs upstream's figures in shared/reference")


@cache
def golden(name: str) -> Any:
    """A JSON file of upstream's figures."""
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def formula() -> Tensor:
    """The image of section 11.1 of the specification: 1 × 3 × 320 × 320, integers divided by 255."""
    row, column = np.mgrid[:320, :320]
    channels = [
        (np.abs((3 * row + 2 * column + 40 * c) % 510 - 255) + (row * column // 64 + 85 * c) % 256) // 2
        for c in range(3)
    ]
    return torch.from_numpy(np.stack(channels).astype(np.float32) / 255)[None]


def lively(model: nn.Module) -> nn.Module:
    """The same in evaluation mode, with statistics of its normalisations that are not those of a fresh model."""
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d) and part.running_mean is not None and part.running_var is not None:
            part.running_mean.normal_(0, 0.2)
            part.running_var.uniform_(0.3, 3)
            nn.init.uniform_(part.weight, 0.7, 1.6)
            nn.init.normal_(part.bias, 0, 0.3)
    return model.eval()


def apart(one: list[Tensor], other: list[Tensor]) -> float:
    """The largest difference between heads of two models."""
    return max((a - b).detach().abs().max().item() for a, b in zip(one, other, strict=True))


def biases(model: Detector) -> list[Tensor]:
    """Those of the head: A × (5 + C), a level each."""
    return [conv.bias.detach().view(-1, model.head.outputs) for conv in model.head.m if isinstance(conv.bias, Tensor)]


def as_images(*pictures: NDArray[np.uint8]) -> Tensor:
    """Pictures of one size (H × W × 3, BGR) as a network takes them."""
    return torch.from_numpy(np.stack(pictures)[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32) / 255)


def picture(path: str) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(path), np.uint8)
