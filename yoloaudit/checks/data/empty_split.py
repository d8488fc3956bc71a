"""empty-split: splits without a usable image."""

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by, shown
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Severity

EFFECT = {"train": "the trainer cannot train", "val": "the trainer cannot validate", "test": "nothing can be tested"}


class EmptySplit(Check):
    """Split without a usable image.

    The folder or list exists, but no image in it is used: there is none of a suffix that the trainer reads, or all are
    dropped. The trainer stops, or reports numbers of nothing. Look at the findings for its images, or correct the path.
    """

    severity = Severity.ERROR
    message = "{split} has no usable image: {reason}; {effect}"

    good = (described_by(CLEAN), "")
    bad = (
        "0 0.5 0.5 1.5 0.2\n",
        described_by(CLEAN.replace("images/train", "train.txt"), {"train.txt": ""}),
        described_by(CLEAN.replace("images/val", "pictures"), {"pictures/readme.md": "soon\n", "images/val/b.png": ""}),
    )

    def find(self, images: Images, descriptor: Descriptor) -> Defects:
        found = images["split"].value_counts()
        used = images["split"][images["fate"] != "dropped"].value_counts()
        targets = {path.split: path for path in reversed(descriptor.splits) if path.target is not None}
        return self.flag_whole(
            {
                "file": descriptor.path,
                "line": path.line,
                "split": split,
                "reason": f"all {found[split]:,} images that are found are dropped"
                if found[split]
                else f"there is no image in {shown(path.found)}",
                "effect": EFFECT[split],
                "value": 0.0,
                "limit": 1.0,
            }
            for split in images["split"].cat.categories
            if not used[split] and (path := targets.get(split))
        )
