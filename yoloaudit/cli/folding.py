"""A trained baseline and its folds → a model for each fold, which judges the images that it never saw.

Each is a run in a folder of its own, `folds/0` and so on in that of the baseline, with the settings of the main model.
It takes as many steps as that one: of fewer images more epochs. Stopped, they go on where they stood; with other images
or labels they begin anew.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from yoloaudit.cli.train_progress import clock, display
from yoloaudit.cli.training import told
from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import CheckpointError
from yoloaudit.files import writing
from yoloaudit.folds import TRAIN, Folds, held_out
from yoloaudit.measure.run_judges import weights_of_fold
from yoloaudit.train import config
from yoloaudit.train import device as devices
from yoloaudit.train.checkpoint import save
from yoloaudit.train.checkpoint.resume import Found
from yoloaudit.train.config import Hyper, Options
from yoloaudit.train.run import continuing, shelf, trainer
from yoloaudit.train.run.training import Place, Training
from yoloaudit.train.types import Epoch
from yoloaudit.training_run import FOLDS

GOING_ON = ("epochs", "device", "workers", "cache", "patience", "save_every", "save_period")
"""Options of the main model that a fold takes over where it goes on; it keeps its own for the rest."""

MOST_TIMES = 2


class Fold(NamedTuple):
    """A fold, and where it is trained."""

    number: int
    folder: str
    dataset: Dataset
    """As its model has it."""
    options: Options

    @property
    def passes(self) -> int:
        """Images that its model is shown in all epochs together."""
        return self.options.epochs * trained_on(self.dataset)


class Kept(NamedTuple):
    """What a run folder has of the training of its fold."""

    found: Found
    history: Sequence[Epoch]
    finished: bool


def trained_on(dataset: Dataset) -> int:
    """Images of an epoch."""
    images = dataset.images
    return int(((images["split"] == TRAIN) & (images["fate"] != "dropped")).sum())


def planned(dataset: Dataset, folds: Folds, epochs: int) -> tuple[str, int]:
    """What will be trained, in words, and how many images the folds are shown in all epochs together."""
    main = trained_on(dataset)
    sizes = [trained_on(held_out(dataset, folds, number)) for number in range(folds.count)]
    each = [epochs_of(epochs, main, size) for size in sizes]
    passes = sum(size * many for size, many in zip(sizes, each, strict=True))
    work = f": {1 + passes / (main * epochs):.1f} times the work of the first alone" if main else ""
    said = (
        f"--folds {folds.count}: after the model on train's {main:,} images, {folds.count} more on {_listed(sizes)} of "
        f"train and val, each to judge the rest; {epochs:,} epochs, and {_listed(each)}{work}"
    )
    return said, passes


def epochs_of(epochs: int, main: int, images: int) -> int:
    """Epochs of a fold whose model learns from so many images, where the main one takes `epochs` of `main` images.

    As many steps as the main model takes, yet neither fewer epochs nor more than twice as many.
    """
    return max(epochs, min(MOST_TIMES * epochs, -(-epochs * main // max(1, images))))


def _listed(numbers: Sequence[int]) -> str:
    return " and ".join(f"{number:,}" for number in numbers)


def trained(facts: Mapping[str, Any], dataset: Dataset, folds: Folds, options: Options, hyper: Hyper) -> dict[str, Any]:
    """Train what is missing of the models of all folds; what the record says of them."""
    run = facts["files"]["folder"]
    with shelf.held(run):
        made = [_fold(run, facts, dataset, folds, options, number) for number in range(folds.count)]
        kept = [_kept(fold) for fold in made]
        seconds = _seconds_a_pass(facts["history"], trained_on(dataset))
        for fold, before in zip(made, kept, strict=True):
            if before is None or not before.finished:
                further = sum(_passes_left(*pair) for pair in list(zip(made, kept, strict=True))[fold.number + 1 :])
                left = seconds * (_passes_left(fold, before) + further)
                _train(fold, before, hyper, (run, f"fold {fold.number + 1} of {folds.count}", left, further))
    models = [_facts(fold, folds) for fold in made]
    return {"count": folds.count, "seed": folds.seed, "groups": folds.groups, "models": models}


def _fold(run: str, facts: Mapping[str, Any], dataset: Dataset, folds: Folds, options: Options, number: int) -> Fold:
    own_data = held_out(dataset, folds, number)
    own = {
        "epochs": epochs_of(options.epochs, trained_on(dataset), trained_on(own_data)),
        "data": os.path.join(dataset.root, dataset.descriptor.path),
        "device": options.device.split(",")[0],
        "batch_size": max(1, facts["batch"] // facts["world"]),
        "folds": 0,
        "noplots": True,
    }
    folder = os.path.join(run, FOLDS, str(number))
    return Fold(number, folder, own_data, config.options(own, options))


def _kept(fold: Fold) -> Kept | None:
    """What is there of this fold, with these images; None where it has to begin."""
    if not save.numbered(shelf.state_folder(fold.folder)):
        return None
    try:
        found = continuing.found_in(fold.folder)
        course = continuing.course_of(found, fold.options)
    except CheckpointError:
        return None  # of no state can anything be believed
    if found.state.values.get("fingerprint") != fold.dataset.fingerprint:
        return None
    done = course.finished and continuing.is_written(fold.folder, course)
    return Kept(found, course.history, done)


def _passes_left(fold: Fold, kept: Kept | None) -> int:
    if kept is None or not fold.options.epochs:
        return fold.passes
    left = 0 if kept.finished else max(0, fold.options.epochs - len(kept.history))
    return fold.passes * left // fold.options.epochs


def _seconds_a_pass(history: Sequence[Mapping[str, Any]], images: int) -> float:
    """What an image cost the main model, in seconds, with its share of validation."""
    return sum(float(epoch["seconds"] or 0) for epoch in history) / max(1, len(history) * images)


def _train(fold: Fold, kept: Kept | None, hyper: Hyper, where: tuple[str, str, float, int]) -> None:
    """Train it to its end, in its own folder."""
    run, name, left, further = where
    with writing(fold.folder):
        os.makedirs(fold.folder, exist_ok=True)
    with display() as shown, shelf.held(fold.folder):
        shown.further = further
        if kept is None and save.numbered(shelf.state_folder(fold.folder)):
            shown.say(f"note: {fold.folder} holds a state of other images or labels, or a damaged one. It begins anew")
        shown.say(f"{name}: learns from {trained_on(fold.dataset):,} images; about {clock(left)} left for all folds")
        place = Place(devices.choose(fold.options.device), tell=shown.say, progress=shown)
        told(_training(fold, kept, hyper, place), shown, "baseline", run)


def _training(fold: Fold, kept: Kept | None, hyper: Hyper, place: Place) -> Training:
    if kept is None:
        return trainer.begin(fold.dataset, fold.options, hyper, fold.folder, place)
    changed = {name: getattr(fold.options, name) for name in GOING_ON}
    options, hyper = continuing.settings_of(kept.found, changed)
    return continuing.go_on(fold.folder, kept.found, fold.dataset, options, hyper, place)


def _facts(fold: Fold, folds: Folds) -> dict[str, Any]:
    """What came of a fold that is trained."""
    kept = _kept(fold)
    history = [] if kept is None else kept.history
    best = max((epoch for epoch in history if epoch.best), key=lambda epoch: epoch.epoch, default=None)
    images = fold.dataset.images["path"][folds.judged(fold.number)]
    return {
        "weights": weights_of_fold(fold.number),
        "learnt_from": trained_on(fold.dataset),
        "epochs": len(history),
        "seconds": sum(epoch.seconds for epoch in history),
        "best": None if best is None else {"epoch": best.epoch, "map50": best.map50, "map50_95": best.map50_95},
        "judged": len(set(images)),
        "images": sorted(set(images)),
    }
