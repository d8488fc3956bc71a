"""unlabelled-background: an image without labels in which the model is sure of an object."""

from yoloaudit.checks.base import Example, Judged, Looked, measured
from yoloaudit.checks.columns import named
from yoloaudit.checks.judged import JudgedCheck, on_backgrounds
from yoloaudit.dataset.tables import Boxes, Defects, Images, Judgements, Skill

EMPTY = {"labels/train/a.txt": ""}
OBJECT = (400.0, 400.0, 480.0, 480.0)


class UnlabelledBackground(JudgedCheck):
    """Background image in which the model is sure of an object.

    The image is trained on as empty, and a model that never saw it finds an object there, with a score from which it
    is nearly always right. Everything in the image may be unlabelled: open it, and label it, or keep it as a
    background that teaches the model not to be fooled.
    """

    message = (
        "labelled as empty, but the model sees {class_name!r} with score {seen:.2f} (probability {score:.2f}, {origin})"
    )

    good = (
        Example(model=Looked(judged=(Judged("missing", 0.9, 0, OBJECT, 0),)), title="the image has another label"),
        Example(EMPTY, model=Looked(judged=(Judged("missing", 0.9, 0, OBJECT, 0, detection=0.4),)), title="not sure"),
        Example(EMPTY, model=Looked(judged=(Judged("missing", 0.9, 0, OBJECT, 0, source="in-sample"),))),
    )
    bad = (Example(EMPTY, model=Looked(judged=(Judged("missing", 0.6, 0, OBJECT, 0),)), title="a cat, score 0.9"),)

    def find(
        self, judgements: Judgements, images: Images, boxes: Boxes, skill: Skill, names: tuple[str, ...]
    ) -> Defects:
        rows = self.of_kind(judgements, "missing")
        rows = rows[on_backgrounds(rows, images, skill)]
        class_name = named(names, rows["class_id"].to_numpy())
        defects = self.flag_judged(rows, boxes, class_name=class_name, seen=rows["detection"].to_numpy())
        return measured(defects, float(len(defects)))
