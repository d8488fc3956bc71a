"""stale-trainer-cache: cache files that are older than what they were made from."""

import posixpath

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.tables import Defects, Labels, Strays
from yoloaudit.findings import Fix, Severity

LARGE = Picture(4000, 4000)
"""Takes long enough to draw that what is written after it is younger."""
ROW = "0 0.5 0.5 0.2 0.2\n"


class StaleTrainerCache(Check):
    """Trainer's cache that is older than a label or the descriptor.

    The trainer keeps what it read in a .cache file beside the labels, and trusts it while paths and sizes are the same:
    an edit that keeps the length of a file is not noticed. The file is a pickle, which can run code when it is read; it
    is never opened here, and in a data set that is not trusted each one is reported. Delete it: the trainer makes a new
    one.
    """

    severity = Severity.WARNING
    message = "{reason}"
    fix = Fix("delete", safe=True)
    grace_seconds: float = Field(60.0, ge=0, description="seconds by which a cache may be older, as after a copy")

    good = (ROW, Example({"labels/train.cache": "made by the trainer"}))
    bad = (
        Example(
            {"labels/train.cache": "made before", "images/train/c.png": LARGE, "labels/train/c.txt": ROW},
            {"grace_seconds": 0},
        ),
    )

    def find(self, strays: Strays, labels: Labels, descriptor: Descriptor) -> Defects:
        caches = strays[strays["kind"] == "trainer-cache"]
        if not len(caches):
            return self.flag_whole()
        folders = labels["modified"].groupby(labels["path"].map(posixpath.dirname)).max().to_dict()
        latest = max(folders.values(), default=0.0)
        defects = []
        for path, modified in zip(caches["path"], caches["modified"], strict=True):
            newest = max(folders.get(posixpath.splitext(path)[0], latest), descriptor.modified)
            if newest > modified + self.grace_seconds:
                what = "a label" if newest > descriptor.modified else "the descriptor"
                reason = f"trainer's cache is {newest - modified:,.0f} s older than {what}: an edit may go unnoticed"
                age = {"value": newest - modified, "limit": self.grace_seconds}
                defects.append({"file": path, "reason": reason, **age})
            elif descriptor.untrusted:
                reason = (
                    "trainer's cache came with the data set: a pickle, which can run code when the trainer reads it"
                )
                defects.append({"file": path, "reason": reason, "value": None, "limit": None})
        return self.flag_whole(defects)
