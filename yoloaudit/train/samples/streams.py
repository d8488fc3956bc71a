"""A seed, an epoch and a place in it → streams of random numbers that nothing else draws from."""

from __future__ import annotations

import hashlib
import random
from typing import NamedTuple, TypeAlias

import numpy as np

Uniform: TypeAlias = random.Random
"""What everything is drawn from but colours and the shares of a mix."""
Numbers: TypeAlias = np.random.Generator | np.random.RandomState


class Streams(NamedTuple):
    """The two streams that a sample is drawn from; the trainer has one of each kind, too."""

    python: Uniform
    """Geometry, and every choice."""
    numpy: Numbers
    """Changes of colour, and the share of each picture in a mix."""


def streams(seed: int, epoch: int, place: int | str) -> Streams:
    """Streams for one place of one epoch: what they give depends on these three alone, not on who draws when."""
    digest = hashlib.sha256(f"{seed} {epoch} {place}".encode()).digest()
    first, second = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big")
    return Streams(random.Random(first), np.random.Generator(np.random.PCG64(second)))  # noqa: S311 (not a secret)
