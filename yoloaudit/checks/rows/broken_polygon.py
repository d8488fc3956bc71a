"""broken-polygon: polygon rows whose coordinates make no points, or too few."""

from yoloaudit.checks.base import Check
from yoloaudit.checks.poses import pose_sentence
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity


class BrokenPolygon(Check):
    """Polygon with an odd number of coordinates, or with fewer than 3 points.

    A row of more than 6 fields makes the trainer read the whole file as polygons. A row whose coordinates do not pair
    up drops the image with all its labels; a single point becomes a box without area. Complete the polygon, or replace
    it by its box. Rows of keypoints belong to another trainer: keep their first 5 fields.
    """

    severity = Severity.ERROR
    message = "{seen}: the trainer {fate}"

    good = ("0 0.1 0.1 0.2 0.1 0.2 0.2",)
    bad = (
        "0 0.1 0.1 0.2 0.1 0.2 0.2 0.3",
        "0 0.1 0.1 0.2 0.1 0.2 0.2\n0 0.5 0.5",
    )

    def find(self, rows: Boxes) -> Defects:
        unpaired = rows["error"] == "broken-polygon"
        point = rows["error"].isna() & (rows["kind"] == "polygon") & (rows["tokens"] < 5)
        broken = rows[unpaired | point]
        seen = (
            broken["tokens"]
            .map({count: _sentence(count) for count in broken["tokens"].unique().tolist()})
            .astype(object)
        )
        pose = broken["kind"] == "keypoints"
        if pose.any():
            first = broken[pose].iloc[0]
            seen[pose] = pose_sentence(int(first["tokens"]), str(first["raw"]))
        fate = unpaired[broken.index].map({True: "drops the image", False: "makes a box without area of it"})
        return self.flag(broken, value="tokens", seen=seen, fate=fate)


def _sentence(count: int) -> str:
    if count % 2:
        return f"row has {(count - 1) // 2:,} point, a polygon at least 3"
    return f"row has {count - 1:,} coordinates, which do not pair up to points"
