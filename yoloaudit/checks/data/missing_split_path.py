"""missing-split-path: train, val or test that lead nowhere, or not where the trainer looks."""

from collections.abc import Mapping
from typing import Any

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by, shown, written
from yoloaudit.dataset.descriptor import AS_WRITTEN, BESIDE, LAST_FOLDERS, WITHOUT_DOTS, Descriptor, SplitPath
from yoloaudit.dataset.tables import Defects, Strays
from yoloaudit.findings import Severity, shorten

ROBOFLOW = CLEAN.replace("path: .\n", "").replace("images/", "../images/")


class MissingSplitPath(Check):
    """Split path that leads nowhere, or not where the trainer looks.

    The trainer tests only whether `val` exists, and finds a missing `train` late or not at all. Where a folder that is
    plainly meant was found, it was audited in its place, and the finding says what to write instead. A path that begins
    with ../ is a warning where the trainer's own second attempt, without ../, leads to images.
    """

    severity = Severity.ERROR
    message = "{reason}"

    good = (described_by(CLEAN), described_by(CLEAN.replace("images/train", "[images/train]")))
    bad = (
        described_by(CLEAN.replace("images/train", "images/training")),
        described_by(CLEAN + "test: images/test\n"),
        described_by(ROBOFLOW),
        described_by(CLEAN.replace("path: .", "path: /srv/nowhere/pets")),
        described_by(CLEAN.replace("images/train", "[images/train, 5]")),
    )

    def find(self, descriptor: Descriptor, strays: Strays) -> Defects:
        if not descriptor.judged:
            return self.flag_whole()
        place = {"file": descriptor.path}
        defects = [
            {**place, "line": path.line, "split": path.split or None, **verdict}
            for path in (*([descriptor.base] if descriptor.base else []), *descriptor.splits)
            if (verdict := _verdict(path, descriptor))
        ]
        closed = strays[strays["kind"] == "not-entered"]
        defects += [
            {"file": path, **_error(f"the folder {detail}, so that its files are not audited")}
            for path, detail in zip(closed["path"], closed["detail"], strict=True)
        ]
        return self.flag_whole(defects)


def _verdict(path: SplitPath, descriptor: Descriptor) -> Mapping[str, Any] | None:
    if path.kind == "value":
        return _error(f"`{path.key}` holds a value that {path.refused}")
    if path.key == "path":
        return _error(f"{written(path)}, which {path.refused}") if path.kind == "missing" and path.refused else None
    if path.kind in ("outside", "remote") or (path.refused and path.target):
        return None
    if path.target is None:
        return _error(f"{written(path)}, which {path.refused or 'does not exist'}")
    if path.how == AS_WRITTEN or (descriptor.format == "darknet" and path.how in (LAST_FOLDERS, BESIDE)):
        return None
    base = descriptor.base
    instead = f"`{path.key}: {shorten(path.instead or '', 200)}`"
    instead = f"write {instead}" if base is None or base.text in (".", "./") else f"write `path: .` and {instead}"
    if path.how == WITHOUT_DOTS:
        reason = f"{written(path)}, which leads to no image; the trainer looks for it without ../ as well: {instead}"
        return {"reason": reason, "severity": Severity.WARNING}
    if path.how == BESIDE and base is not None and base.target is None:
        reason = f"`path` is {shorten(base.text)!r}, which does not exist; `{path.key}` was found {path.how}"
        return _error(f"{reason}: write `path: .`")
    return _error(f"{written(path)}, which leads to no image; {shown(path.found)} was found {path.how}: {instead}")


def _error(reason: str) -> Mapping[str, Any]:
    return {"reason": reason, "severity": Severity.ERROR}
