"""label-suffix-case: label files whose suffix is .TXT or the like."""

from yoloaudit.checks.base import Check, Example
from yoloaudit.dataset.tables import Defects, Strays
from yoloaudit.findings import Fix, Severity

ROW = "0 0.5 0.5 0.2 0.2\n"


class LabelSuffixCase(Check):
    """Label file whose suffix is .TXT or the like.

    The trainer looks for .txt. Where letter case counts, as on Linux, it does not find the file, and the image trains
    as background; where it does not count, all seems well until the data set is moved. Rename the file.
    """

    severity = Severity.ERROR
    message = "label file does not end in .txt in small letters: where letter case counts, the trainer does not find it"
    fix = Fix("rename", safe=True)

    good = (ROW,)
    bad = (
        Example({"labels/train/a.txt": None, "labels/train/a.TXT": ROW}),
        Example({"labels/train/c.Txt": ROW}, title="without an image"),
    )

    def find(self, strays: Strays) -> Defects:
        odd = strays[strays["kind"] == "label-suffix-case"]
        return self.flag(odd, image=odd["image"].to_numpy())
