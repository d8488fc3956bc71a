"""redundant-images: far fewer different pictures than images."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, measured, no_defects
from yoloaudit.dataset.tables import Defects, Hashes
from yoloaudit.findings import Severity


class RedundantImages(Check):
    """Far fewer different pictures than images.

    Copies and near-duplicates are counted once each, with all that they are connected with. Where that leaves less than
    half of the images, training time goes into repetition, and every count of this report promises more variety than
    there is. Take fewer frames of each scene, and add scenes.
    """

    kind = "heuristic"
    severity = Severity.WARNING
    message = "{clusters:,} different pictures among {images:,} images: {value:.0%}, below {min_distinct_share:.0%}"
    min_distinct_share: float = Field(0.5, gt=0, le=1, description="share of images that must differ from one another")
    min_images: int = Field(10, ge=1, description="decoded images from which the share is looked at")

    good = (
        Example(files={f"images/train/{seed}.png": Picture(64, 64, seed=seed) for seed in range(10)}),
        Example(files={f"images/train/{copy}.png": Picture(seed=1) for copy in range(7)}, title="too few to tell"),
    )
    bad = (Example(files={f"images/train/{copy}.png": Picture(seed=1) for copy in range(10)}),)

    def find(self, hashes: Hashes) -> Defects:
        cluster = hashes["cluster"][hashes["cluster"] >= 0]
        if len(cluster) < self.min_images:
            return measured(no_defects(), None, self.min_distinct_share)
        share = cluster.nunique() / len(cluster)
        entry = {
            "value": share,
            "limit": self.min_distinct_share,
            "clusters": cluster.nunique(),
            "images": len(cluster),
        }
        found = self.flag_whole([entry] if share < self.min_distinct_share else [])
        return measured(found, share, self.min_distinct_share)
