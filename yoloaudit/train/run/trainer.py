"""A data set, options and hyper-parameters → a new training in a run folder; ask it for its events, and it begins.

This is where the parts meet; `continuing` puts them together for a training that was stopped.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import DataError, UsageError
from yoloaudit.findings import shorten
from yoloaudit.parallel import default_workers
from yoloaudit.train import heap
from yoloaudit.train.config import Hyper, Options
from yoloaudit.train.learning import autobatch
from yoloaudit.train.learning.learner import Learner, precision_of
from yoloaudit.train.learning.loop import Course
from yoloaudit.train.learning.optim import round_to_half
from yoloaudit.train.learning.start import first_model
from yoloaudit.train.learning.stopping import Stopping
from yoloaudit.train.learning.validate import Validation
from yoloaudit.train.model import Detector
from yoloaudit.train.predict import stride_of
from yoloaudit.train.run import record, shelf
from yoloaudit.train.run.training import TRAIN, Parts, Place, Training
from yoloaudit.train.samples.loader import Loader
from yoloaudit.train.score.evaluate import SINGLE_NAME
from yoloaudit.train.settings import Settings

VAL = "val"


def begin(dataset: Dataset, options: Options, hyper: Hyper, folder: str, place: Place) -> Training:
    """A new training in this folder, which is there; states of an earlier one are removed.

    Raises DataError where there is nothing to train on, CheckpointError and UsageError as the parts do.
    """
    seed_all(options.seed)
    names = names_of(dataset, options)
    model = first_model(dataset, options, hyper, names, split=TRAIN, tell=place.tell, progress=place.progress)
    parts = assembled(dataset, options, hyper, model, batch_of(options, model, place), place)
    if place.ways.rounded:
        round_to_half(parts.learner.model)
    if place.ranks.first:
        shelf.forget(folder)
    return Training(folder, dataset, options, hyper, place, parts, facts_of(dataset, options, hyper, parts, place))


def seed_all(seed: int) -> None:
    """Seed every generator that the process has. What is drawn for images has streams of its own."""
    random.seed(seed)
    np.random.seed(seed % (1 << 32))  # noqa: NPY002 - whoever draws from it
    torch.manual_seed(seed)


def names_of(dataset: Dataset, options: Options) -> tuple[str, ...]:
    """The classes of the model; raises DataError where the data set names none."""
    if options.single_cls:
        return (SINGLE_NAME,)
    if not dataset.names:
        raise DataError(f"{dataset.descriptor.path} names no class. Give it `names`, or take all for one: --single-cls")
    return tuple(dataset.names)


def batch_of(options: Options, model: Detector, place: Place) -> int:
    """Images of a batch, of all processes; raises UsageError where they cannot be dealt out."""
    if options.batch_size > 0:
        place.ranks.share(options.batch_size)
        return options.batch_size
    if place.ranks.world > 1:
        raise UsageError(f"--batch-size -1 measures one device, and there are {place.ranks.world}. Name a batch")
    side = options.side(stride_of(model))
    chosen = autobatch.fitting(model, side, place.device, precision_of(options, place.device))
    place.tell(chosen.why)
    return chosen.batch


def assembled(dataset: Dataset, options: Options, hyper: Hyper, model: Detector, batch: int, place: Place) -> Parts:
    """The parts of a training, at its very beginning."""
    ranks, ways, device = place.ranks, place.ways, place.device
    if device.type == "cpu":
        heap.keep()
    loader = Loader(
        dataset,
        TRAIN,
        hyper,
        options,
        batch=batch,
        stride=stride_of(model),
        classes=model.classes,
        rank=ranks.rank,
        world=ranks.world,
        device=device if ways.augment_there and device.type != "cpu" else None,
        pinned=device.type == "cuda",
    )
    learner = Learner(model, hyper, options, batch=batch, batches=len(loader), device=device, ranks=ranks, ways=ways)
    if beyond := loader.reader.left_out:
        several = "image shows" if len(beyond) == 1 else "images show"
        place.tell(f"note: {len(beyond):,} {several} a class without a name: left out, as {shorten(beyond[0], 200)}")
    course = Course(Stopping(options.patience))
    return Parts(learner, loader, held_out(dataset, options, learner, batch, place), course)


def held_out(dataset: Dataset, options: Options, learner: Learner, batch: int, place: Place) -> Validation | None:
    """What the model is held against after each epoch; None where the data set has no such images."""
    settings = Settings(
        imgsz=learner.side,
        batch=2 * place.ranks.share(batch),
        agnostic=options.single_cls,
        half=learner.precision is torch.float16,
        workers=min(options.workers, default_workers()),
    )
    found = Validation(dataset, VAL, settings, device=place.device, single_class=options.single_cls)
    if len(found):
        return found
    place.tell("there is no val split with images: nothing tells how good the model is, and best.pt is the latest")
    return None


def facts_of(dataset: Dataset, options: Options, hyper: Hyper, parts: Parts, place: Place) -> dict[str, Any]:
    """What a training is of; goes into every state."""
    model = parts.learner.model
    return {
        "options": options.model_dump(mode="json"),
        "hyper": hyper.model_dump(),
        "names": list(model.names),
        "size": model.size.name,
        "architecture": model.architecture,
        "batch": parts.loader.batch,
        "fingerprint": dataset.fingerprint,
        "changed_data": [],
        "versions": record.versions(),
        "threads": torch.get_num_threads(),
        "device": place.device.type,
        "world": place.ranks.world,
        "ways": parts.learner.ways._asdict(),
    }


def dropped_of(dataset: Dataset, split: str) -> Sequence[tuple[str, str]]:
    """Images of a split that cannot be trained on, and why."""
    images = dataset.images
    rows = images[((images["split"] == split) & (images["fate"] == "dropped")).to_numpy()]
    return list(zip(rows["path"].tolist(), rows["cause"].astype(str).tolist(), strict=True))
