"""What a person asks for → the device that computes; and the device in words."""

from __future__ import annotations

import torch

from yoloaudit.errors import UsageError
from yoloaudit.findings import shorten

GIB = 1 << 30


def choose(text: str = "") -> torch.device:
    """`` is the best there is: CUDA, else MPS, else the processor. Else `cpu`, `mps`, `cuda`, `0` or `cuda:0`.

    UsageError for any other text, and for a device that this machine does not have.
    """
    asked = text.strip().lower()
    if not asked:
        return torch.device("cuda:0" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu")
    if asked == "cpu":
        return torch.device("cpu")
    if asked == "mps":
        if not _has_mps():
            raise UsageError(f"this machine has no Apple GPU (mps). {_advice()}")
        return torch.device("mps")
    return _cuda(text, asked.removeprefix("cuda").removeprefix(":") or "0")


def _cuda(text: str, number: str) -> torch.device:
    if "," in number:
        raise UsageError(f"one device at a time, not {shorten(text)}. {_advice()}")
    if not (number.isascii() and number.isdecimal() and len(number) < 6):
        raise UsageError(f"there is no device {shorten(text)}. Name cpu, mps, or a CUDA device as 0 or cuda:0")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if int(number) >= count:
        raise UsageError(f"there is no CUDA device {int(number)}: PyTorch sees {count or 'none'}. {_advice()}")
    return torch.device("cuda", int(number))


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


def _advice() -> str:
    """Names of what there is."""
    numbers = range(torch.cuda.device_count()) if torch.cuda.is_available() else range(0)
    names = [*map(str, numbers), *(["mps"] if _has_mps() else []), "cpu"]
    return f"Name {' or '.join(names)}"


def describe(device: torch.device) -> str:
    """A device for people: `cuda:0 (NVIDIA H100, 80 GiB)`, `cpu (8 threads)`."""
    if device.type == "cuda":
        facts = torch.cuda.get_device_properties(device)
        return f"{device} ({facts.name}, {facts.total_memory / GIB:.0f} GiB)"
    if device.type == "cpu":
        threads = torch.get_num_threads()
        return f"cpu ({threads} thread{'' if threads == 1 else 's'})"
    return str(device)
