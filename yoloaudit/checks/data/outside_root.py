"""outside-root: paths and links that leave the data set's folder and are not followed."""

from collections.abc import Iterator, Mapping
from typing import Any

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by, shown, written
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.tables import Defects, Strays
from yoloaudit.findings import Severity


class OutsideRoot(Check):
    """Path or link that leaves the data set's folder.

    A data set that is not trusted is kept inside its folder (`--root` names another): absolute paths, paths that climb
    out with .., and links to outside are not followed, as they can lead to anything that you can read. Web addresses
    and network shares are never followed. Put the files into the data set's folder, and write paths relative to it.
    """

    severity = Severity.ERROR
    message = "{reason}"

    good = (described_by(CLEAN), described_by(CLEAN.replace("images/train", "./images/../images/train")))
    bad = (
        described_by(CLEAN.replace("images/train", "https://example.org/pets/train")),
        described_by(CLEAN.replace("images/train", r"\\server\pets\train")),
    )

    def find(self, descriptor: Descriptor, strays: Strays) -> Defects:
        return self.flag_whole([*_paths(descriptor), *_links(strays)])


def _paths(descriptor: Descriptor) -> Iterator[Mapping[str, Any]]:
    for path in (descriptor.base, *descriptor.splits):
        if path is None or not path.refused or path.kind in ("missing", "value"):
            continue
        followed = f"; {shown(path.found)} was read in its place" if path.found else "; it is not followed"
        reason = f"{written(path)}, which {path.refused}{followed}"
        yield {"file": descriptor.path, "line": path.line, "split": path.split or None, "image": -1, "reason": reason}


def _links(strays: Strays) -> Iterator[Mapping[str, Any]]:
    links = strays[strays["kind"] == "linked-out"]
    for path, image, detail in zip(links["path"], links["image"], links["detail"], strict=True):
        yield {"file": path, "line": -1, "split": None, "image": int(image), "reason": f"{detail}; it is not followed"}
