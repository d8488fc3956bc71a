"""wrong-field-count: rows that are neither a box nor a polygon."""

from yoloaudit.checks.base import Check
from yoloaudit.checks.poses import pose_sentence
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity


class WrongFieldCount(Check):
    """Row with another number of fields than a box or a polygon has.

    A box has 5 fields: class, centre x, centre y, width, height. A polygon has a class and the x and y of 3 or more
    points. One row of another length makes the trainer drop the image with all its labels; a line that holds only
    blanks counts as such a row. Write the missing fields, or take the line out. Rows of keypoints belong to another
    trainer: keep their first 5 fields.
    """

    severity = Severity.ERROR
    message = "{seen}: the trainer {fate}"

    good = ("0 0.5 0.5 0.2 0.2", "0 0.5 0.5 0.2 0.2\n\n", "0 0.1 0.1 0.2 0.1 0.2 0.2")
    bad = ("0 0.5 0.5 0.2", "0 0.5 0.5 0.2 0.2 7", "0 0.5 0.5 0.2 0.2\n \n1 0.3 0.3 0.2 0.2")

    def find(self, rows: Boxes) -> Defects:
        pose = rows["kind"] == "keypoints"
        misread = pose & rows["error"].isna()
        chosen = misread | (rows["error"] == "wrong-field-count")
        wrong, pose = rows[chosen], pose[chosen]
        seen = (
            wrong["tokens"].map({count: _sentence(count) for count in wrong["tokens"].unique().tolist()}).astype(object)
        )
        if pose.any():
            first = wrong[pose].iloc[0]
            seen[pose] = pose_sentence(int(first["tokens"]), str(first["raw"]))
        fate = misread[chosen].map({True: "takes all of it for a polygon", False: "drops the image"})
        return self.flag(wrong, value="tokens", limit=5, seen=seen, fate=fate)


def _sentence(count: int) -> str:
    if count == 0:
        return "line holds only blanks, a row without fields"
    return f"row has {count:,} field{'s' * (count != 1)}, a box has 5"
