"""unportable-path: paths that only lead somewhere on one machine."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by, shown, written
from yoloaudit.dataset.descriptor import OTHER_CASE, Descriptor, SplitPath
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Fix, Severity

LIST = CLEAN.replace("images/train", "train.txt")


class UnportablePath(Check):
    """Path that leads to the data on one machine only.

    Absolute paths, drive letters, backslashes, ~ and $NAMES mean something else on the next machine, and a name in
    another letter case is found on one file system and not on the other. In an image list, a relative line that does
    not begin with ./ is taken relative to the folder that the trainer is started in. Write paths with / and relative to
    `path`, and begin the lines of lists with ./.
    """

    severity = Severity.WARNING
    message = "{reason}"
    fix = Fix("relativise", safe=False)

    good = (described_by(CLEAN), described_by(LIST, {"train.txt": "./images/train/a.png\n"}))
    bad = (
        described_by(CLEAN.replace("images/train", r"C:\pets\images\train")),
        described_by(CLEAN.replace("images/train", r"images\train")),
        described_by(CLEAN.replace("images/train", "Images/Train")),
        described_by(CLEAN.replace("path: .", "path: ~/pets")),
        described_by(LIST, {"train.txt": "images/train/a.png\n"}),
        described_by(LIST, {"train.txt": "/srv/pets/images/train/a.png\n"}),
    )

    def find(self, descriptor: Descriptor) -> Defects:
        if not descriptor.judged:
            return self.flag_whole()
        paths = [*([descriptor.base] if descriptor.base else []), *descriptor.splits]
        return self.flag_whole(defect for path in paths if not path.refused for defect in _defects(path, descriptor))


def _defects(path: SplitPath, descriptor: Descriptor) -> Iterator[Mapping[str, Any]]:
    reason = _reason(path)
    if reason:
        place = {"file": descriptor.path, "line": path.line, "split": path.split or None}
        yield {**place, "reason": f"{written(path)}, {reason}"}
    place = {"file": path.found, "line": 1, "split": path.split}
    if path.absolute_lines:
        yield {**place, "reason": f"{path.absolute_lines:,} lines are absolute paths, or paths of another system"}
    if path.lines_from and descriptor.format != "darknet":
        reason = (
            f"lines without ./ are relative to {shown(path.lines_from)}: the trainer finds them only when started there"
        )
        yield {**place, "reason": reason}


def _reason(path: SplitPath) -> str | None:
    text = path.text
    if path.kind == "value":
        return None
    if re.match(r"[A-Za-z]:(?:[\\/]|$)", text):
        return "a path with a drive letter: it exists on one Windows machine only"
    if text.startswith("/"):
        return "an absolute path: it exists on one machine only"
    if "\\" in text:
        return "a path with backslashes, which only Windows follows"
    if text.startswith("~") or re.match(r"\$\w", text):
        return "a path that only a shell would expand; the trainer does not"
    if path.how == OTHER_CASE:
        return f"which differs in letter case from {shown(path.found)} and is found on some systems only"
    return None
