"""What the launcher of several processes says → who this process is among them, and what they do together.

Each process trains on its share of every batch; gradients are averaged. Process 0 alone writes, validates and speaks.
Started by `torchrun`, or by `launch` for --device 0,1.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from yoloaudit.errors import UsageError
from yoloaudit.findings import shorten
from yoloaudit.train import device as devices
from yoloaudit.train.learning.joint_norm import joined
from yoloaudit.train.model import Detector

PATIENCE = timedelta(hours=3)
"""Processes wait so long for each other: validation by one of them may take its time."""
LOOK_SECONDS, GRACE_SECONDS = 0.2, 60.0
"""How often `launch` looks after its processes; how long the rest may take to stop when one has failed."""
LOCAL = "127.0.0.1"
LAUNCHER = "YOLOAUDIT_LAUNCHER"
"""The variable that tells a launched process who launched it."""


@dataclass(frozen=True)
class Ranks:
    """Who this process is among those that train together."""

    rank: int = 0
    world: int = 1
    local: int = 0
    """On this machine: the number of its GPU."""

    @property
    def first(self) -> bool:
        """Whether this is the process that writes, validates and speaks."""
        return self.rank == 0

    def share(self, batch: int) -> int:
        """How many images of a batch are this process's; raises UsageError where they cannot be dealt out evenly."""
        if batch < self.world or batch % self.world:
            near = max(1, round(batch / self.world)) * self.world
            raise UsageError(
                f"a batch of {batch} cannot be dealt out to {self.world} devices evenly. Give --batch-size {near}"
            )
        return batch // self.world

    def any(self, flags: Sequence[bool], device: torch.device) -> list[bool]:
        """Whether each of these is so in any process."""
        if self.world == 1:
            return list(flags)
        found = torch.tensor(flags, dtype=torch.int32, device=device)
        distributed.all_reduce(found, distributed.ReduceOp.MAX)
        return [bool(flag) for flag in found.tolist()]

    def mean(self, values: Tensor) -> Tensor:
        """The mean over all processes."""
        if self.world == 1:
            return values
        total = values.clone()
        distributed.all_reduce(total)
        return total / self.world

    def told(self, value: Any) -> Any:
        """What the first process has for a value; plain values only."""
        if self.world == 1:
            return value
        held = [value]
        distributed.broadcast_object_list(held, src=0)
        return held[0]


ALONE = Ranks()
"""One process."""


def from_environment(environment: Mapping[str, str] = os.environ) -> Ranks:
    """What torchrun tells this process in its environment; one process alone where it tells nothing."""
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK")
    said = [environment.get(name, "") for name in names]
    if not said[1] or not said[0]:
        return ALONE
    if not all(text.isascii() and text.isdecimal() and len(text) < 6 for text in said if text):
        raise UsageError(f"{', '.join(names)} are {', '.join(map(shorten, said))}: a launcher sets them to numbers")
    rank, world, local = (int(text or said[0]) for text in said)
    if not 0 <= rank < world:
        raise UsageError(f"RANK is {rank}, but there are {world} processes. Start them with torchrun")
    return Ranks(rank, world, local)


def several(text: str) -> list[str]:
    """The devices in `0,1`, where it names more than one; none otherwise."""
    parts = [part.strip() for part in text.lower().removeprefix("cuda:").split(",") if part.strip()]
    if len(set(parts)) < len(parts):
        raise UsageError(f"--device {shorten(text)} names a device twice")
    return parts if len(parts) > 1 else []


def own_device(text: str, ranks: Ranks) -> torch.device:
    """The device of this process: of several that are named, or that there are, the one of its number."""
    if ranks.world == 1:
        return devices.choose(text)
    named = several(text)
    if named:
        if ranks.local >= len(named):
            raise UsageError(f"--device {shorten(text)} names {len(named)} devices, and there are more processes")
        return devices.choose(named[ranks.local])
    chosen = devices.choose(text)
    return devices.choose(str(ranks.local)) if chosen.type == "cuda" else chosen


@contextmanager
def connected(ranks: Ranks, device: torch.device) -> Iterator[None]:
    """While this lasts the processes can reach each other; raises UsageError where they cannot."""
    if ranks.world == 1:
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    backend = "nccl" if device.type == "cuda" else "gloo"
    try:
        distributed.init_process_group(backend, rank=ranks.rank, world_size=ranks.world, timeout=PATIENCE)
    except (RuntimeError, ValueError) as error:
        raise UsageError(
            f"the {ranks.world} processes cannot reach each other: {shorten(str(error), 200)}. Start them with torchrun"
        ) from None
    try:
        yield
    finally:
        distributed.destroy_process_group()


def wrapped(model: Detector, ranks: Ranks, device: torch.device, *, sync_bn: bool) -> nn.Module:
    """The model that a process trains: gradients are averaged over all; with `sync_bn` it normalises over all images.

    Parameters and buffers stay those of `model`.
    """
    if ranks.world == 1:
        return model
    whole = joined(model) if sync_bn else model
    return DistributedDataParallel(whole, device_ids=[device.index] if device.type == "cuda" else None)


def launch(arguments: Sequence[str], count: int, stop: Callable[[], int | None]) -> int:
    """Run a command in so many processes on this machine; the exit code of the first one that failed, or 0.

    `stop` says the number of a signal to hand on to all of them, or None. Where one fails the others are stopped.
    """
    port = _free_port()
    processes = [_start(arguments, rank, count, port) for rank in range(count)]
    failed: int | None = None
    deadline: float | None = None
    try:
        while any(process.poll() is None for process in processes):
            time.sleep(LOOK_SECONDS)
            failed = failed or next((code for process in processes if (code := process.poll())), None)
            number = stop()
            if (failed or number is not None) and deadline is None:
                deadline = time.monotonic() + GRACE_SECONDS
                _signal(processes, number or signal.SIGTERM)
            if failed and deadline is not None and time.monotonic() > deadline:
                break
    finally:
        _signal(processes, signal.SIGKILL)
        codes = [process.wait() for process in processes]
    code = failed or next((code for code in codes if code), 0)
    return code if code >= 0 else 128 - code


def _start(arguments: Sequence[str], rank: int, count: int, port: int) -> subprocess.Popen[bytes]:
    told = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "MASTER_ADDR": LOCAL, "MASTER_PORT": port}
    told[LAUNCHER] = os.getpid()
    environment = {**os.environ, **{name: str(value) for name, value in told.items()}}
    out = None if rank == 0 else subprocess.DEVNULL
    command = _command(arguments)
    return subprocess.Popen(command, env=environment, stdout=out, start_new_session=True)  # noqa: S603 - this command


def orphaned(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the process that launched this one is gone. A terminal's Ctrl-C reaches that one alone."""
    said = environment.get(LAUNCHER)
    return said is not None and said != str(os.getppid())


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "yoloaudit", *arguments]


def _signal(processes: Sequence[subprocess.Popen[bytes]], number: int) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(number)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind((LOCAL, 0))
        port: int = listening.getsockname()[1]
        return port
