"""Checks that find what a test wants them to."""

import numpy as np
from pandas import DataFrame

from yoloaudit.checks.base import Check, no_defects
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Fix, Severity, Suggestion


class EveryBox(Check):
    """Box that exists.

    For tests.
    """

    severity = Severity.WARNING
    message = "row says {raw}"
    fix = Fix("clip", safe=True)

    def find(self, boxes: Boxes) -> Defects:
        return self.flag(boxes, value="w_px")


class FirstRowOfAll(Check):
    """Root cause.

    For tests.
    """

    severity = Severity.ERROR
    message = "one cause"
    whole = True
    explains = ("every-box",)

    def find(self, boxes: Boxes) -> Defects:
        return self.flag(boxes[boxes["class_id"] == 0])


class LeakedImage(Check):
    """Image that exists, under the name of a check that same-split-twice explains.

    For tests.
    """

    severity = Severity.ERROR
    message = "leaks"

    def find(self, images: Images) -> Defects:
        return self.flag(images)


class Crash(Check):
    """Check that raises.

    For tests.
    """

    severity = Severity.INFO
    message = ""

    def find(self, images: Images) -> Defects:
        raise ZeroDivisionError("secret\n::error::")


class NeedsPixels(Check):
    """Check that asks for what is not there.

    For tests.
    """

    severity = Severity.INFO
    message = ""

    def find(self, pixels: DataFrame) -> Defects:
        return no_defects()


class Guard(Check):
    """Model that is not good enough.

    For tests.
    """

    severity = Severity.INFO
    kind = "model"
    withholds = True
    message = "the model is weak"
    weak: bool = True

    def find(self, images: Images) -> Defects:
        return self.flag(images[:1] if self.weak else images[:0])


class Opinion(Check):
    """What a model says of each box, the less certain the later.

    For tests.
    """

    severity = Severity.WARNING
    kind = "model"
    message = "may be wrong"

    def find(self, boxes: Boxes) -> Defects:
        scores = np.linspace(0.9, 0.1, len(boxes))[::-1]
        grades = ["warning" if score >= 0.5 else "info" for score in scores]
        proposed = [Suggestion(1, (1.0, 2.0, 3.0, 4.0), 0.5), *[None] * (len(boxes) - 1)]
        return self.flag(boxes, score=scores, severity=grades, suggestion=proposed, folded=[7] + [1] * (len(boxes) - 1))


class NeedsModel(Check):
    """Check that asks for what a model sees.

    For tests.
    """

    severity = Severity.INFO
    kind = "model"
    message = ""

    def find(self, predictions: DataFrame, crops: DataFrame) -> Defects:
        return no_defects()
