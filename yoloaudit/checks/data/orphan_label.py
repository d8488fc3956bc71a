"""orphan-label: label files without an image."""

from typing import Any

from pydantic import Field

from yoloaudit.checks.base import Check, Example
from yoloaudit.dataset.tables import Defects, Labels, Strays
from yoloaudit.findings import Fix, Severity

ROW = "0 0.5 0.5 0.2 0.2\n"
MOST_RELATED = 20


class OrphanLabel(Check):
    """Label file without an image.

    The trainer never reads it, and says nothing. Its image was lost, renamed, or put into another folder, and the work
    that went into the label is lost with it. Find the image, or take the label away. Where more than half of a split's
    label files are orphans, that is one finding: images and labels of the split do not belong together.
    """

    severity = Severity.WARNING
    message = "{reason}"
    fix = Fix("quarantine", safe=False)
    fold_above: int = Field(10, ge=1, description="orphans of one split that are still reported one by one")

    good = (ROW, Example({"labels/train/classes.txt": "cat\ndog\n"}, title="a list of names among labels"))
    bad = (
        Example({"labels/train/c.txt": ROW}),
        Example({"images/train/a.png": None, "images/train/c.png.bak": "", "images/train/d.jpg": ""}),
    )

    def find(self, labels: Labels, strays: Strays) -> Defects:
        lone = labels[labels["image"] < 0]
        lone = lone[~lone["path"].isin(strays["path"][strays["kind"] == "misplaced-label"])]
        total = labels["split"].value_counts()
        defects: list[dict[str, Any]] = []
        for split, orphans in lone.groupby("split", observed=True):
            if len(orphans) > max(self.fold_above, total[split] / 2):
                share = f"{len(orphans):,} of {total[split]:,} label files of {split}"
                reason = f"{share} have no image: images and labels do not belong together"
                related = [{"label": label} for label in orphans.index[:MOST_RELATED].tolist()]
                whole = {"split": split, "related": related, "value": float(len(orphans))}
                defects.append({**whole, "label": -1, "reason": reason})
            else:
                reason = "label file has no image: the trainer never reads it"
                defects += [{"label": label, "related": None, "reason": reason} for label in orphans.index.tolist()]
        return self.flag_whole({**defect, "fix": self.fix} for defect in defects)
