"""Claim: the network takes hardly longer than its convolutions do, and validation hardly longer than it and reading.

Images of 640 × 640, two threads unless others are asked for, each measurement in a fresh process, what is compared in
turns: (forward) the fused network against PyTorch's ordinary convolutions of the same shapes one after the other,
without activations, sums and joins; (peers) operations a second, products of convolutions and linear layers counted
alike, against the networks of torchvision's detection models that cost about as much; (val) from files to detections
against the network alone plus reading alone; (card) with CUDA, the share of what a large product of matrices reaches.
The choice among candidates has a benchmark of its own: benchmarks.nms.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.forwards import ORDERS, PEERS
from benchmarks.timing import ROOT, claim, measured_apart

FORWARD, PEER, VAL = 1.05, 1.0, 1.1
ALIKE = 2.5
"""Peers are judged whose operations are no more times, and no fewer, than ours."""
SHARED = ROOT.parent / "shared"
WAYS = ("forward", *ORDERS)
LOOKS = {
    "whole": "val",
    "forward": "network alone",
    "singly": "network alone, one by one",
    "reading": "reading alone",
}
PARTS = ("forward", "peers", "val", "card")


def measured(name: str, batch: int, options: argparse.Namespace, *arguments: str) -> Mapping[str, Any]:
    how = ("--batch", str(batch), "--turns", str(options.turns), "--threads", str(options.threads))
    return measured_apart("benchmarks.forwards", name, *how, *arguments)


def forward(options: argparse.Namespace) -> list[bool]:
    """The network against its convolutions."""
    held = []
    for size in options.sizes:
        for batch in options.batches:
            facts = measured(size, batch, options)
            seconds = facts["seconds"]
            show(f"yolov5{size}, batch {batch}", seconds["forward"], batch, facts["operations"])
            show(f"  its {facts['convolutions']} convolutions", seconds["plain"], batch, facts["operations"])
            show("  the same on as few images at a time as it", seconds["parts"], batch, facts["operations"])
            show("  the same by its own calls", seconds["own"], batch, facts["operations"])
            alone = ratio(seconds["forward"], seconds["own"])
            print(f"  network : its own calls {alone:.2f}; time by calls: {parts_of(facts['shares'])}")
            held.append(claim(f"yolov5{size} : convolutions, batch {batch}", ratio(*both(seconds)), FORWARD, "x"))
    return held


def against_peers(options: argparse.Namespace) -> list[bool]:
    """Operations a second, ours and others'."""
    held = []
    for batch in options.batches:
        print(f"batch {batch}")
        rates: dict[str, float] = {}
        costs: dict[str, float] = {}
        for name in [*options.sizes, *PEERS]:
            facts = measured(name, batch, options)
            seconds = facts["seconds"]
            fastest = min((seconds[way] for way in WAYS if way in seconds), key=median)
            show(name if name in PEERS else f"yolov5{name}", fastest, batch, facts["operations"])
            rates[name] = facts["operations"] / median(fastest)
            costs[name] = facts["operations"]
        for size in options.sizes:
            near = [name for name in PEERS if 1 / ALIKE < costs[name] / costs[size] < ALIKE]
            held += [claim(f"GFLOP/s, {name} : {size}", rates[name] / rates[size], PEER, "x") for name in near]
    return held


def val(options: argparse.Namespace) -> list[bool]:
    """From files to detections."""
    held = []
    for images in options.images:
        weights = ("--weights", str(options.weights)) if options.weights.exists() else ()
        threads = ("--threads", str(options.threads))
        facts = measured_apart("benchmarks.predicting", str(images), "--turns", str(options.turns), *threads, *weights)
        seconds = {name: [run["seconds"] for run in facts[name]] for name in LOOKS}
        for name, said in LOOKS.items():
            show(f"{images.name}, {said}", seconds[name], facts["images"])
        first = facts["whole"][0]
        speed = ", ".join(f"{part} {milliseconds:.1f} ms" for part, milliseconds in first["speed"].items())
        print(f"  an image: {speed}; {first['boxes']:,} boxes in all")
        network = min(seconds["forward"], seconds["singly"], key=median)
        floor = [alone + files for alone, files in zip(network, seconds["reading"], strict=True)]
        held.append(claim(f"val : network and reading, {images.name}", ratio(seconds["whole"], floor), VAL, "x"))
    return held


def card(options: argparse.Namespace) -> list[bool]:
    """The network on a CUDA device, where there is one; nothing is claimed."""
    if not torch.cuda.is_available():
        print("no CUDA device: nothing is measured on one")
        return []
    print(torch.cuda.get_device_name())
    for size in options.sizes:
        for batch in (1, 32):
            for name, half in {"fp32": (), "fp16": ("--half",)}.items():
                facts = measured(size, batch, options, "--device", "cuda", *half)
                seconds = facts["seconds"]
                show(f"yolov5{size}, batch {batch}, {name}", seconds["forward"], batch, facts["operations"])
                reached = facts["operations"] / median(seconds["forward"])
                most = facts["peak_operations"] / median(seconds["peak"])
                print(f"  {reached / most:.1%} of the {most / 1e12:,.0f} TFLOP/s of a product of matrices")
                print(f"  network : convolutions {ratio(*both(seconds)):.2f}; time: {parts_of(facts['shares'])}")
    return []


def both(seconds: Mapping[str, Sequence[float]]) -> tuple[Sequence[float], Sequence[float]]:
    return seconds["forward"], seconds["plain"]


def ratio(ours: Sequence[float], floor: Sequence[float]) -> float:
    """The median over turns."""
    return median(mine / other for mine, other in zip(ours, floor, strict=True))


def parts_of(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name.rpartition('::')[2]} {share:.0%}" for name, share in shares.items() if share >= 0.01)


def show(name: str, seconds: Sequence[float], images: int, operations: int | None = None) -> None:
    middle = median(seconds)
    rate = (
        ""
        if operations is None
        else f" {operations / middle / 1e9:8,.0f} GFLOP/s {operations / images / 1e9:7.2f} GFLOP"
    )
    print(f"{name:<48} {1000 * middle / images:8.2f} ms {images / middle:8,.1f} images/s{rate}")


CLAIMS = {"forward": forward, "peers": against_peers, "val": val, "card": card}


def main() -> int:
    """Measure what is asked for and print what became of each claim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["n", "s"])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--images", type=Path, nargs="+", default=[SHARED / "data" / "coco128"], metavar="DATA")
    parser.add_argument("--weights", type=Path, default=SHARED / "weights" / "yolov5n_coco_v6.0.pt")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    options = parser.parse_args()
    parts = options.only.split(",")
    if strange := set(parts) - set(PARTS):
        parser.error(f"--only: {', '.join(sorted(strange))} is none of {', '.join(PARTS)}")
    held = [holds for part in PARTS if part in parts for holds in CLAIMS[part](options)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
