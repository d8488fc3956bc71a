"""coordinate-out-of-range: centres and sizes outside 0 to 1."""

import numpy as np

from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Fix, Severity

COLUMNS = ["cx", "cy", "w", "h"]
AXES = np.array(["centre x", "centre y", "width", "height"])


class CoordinateOutOfRange(Check):
    """Centre or size of a box outside 0 to 1.

    One such value and the trainer drops the whole image with all its labels. Of a polygon, the box around it counts.
    Values far above 1 are usually pixels that were never divided by the image's size. Divide them; where a value is
    only a little off, clip the box to the image. A value below 0 that is nothing but a rounding error is -0 to the
    trainer, which keeps it: a warning.
    """

    severity = Severity.ERROR
    message = "{axis} is {worst:.9g}, outside 0 to 1: {outcome}"
    fix = Fix("clip", safe=False)
    explains = ("size-outlier", "aspect-outlier", "full-frame-box", "extreme-aspect-box")

    good = ("0 0.5 0.5 1 1", "0 1 0 0.1 0.1", "0 0.99 0.5 0.1 0.1")
    bad = ("0 1.00001 0.5 0.1 0.1", "0 0.5 -0.01 0.1 0.1", "0 0.5 0.5 1.2 0.1", "0 320 240 64 64", "0 0.5 -0 1 1")

    def find(self, boxes: Boxes) -> Defects:
        outside = np.zeros(len(boxes), dtype=bool)
        for column in COLUMNS:
            values = boxes[column].to_numpy()
            outside |= np.signbit(values) | (values > 1)
        wrong = boxes[outside]
        written = wrong[COLUMNS].to_numpy(dtype=np.float64)
        axis = np.where(np.signbit(written), np.maximum(-written, 1e-300), written - 1).argmax(axis=1)
        worst = written[np.arange(len(wrong)), axis]
        kept = worst == 0
        return self.flag(
            wrong.assign(worst=worst),
            value="worst",
            axis=AXES[axis],
            outcome=np.where(kept, "the trainer takes it for 0", "the trainer drops the whole image"),
            severity=np.where(kept, Severity.WARNING, Severity.ERROR).astype(object),
        ).assign(limit=np.where(np.signbit(worst), 0.0, 1.0))
