"""missed-label: an object that the model sees, and that no label explains."""

import numpy as np
import pandas as pd
from pandas import Series
from pydantic import Field

from yoloaudit.checks.base import Example, Judged, Looked
from yoloaudit.checks.columns import named
from yoloaudit.checks.judged import JudgedCheck, labels_looked_at, on_backgrounds
from yoloaudit.checks.partial import Part, Seen, unlabelled_parts
from yoloaudit.dataset.tables import Boxes, Defects, Images, Judgements, Matches, Predictions, Skill
from yoloaudit.findings import Severity, shorten

PLACES = 20
"""Images that a finding on a part of the data set names."""
OBJECT = (400.0, 400.0, 480.0, 480.0)


class MissedLabel(JudgedCheck):
    """Object without a label.

    The model finds an object where no label explains it. Unlabelled, it is learnt as background, and each time the
    model finds it, it is told that it was wrong: partial labelling does not work. Look at the box that is proposed, and
    label the object if it is one. Where a class has no label at all in a folder or a source, though the model is sure
    of it in many of its images, nobody labelled it there: that is told once. Sure detections on images without any
    label are unlabelled-background.
    """

    message = "no label where the model sees {class_name!r} with score {seen:.2f} (probability {score:.2f}, {origin})"
    min_images: int = Field(
        5, ge=2, description="images of a folder or source in which an unlabelled class has to be found to be one cause"
    )
    min_image_share: float = Field(0.1, gt=0, le=1, description="share of the folder's or source's images likewise")

    good = (
        Example(model=Looked(judged=(Judged("missing", 0.09, 0, OBJECT, 1),)), title="hardly probable"),
        Example(model=Looked(judged=(Judged("spurious"),))),
    )
    bad = (
        Example(model=Looked(judged=(Judged("missing", 0.8, 0, OBJECT, 1),)), title="a second object in the image"),
        Example(model=Looked(judged=(Judged("missing", 0.11, 0, OBJECT, 0, source="in-sample"),))),
    )

    def find(
        self,
        judgements: Judgements,
        images: Images,
        boxes: Boxes,
        predictions: Predictions,
        matches: Matches,
        skill: Skill,
        seen: Series,
        names: tuple[str, ...],
    ) -> Defects:
        missed = judgements[(judgements["kind"] == "missing").to_numpy()]
        missed = missed[~on_backgrounds(missed, images, skill)]
        known = Seen(images, boxes, predictions, matches, skill, seen)
        parts = unlabelled_parts(missed, known, self.min_images, self.min_image_share)
        explained = np.any([part.rows for part in parts], axis=0) if parts else np.zeros(len(missed), np.bool_)
        rows = self.of_kind(missed[~explained], "missing")
        class_name = named(names, rows["class_id"].to_numpy())
        defects = self.flag_judged(rows, boxes, class_name=class_name, seen=rows["detection"].to_numpy())
        whole = self.flag_whole(self.cause(part, missed, names) for part in parts)
        told = pd.concat([whole, defects], ignore_index=True) if parts else defects
        return self.estimated(told, self.of_kind(missed, "missing"), labels_looked_at(boxes, seen))

    def cause(self, part: Part, missed: Judgements, names: tuple[str, ...]) -> dict[str, object]:
        """A class that was not labelled in a part of the data set: one defect for all of its objects there."""
        own = missed[part.rows]
        name = shorten(names[part.class_id]) if part.class_id < len(names) else str(part.class_id)
        message = (
            f"class {name!r} has no label in any of the {part.total:,} images of the {shorten(part.name, 100)}, but "
            f"the model is sure of it in {len(part.images):,} of them ({len(own):,} objects): not labelled there"
        )
        return {
            "class_id": part.class_id,
            "severity": Severity.WARNING.value,
            "message": message,
            "value": float(len(part.images)),
            "limit": float(self.min_images),
            "score": float(own["score"].max()),
            "folded": len(own),
            "related": [{"image": image} for image in part.images[:PLACES].tolist()],
        }
