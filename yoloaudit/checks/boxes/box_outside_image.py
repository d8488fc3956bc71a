"""box-outside-image: boxes that reach beyond the image's edge."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.checks.columns import corners
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Fix, Severity

EDGES = np.array(["left", "upper", "right", "lower"])


class BoxOutsideImage(Check):
    """Box that reaches beyond the edge of its image.

    The trainer does not look at corners: it learns a size and a centre that no pixel supports. Clipping the box to
    the image keeps its visible part as it is. Boxes for which the trainer drops the image are left to
    coordinate-out-of-range, and a rounding of the last decimal is no defect.
    """

    severity = Severity.WARNING
    message = "reaches {over:.1f} px beyond the {edge} edge of the image, more than {max_px:g} px"
    fix = Fix("clip", safe=True)
    max_beyond_share: float = Field(
        0.001, ge=0, description="share of the image's side that a corner may lie beyond it"
    )
    max_px: float = Field(1.0, ge=0, description="pixels that a corner may lie beyond the image")

    good = ("0 0.9 0.5 0.2 0.2", "0 0.9015 0.5 0.2 0.2")
    bad = ("0 0.9017 0.5 0.2 0.2", "0 0.5 0.05 0.2 0.2")

    def find(self, boxes: Boxes, images: Images) -> Defects:
        where = corners(boxes)
        suspect = ((where < -self.max_beyond_share) | (where > 1 + self.max_beyond_share)).any(axis=1)
        for column in ("cx", "cy", "w", "h"):
            values = boxes[column].to_numpy()
            suspect &= (values >= 0) & (values <= 1)
        rows, where = boxes[suspect], where[suspect].astype(np.float64)
        sides = images[["width", "height"]].reindex(rows["image"]).to_numpy(dtype=np.float64)
        beyond = np.concatenate([-where[:, :2], where[:, 2:] - 1], axis=1)
        beyond_px = np.where(beyond > self.max_beyond_share, beyond * np.tile(sides, 2), 0)
        over = beyond_px.max(axis=1, initial=0)
        wrong = over > self.max_px
        edge = EDGES[beyond_px[wrong].argmax(axis=1)]
        return self.flag(rows[wrong].assign(over=over[wrong]), value="over", limit=self.max_px, edge=edge)
