"""One measurement of training in a process of its own, printed as JSON: our epochs beside a plain loop over batches.

The plain loop has its batches ready, and does nothing but what learning is made of: forward, loss, backward, gradients
shortened, a step of the optimizer. Ours makes the batches from files, too, keeps an average, and follows the schedule.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias

import torch
from torch.profiler import ProfilerActivity, profile

from yoloaudit.dataset.load import Dataset, load
from yoloaudit.train import heap
from yoloaudit.train.config import PRESETS, Options
from yoloaudit.train.config import options as options_of
from yoloaudit.train.learning.learner import Learner, Ways, precision_of
from yoloaudit.train.learning.optim import clip, optimizer
from yoloaudit.train.model import Detector, build
from yoloaudit.train.objective.loss import Loss
from yoloaudit.train.samples.loader import Loader
from yoloaudit.train.types import Batch

HYPER = PRESETS["scratch-low"]
Run: TypeAlias = Callable[[], float]


def fresh(size: str, classes: int, device: torch.device) -> Detector:
    torch.manual_seed(0)
    return build(size, classes).to(device).train()


def plain(model: Detector, batches: Sequence[Batch], options: Options, device: torch.device, last: bool) -> Run:
    """Seconds of the plain loop over these batches."""
    order = torch.channels_last if last else torch.contiguous_format
    model = model.to(memory_format=order)
    moves = optimizer(model, "SGD", HYPER, options.batch_size)
    loss = Loss(model, HYPER, imgsz=options.imgsz)
    precision = precision_of(options, device)
    scaler = torch.amp.GradScaler(device.type, enabled=precision is torch.float16)
    ready = [(batch.images.to(device), batch.targets) for batch in batches]

    def run() -> float:
        began = now(device)
        for images, targets in ready:
            entering = images.to(torch.float32, memory_format=order).div_(255)
            with torch.autocast(device.type, precision, enabled=precision is not torch.float32):
                heads = model(entering)
            torch.autograd.backward(scaler.scale(loss(heads, targets).total))
            scaler.unscale_(moves)
            clip(model)
            scaler.step(moves)
            scaler.update()
            moves.zero_grad(set_to_none=True)
        return now(device) - began

    return run


def ours(learner: Learner, epochs: Callable[[], Iterable[Batch]], device: torch.device) -> Run:
    """Seconds of an epoch as the trainer runs it; every batch is followed by a step, as in the plain loop."""

    def run() -> float:
        learner.done = learner.last = 0
        began = now(device)
        for batch in epochs():
            learner.last = learner.done - 1
            learner.done = max(learner.done, 1)
            learner.learn(batch)
        return now(device) - began

    return run


def now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def busy(run: Run, device: torch.device) -> float | None:
    """Share of the time that a GPU computes; None on others."""
    if device.type != "cuda":
        return None
    with profile(activities=[ProfilerActivity.CUDA]) as recorded:
        seconds = run()
    kernels = sum(float(event.self_device_time_total) for event in recorded.key_averages())
    return kernels / 1e6 / seconds


def measured(dataset: Dataset, arguments: argparse.Namespace) -> Mapping[str, Any]:
    """Seconds of each, in turns."""
    device = torch.device(arguments.device)
    asked = {"imgsz": arguments.side, "batch_size": arguments.batch, "workers": arguments.workers, "device": "cpu"}
    options = options_of({**asked, "precision": arguments.precision})
    classes = len(dataset.names)
    pinned = device.type == "cuda"
    loader = Loader(dataset, "train", HYPER, options, batch=arguments.batch, classes=classes, pinned=pinned)
    count = min(arguments.most, max(1, len(loader.reader) // arguments.batch))
    ready = list(islice(loader.epoch(0), count))
    ways = Ways(channels_last=arguments.channels_last)
    size = arguments.size
    learners = [
        Learner(fresh(size, classes, device), HYPER, options, batch=64, batches=10**6, device=device, ways=ways)
        for _ in range(2)
    ]
    number = iter(range(1, 10**9))
    runs = {
        "plain": plain(fresh(size, classes, device), ready, options, device, arguments.channels_last),
        "ready": ours(learners[0], lambda: ready, device),
        "whole": ours(learners[1], lambda: islice(loader.epoch(next(number)), count), device),
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(arguments.turns + 1):
        for name, run in runs.items():
            took = run()
            if turn:
                seconds[name].append(took)
    images = sum(len(batch.images) for batch in ready)
    return {"seconds": seconds, "images": images, "busy": busy(runs["whole"], device)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--size", default="n")
    parser.add_argument("--side", type=int, default=320)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--most", type=int, default=4, help="batches of an epoch that are taken")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.device == "cpu":
        heap.keep()  # the plain loop gains by it as much
    print(json.dumps(measured(load(arguments.data, imgsz=arguments.side), arguments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
