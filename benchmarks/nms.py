"""Claim: choosing among 30,000 candidates of each of 8 images takes no longer than torchvision's suppression does.

Rows are as a head yields them for 8 images of 640 × 640: 25,200 boxes around some objects, for 80 classes, so that more
than 30,000 boxes with their classes exceed the threshold. Ours goes from these rows to the boxes kept. The peer is
`torchvision.ops.batched_nms`, called once an image: (whole) after the candidates have been picked from the same rows
with PyTorch's plain calls, and (bare) on candidates that are ready. In turns, on two threads; both must keep the same
boxes, but for those on which rounding decides.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from statistics import median

import torch
from torch import Tensor
from torchvision.ops import batched_nms, box_convert

from benchmarks.timing import claim
from yoloaudit.train.decode import MOST_CANDIDATES, Candidates, Settings, nms

LIMIT = 1.0
IMAGES, ROWS, CLASSES, SIDE, THREADS = 8, 25_200, 80, 640, 2
OBJECTS = 100
SURE = 0.02
"""Objectness of half of the rows is above this: three classes of each of them exceed the threshold."""
SETTINGS = Settings(conf=0.001, iou=0.6, max_detections=300, multi_label=True)
LEAST_SAME = 0.99


def drawn(images: int, device: torch.device) -> Tensor:
    """B × N × (5 + C): boxes scattered around objects, objectness, class probabilities."""
    at = torch.randint(OBJECTS, (images, ROWS, 1)).expand(-1, -1, 4)
    low, high = torch.tensor([0.0, 0, 10, 10]), torch.tensor([SIDE, SIDE, 200.0, 200])
    objects = low + torch.rand(images, OBJECTS, 4) * (high - low)
    boxes = objects.gather(1, at)
    boxes[..., :2] += torch.randn(images, ROWS, 2) * 0.2 * boxes[..., 2:]
    boxes[..., 2:] *= torch.exp(0.2 * torch.randn(images, ROWS, 2))
    sure = torch.rand(images, ROWS, 1) < 0.5
    objectness = torch.where(sure, SURE + 0.98 * torch.rand(images, ROWS, 1) ** 3, torch.tensor(1e-4))
    probabilities = torch.full((images, ROWS, CLASSES), 1e-4)
    seen = (at[..., :1] + torch.tensor([0, 1, 2])) % CLASSES
    probabilities.scatter_(2, seen, 0.06 + 0.9 * torch.rand(images, ROWS, 3))
    return torch.cat((boxes, objectness, probabilities), dim=2).to(device)


def picked(rows: Tensor) -> Candidates:
    """The candidates of one image (N × (5 + C)) by plain calls."""
    rows = rows[rows[:, 4] > SETTINGS.conf]
    scores = rows[:, 5:] * rows[:, 4:5]
    chosen, classes = (scores > SETTINGS.conf).nonzero(as_tuple=True)
    score = scores[chosen, classes]
    order = score.argsort(descending=True)[:MOST_CANDIDATES]
    return Candidates(box_convert(rows[chosen[order], :4], "cxcywh", "xyxy"), score[order], classes[order])


def suppressed(found: Iterable[Candidates]) -> list[Tensor]:
    """Places of the candidates kept, an image after the other."""
    return [
        batched_nms(image.boxes, image.scores, image.classes, SETTINGS.iou)[: SETTINGS.max_detections]
        for image in found
    ]


def same(ours: Sequence[Tensor], theirs: Sequence[Tensor], found: Sequence[Candidates]) -> float:
    """The share of the peer's boxes, with their classes, that ours keeps as well."""
    kept = sum(len(chosen) for chosen in theirs)
    both = 0
    for rows, chosen, image in zip(ours, theirs, found, strict=True):
        mine = {tuple(row) for row in rows[:, [0, 1, 2, 3, 5]].tolist()}
        other = torch.cat((image.boxes, image.classes[:, None].to(image.boxes)), dim=1)[chosen]
        both += sum(tuple(row) in mine for row in other.tolist())
    return both / kept


def seconds_of(call: Callable[[], object], device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    began = time.perf_counter()
    call()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began


def compare(device: torch.device, repeats: int) -> list[bool]:
    """All in turns, after a turn that warms up."""
    rows = drawn(IMAGES, device)
    found = [picked(image) for image in rows]
    if any(len(image.scores) != MOST_CANDIDATES for image in found):
        raise SystemExit(f"{[len(image.scores) for image in found]} candidates are not {MOST_CANDIDATES:,} each")
    share = same(nms(rows, SETTINGS), suppressed(found), found)
    if share < LEAST_SAME:
        raise SystemExit(f"only {share:.2%} of the boxes kept are the same")
    calls: dict[str, Callable[[], object]] = {
        "ours": lambda: nms(rows, SETTINGS),
        "whole": lambda: suppressed(picked(image) for image in rows),
        "bare": lambda: suppressed(found),
    }
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats + 1):
        for name, call in calls.items():
            seconds[name].append(seconds_of(call, device))
    for name, figures in seconds.items():
        print(f"{name:<8} {1000 * median(figures[1:]) / IMAGES:8.2f} ms an image on {device}")
    print(f"{share:.2%} of the boxes kept are the same")
    held = []
    for name in ("whole", "bare"):
        ratio = median(mine / other for mine, other in zip(seconds["ours"][1:], seconds[name][1:], strict=True))
        held.append(claim(f"NMS : batched_nms, {name}, {MOST_CANDIDATES:,} × {IMAGES}, {device}", ratio, LIMIT, "x"))
    return held


@torch.inference_mode()
def main() -> int:
    """Measure on the processor and, where there is one, on the card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    held = [holds for device in devices for holds in compare(torch.device(device), options.repeats)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
