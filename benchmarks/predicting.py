"""One look at the images of a data set in a process of its own, printed as JSON: the whole, and its parts alone.

In turns: (whole) from files to detections as validation does it, imports and the reading of labels left out; (forward)
the fused network on the same batches, ready; (singly) the same, an image at a time, which a processor's memory may like
better; (reading) the same files decoded and made to fit, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks.forwards import CLASSES, SIDE
from yoloaudit.dataset.load import load
from yoloaudit.train import predict
from yoloaudit.train.eye import Timer, batch_of
from yoloaudit.train.images.data import Source, batch_shapes, fitted, of_split, with_sizes
from yoloaudit.train.model import Detector, build, fuse
from yoloaudit.train.weights import load as load_weights

Pass = Mapping[str, Any]


def whole(model: Detector, source: Source, settings: predict.Settings, device: torch.device) -> Pass:
    timer = Timer()
    began = time.perf_counter()
    found = list(predict.predict(model, source, settings, device=device, timer=timer))
    seconds = time.perf_counter() - began
    if unread := [one.error for one in found if one.error]:
        raise SystemExit(f"{len(unread)} images cannot be read: {unread[0]}")
    boxes = sum(len(one.detections) for one in found)
    return {"seconds": seconds, "boxes": boxes, "speed": timer.speed()._asdict()}


def forward(model: Detector, batches: list[Tensor], device: torch.device, *, singly: bool = False) -> Pass:
    """The batches are held as bytes; that they become floats is not timed."""
    seconds = 0.0
    for batch in batches:
        images = batch.to(device).float() / 255
        pieces = torch.split(images, 1) if singly else (images,)
        began = time.perf_counter()
        for piece in pieces:
            model(piece)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds += time.perf_counter() - began
    return {"seconds": seconds}


def reading(source: Source, settings: predict.Settings, stride: int) -> Pass:
    began = time.perf_counter()
    for _ in pictures(source, settings, stride):
        pass
    return {"seconds": time.perf_counter() - began}


def pictures(source: Source, settings: predict.Settings, stride: int) -> Any:
    """The pictures of the source as validation takes them, in its order."""
    side = predict.whole_side(settings.imgsz, stride)
    order, wanted = batch_shapes(source.sizes, side, settings.batch, stride, settings.pad)
    shapes = [(height, width) for height, width in wanted.tolist()]
    waiting = settings.batch + 2 * settings.workers
    return fitted(source.only(order.tolist()), shapes, side, source.most_pixels, settings.workers, waiting)


def batches_of(source: Source, settings: predict.Settings, stride: int) -> list[Tensor]:
    groups: list[Any] = [[]]
    for picture in pictures(source, settings, stride):
        if len(groups[-1]) == settings.batch or (groups[-1] and groups[-1][0].image.shape != picture.image.shape):
            groups.append([])
        groups[-1].append(picture)
    return [batch_of(group).images for group in groups]


@torch.inference_mode()
def measure(descriptor: str, size: str, weights: str | None, turns: int, device: torch.device) -> Mapping[str, Any]:
    """All passes in turns, after one that warms up."""
    model = load_weights(weights, device=device)[0] if weights else build(size, CLASSES)
    settings = predict.Settings(imgsz=SIDE)
    source = with_sizes(of_split(load(descriptor)))
    stride = predict.stride_of(model)
    batches, fused = batches_of(source, settings, stride), fuse(model).to(device)
    passes = {
        "whole": partial(whole, model, source, settings, device),
        "forward": partial(forward, fused, batches, device),
        "singly": partial(forward, fused, batches, device, singly=True),
        "reading": partial(reading, source, settings, stride),
    }
    runs: dict[str, list[Pass]] = {name: [] for name in passes}
    for _ in range(turns + 1):
        for name, call in passes.items():
            runs[name].append(call())
    return {"images": len(source), **{name: found[1:] for name, found in runs.items()}}


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("descriptor")
    parser.add_argument("--size", default="n")
    parser.add_argument("--weights")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    facts = measure(options.descriptor, options.size, options.weights, options.turns, torch.device(options.device))
    print(json.dumps(facts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
