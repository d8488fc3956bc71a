"""swapped-class: a label that bears the wrong class."""

from yoloaudit.checks.base import Example, Judged, Looked, measured
from yoloaudit.checks.columns import named
from yoloaudit.checks.judged import JudgedCheck
from yoloaudit.dataset.tables import Boxes, Defects, Judgements


class SwappedClass(JudgedCheck):
    """Label that bears the wrong class.

    The model sees an object where the label is, but of another class. The trainer is told twice that it is wrong: that
    the class is not the one which it sees, and that it is one which it does not see. Correct the class where the model
    is right; where people disagree, the labelling rules should tell the two classes apart.
    """

    message = (
        "labelled {label_name!r}, but the model sees {class_name!r} with score {seen:.2f} "
        "(probability {score:.2f}, {origin})"
    )

    good = (Example(model=Looked(judged=(Judged("class", 0.09, class_id=1),))),)
    bad = (
        Example(model=Looked(judged=(Judged("class", 0.8, class_id=1),)), title="a cat that the model takes for a dog"),
    )

    def find(self, judgements: Judgements, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        rows = self.of_kind(judgements, "class")
        rows = rows[rows["box"].isin(boxes.index).to_numpy()]
        defects = self.flag_judged(
            rows,
            boxes,
            class_name=named(names, rows["class_id"].to_numpy()),
            label_name=named(names, boxes["class_id"].loc[rows["box"]].to_numpy()),
            seen=rows["detection"].to_numpy(),
        )
        return measured(defects, float(len(defects)))
