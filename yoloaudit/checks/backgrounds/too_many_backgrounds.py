"""too-many-backgrounds: the guide's 0 to 10 % of background images."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, measured, no_defects
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Severity


class TooManyBackgrounds(Check):
    """More background images than the guide recommends.

    The guide recommends 0 to 10 % of images without objects, which help against false detections. More of them only
    cost time, and many images without a label mostly mean labels that are missing or lie where the trainer does not
    look. Find those labels, or take background images out.
    """

    severity = Severity.WARNING
    needs = ("train",)
    message = "{count:,} of {total:,} training images ({value:.1%}) are background, above {max_background_share:.0%}"
    max_background_share: float = Field(
        0.1, ge=0, lt=1, description="share of training images without objects, at most"
    )

    good = (
        Example(),
        Example(files={"images/train/c.png": Picture()}, settings={"max_background_share": 0.5}, title="half of them"),
    )
    bad = (Example(files={"labels/train/a.txt": ""}), Example(files={"labels/train/a.txt": None}))

    def find(self, images: Images) -> Defects:
        fate = images["fate"][images["split"] == "train"]
        count, total = int((fate == "background").sum()), int(fate.isin(["used", "background"]).sum())
        if not total:
            return measured(no_defects(), None, self.max_background_share)
        share = count / total
        entry = {"split": "train", "value": share, "limit": self.max_background_share, "count": count, "total": total}
        return measured(
            self.flag_whole([entry] if share > self.max_background_share else []), share, self.max_background_share
        )
