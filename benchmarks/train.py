"""Claim: training takes hardly longer than its network does: batches are made from files beside it.

yolov5n at 320 pixels, batch 16, two threads unless others are asked for; each measurement in a fresh process, what is
compared in turns. (epoch) an epoch of the trainer, from files to steps, with mosaics and everything, against a plain
loop over batches that are ready in memory; (bf16) the same in bfloat16 with channels last; (card) with CUDA the largest
batch that fits at 640, and the share of the time that the GPU computes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.timing import ROOT, SAMPLE, claim, measured_apart
from yoloaudit.cli.boundary import THREADS
from yoloaudit.train.learning.autobatch import fitting
from yoloaudit.train.model import build

WHOLE, CARD, BUSY = 1.15, 1.15, 0.9
COCO = ROOT.parent / "shared" / "data" / "coco128"
DATA = COCO if COCO.exists() else SAMPLE
PARTS = ("epoch", "bf16", "card")
CARD_SIDE, CARD_SIZES = 640, ("n", "s")


def measured(options: argparse.Namespace, *arguments: str) -> Mapping[str, Any]:
    how = ("--turns", str(options.turns), "--threads", str(options.threads))
    return measured_apart("benchmarks.learning", str(options.data), *how, *arguments)


def ratio(facts: Mapping[str, Any], name: str) -> float:
    """The median over turns of a way's time by that of the plain loop."""
    pairs = zip(facts["seconds"][name], facts["seconds"]["plain"], strict=True)
    return float(median(mine / floor for mine, floor in pairs))


def show(said: str, facts: Mapping[str, Any]) -> None:
    names = {"plain": "plain loop, batches ready", "ready": "trainer, batches ready", "whole": "trainer, from files"}
    for name, what in names.items():
        rate = facts["images"] / median(facts["seconds"][name])
        print(f"{said}, {what:<28} {rate:8,.1f} images/s {1000 / rate:8.2f} ms an image")


def epoch(options: argparse.Namespace) -> list[bool]:
    """32-bit floats, as a training on a processor has them unless told otherwise."""
    facts = measured(options)
    show("fp32", facts)
    print(f"  trainer with batches ready : plain loop {ratio(facts, 'ready'):.2f}")
    return [claim("epoch from files : plain loop, fp32", ratio(facts, "whole"), WHOLE, "x")]


def bf16(options: argparse.Namespace) -> list[bool]:
    """bfloat16 and channels last, which not every processor gains by."""
    facts = measured(options, "--precision", "bf16", "--channels-last")
    show("bf16, channels last", facts)
    return [claim("epoch from files : plain loop, bf16", ratio(facts, "whole"), WHOLE, "x")]


def card(options: argparse.Namespace) -> list[bool]:
    """A CUDA device, where there is one."""
    if not torch.cuda.is_available():
        print("no CUDA device: nothing is measured on one")
        return []
    print(torch.cuda.get_device_name())
    held = []
    for size in CARD_SIZES:
        chosen = fitting(build(size, 80), CARD_SIDE, torch.device("cuda:0"), torch.float16)
        print(f"yolov5{size}: {chosen.why}")
        how = ("--device", "cuda:0", "--size", size, "--side", str(CARD_SIDE), "--precision", "fp16", "--channels-last")
        facts = measured(options, *how, "--batch", str(min(chosen.batch, 64)), "--workers", "16", "--most", "16")
        show(f"yolov5{size}", facts)
        held.append(claim(f"yolov5{size} from files : plain loop", ratio(facts, "whole"), CARD, "x"))
        held.append(claim(f"yolov5{size} GPU idle", 1 - facts["busy"], 1 - BUSY, ""))
    return held


CLAIMS = {"epoch": epoch, "bf16": bf16, "card": card}


def main() -> int:
    """Measure what is asked for and print what became of each claim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    options = parser.parse_args()
    parts = options.only.split(",")
    if strange := set(parts) - set(PARTS):
        parser.error(f"--only: {', '.join(sorted(strange))} is none of {', '.join(PARTS)}")
    os.environ.update({name: value for name, value in THREADS.items() if name not in os.environ})
    held = [holds for part in PARTS if part in parts for holds in CLAIMS[part](options)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
