"""loose-box: a label with space between the object and its box."""

from pandas import Series

from yoloaudit.checks.base import Example, Judged, Looked
from yoloaudit.checks.judged import labels_looked_at
from yoloaudit.checks.slack import LOOSE, LocationCheck
from yoloaudit.dataset.tables import Boxes, Defects, Judgements

INSIDE = (264.0, 261.0, 384.0, 384.0)
"""Of the label of the examples, 256 to 384 px on both axes: 8 px of space on the left, 5 at the top."""


class LooseBox(LocationCheck):
    """Label with space between the object and its box.

    The edges of the object lie further in, by more than the model itself strays on such objects. The model then learns
    boxes that are as loose as the labels, and loses at every stricter IoU. Draw the box to the object's edges; the
    proposal is where the model sees them.
    """

    message = "{slack}, where {stray} (probability {score:.2f}, {origin})"

    good = (
        Example(model=Looked(judged=(Judged("location", 0.09, box=INSIDE),)), title="hardly probable"),
        Example(
            model=Looked(judged=(Judged("location", 0.9, box=(248.0, 256.0, 384.0, 384.0)),)), title="cuts the object"
        ),
    )
    bad = (
        Example(
            model=Looked(judged=(Judged("location", 0.9, box=INSIDE),)), title="8 px of space on the left, 5 at the top"
        ),
        Example(
            model=Looked(judged=(Judged("location", 0.2, box=(258.0, 255.0, 384.0, 384.0)),)), title="none decides"
        ),
    )

    def find(self, judgements: Judgements, boxes: Boxes, seen: Series) -> Defects:
        return self.estimated(*self.located(judgements, boxes, LOOSE), labels_looked_at(boxes, seen))
