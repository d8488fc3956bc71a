"""same-split-twice: files that stand in two splits."""

from itertools import combinations

import numpy as np

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.tables import SPLITS, Defects, Images
from yoloaudit.findings import Severity

MOST_RELATED = 20


class SameSplitTwice(Check):
    """File that stands in two splits at once.

    What the model was trained on cannot show what it will do with anything else: a val or test image that is a train
    image too is an answer known beforehand, and every number of the run is too good. Where the two splits are the same
    folder or list, all of them are. Give each image to one split.
    """

    severity = Severity.ERROR
    message = "{reason}"
    explains = ("leaked-image", "leaked-near-duplicate", "leaked-source", "adjacent-frames", "conflicting-duplicate")

    good = (described_by(CLEAN),)
    bad = (
        described_by(CLEAN.replace("images/val", "images/train")),
        described_by(CLEAN.replace("images/train", "images")),
        described_by(
            CLEAN.replace("images/train", "train.txt"), {"train.txt": "./images/train/a.png\n./images/val/b.png\n"}
        ),
    )

    def find(self, images: Images, descriptor: Descriptor) -> Defects:
        defects, twice = [], []
        if images["path"].is_unique:
            return self.flag_whole()
        by_split = {split: images[images["split"] == split] for split in SPLITS}
        for first, second in combinations(SPLITS, 2):
            one, other = by_split[first], by_split[second]
            shared = other[other["path"].isin(one["path"])]
            if not len(shared):
                continue
            twice += [shared.index, one.index[one["path"].isin(shared["path"])]]
            if len(shared) == len(other) == len(one):
                reason = f"{second} and {first} are the same {len(shared):,} files"
            else:
                share = f"{len(shared):,} of {len(other):,} {second} images"
                reason = f"{share} are {first} images too: the same files, in both"
            line = next((path.line for path in descriptor.splits if path.split == second), 1)
            defects.append(
                {
                    "file": descriptor.path,
                    "line": line,
                    "split": second,
                    "reason": f"{reason}; the first is {shared['path'].iat[0]}",
                    "related": [{"image": image} for image in shared.index[:MOST_RELATED].tolist()],
                    "value": float(len(shared)),
                    "limit": 0.0,
                }
            )
        found = self.flag_whole(defects)
        found.attrs["images"] = np.unique(np.concatenate(twice)) if twice else np.zeros(0, dtype=np.int64)
        return found
