"""Which images a model looked at: what it says nothing of is not judged, as nobody knows what it would have seen.

Our own model tells. A file of detections does not: an image of which it has none may be one in which nothing was found,
or one that was never looked at. Such an image counts as not looked at, so that no label is called wrong for want of a
detection that was never asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.tables import Images, Predictions

LOOKED_AT = "looked at"
"""The key in the table's `attrs`: a bit for each image, packed, so that copies of the table cost nothing."""


def with_coverage(predictions: Predictions, looked_at: NDArray[np.bool_]) -> Predictions:
    """The table, which from now on knows the images that were looked at; one truth value for each row of `images`."""
    known = predictions.copy(deep=False)
    known.attrs = {**predictions.attrs, LOOKED_AT: np.packbits(looked_at).tobytes()}
    return known


def looked_at(predictions: Predictions, count: int) -> NDArray[np.bool_]:
    """Which of so many images were looked at: those that the table knows of, else those with a detection."""
    seen = np.zeros(count, np.bool_)
    packed: Any = predictions.attrs.get(LOOKED_AT)
    if isinstance(packed, bytes):
        known = np.unpackbits(np.frombuffer(packed, np.uint8), count=count if count < 8 * len(packed) else None)
        seen[: len(known)] = known.astype(np.bool_)[:count]
        return seen
    rows = predictions["image"].to_numpy()
    seen[rows[(rows >= 0) & (rows < count)]] = True
    return seen


def of_own_model(images: Images, unreadable: Any) -> NDArray[np.bool_]:
    """Images that a model of ours looked at when it was shown all: those that could be opened and read."""
    seen = images["error"].isna().to_numpy().copy()
    seen[list(unreadable)] = False
    return np.asarray(seen, np.bool_)


def note(seen: NDArray[np.bool_], what: str) -> str | None:
    """A sentence on the images that were not looked at, for the user; None where all were."""
    missing = int((~seen).sum())
    if not missing:
        return None
    return f"{what} for {missing:,} of {len(seen):,} images: nothing is said of their labels"
