"""few-scenes: many training images of few clips, originals or near-duplicates."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.appearance import trained_on
from yoloaudit.checks.base import Check, Example, Picture, measured, unmeasured
from yoloaudit.checks.scenes import NAMES, sources_of
from yoloaudit.dataset.tables import Boxes, Defects, Hashes, Images
from yoloaudit.findings import Severity
from yoloaudit.geometry import Integers

CLIPS = "clips and originals by file name"
COPIES = "groups of near-duplicates"


class FewScenes(Check):
    """Many training images of few scenes.

    Frames of one clip and copies of one image add hardly anything to the first of them: the model learns few scenes by
    heart, and the number of images misleads. Take fewer frames of each clip, and film elsewhere. A scene is a clip or
    original that file names tell of, or a group of near-duplicates, whichever makes fewer; an image that belongs to
    none is a scene of its own. Clips are believed only where objects stay from one frame to the next. It does not see
    that two clips show the same place, nor that frames without names or likeness come from one.
    """

    severity = Severity.WARNING
    kind = "heuristic"
    needs = ("train",)
    message = "{total:,} training images show {scenes} ({value:.1%}), below {min_scene_share:.0%}, as {told} tell"
    min_scene_share: float = Field(0.1, gt=0, le=1, description="scenes by training images, at the least")
    min_images: int = Field(50, ge=1, description="training images that it takes to judge")

    good = (
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i // 8) for i in range(64)},
            title="eight images of each of eight scenes",
        ),
        Example({f"images/train/{i}.png": Picture(64, 64, seed=1) for i in range(48)}, title="49 images are too few"),
        Example(
            {f"images/train/photo_{i:04}.png": Picture(64, 64, seed=i) for i in range(60)}
            | {f"labels/train/photo_{i:04}.txt": f"0 {0.2 + i % 4 / 5} .5 .1 .1\n" for i in range(60)},
            title="running numbers make no clip",
        ),
    )
    bad = (
        Example({f"images/train/{i}.png": Picture(64, 64, seed=i // 16) for i in range(64)}, title="near-duplicates"),
        Example(
            {
                f"images/train/{clip}_{i:04}.png": Picture(64, 64, seed=ord(clip) * 30 + i)
                for clip in "abc"
                for i in range(20)
            }
            | {f"labels/train/{clip}_{i:04}.txt": f"0 {0.3 + i / 100} .5 .2 .2\n" for clip in "abc" for i in range(20)},
            title="three clips",
        ),
    )

    def find(self, images: Images, hashes: Hashes, boxes: Boxes) -> Defects:
        kept = trained_on(images)
        total = int(kept.sum())
        if total < self.min_images:
            return unmeasured(f"{total:,} training images, below {self.min_images:,}", self.min_scene_share)
        sources, _ = sources_of(images.loc[kept, NAMES], boxes)
        clusters = hashes["cluster"].to_numpy()[kept]
        scenes, told = min((groups(sources), CLIPS), (groups(clusters), COPIES))
        share = scenes / total
        entry = {
            "split": "train",
            "value": share,
            "limit": self.min_scene_share,
            "score": 1 - share / self.min_scene_share / 2,
            "scenes": f"{scenes:,} scenes" if scenes > 1 else "1 scene",
            "total": total,
            "told": told,
        }
        return measured(self.flag_whole([entry] if share < self.min_scene_share else []), share, self.min_scene_share)


def groups(codes: Integers) -> int:
    """How many groups there are; -1 is a group of its own each time."""
    known = codes >= 0
    return len(np.unique(codes[known])) + int((~known).sum())
