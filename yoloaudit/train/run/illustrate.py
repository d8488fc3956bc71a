"""A training and what came of it → the pictures of its run folder, as bytes by name.

labels.jpg, labels_correlogram.jpg      the boxes that are trained on, at the start
train_batch0.jpg … 2                    the first batches, as the model sees them
results.png                             losses and scores over the epochs
PR_curve.png … val_batch0_pred.jpg      the best weights on what is held out
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from yoloaudit.dataset.load import Dataset
from yoloaudit.train.learning.loop import Batches
from yoloaudit.train.learning.validate import Validation
from yoloaudit.train.plot.album import album
from yoloaudit.train.plot.batches import BATCHES, batch_picture
from yoloaudit.train.plot.labels import correlogram_picture, labels_picture
from yoloaudit.train.plot.results import results_picture
from yoloaudit.train.results_csv import read_results
from yoloaudit.train.run.record import results_csv
from yoloaudit.train.score.evaluate import Evaluation
from yoloaudit.train.types import Batch, Epoch

Named = tuple[str, bytes]


class Watched:
    """Batches that go on as they come; the first three of a training are drawn."""

    def __init__(self, batches: Batches, put: Callable[[str, bytes], None], paths: Sequence[str], names: Sequence[str]):
        self._batches, self._put, self._paths, self._names = batches, put, paths, names

    def __len__(self) -> int:
        return len(self._batches)

    def epoch(self, number: int) -> Iterator[Batch]:
        for batch in self._batches.epoch(number):
            place = self._batches.state()["batch"] - 1
            if number == 0 and 0 <= place < BATCHES:
                self._put(f"train_batch{place}.jpg", batch_picture(batch, self._paths, self._names))
            yield batch

    def state(self) -> dict[str, Any]:
        return self._batches.state()

    def weigh(self, maps: Sequence[float]) -> None:
        self._batches.weigh(maps)


def of_labels(dataset: Dataset, names: Sequence[str], split: str) -> Iterator[Named]:
    """What is trained on."""
    yield "labels.jpg", labels_picture(dataset.boxes, names, split)
    yield "labels_correlogram.jpg", correlogram_picture(dataset.boxes, split)


def of_results(history: Iterable[Epoch]) -> Named:
    """How the training went."""
    return "results.png", results_picture(read_results(results_csv(history)))


def of_evaluation(evaluation: Evaluation, validation: Validation) -> Iterator[Named]:
    """How good the best weights are."""
    yield from album(evaluation, validation.source, validation.settings.batch)
