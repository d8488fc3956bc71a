"""adjacent-frames: val and test frames that stand right beside a train frame of their clip."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.checks.base import Check, measured
from yoloaudit.checks.splits import clip, share_of_val, sources_across, split_codes, taking_part
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Severity, shorten
from yoloaudit.geometry import Floats, Integers


class AdjacentFrames(Check):
    """Frame of val or test beside a train frame of the same clip.

    Two frames that follow one another show nearly the same: the model knows the answer, and the numbers of the run are
    too good. Where leaked-source says once that a clip is in two splits, this names the frames, so that the worst can
    be taken out where the clip has to stay in both. Beside means within one sampling step, the median distance of the
    frames of the clip that are there. A clip is believed only where objects stay from frame to frame.
    """

    severity = Severity.WARNING
    kind = "heuristic"
    needs = ("train",)
    message = "frame {frame} of {clip!r} is {value:,.0f} from train frame {near}, within one step of {limit:,g}"

    good = (clip(), clip(1, 4, still=False))
    bad = (clip(5), clip(0, 2, 4))

    def find(self, images: Images, boxes: Boxes) -> Defects:
        kept, split, frame = taking_part(images), split_codes(images), images["frame"].to_numpy()
        sources, names = sources_across(images, boxes)
        used = np.flatnonzero(kept & (sources >= 0) & (frame >= 0))
        order = used[np.lexsort((frame[used], sources[used]))]
        group, number, trained = sources[order], frame[order], split[order] == 0
        step = steps_of(group, number)
        before, after = nearest_before(trained, group), nearest_before(trained[::-1], group[::-1])[::-1]
        after = np.where(after >= 0, len(order) - 1 - after, -1)
        away = [np.where(near >= 0, np.abs(number - number[near]), np.inf) for near in (before, after)]
        least = np.minimum(*away)
        near = np.where(away[0] <= away[1], before, after)
        found = np.flatnonzero((split[order] > 0) & (least > 0) & (least <= step))
        found = found[np.argsort(order[found])]
        leaking = np.zeros(len(images), dtype=bool)
        leaking[order[found]] = True
        ids = images.index.to_numpy()
        defects = self.flag(
            images.iloc[order[found]],
            clip=np.array([shorten(str(name)) for name in names[group[found]]], dtype=object),
            near=number[near[found]],
            score=1 - least[found] / (2 * step[found]),
            related=[[{"image": image}] for image in ids[order[near[found]]].tolist()],
        ).assign(value=least[found], limit=step[found])
        return measured(defects, share_of_val(split, kept, leaking), 0.0)


def steps_of(group: Integers, number: Integers) -> Floats:
    """For each frame the median distance between the frames of its clip; sorted by clip and number."""
    distance = np.full(len(group), np.nan)
    distance[1:] = np.diff(number)
    distance[1:][(np.diff(group) != 0) | (np.diff(number) == 0)] = np.nan
    steps: Floats = pd.Series(distance).groupby(group).transform("median").to_numpy()
    return steps


def nearest_before(trained: NDArray[np.bool_], group: Integers) -> Integers:
    """The last train frame of the clip at or before each place; -1 where there is none."""
    last = np.maximum.accumulate(np.where(trained, np.arange(len(trained)), -1))
    return np.where((last >= 0) & (group[last] == group), last, -1) if len(trained) else last
