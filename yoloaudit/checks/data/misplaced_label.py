"""misplaced-label: label files where the trainer does not look."""

from yoloaudit.checks.base import Check, Example
from yoloaudit.dataset.tables import Defects, Strays
from yoloaudit.findings import Fix, Severity, shorten

ROW = "0 0.5 0.5 0.2 0.2\n"


class MisplacedLabel(Check):
    """Label file where the trainer does not look.

    The trainer finds a label by the image's path: the last /images/ in it becomes /labels/, the suffix .txt; without
    /images/ the label lies beside the image. A label anywhere else is never read, and its image is trained as
    background, with all its objects. Move the file to where the trainer looks.
    """

    severity = Severity.ERROR
    message = (
        "label file lies where the trainer does not look; it looks for {wanted}, and takes the image for background"
    )
    fix = Fix("move", safe=False)

    good = (ROW, Example({"images/train/a.txt": ROW}, title="a copy beside the image"))
    bad = (
        Example({"labels/train/a.txt": None, "images/train/a.txt": ROW}, title="beside the image"),
        Example({"labels/train/a.txt": None, "labels/a.txt": ROW}, title="in the folder above"),
        Example({"labels/train/a.txt": None, "train/labels/a.txt": ROW}, title="the other way round"),
        Example({"labels/train/a.txt": None, "Labels/train/a.txt": ROW}, title="in another letter case"),
    )

    def find(self, strays: Strays) -> Defects:
        misplaced = strays[strays["kind"] == "misplaced-label"]
        wanted = [shorten(detail or "", 200) for detail in misplaced["detail"]]
        return self.flag(misplaced, image=misplaced["image"].to_numpy(), wanted=wanted)
