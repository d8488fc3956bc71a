"""no-backgrounds: a training split in which every image has an object."""

from yoloaudit.checks.base import Check, Example, measured, no_defects
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Severity


class NoBackgrounds(Check):
    """No background image in the training split.

    Images without objects teach a detector where nothing is to be found and reduce false detections. The guide
    recommends up to 10 % of them; COCO has about 1 %. Add images of the same scenes without objects, each with an empty
    label file.
    """

    severity = Severity.INFO
    needs = ("train",)
    message = "none of {total:,} training images is background; the guide recommends up to 10 %, COCO has about 1 %"

    good = (Example(files={"labels/train/a.txt": ""}), Example(files={"labels/train/a.txt": None}))
    bad = (Example(), Example(files={"labels/val/b.txt": ""}))

    def find(self, images: Images) -> Defects:
        fate = images["fate"][images["split"] == "train"]
        count, total = int((fate == "background").sum()), int(fate.isin(["used", "background"]).sum())
        if not total:
            return measured(no_defects(), None, 0.0)
        entry = {"split": "train", "value": 0.0, "limit": 0.0, "total": total}
        return measured(self.flag_whole([] if count else [entry]), count / total, 0.0)
