"""One measurement of a network in a process of its own, printed as JSON: ours beside its convolutions alone, or a peer.

The weights are fresh: speed does not depend on them. Images are ready on the device; nothing is decoded or selected.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional
from torch.profiler import ProfilerActivity, profile

from yoloaudit.train.model import build, fuse

SIDE, CLASSES = 640, 80
LEAST_SECONDS = 0.1
"""A measurement repeats what is shorter."""
PROFILED = 3
PEAK_SIDE = 8192
"""Of the matrices whose product tells what a device can do at most."""
PEERS = {
    "ssdlite320_mobilenet_v3_large": 320,
    "fasterrcnn_mobilenet_v3_large_320_fpn": 320,
    "fasterrcnn_mobilenet_v3_large_fpn": 640,
    "ssd300_vgg16": 300,
}
"""Detection models of torchvision, and the sides of their images."""
ORDERS = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}

Call: TypeAlias = Callable[[], object]


class Convolution(NamedTuple):
    """One call of a convolution: what it is, how what enters is shaped and laid out, how many numbers leave."""

    module: nn.Conv2d
    shape: torch.Size
    strides: tuple[int, ...]
    numbers: int


def timed(calls: Mapping[str, Call], turns: int, device: torch.device) -> dict[str, list[float]]:
    """Seconds of each call, in turns."""
    repeats = {}
    for name, call in calls.items():
        once(call, device, 2)
        repeats[name] = max(1, int(LEAST_SECONDS / once(call, device, 1)))
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(turns):
        for name, call in calls.items():
            seconds[name].append(once(call, device, repeats[name]))
    return seconds


def once(call: Call, device: torch.device, repeats: int) -> float:
    wait(device)
    began = time.perf_counter()
    for _ in range(repeats):
        call()
    wait(device)
    return (time.perf_counter() - began) / repeats


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def ours(size: str, batch: int, turns: int, device: torch.device, number: torch.dtype) -> Mapping[str, Any]:
    """The fused network, its convolutions one after the other, and the same by its own calls; the machine's limit."""
    model = fuse(build(size, CLASSES)).to(device, number)
    images = torch.rand(batch, 3, SIDE, SIDE, device=device, dtype=number)
    if device.type == "cpu":
        images = images.contiguous(memory_format=torch.channels_last)  # as data.fit_pixels makes them
    convolutions = recorded(model, partial(model._heads, images))
    in_parts = recorded(model, partial(model, images))
    calls: dict[str, Call] = {
        "forward": partial(model, images),
        "plain": plain(convolutions, device, number),
        "parts": plain(in_parts, device, number),
        "own": own(in_parts, device, number),
    }
    seconds = timed(calls, turns, device)
    if device.type == "cuda":
        seconds["peak"] = timed({"peak": product(device, number)}, turns, device)["peak"]
    operations = sum(cost(call.module, call.numbers) for call in convolutions)
    return {
        "seconds": seconds,
        "operations": operations,
        "peak_operations": 2 * PEAK_SIDE**3,
        "convolutions": len(convolutions),
        "shares": shares(calls["forward"], device),
    }


def recorded(model: nn.Module, call: Call) -> list[Convolution]:
    """Each call of a convolution in one call of the model, in order."""
    found: list[Convolution] = []

    def note(module: nn.Module, entering: tuple[Tensor, ...], leaving: Tensor) -> None:
        assert isinstance(module, nn.Conv2d)
        found.append(Convolution(module, entering[0].shape, entering[0].stride(), leaving.numel()))

    hooks = [part.register_forward_hook(note) for part in model.modules() if isinstance(part, nn.Conv2d)]
    call()
    for hook in hooks:
        hook.remove()
    return found


def ready(convolutions: Sequence[Convolution], device: torch.device, number: torch.dtype) -> list[Tensor]:
    """A tensor for each call, laid out as there; calls of the same shape share one."""
    made: dict[tuple[Any, ...], Tensor] = {}
    for call in convolutions:
        key = tuple(call.shape), call.strides
        if key not in made:
            made[key] = torch.empty_strided(*key, device=device, dtype=number).uniform_()
    return [made[tuple(call.shape), call.strides] for call in convolutions]


def plain(convolutions: Sequence[Convolution], device: torch.device, number: torch.dtype) -> Call:
    """PyTorch's ordinary convolution, with weights laid out as the maps are."""
    steps = []
    for call, maps in zip(convolutions, ready(convolutions, device, number), strict=True):
        conv, order = call.module, torch.channels_last if is_channels_last(maps) else torch.contiguous_format
        weight = conv.weight.detach().contiguous(memory_format=order)
        around = conv.stride, conv.padding, conv.dilation, conv.groups
        steps.append(partial(functional.conv2d, maps, weight, conv.bias, *around))
    return partial(run, steps)


def own(convolutions: Sequence[Convolution], device: torch.device, number: torch.dtype) -> Call:
    """The very calls of the network, without what they do after the convolution."""
    steps = []
    for call, maps in zip(convolutions, ready(convolutions, device, number), strict=True):
        conv = copy.copy(call.module)
        if hasattr(conv, "silu"):
            setattr(conv, "silu", False)  # noqa: B010 - an attribute of ours alone
        steps.append(partial(conv, maps))
    return partial(run, steps)


def run(steps: Sequence[Call]) -> None:
    for step in steps:
        step()


def is_channels_last(maps: Tensor) -> bool:
    return bool(maps.is_contiguous(memory_format=torch.channels_last)) and not maps.is_contiguous()


def cost(part: nn.Module, numbers: int) -> int:
    """Operations behind so many numbers that leave a convolution or a linear layer: two for each product."""
    assert isinstance(part, nn.Conv2d | nn.Linear)
    return 2 * numbers * part.weight[0].numel()


def product(device: torch.device, number: torch.dtype) -> Call:
    """A large product of matrices, as precise as convolutions are."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32
    left, right = (torch.rand(PEAK_SIDE, PEAK_SIDE, device=device, dtype=number) for _ in range(2))
    return partial(torch.mm, left, right)


def shares(call: Call, device: torch.device) -> dict[str, float]:
    """The share of each kind of call in the time of some passes, the largest first."""
    on_card = device.type == "cuda"
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_card else [])]
    with profile(activities=activities) as told:
        once(call, device, PROFILED)
    kind = "self_device_time_total" if on_card else "self_cpu_time_total"
    spent = {event.key: float(getattr(event, kind)) for event in told.key_averages()}
    total = sum(spent.values())
    return {name: time / total for name, time in sorted(spent.items(), key=lambda item: -item[1])[:8]}


def peer(name: str, batch: int, turns: int, device: torch.device) -> Mapping[str, Any]:
    """A model of torchvision in each order of its maps."""
    side = PEERS[name]
    model = getattr(torchvision.models.detection, name)(weights=None, weights_backbone=None).eval().to(device)
    images = torch.rand(batch, 3, side, side, device=device)
    operations: list[int] = []
    hooks = [
        part.register_forward_hook(lambda part, _, out: operations.append(cost(part, out.numel())))
        for part in model.modules()
        if isinstance(part, nn.Conv2d | nn.Linear)
    ]
    heads(model, images)
    for hook in hooks:
        hook.remove()
    calls: dict[str, Call] = {}
    for order, layout in ORDERS.items():
        laid_out = copy.deepcopy(model).to(memory_format=layout)
        calls[order] = partial(heads, laid_out, images.contiguous(memory_format=layout))
    return {"seconds": timed(calls, turns, device), "operations": sum(operations)}


def heads(model: Any, images: Tensor) -> object:
    """What the network computes of images, before anything is selected; a second stage looks at boxes at random."""
    maps = model.backbone(images)
    if not hasattr(model, "roi_heads"):
        return model.head(list(maps.values()))
    proposed = model.rpn.head(list(maps.values()))
    side = images.shape[-1]
    corner = torch.rand(model.rpn.post_nms_top_n(), 2, device=images.device) * side / 2
    boxes = [torch.cat((corner, corner + side / 4), dim=1)] * len(images)
    second = model.roi_heads
    seen = second.box_roi_pool(maps, boxes, [(side, side)] * len(images))
    return proposed, second.box_predictor(second.box_head(seen))


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="n, s and so on, or a model of torchvision")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--half", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    device, number = torch.device(options.device), torch.float16 if options.half else torch.float32
    with torch.inference_mode():
        if options.name in PEERS:
            facts = peer(options.name, options.batch, options.turns, device)
        else:
            facts = ours(options.name, options.batch, options.turns, device, number)
    print(json.dumps(facts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
