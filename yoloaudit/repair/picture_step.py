"""Findings on image files → what becomes of them: put aside, renamed, or written anew, with labels and lists along."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from yoloaudit.dataset.load import Dataset
from yoloaudit.repair.edits import Edit, NotMended, Write
from yoloaudit.repair.lines import Lines
from yoloaudit.repair.move_step import Moves
from yoloaudit.repair.pixels import ended, turned
from yoloaudit.repair.places import HOME
from yoloaudit.repair.singles import Single
from yoloaudit.repair.step import WOULD, Step

DAMAGED = ("unreadable-image", "truncated-image")
COPIES = ("leaked-image", "identical-image", "identical-pixels", "near-duplicate")
"""Copies are put aside, the sure ones first."""
CHECKS = (*DAMAGED, *COPIES, "wrong-suffix", "exif-rotation", "rewritten-image")
"""In the order in which they are done."""
SUFFIXES: Mapping[str, str] = {
    "BMP": "bmp",
    "DIB": "bmp",
    "DNG": "dng",
    "JPEG": "jpg",
    "MPO": "jpg",
    "PFM": "pfm",
    "PNG": "png",
    "TIFF": "tif",
    "WEBP": "webp",
}
ASIDE = f"put aside with its label, in {HOME}/quarantine"
AS_STORED = "its boxes only fit the image as stored: take the tag away by hand, once you have looked at them"


@dataclass
class _Picture:
    """What becomes of an image."""

    path: str
    aside: bool = False
    name: str | None = None
    """Its new path."""
    data: bytes | None = None
    """Its new content."""


@dataclass
class Pictures:
    """The images of a data set under the hand."""

    step: Step
    dataset: Dataset
    moves: Moves
    copies: Sequence[tuple[int, int]] = ()
    """Pairs that show the same, by position: the first and the later one."""
    done: dict[str, _Picture] = field(default_factory=dict)

    def __post_init__(self) -> None:
        images = self.dataset.images
        self.position = {path: number for number, path in reversed(list(enumerate(images["path"].tolist())))}
        kept = images["split"][(images["fate"] != "dropped").to_numpy()].astype(str)
        self.left_in = {str(split): int(count) for split, count in kept.value_counts().items()}
        labels = images["label"].to_numpy()
        self.sharing = {int(label): int((labels == label).sum()) for label in set(labels[labels >= 0].tolist())}
        self.labels = self.dataset.labels["path"].tolist()

    def label(self, path: str) -> str | None:
        """The label file of an image, None where it has none, or shares it."""
        number = int(self.dataset.images["label"].iloc[self.position[path]])
        return self.labels[number] if number >= 0 and self.sharing[number] == 1 else None

    def is_aside(self, path: str) -> bool:
        """Whether an image is put aside."""
        return path in self.done and self.done[path].aside


def mend_pictures(pictures: Pictures, findings: Sequence[Single]) -> None:
    """Decide what becomes of the images that these findings name, in the order of CHECKS."""
    order = {check: place for place, check in enumerate(CHECKS)}
    step = pictures.step
    for single in sorted(findings, key=lambda single: order[single.check]):
        if not step.wanted.images:
            step.leave(single, WOULD[single.kind], "images")
            continue
        if not step.may(single):
            continue
        try:
            path = single.finding.where.image
            if path is None or path not in pictures.position:
                raise NotMended("is gone", "changed")
            if pictures.is_aside(path):
                raise NotMended("the image is put aside already", "conflict")
            step.places.changeable(path)
            step.mended(single, _decided(pictures, single, path))
        except NotMended as why:
            step.leave(single, why)


def _decided(pictures: Pictures, single: Single, path: str) -> str:
    if single.check in DAMAGED or single.check in COPIES:
        if single.check in COPIES:
            _refuse_last(pictures, single, path)
        _refuse_emptying(pictures, path)
        pictures.done[path] = _Picture(path, aside=True)
        return ASIDE
    picture = pictures.done.setdefault(path, _Picture(path))
    if single.check == "wrong-suffix":
        picture.name = _right_name(pictures, path)
        return "suffix written as its content is"
    data = picture.data if picture.data is not None else pictures.step.places.read(path)
    if data is None:
        raise NotMended("is gone", "changed")
    if single.check == "rewritten-image":
        picture.data, words = ended(data)
        return words
    if single.finding.severity == "error":
        raise NotMended(AS_STORED)
    picture.data = turned(data)
    return "pixels turned, and the tag taken away"


def _refuse_last(pictures: Pictures, single: Single, path: str) -> None:
    """Raise NotMended unless there is a copy that stays, with the same label."""
    related = [place.image for place in single.finding.related if place.image is not None]
    if path in related:
        raise NotMended("is one file that two splits name: take it out of one of them by hand")
    if single.check == "near-duplicate":
        number = pictures.position[path]
        paths = pictures.dataset.images["path"]
        related = [paths.iloc[first] for first, second in pictures.copies if second == number] or related
    staying = [other for other in related if not pictures.is_aside(other)]
    if not staying:
        raise NotMended("the image that it repeats is put aside itself", "conflict")
    if single.check != "near-duplicate" and _rows(pictures, path) != _rows(pictures, staying[0]):
        raise NotMended(f"its label differs from that of {staying[0]}: decide which of the two is right, then drop one")


def _rows(pictures: Pictures, path: str) -> list[str] | None:
    """What the label of an image says, whatever the order of its rows."""
    number = int(pictures.dataset.images["label"].iloc[pictures.position[path]])
    data = pictures.step.read(pictures.labels[number]) if number >= 0 else None
    if data is None:
        return None
    rows = data.decode("utf-8", "surrogateescape").split("\n")
    return sorted(" ".join(row.split()) for row in rows if row.strip())


def _refuse_emptying(pictures: Pictures, path: str) -> None:
    """Raise NotMended where no image of its split would be left to train on."""
    row = pictures.dataset.images.iloc[pictures.position[path]]
    if row["fate"] == "dropped":
        return
    if pictures.left_in.get(row["split"], 0) <= 1:
        raise NotMended(f"{row['split']} would be left without an image", "conflict")
    pictures.left_in[row["split"]] -= 1


def _right_name(pictures: Pictures, path: str) -> str:
    kind = pictures.dataset.images["format"].iloc[pictures.position[path]]
    suffix = SUFFIXES.get(kind) if isinstance(kind, str) else None
    if suffix is None:
        raise NotMended("has no suffix that the trainer reads for its content")
    name = f"{path.rpartition('.')[0]}.{suffix}"
    if pictures.step.places.facts(name) is not None or name in pictures.position:
        raise NotMended(f"cannot be renamed: {name} exists", "refused")
    return name


def edits(pictures: Pictures, contents: dict[str, bytes]) -> Iterator[Edit]:
    """The edits of images, and of the labels that go with them; lists are written anew in `contents`."""
    places, moves = pictures.step.places, pictures.moves
    gone, renamed = set(), {}
    for picture in pictures.done.values():
        old = places.read(picture.path)
        if old is None:
            continue
        if picture.aside:
            gone.add(picture.path)
            yield moves.add(picture.path, moves.aside(picture.path))
            label = pictures.label(picture.path)
            if label is not None and label not in moves.moves and places.facts(label) is not None:
                contents.pop(label, None)
                yield moves.add(label, moves.aside(label))
        elif picture.name is not None:
            renamed[picture.path] = picture.name
            if picture.data is None or picture.data == old:
                yield moves.add(picture.path, picture.name)
            else:
                yield moves.add(picture.path, moves.aside(picture.path))
                yield Write(picture.name, None, picture.data)
        elif picture.data is not None and picture.data != old:
            yield Write(picture.path, old, picture.data, keep=moves.aside(picture.path))
    _write_lists(pictures, gone, renamed, contents)


def _write_lists(
    pictures: Pictures, gone: Collection[str], renamed: Mapping[str, str], contents: dict[str, bytes]
) -> None:
    """Take images out of the lists that name them, or name them as they are called now."""
    listed = pictures.dataset.listed
    touched = listed[(listed["path"].isin(gone) | listed["path"].isin(list(renamed))).to_numpy()]
    for file, rows in touched.groupby("file", sort=True):
        name = str(file)
        old = contents[name] if name in contents else pictures.step.places.read(name)
        if old is None:
            continue
        lines = Lines.of(old)
        for number, path in zip(rows["line"].tolist(), rows["path"].tolist(), strict=True):
            text = lines.text(number)
            if text is None:
                continue
            if path in gone:
                lines.drop(number)
            else:
                at = text.rfind(posixpath.basename(path))
                lines.put(
                    number, text[:at] + posixpath.basename(renamed[path]) + text[at + len(posixpath.basename(path)) :]
                )
        contents[name] = lines.data()
