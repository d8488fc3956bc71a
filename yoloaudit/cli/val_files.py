"""An Evaluation → the files of a validation's run folder: names and contents, and all of them written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from yoloaudit.errors import WriteError

if TYPE_CHECKING:
    from yoloaudit.progress import Progress
    from yoloaudit.train.images.data import Source
    from yoloaudit.train.score.evaluate import Evaluation


class Wanted(NamedTuple):
    """What is to be written, and where."""

    labels: bool
    scores: bool
    """In label files."""
    results: bool
    pictures: bool
    project: str
    name: str
    exist_ok: bool

    @property
    def anything(self) -> bool:
        """Whether a run folder is needed."""
        return self.labels or self.results or self.pictures


def write(folder: str | None, made: Iterable[tuple[str, bytes]], shown: Progress) -> dict[str, Any]:
    """Write these files into the folder; their names, and why they are not all: no disk costs what was found."""
    from yoloaudit.files import write_atomically, writing

    names: list[str] = []
    problem = None
    if folder is None:
        return {"folder": None, "names": names, "problem": problem}
    try:
        with shown.task("writing") as step:
            for name, data in made:
                path = os.path.join(folder, name)
                with writing(path):
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                write_atomically(path, data)
                names.append(name)
                step(1)
    except WriteError as error:
        problem = str(error)
    return {"folder": folder, "names": names, "problem": problem}


def contents(
    weights: str, wanted: Wanted, evaluation: Evaluation, source: Source, paths: Sequence[str], batch: int
) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file that is wanted; `paths` of the table `images`, by row.

    `weights` name the results, `batch` was the number of images that the model saw at once.
    """
    from yoloaudit.measure.coco_results import to_coco
    from yoloaudit.train.output.results import label_files, predictions_of
    from yoloaudit.train.output.safe_names import safe, stem_of
    from yoloaudit.train.plot.album import album

    if wanted.results:
        lines = "".join(f"{line}\n" for line in to_coco(predictions_of(evaluation), paths))
        yield f"{safe(stem_of(weights), 'weights')}_predictions.json", lines.encode("ascii")
    if wanted.labels:
        for name, data in label_files(evaluation, paths, scores=wanted.scores):
            yield f"labels/{name}", data
    if wanted.pictures:
        yield from album(evaluation, source, batch)
