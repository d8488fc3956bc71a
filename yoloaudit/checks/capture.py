"""When training images were taken, by the clock of the camera, and whether enough of them tell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yoloaudit.checks.appearance import trained_on
from yoloaudit.dataset.tables import Images, Pixels
from yoloaudit.geometry import Integers


class Capture(NamedTuple):
    """EXIF times of training images in seconds since 1970, and how many training images there are."""

    taken: Integers
    total: int

    def doubt(self, least: int, least_share: float) -> str | None:
        """Why so few times say nothing of the whole; None where they do."""
        timed = len(self.taken)
        if timed < least_share * self.total or not timed:
            return f"{timed:,} of {self.total:,} training images tell when they were taken, below {least_share:.0%}"
        if timed < least:
            return f"{timed:,} training images tell when they were taken, below {least:,}"
        return None


def capture_of(images: Images, pixels: Pixels) -> Capture:
    """Times of the images that the trainer learns from."""
    taken = pixels["taken"].to_numpy()[trained_on(images)]
    return Capture(taken[taken >= 0], len(taken))


def spread_in_words(names: tuple[str, ...], counts: Integers) -> str:
    """`night 0 %, morning 62 %, …`."""
    shares = 100 * counts / max(int(counts.sum()), 1)
    return ", ".join(f"{name} {share:.0f} %" for name, share in zip(names, np.asarray(shares), strict=True))
