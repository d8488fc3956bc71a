"""leaked-source: clips, originals and moments of a camera whose images are in two splits."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, measured
from yoloaudit.checks.splits import clip, firsts, share_of_val, sources_across, split_codes, taking_part
from yoloaudit.dataset.tables import SPLITS, Boxes, Defects, Images, Pixels
from yoloaudit.findings import Severity, shorten
from yoloaudit.geometry import Integers

ORIGINAL, CLIP, MINUTE = "original", "clip", "camera and minute"
SURENESS = {CLIP: 0.8, ORIGINAL: 0.7, MINUTE: 0.6}
"""Score by how a source is known: a clip is read from a name and its boxes, two originals may bear one name, as
`image-1`, and one camera may see two scenes in a minute."""


def photographs(*times: str) -> Example:
    """Photographs of one camera, the first in train and the others in val."""
    return Example(
        {
            f"images/{'val' if i else 'train'}/photo-{'abc'[i]}.jpg": Picture(
                64, 64, seed=10 + i, format="JPEG", camera="Z 6", taken=f"2024:05:01 {time}"
            )
            for i, time in enumerate(times)
        }
    )


def exported(*names: str) -> Example:
    """Images of these paths."""
    return Example({name: Picture(64, 64, seed=10 + i) for i, name in enumerate(names)})


class LeakedSource(Check):
    """Source with images in two splits.

    Frames of one clip, copies or tiles of one original, and photographs of one camera within a minute show one scene.
    With some in train and others in val, the model is measured on scenes that it knows, and every number of the run is
    too good. Give a whole source to one split: `yoloaudit split --propose` deals the images so. A clip is known by the
    numbers in its file names, and believed only where objects stay from frame to frame; a camera and its minute are
    asked only where the name tells nothing. There is one finding for each source and each later split that it is in.
    """

    severity = Severity.WARNING
    kind = "heuristic"
    needs = ("train",)
    message = (
        "{kind} {source!r} is in two splits, {early:,} times in {earlier} and {late:,} times in {later}; "
        "{share:.0%} of {later} are of such sources"
    )
    most_related: int = Field(5, ge=1, description="images of the other split that are named with a finding")

    good = (
        clip(),
        clip(1, 4, still=False),
        photographs("12:30:59", "12:31:00"),
        exported(f"images/train/cat_jpg.rf.{'a' * 32}.png", f"images/train/cat_jpg.rf.{'b' * 32}.png"),
    )
    bad = (
        clip(5),
        photographs("12:30:00", "12:30:59"),
        exported(f"images/train/cat_jpg.rf.{'a' * 32}.png", f"images/val/cat_jpg.rf.{'b' * 32}.png"),
        exported("images/train/field_tile_0_0.png", "images/val/field_tile_0_1.png"),
    )

    def find(self, images: Images, pixels: Pixels, boxes: Boxes) -> Defects:
        kept, split = taking_part(images), split_codes(images)
        group, names, kinds = groups_of(images, pixels, boxes)
        group = np.where(kept, group, -1)
        first = firsts(group, split)
        leaking = (first >= 0) & (split > split[first])
        leaks = self._leaks(group, split, first, leaking)
        at, early = leaks["at"].to_numpy(), leaks["early_split"].to_numpy()
        named = group[at]
        per_split = {
            code: (leaking & (split == code)).sum() / (kept & (split == code)).sum() for code in set(split[at])
        }
        ids = images.index.to_numpy()
        defects = self.flag(
            images.iloc[at],
            kind=kinds[named],
            source=np.array([shorten(str(name)) for name in names[named]], dtype=object),
            late=leaks["late"].to_numpy(),
            early=leaks["early"].to_numpy(),
            later=np.array(SPLITS, dtype=object)[split[at]],
            earlier=np.array(SPLITS, dtype=object)[early],
            share=np.array([per_split[code] for code in split[at].tolist()], dtype=float),
            score=np.array([SURENESS[kind] for kind in kinds[named]], dtype=float),
            related=[[{"image": int(ids[place])} for place in places] for places in leaks["others"]],
        )
        return measured(defects, share_of_val(split, kept, leaking), 0.0)

    def _leaks(self, group: Integers, split: Integers, first: Integers, leaking: NDArray[np.bool_]) -> DataFrame:
        """One row for each source and later split: its first image there, counts, and images of the earliest split."""
        places = np.flatnonzero(leaking)
        late = DataFrame({"group": group[places], "split": split[places], "at": places})
        late = late.groupby(["group", "split"], sort=False)["at"].agg(["first", "size"]).reset_index()
        leaked = np.zeros(int(group.max(initial=-1)) + 1, dtype=bool)
        leaked[late["group"]] = True
        theirs = np.flatnonzero((group >= 0) & np.append(leaked, False)[group] & ~leaking)
        theirs = theirs[np.argsort(group[theirs], kind="stable")]
        begin, end = (np.searchsorted(group[theirs], late["group"], side=side) for side in ("left", "right"))
        stop = np.minimum(end, begin + self.most_related)
        others = [theirs[one:two].tolist() for one, two in zip(begin.tolist(), stop.tolist(), strict=True)]
        at = late["first"].to_numpy().astype(np.int64)
        return DataFrame(
            {"at": at, "late": late["size"], "early": end - begin, "early_split": split[first[at]], "others": others}
        ).sort_values("at")


def groups_of(
    images: Images, pixels: Pixels, boxes: Boxes
) -> tuple[Integers, NDArray[np.object_], NDArray[np.object_]]:
    """A number for the source of each image, -1 for none; the name and the kind of each source."""
    group, names = sources_across(images, boxes)
    kinds = np.full(len(names), ORIGINAL, dtype=object)
    numbered = (group >= 0) & (images["frame"] >= 0).to_numpy()
    kinds[group[numbered]] = CLIP
    camera, cameras = pd.factorize(pixels["camera"].to_numpy())
    taken = pixels["taken"].to_numpy()
    unnamed = np.flatnonzero((group < 0) & (camera >= 0) & (taken >= 0))
    minute = taken[unnamed] // 60
    moment, firsts_of = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    if len(unnamed):
        keys = minute * len(cameras) + camera[unnamed]
        _, firsts_of, moment = np.unique(keys, return_index=True, return_inverse=True)
    group = group.astype(np.int64)
    group[unnamed] = len(names) + moment
    stamps = np.datetime_as_string((minute[firsts_of] * 60).astype("datetime64[s]"), unit="m")
    said = [
        f"{shorten(str(cameras[code]), 40)} {stamp.replace('T', ' ')}"
        for code, stamp in zip(camera[unnamed[firsts_of]].tolist(), stamps.tolist(), strict=True)
    ]
    return (
        group,
        np.concatenate([names, np.array(said, dtype=object)]),
        np.concatenate([kinds, np.full(len(said), MINUTE, dtype=object)]),
    )
