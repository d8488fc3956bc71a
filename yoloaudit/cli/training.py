"""What is asked for → a training from its data to its record; of several processes, in each of them.

`train` and `baseline` are commands around this.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import typer

from yoloaudit.cli.stopping import patient
from yoloaudit.cli.train_progress import Display, display
from yoloaudit.cli.val_facts import facts_of, facts_of_model, facts_of_settings
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.errors import DataError
from yoloaudit.files import run_folder
from yoloaudit.findings import shorten
from yoloaudit.train import config
from yoloaudit.train import device as devices
from yoloaudit.train.checkpoint import read as checkpoint
from yoloaudit.train.learning import distributed
from yoloaudit.train.learning.learner import Ways
from yoloaudit.train.output.record_json import facts_of_evaluation
from yoloaudit.train.run import continuing, record, shelf, trainer
from yoloaudit.train.run.training import TRAIN, Outcome, Place, Training
from yoloaudit.train.types import Epoch

NEWEST, MEASURED = "last", -1
"""The run that was kept last; as many images in a batch as fit."""
MOST_DROPPED = 3
"""Images left out that are named."""


class Asked(NamedTuple):
    """What is wanted besides the options of the training itself."""

    data: str | None
    allow_changed: bool = False
    strict: bool = False
    ways: Mapping[str, bool] = {}
    untrusted: bool = False
    root: str | None = None
    command: str = "train"
    """What a person types to go on with a training that was stopped."""
    kind: str = ""
    """What its record calls itself when everything is written."""
    further: int = 0
    """Images that other trainings of the same run are shown after it, in all their epochs."""


def run(asked: Asked, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Train, or go on; the facts of it. `given` are fields of config.Options. None where another process tells them."""
    ranks, device = distributed.from_environment(), str(given.get("device", ""))
    if ranks.world == 1 and (several := distributed.several(device)):
        with patient(b"") as wish:
            code = distributed.launch(sys.argv[1:], len(several), lambda: wish.number)
        wish.follow()
        raise typer.Exit(code)
    own = distributed.own_device(device, ranks)
    with distributed.connected(ranks, own), display(silent=not ranks.first) as shown:
        place = Place(own, ranks, Ways(**asked.ways), shown.say, shown)
        begin = gone_on if given.get("resume") is not None else begun
        return begin(asked, given, place, shown)


def begun(asked: Asked, given: Mapping[str, Any], place: Place, shown: Display) -> dict[str, Any] | None:
    """A new training in a folder of its own."""
    options = config.options(given)
    hyper = config.hyper(options.hyp)
    dataset = loaded(asked, asked.data, options.imgsz, place)
    options = config.options({"data": os.path.join(dataset.root, dataset.descriptor.path)}, options)
    folder: str = place.ranks.told(
        run_folder(options.project, options.name, options.exist_ok) if place.ranks.first else None
    )
    with shelf.held(folder, place.ranks.first):
        shown.further = asked.further
        return told(trainer.begin(dataset, options, hyper, folder, place), shown, asked.command)


def gone_on(asked: Asked, given: Mapping[str, Any], place: Place, shown: Display) -> dict[str, Any] | None:
    """A training that was stopped, from where it stood."""
    named = str(given["resume"])
    folder = continuing.newest_run(str(given.get("project", "runs"))) if named == NEWEST else run_of(named)
    with shelf.held(folder, place.ranks.first):
        found = continuing.found_in(folder)
        changed = {name: value for name, value in given.items() if name != "resume"}
        options, hyper = continuing.settings_of(found, changed)
        continuing.refuse_finished(folder, found, options, asked.kind)
        dataset = loaded(asked, asked.data or options.data, options.imgsz, place)
        allowed = asked.allow_changed
        training = continuing.go_on(folder, found, dataset, options, hyper, place, allow_changed=allowed)
        shown.further = asked.further
        return told(training, shown, asked.command)


def run_of(named: str) -> str:
    """The run folder that is named, also by its `weights` or by a file in there."""
    path = os.path.abspath(named)
    path = path if os.path.isdir(path) else os.path.dirname(path)
    return os.path.dirname(path) if os.path.basename(path) == shelf.FOLDER else path


def loaded(asked: Asked, data: str | None, imgsz: int, place: Place) -> Dataset:
    """The data set; tells of images that are left out, and with --strict raises DataError for them."""
    dataset = load(data, untrusted=asked.untrusted, root_dir=asked.root, imgsz=imgsz, progress=place.progress)
    dropped = trainer.dropped_of(dataset, TRAIN)
    if dropped:
        several = "image is" if len(dropped) == 1 else "images are"
        shown = "; ".join(f"{shorten(path, 200)}: {shorten(why, 100)}" for path, why in dropped[:MOST_DROPPED])
        more = f"; … {len(dropped) - MOST_DROPPED:,} more" if len(dropped) > MOST_DROPPED else ""
        said = f"{len(dropped):,} {several} left out of training ({shown}{more})"
        if asked.strict:
            raise DataError(f"{said}. Mend them (`yoloaudit check` says more), or train without --strict")
        place.tell(f"note: {said}")
    return dataset


def told(training: Training, shown: Display, command: str = "train", whole_run: str = "") -> dict[str, Any] | None:
    """Train to the end, show how far it is, judge the outcome and write the record; the facts.

    `whole_run` is the run folder to go on with, where the training is a part of it.
    """
    began = time.monotonic()
    shown.epochs = training.options.epochs
    first = training.place.ranks.first
    shown.say(f"{training.folder}: yolov5{training.learner.model.size.name}, {devices.describe(training.place.device)}")
    with patient() as wish:
        for event in training.events(lambda: wish() or distributed.orphaned()):
            shown.epoch(event) if isinstance(event, Epoch) else shown.step(event)
    if not training.course.finished or wish():
        shown.say(f"stopped. Go on with: yoloaudit {command} --resume {whole_run or training.folder}")
        wish.follow()
        raise typer.Exit(130)
    if not first:
        return None
    outcome = training.finish(shown)
    whole = facts_of_run(training, time.monotonic() - began)
    if training.record is not None:
        training.record.close({**whole, **_evidence(training, outcome)})
    names = sorted({*outcome.files, record.RECORD, *_weights(training.folder)})
    files = {"folder": training.folder, "names": names}
    return {**whole, **_judged(training, outcome, whole["device"]), "files": files}


def facts_of_run(training: Training, seconds: float) -> dict[str, Any]:
    """What was trained, how, and what came of it, as plain values."""
    place, dataset = training.place, training.dataset
    device = devices.describe(place.device)
    whole = record.facts_of_run(
        dataset, training.options, training.hyper, training.course.history, device=device, seconds=seconds
    )
    broken = [{"epoch": each.epoch, "batch": each.batch} for each in training.course.broken]
    batch = training.loader.batch
    whole |= {"most_batch": batch} if training.options.batch_size == MEASURED else {}
    whole |= {"world": place.ranks.world, "batch": batch, "broken_batches": broken}
    return whole | {"unreadable": training.loader.reader.unreadable}


def _evidence(training: Training, outcome: Outcome) -> dict[str, Any]:
    """What the record holds besides: the anchors, and how the best weights did on val, image by image."""
    anchors = {"anchors": training.learner.model.anchors_px.tolist()}
    if outcome.evaluation is None:
        return anchors
    paths = training.dataset.images["path"].tolist()
    side = training.learner.side
    found = facts_of_evaluation(outcome.evaluation, paths, split=trainer.VAL, imgsz=side)
    return {**anchors, "evaluation": found | {"losses": list(outcome.losses)}}


def _judged(training: Training, outcome: Outcome, device: str) -> dict[str, Any]:
    """The best weights on val, in the words of `yoloaudit val`; nothing where there is no val."""
    if outcome.evaluation is None or training.validation is None:
        return {"model": None}
    held = checkpoint.read(os.path.join(training.folder, shelf.FOLDER, shelf.BEST))
    looks = training.validation.settings
    return {
        "model": facts_of_model(held),
        "settings": facts_of_settings(looks, device, training.options.single_cls),
        **facts_of(outcome.evaluation, training.dataset, trainer.VAL),
        "val_losses": list(outcome.losses),
        "speed": training.validation.timer.speed()._asdict(),
    }


def _weights(folder: str) -> list[str]:
    place = os.path.join(folder, shelf.FOLDER)
    return [f"{shelf.FOLDER}/{name}" for name in os.listdir(place) if name.endswith(".pt")]
