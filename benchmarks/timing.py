"""Runs of a command or a measurement → medians, and a claim printed as a ratio against its limit."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_data" / "clean"


def seconds_of(command: Sequence[str], ends: Sequence[int] = (0,)) -> float:
    """Wall time of a command that ends with one of these exit codes."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode not in ends:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return seconds


def measured_apart(module: str, *arguments: str) -> Mapping[str, Any]:
    """What a fresh Python prints as JSON: its memory is then its own."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    facts: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def claim(name: str, figure: float, limit: float, unit: str) -> bool:
    """Print a claim with its figure, its limit and their ratio; whether it holds."""
    holds = figure <= limit
    verdict = "holds" if holds else "DOES NOT HOLD"
    print(f"{name:<52} {figure:8.2f} {unit:<3} limit {limit:8.2f} {unit:<3} ratio {figure / limit:5.2f}  {verdict}")
    return holds
