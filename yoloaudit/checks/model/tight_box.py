"""tight-box: a label that cuts the object."""

from pandas import Series

from yoloaudit.checks.base import Example, Judged, Looked
from yoloaudit.checks.judged import labels_looked_at
from yoloaudit.checks.slack import TIGHT, LocationCheck
from yoloaudit.dataset.tables import Boxes, Defects, Judgements

AROUND = (248.0, 251.0, 384.0, 384.0)
"""Of the label of the examples, 256 to 384 px on both axes: cut by 8 px on the left and 5 at the top."""


class TightBox(LocationCheck):
    """Label that cuts the object.

    The object reaches beyond the box, by more than the model itself strays on such objects. Where labels leave out
    what belongs to the object, a tail or a mast, the model learns to do so at times. Draw the box around all of it, or
    say in the labelling rules what does not belong to it.
    """

    message = "{slack}, where {stray} (probability {score:.2f}, {origin})"

    good = (
        Example(model=Looked(judged=(Judged("location", 0.09, box=AROUND),)), title="hardly probable"),
        Example(model=Looked(judged=(Judged("location", 0.9, box=(264.0, 256.0, 384.0, 384.0)),)), title="has space"),
    )
    bad = (
        Example(
            model=Looked(judged=(Judged("location", 0.9, box=AROUND),)), title="8 px off on the left, 5 at the top"
        ),
        Example(
            model=Looked(judged=(Judged("location", 0.2, box=(254.0, 257.0, 384.0, 384.0)),)), title="none decides"
        ),
    )

    def find(self, judgements: Judgements, boxes: Boxes, seen: Series) -> Defects:
        return self.estimated(*self.located(judgements, boxes, TIGHT), labels_looked_at(boxes, seen))
