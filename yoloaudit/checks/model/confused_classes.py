"""confused-classes: labels of one class that the model takes for another."""

import numpy as np
import pandas as pd
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Looked, measured
from yoloaudit.checks.columns import named
from yoloaudit.dataset.tables import Boxes, Defects, Matches, Predictions
from yoloaudit.findings import Severity

PLACES = 20
"""Rows that a finding names."""


def _seen(*classes: int) -> Example:
    """So many labels of class 0, one above the other, each with a detection on it of one of these classes."""
    rows = [f"0 0.5 {0.02 + 0.04 * number:.2f} 0.1 0.02" for number in range(len(classes))]
    boxes = [(288.0, 640 * (0.01 + 0.04 * n), 352.0, 640 * (0.03 + 0.04 * n)) for n in range(len(classes))]
    found = [("images/train/a.png", kind, 0.9, *box) for kind, box in zip(classes, boxes, strict=True)]
    return Example({"labels/train/a.txt": "".join(f"{row}\n" for row in rows)}, model=Looked(tuple(found)))


class ConfusedClasses(Check):
    """Classes that the model takes for one another.

    Much of what is labelled as one class is seen as another. Either the labels are mixed up, which swapped-class shows
    one by one, or the classes look alike: then more examples of both help, or one class for both. Detections count by
    their scores, so that guesses weigh little.
    """

    severity = Severity.WARNING
    kind = "model"
    message = (
        "{value:.0%} of the detections on labels of {label_name!r}, weighed by score, are of {class_name!r}: more than "
        "{limit:.0%} ({count:,} of {total:,} labels)"
    )
    max_confused_share: float = Field(
        0.1, ge=0, lt=1, description="share of a class's detections that may be of another class"
    )
    min_weight: float = Field(10.0, ge=0, description="sum of the scores of a class's detections that it takes to tell")

    good = (_seen(*[0] * 18, 1, 1), _seen(*[0] * 8, 1, 1))
    bad = (_seen(*[0] * 17, 1, 1, 1),)

    def find(self, matches: Matches, predictions: Predictions, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        table = _on_labels(matches, predictions, boxes)
        totals = table.groupby("label")["score"].agg(["sum", "size"])
        mixed = table[table["label"] != table["seen"]]
        sums = mixed.groupby(["label", "seen"])["score"].agg(["sum", "size"]).reset_index()
        weight, total = (totals[column].reindex(sums["label"]).to_numpy() for column in ("sum", "size"))
        share = sums["sum"].to_numpy() / np.maximum(weight, 1e-12)
        bad = np.flatnonzero((share > self.max_confused_share + 1e-9) & (weight >= self.min_weight))
        label, seen, count = (sums[column].to_numpy()[bad] for column in ("label", "seen", "size"))
        columns = label.tolist(), seen.tolist(), named(names, label), named(names, seen), count.tolist()
        entries = [
            {"class_id": one, "value": part, "limit": self.max_confused_share, "count": many, "total": of}
            | {"label_name": label_name, "class_name": class_name, "related": _places(mixed, one, other)}
            for one, other, label_name, class_name, many, part, of in zip(
                *columns, share[bad].tolist(), total[bad].tolist(), strict=True
            )
        ]
        return measured(self.flag_whole(entries), float(share.max(initial=0.0)), self.max_confused_share)


def _on_labels(matches: Matches, predictions: Predictions, boxes: Boxes) -> pd.DataFrame:
    """Each label with a detection on it: its row, its class, the class that is seen, and the score."""
    known = matches["box"].isin(boxes.index).to_numpy() & matches["detection"].isin(predictions.index).to_numpy()
    pairs = matches[known]
    found = predictions.loc[pairs["detection"]]
    columns = {
        "box": pairs["box"].to_numpy(),
        "label": boxes["class_id"].loc[pairs["box"]].to_numpy(),
        "seen": found["class_id"].to_numpy(),
        "score": found["score"].to_numpy(np.float64),
    }
    return pd.DataFrame(columns)


def _places(mixed: pd.DataFrame, label: int, seen: int) -> list[dict[str, int]]:
    """The labels that are most surely seen so."""
    own = mixed[((mixed["label"] == label) & (mixed["seen"] == seen)).to_numpy()]
    return [{"row": int(box)} for box in own.nlargest(PLACES, "score")["box"]]
