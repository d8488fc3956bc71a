"""shifted-box: a label that is off to a side."""

from pandas import Series

from yoloaudit.checks.base import Example, Judged, Looked
from yoloaudit.checks.judged import labels_looked_at
from yoloaudit.checks.slack import SHIFTED, LocationCheck
from yoloaudit.dataset.tables import Boxes, Defects, Judgements

ASIDE = (264.0, 256.0, 392.0, 384.0)
"""The label of the examples, 256 to 384 px on both axes, 8 px further to the right."""


class ShiftedBox(LocationCheck):
    """Label that is off to a side.

    It has space on one side and cuts the object on another, each by more than the model itself strays on such objects.
    A box that was drawn in haste looks so, and so do boxes of a video whose frames were counted wrongly, or of images
    that were resized or cropped after labelling: look whether many are off to the same side. Draw the box anew.
    """

    message = "{slack}, where {stray} (probability {score:.2f}, {origin})"

    good = (
        Example(model=Looked(judged=(Judged("location", 0.09, box=ASIDE),)), title="hardly probable"),
        Example(
            model=Looked(judged=(Judged("location", box=(264.0, 256.0, 386.0, 384.0)),)), title="space on the left"
        ),
    )
    bad = (
        Example(model=Looked(judged=(Judged("location", box=ASIDE),)), title="8 px to the left of the object"),
        Example(model=Looked(judged=(Judged("location", box=(252.0, 260.0, 384.0, 384.0)),))),
    )

    def find(self, judgements: Judgements, boxes: Boxes, seen: Series) -> Defects:
        return self.estimated(*self.located(judgements, boxes, SHIFTED), labels_looked_at(boxes, seen))
