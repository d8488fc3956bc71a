"""spurious-label: a label where the model sees nothing."""

import numpy as np

from yoloaudit.checks.base import Example, Judged, Looked, measured
from yoloaudit.checks.columns import named
from yoloaudit.checks.judged import JudgedCheck
from yoloaudit.dataset.tables import Boxes, Defects, Judgements, Skill


class SpuriousLabel(JudgedCheck):
    """Label where the model sees no object.

    No class is found near the label, though the model otherwise finds such objects. The box may be left over from
    another image, a frame late, or of something that cannot be told from the picture. A model also misses what is
    small, hidden or rare: look at the place before taking the label out.
    """

    message = (
        "no detection of any class near this label, where the model {otherwise} {label_name!r} "
        "(probability {score:.2f}, {origin})"
    )

    good = (Example(model=Looked(judged=(Judged("spurious", 0.09),))),)
    bad = (Example(model=Looked(judged=(Judged("spurious", 0.8, detection=0.0),)), title="nothing is seen there"),)

    def find(self, judgements: Judgements, boxes: Boxes, skill: Skill, names: tuple[str, ...]) -> Defects:
        rows = self.of_kind(judgements, "spurious")
        rows = rows[rows["box"].isin(boxes.index).to_numpy()]
        classes = boxes["class_id"].loc[rows["box"]].to_numpy()
        recall = skill["recall"].reindex(classes).to_numpy(np.float64)
        otherwise = ["otherwise finds" if np.isnan(share) else f"finds {share:.0%} of" for share in recall.tolist()]
        defects = self.flag_judged(rows, boxes, label_name=named(names, classes), otherwise=otherwise)
        return measured(defects, float(len(defects)))
