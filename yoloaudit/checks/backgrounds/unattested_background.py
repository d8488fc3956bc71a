"""unattested-background: background images whose label file is missing, not empty."""

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Fix, Severity


class UnattestedBackground(Check):
    """Background image without a label file.

    The trainer takes a missing label file for an image without objects. Nobody said so: the label may have been
    forgotten, lost or misplaced, and every object in the image is then trained as background. Look at the image; where
    it is truly empty, attest it by an empty label file.
    """

    severity = Severity.WARNING
    message = "image has no label file and trains as background; nobody said that it is empty"
    fix = Fix("attest", safe=False)

    good = (Example(files={"images/train/c.png": Picture(), "labels/train/c.txt": ""}),)
    bad = (
        Example(files={"labels/train/a.txt": None}),
        Example(files={"images/train/c.png": Picture(), "labels/train/c.text": "0 0.5 0.5 0.2 0.2\n"}),
    )

    def find(self, images: Images) -> Defects:
        return self.flag(images[(images["label"] < 0) & (images["fate"] != "dropped")])
