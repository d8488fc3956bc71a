"""flickering-class: objects of a video that change their class from one frame to the next."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, no_defects
from yoloaudit.checks.clips import frames_of, matches, next_frames, of_video
from yoloaudit.checks.columns import corners, named, related
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Severity
from yoloaudit.geometry import Pairs, strongest


class FlickeringClass(Check):
    """Object of a video that changes its class from one frame to the next.

    The box stays where it was, so that it is surely the same object, and one of the two labels is wrong. The later
    row is reported. Decide which class is right, and correct it in all frames of the clip; only clips of five images
    and more are judged, in which most objects stay from frame to frame.
    """

    severity = Severity.WARNING
    kind = "heuristic"
    message = (
        "class {class_name!r}, but {other_name!r} on the same box in the frame before "
        "(IoU {iou:.2f}, at least {min_iou:g})"
    )
    min_iou: float = Field(0.8, gt=0, le=1, description="overlap (IoU) from which boxes of two frames are one object")

    good = (
        Example(
            {f"images/train/clip_{i:04}.png": Picture() for i in range(6)}
            | {f"labels/train/clip_{i:04}.txt": "0 .3 .5 .2 .2\n1 .32 .5 .2 .2\n" for i in range(6)},
            title="two objects side by side",
        ),
    )
    bad = (
        Example(
            {f"images/train/clip_{i:04}.png": Picture() for i in range(6)}
            | {f"labels/train/clip_{i:04}.txt": f"{int(i > 2)} {0.3 + i / 100} .5 .2 .2\n" for i in range(6)},
            title="one class for three frames, another for the next three",
        ),
        Example(
            {f"images/train/clip_{i:04}.png": Picture() for i in range(6)}
            | {f"labels/train/clip_{i:04}.txt": f"{int(i == 2)} .3 .5 .2 .2\n" for i in range(6)},
            title="another class in one frame",
        ),
    )

    def find(self, boxes: Boxes, images: Images, names: tuple[str, ...]) -> Defects:
        frames = frames_of(images)
        if not len(frames.at):
            return no_defects()
        image, where, classes = boxes["image"].to_numpy(), corners(boxes), boxes["class_id"].to_numpy()
        earlier, later = next_frames(of_video(frames, image, where, classes))
        steady = np.zeros(len(boxes), dtype=bool)

        def changed(pairs: Pairs) -> Pairs:
            same = classes[pairs.first] == classes[pairs.second]
            steady[pairs.second[same]] = True
            return pairs.turned(~same).kept(~same)

        found = strongest(map(changed, matches(image, where, earlier, later, self.min_iou)), len(boxes))
        row, other, iou = found.kept(~steady[found.first])
        return self.flag(
            boxes.iloc[row].assign(iou=iou),
            value="iou",
            limit=self.min_iou,
            score=iou,
            class_name=named(names, classes[row]),
            other_name=named(names, classes[other]),
            related=related(boxes.index[other]),
        )
