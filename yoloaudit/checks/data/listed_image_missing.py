"""listed-image-missing: lines of an image list that name no image."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by, shown
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.tables import Defects, Listed
from yoloaudit.findings import Fix, Severity, shorten

LIST = CLEAN.replace("images/train", "train.txt")
GOOD = "./images/train/a.png\n"
SENTENCES = {
    "missing": "names {text!r}, which does not exist",
    "outside": "names {text!r}, a path outside the root of the data set, which is not followed",
    "remote": "names {text!r}, a web address (URL), which is never fetched",
    "special": "names {text!r}, a folder or a file that is invalid as an image by its suffix",
    "undecodable": "cannot be read: it is not UTF-8 text, or holds a NUL character",
    "repeated": "names {text!r}, which the list names before: a duplicate",
}


class ListedImageMissing(Check):
    """Line of an image list that names no image, or one that is named already.

    The trainer drops a line whose file it cannot open, takes no notice of one that is no image by its suffix, and
    trains twice on an image that is named twice, or counts it twice in validation. Correct the line or drop it. Where
    all lines begin with a folder that does not exist here, their images were looked for by the rest of the path.
    """

    severity = Severity.ERROR
    message = "{reason}"
    fix = Fix("drop-line", safe=False)
    fold_above: int = Field(10, ge=1, description="lines of a list with one problem that are still reported one by one")

    good = (described_by(LIST, {"train.txt": GOOD}), described_by(LIST, {"train.txt": f"\n{GOOD}\n"}))
    bad = (
        described_by(LIST, {"train.txt": GOOD + "./images/train/gone.png\n"}),
        described_by(LIST, {"train.txt": GOOD + GOOD}),
        described_by(LIST, {"train.txt": GOOD + "https://example.org/a.png\n"}),
        described_by(LIST, {"train.txt": GOOD + "./images/train\n"}),
        described_by(LIST, {"train.txt": "/srv/pets/images/train/a.png\n"}),
    )

    def find(self, listed: Listed, descriptor: Descriptor) -> Defects:
        wrong = listed[listed["problem"].notna()]
        repeated = wrong["problem"] == "repeated"
        wrong = wrong.assign(again=wrong["path"].where(repeated, ""))
        keys = ["file", "problem", "again"]
        count = wrong.groupby(keys, sort=False)["line"].transform("size")
        total = listed.groupby("file", sort=False)["line"].transform("size")[wrong.index]
        whole = repeated | (count > np.maximum(self.fold_above, total / 2))
        told = wrong.assign(count=count.where(whole, 1), total=total)[~whole | ~wrong.duplicated(keys)]
        defects = [*_moved(descriptor), *map(_defect, told.to_dict("records"))]
        return self.flag_whole({**defect, "fix": self.fix} for defect in defects)


def _defect(line: Mapping[Any, Any]) -> Mapping[str, Any]:
    place = {name: line[name] for name in ("split", "file", "line")}
    reason = f"the line {SENTENCES[line['problem']].format(text=shorten(line['text']))}"
    more = line["count"] - 1
    if more and line["again"]:
        reason += f"; so {'does 1 more line' if more == 1 else f'do {more:,} more lines'}"
    elif more:
        reason = f"{line['count']:,} of {line['total']:,} lines name no image; {reason}"
    return {**place, "reason": reason, "value": float(line["count"])}


def _moved(descriptor: Descriptor) -> Iterator[Mapping[str, Any]]:
    for path in descriptor.splits:
        for prefix, folder, count in path.moved:
            lines = "a line begins" if count == 1 else f"{count:,} lines begin"
            where = f"which does not exist here; the images were found in {shown(folder)}"
            reason = f"{lines} with {shorten(prefix)!r}, {where}"
            yield {"split": path.split, "file": path.found, "line": 1, "reason": reason, "value": float(count)}
