"""extreme-aspect-box: boxes many times longer than wide."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity


class ExtremeAspectBox(Check):
    """Box many times longer than it is wide.

    While training, the trainer drops boxes whose sides differ by a factor of 100 or more, and no anchor fits those
    from 20 on well. A sliver is often a slip of the mouse or a polygon of one line. Correct the box, or split a long
    object into several.
    """

    severity = Severity.WARNING
    message = "{w_px:.1f} × {h_px:.1f} px: one side is {aspect:.1f} times the other, at or above {limit:g}{outcome}"
    max_aspect: float = Field(100.0, gt=1, description="ratio of the sides from which the trainer drops a box")
    noted_aspect: float = Field(20.0, gt=1, description="ratio of the sides from which a box is noted")

    good = ("0 0.5 0.5 0.5 0.026", "0 0.5 0.5 0.5 0")
    bad = ("0 0.5 0.5 0.5 0.024", "0 0.5 0.5 0.024 0.5", "0 0.5 0.5 1 0.0099")

    def find(self, boxes: Boxes) -> Defects:
        width, height = boxes["w_px"].to_numpy(), boxes["h_px"].to_numpy()
        longer, shorter = np.maximum(width, height), np.minimum(width, height)
        with np.errstate(over="ignore", invalid="ignore"):
            extreme = (
                (shorter > 0) & np.isfinite(longer) & (longer >= min(self.noted_aspect, self.max_aspect) * shorter)
            )
        aspect = longer[extreme] / shorter[extreme]
        lost = aspect >= self.max_aspect
        limit = np.where(lost, self.max_aspect, self.noted_aspect)
        return self.flag(
            boxes[extreme].assign(aspect=aspect),
            value="aspect",
            severity=np.where(lost, Severity.WARNING.value, Severity.INFO.value),
            outcome=np.where(lost, ", where the trainer drops it", ""),
        ).assign(limit=limit)
