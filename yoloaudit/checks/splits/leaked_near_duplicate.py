"""leaked-near-duplicate: images that show nearly the same as one of another split."""

import numpy as np
import pandas as pd

from yoloaudit.checks.base import Check, Example, Picture, measured
from yoloaudit.checks.splits import firsts, origins, related_to, share_of_val, split_codes, taking_part
from yoloaudit.dataset.tables import SPLITS, Copies, Defects, Hashes, Images
from yoloaudit.findings import Severity
from yoloaudit.geometry import Integers


class LeakedNearDuplicate(Check):
    """Image of a later split that nearly is one of an earlier split.

    The same picture scaled, encoded again, or taken a moment later: the model knows it almost by heart, and the numbers
    of the run are too good. Look at the two side by side and leave them in one split. Images that are in the other
    split exactly are leaked-image's.
    """

    severity = Severity.WARNING
    needs = ("train",)
    message = "shows nearly the same as {path} of {origin}: correlation {correlation:.3f}, {distance} of 64 bits differ"

    good = (
        Example({"images/val/c.png": Picture(seed=3)}, title="another image"),
        Example({"images/train/c.png": Picture(320, 320, seed=1)}, title="a smaller copy in the same split"),
        Example({"images/val/c.png": Picture(seed=1)}, title="an exact copy is leaked-image's"),
    )
    bad = (
        Example({"images/val/c.png": Picture(320, 320, seed=1)}, title="a smaller copy"),
        Example({"images/val/c.jpg": Picture(seed=1, format="JPEG", light=0.95)}, title="encoded again, darker"),
    )

    def find(self, images: Images, hashes: Hashes, copies: Copies) -> Defects:
        kept, split = taking_part(images), split_codes(images)
        pairs = crossing(images, copies, split)
        content, pixels = hashes["content"].to_numpy(), hashes["pixels"].to_numpy()
        exact = (origins(np.where(kept, content, -1), split) >= 0) | (origins(np.where(kept, pixels, -1), split) >= 0)
        pair = np.full(len(images), -1, dtype=np.int64)
        pair[pairs["late"].to_numpy()[::-1]] = np.arange(len(pairs))[::-1]
        of_first = firsts(np.where(pixels >= 0, pixels * len(SPLITS) + split, -1), split)
        pair = np.where(of_first >= 0, pair[of_first], pair)
        late = (pair >= 0) & kept & ~exact
        early = pairs["early"].to_numpy()
        late[late] = kept[early[pair[late]]]
        chosen = pair[late]
        defects = self.flag(
            images[late].assign(**{name: pairs[name].to_numpy()[chosen] for name in ("correlation", "distance")}),
            value="correlation",
            origin=np.array(SPLITS, dtype=object)[split[early[chosen]]],
            path=images["path"].to_numpy()[early[chosen]],
            related=related_to(images, early[chosen]),
        )
        return measured(defects, share_of_val(split, kept, late), 0.0)


def crossing(images: Images, copies: Copies, split: Integers) -> Copies:
    """Near pairs between two splits, as positions `early` and `late`; of each late image the best pair first."""
    near = copies[(copies["kind"] == "near").to_numpy()]
    first, second = (images.index.get_indexer(pd.Index(near[name])) for name in ("first", "second"))
    turned = split[first] > split[second]
    near = near.assign(early=np.where(turned, second, first), late=np.where(turned, first, second))
    near = near[split[first] != split[second]]
    order = np.lexsort((near["early"], -near["correlation"], split[near["early"].to_numpy()], near["late"]))
    best_first: Copies = near.iloc[order]
    return best_first
