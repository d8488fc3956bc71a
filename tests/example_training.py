"""A small data set to train on, and trainings of it: in this process, and in one that can be killed."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from yoloaudit.checks.base import Example, Picture
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.testing import lay_out
from yoloaudit.train import config
from yoloaudit.train.run import continuing, record, trainer
from yoloaudit.train.run.training import Place, Training
from yoloaudit.train.types import Epoch, Step

CPU = torch.device("cpu")
HERE = Place(CPU)
TINY: dict[str, Any] = {
    "weights": "",
    "cfg": "yolov5n",
    "imgsz": 64,
    "batch_size": 4,
    "epochs": 3,
    "device": "cpu",
    "workers": 0,
    "noplots": True,
    "noautoanchor": True,
}
BOXES = ("0 0.5 0.5 0.4 0.4\n1 0.3 0.3 0.3 0.5\n", "1 0.6 0.4 0.5 0.3\n", "0 0.25 0.75 0.4 0.4\n0 0.7 0.7 0.3 0.3\n")


def pictures(folder: Path, train: int = 12, val: int = 4) -> Dataset:
    """A data set of two classes, of that many images."""
    contents: dict[str, str | bytes | Picture | None] = {
        "images/train/a.png": None,
        "labels/train/a.txt": None,
        "images/val/b.png": None,
        "labels/val/b.txt": None,
    }
    for split, count in (("train", train), ("val", val)):
        for number in range(count):
            contents[f"images/{split}/p{number}.png"] = Picture(80, 60, seed=number + len(split))
            contents[f"labels/{split}/p{number}.txt"] = BOXES[number % len(BOXES)]
    lay_out(str(folder), Example(contents))
    return load(str(folder / "data.yaml"), workers=1)


def tiny(**options: Any) -> config.Options:
    """Options of a training of seconds."""
    return config.options({**TINY, **options})


def begun(
    dataset: Dataset, folder: Path, *, place: Place = HERE, hyper: str = "scratch-low", **options: Any
) -> Training:
    """A new training in that folder."""
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    return trainer.begin(dataset, tiny(**options), config.hyper(hyper), str(folder), place)


def gone_on(dataset: Dataset, folder: Path, *, place: Place = HERE, allow: bool = False, **options: Any) -> Training:
    """The training in that folder, from where it was stopped."""
    torch.set_num_threads(1)
    found = continuing.found_in(str(folder))
    settings, hyper = continuing.settings_of(found, options)
    return continuing.go_on(str(folder), found, dataset, settings, hyper, place, allow_changed=allow)


def stopped(training: Training, after: int) -> int:
    """Train until so many batches are done and the training has stopped itself; how many were done."""
    done = 0

    def enough() -> bool:
        return done >= after

    for event in training.events(enough):
        done += isinstance(event, Step)
    return done


def finished(training: Training) -> list[Epoch]:
    """Train to the end; all epochs of the training."""
    for _ in training.events():
        pass
    assert training.course.finished
    return training.course.history


def contents(folder: Path) -> dict[str, bytes]:
    """What a training leaves behind that depends on nothing but itself."""
    names = ("weights/last.pt", "weights/best.pt", record.RESULTS)
    return {name: (folder / name).read_bytes() for name in names}


def process(data: Path, folder: Path, options: dict[str, Any]) -> tuple[Any, Connection]:
    """A process that trains in that folder, or goes on; it tells after each batch how many there have been."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    mine, its = context.Pipe(duplex=False)
    made = context.Process(target=_train, args=(str(data), str(folder), options, its), daemon=True)
    made.start()
    its.close()
    return made, mine


def _train(data: str, folder: str, options: dict[str, Any], tell: Connection) -> None:
    dataset = load(os.path.join(data, "data.yaml"), workers=1)
    states = Path(folder, "weights", "last.state")
    going_on = states.exists() and any(name.isdecimal() for name in os.listdir(states))
    training = gone_on(dataset, Path(folder)) if going_on else begun(dataset, Path(folder), **options)
    for event in training.events():
        if not isinstance(event, Epoch):
            tell.send(training.learner.done)
