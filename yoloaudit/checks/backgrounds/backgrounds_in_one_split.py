"""backgrounds-in-one-split: background images that all lie in one split."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, no_defects
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Severity

ONE_IN_TRAIN: dict[str, str | bytes | Picture | None] = {"images/train/c.png": Picture(), "labels/train/c.txt": ""}
ONE_IN_VAL: dict[str, str | bytes | Picture | None] = {"images/val/d.png": Picture(), "labels/val/d.txt": ""}


class BackgroundsInOneSplit(Check):
    """Background images that all lie in one split.

    Where only the training split has images without objects, false detections on them are never measured; where only
    the validation split has them, they are never learnt from. Spread them over the splits.
    """

    severity = Severity.INFO
    needs = ("train", "val")
    message = "all {count:,} background images are in {split}, none in the other splits"
    min_backgrounds: int = Field(1, ge=1, description="background images that a judgement needs")

    good = (
        Example(files=ONE_IN_TRAIN | ONE_IN_VAL, settings={"min_backgrounds": 2}),
        Example(files=ONE_IN_TRAIN, settings={"min_backgrounds": 2}),
    )
    bad = (
        Example(files=ONE_IN_TRAIN, settings={"min_backgrounds": 1}),
        Example(files={f"images/train/{name}.png": Picture() for name in "cdefg"}),
    )

    def find(self, images: Images) -> Defects:
        empty = images["fate"] == "background"
        splits = images["split"][empty | (images["fate"] == "used")].dropna().unique()
        holders = images["split"][empty].dropna().unique()
        count = int(empty.sum())
        if len(splits) < 2 or len(holders) != 1 or count < self.min_backgrounds:
            return no_defects()
        return self.flag_whole([{"split": str(holders[0]), "count": count, "value": float(count)}])
