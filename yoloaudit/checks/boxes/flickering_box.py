"""flickering-box: objects of a video that lose their box for one frame."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, no_defects
from yoloaudit.checks.clips import frames_of, matches, next_frames, of_video
from yoloaudit.checks.columns import corners, named
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Severity
from yoloaudit.geometry import Pairs, strongest


class FlickeringBox(Check):
    """Object of a video that has no box for one frame.

    A box of one class stands at nearly the same place in the frames before and after, and none of any class in
    between. The object is unlikely to have gone: the model is punished for finding it. Add the missing box. Frames
    are known by the numbers in their file names; only clips of five images and more are judged, and only where objects
    stay from frame to frame.
    """

    severity = Severity.WARNING
    kind = "heuristic"
    message = (
        "no box where the frames before and after have one of class {class_name!r} "
        "(IoU {iou:.2f}, at least {min_iou:g})"
    )
    min_iou: float = Field(0.5, gt=0, le=1, description="overlap (IoU) from which boxes of two frames are one object")

    good = (
        Example(
            {f"images/train/clip_{i:04}.png": Picture() for i in range(6)}
            | {f"labels/train/clip_{i:04}.txt": f"0 {0.3 + i / 50} .5 .2 .2\n" for i in range(6)},
            title="an object that moves",
        ),
        Example(
            {f"images/train/clip_{i:04}.png": Picture() for i in range(6)}
            | {f"labels/train/clip_{i:04}.txt": f"0 {0.3 + i / 50} .5 .2 .2\n" for i in range(3)},
            title="an object that leaves for good",
        ),
    )
    bad = (
        Example(
            {f"images/train/clip_{i:04}.png": Picture() for i in range(6)}
            | {f"labels/train/clip_{i:04}.txt": f"0 {0.3 + i / 50} .5 .2 .2\n" for i in range(6) if i != 3},
            title="no label file for the fourth frame",
        ),
        Example(
            {f"images/train/clip_{i:04}.png": Picture() for i in range(0, 60, 10)}
            | {f"labels/train/clip_{i:04}.txt": "0 .3 .5 .2 .2\n1 .8 .5 .2 .2\n" for i in range(0, 60, 10)}
            | {"labels/train/clip_0020.txt": "1 .8 .5 .2 .2\n"},
            title="one of two objects is missing in one of every tenth frame",
        ),
    )

    def find(self, boxes: Boxes, images: Images, names: tuple[str, ...]) -> Defects:
        frames = frames_of(images)
        if not len(frames.at):
            return no_defects()
        image, where, classes = boxes["image"].to_numpy(), corners(boxes), boxes["class_id"].to_numpy()
        frames = of_video(frames, image, where, classes)
        followed, preceded = np.zeros(len(boxes), dtype=bool), np.zeros(len(boxes), dtype=bool)
        for earlier, later, _ in matches(image, where, *next_frames(frames), self.min_iou):
            followed[earlier], preceded[later] = True, True

        def lost(pairs: Pairs) -> Pairs:
            alike = classes[pairs.first] == classes[pairs.second]
            return pairs.kept(alike & ~followed[pairs.first] & ~preceded[pairs.second])

        around = matches(image, where, frames.before, frames.after, self.min_iou)
        before, after, iou = strongest(map(lost, around), len(boxes))
        middle = np.zeros(int(frames.before.max(initial=-1)) + 1, dtype=np.int64)
        middle[frames.before] = frames.at
        ids = boxes.index.to_numpy()
        return self.flag(
            images.loc[middle[image[before]]].assign(iou=iou),
            value="iou",
            limit=self.min_iou,
            score=iou,
            class_id=classes[before],
            class_name=named(names, classes[before]),
            related=[
                [{"row": one}, {"row": two}] for one, two in zip(ids[before].tolist(), ids[after].tolist(), strict=True)
            ],
        )
