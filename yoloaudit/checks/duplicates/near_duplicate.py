"""near-duplicate: almost the same picture twice in one split."""

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.checks.columns import inside_splits, related_images
from yoloaudit.dataset.tables import Copies, Defects, Images
from yoloaudit.findings import Fix, Severity


class NearDuplicate(Check):
    """Image that shows almost the same as another one of its split.

    Two perceptual hashes differ in 4 of 64 bits at most, and the grey levels at 64 × 64 pixels correlate by 0.98 or
    more: a copy that was resized or saved again, or the next frame of a resting camera. Many of them make a data set
    smaller than its count of images says. Keep one of each, or take fewer frames a second.
    """

    kind = "heuristic"
    severity = Severity.INFO
    message = "shows almost the same as {other}: correlation {correlation:.3f}, {distance} of 64 hash bits differ"
    fix = Fix("quarantine", safe=False)

    good = (
        Example(files={"images/train/c.png": Picture(seed=3)}),
        Example(files={"images/train/c.png": Picture(seed=1)}, title="equal bytes are identical-image's"),
        Example(files={f"images/train/{end}.png": Picture(640 + len(end), 640) for end in ("c", "dd")}, title="blank"),
    )
    bad = (
        Example(files={"images/train/c.jpg": Picture(320, 320, seed=1, format="JPEG")}, title="resized, saved again"),
        Example(files={"images/train/c.png": Picture(seed=1, light=0.9)}, title="darker"),
    )

    def find(self, images: Images, copies: Copies) -> Defects:
        pairs = inside_splits(images, copies[copies["kind"] == "near"])
        pairs = pairs.sort_values("correlation", ascending=False, kind="stable").drop_duplicates("second").sort_index()
        others = pairs["first"].to_numpy()
        correlation = pairs["correlation"].to_numpy(dtype=float)
        return self.flag(
            images.loc[pairs["second"]].assign(correlation=correlation),
            value="correlation",
            other=images["path"].loc[others].to_numpy(),
            correlation=correlation,
            distance=pairs["distance"].to_numpy(),
            score=correlation,
            related=related_images(others),
        )
