"""The run folder of a training that was stopped → the same training, which goes on bit by bit as it would have.

Nothing is mixed in silence: other data, other classes or other settings are refused, or told where they were allowed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import CheckpointError, DataError, UsageError
from yoloaudit.findings import shorten
from yoloaudit.train import config, family
from yoloaudit.train.checkpoint import resume, save
from yoloaudit.train.checkpoint.resume import Found
from yoloaudit.train.config import Hyper, Options
from yoloaudit.train.learning import memory
from yoloaudit.train.learning.learner import Ways
from yoloaudit.train.learning.loop import Course
from yoloaudit.train.model import Detector, build
from yoloaudit.train.run import record, shelf
from yoloaudit.train.run.trainer import assembled, facts_of, names_of
from yoloaudit.train.run.training import Parts, Place, Training

CHANGEABLE = (
    *("epochs", "device", "workers", "cache", "patience", "save_every", "save_period"),
    *("nosave", "noval", "noplots", "project", "name", "exist_ok", "resume", "data"),
)
"""Options that may be others when a training goes on."""
PRECISE = ("torch", "numpy", "opencv")
"""Packages whose versions can change a result by rounding."""
AVERAGE, ANCHORS = "average.", ".anchors"


def found_in(run: str) -> Found:
    """The newest state of a run folder that can be believed; raises CheckpointError where there is none."""
    save.clear(shelf.state_folder(run), unfinished=True)
    return resume.newest(shelf.state_folder(run))


def newest_run(project: str) -> str:
    """The run folder below a project whose training was kept last; raises UsageError where there is none."""
    found: list[tuple[float, str]] = []
    for folder, names, _ in os.walk(project):
        names.sort()
        states = shelf.state_folder(folder)
        if save.numbered(states):
            kept = [states, *map(shelf.state_folder, shelf.folds(folder))]
            found.append((max(os.stat(each).st_mtime for each in kept if os.path.isdir(each)), folder))
            names.clear()
    if not found:
        raise UsageError(f"no run below {shorten(project, 200)} can be gone on with. Name its folder: --resume RUN")
    return max(found)[1]


def settings_of(found: Found, changed: Mapping[str, Any]) -> tuple[Options, Hyper]:
    """The settings of a training, with those options replaced that may be; raises UsageError for others.

    CheckpointError where the state does not say them.
    """
    values = found.state.values
    try:
        options = config.options(values["options"])
        hyper = Hyper(**values["hyper"])
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise CheckpointError(f"{found.path} does not say its settings: {shorten(str(error))}") from None
    for name, value in changed.items():
        if name not in CHANGEABLE and getattr(options, name, None) != value:
            was, flag = getattr(options, name, None), name.replace("_", "-")
            raise UsageError(
                f"this run was begun with --{flag} {shorten(str(was))}, and a training goes on with the settings that "
                "it has. Leave the option out, or start a new run"
            )
    return config.options({name: changed[name] for name in changed if name in CHANGEABLE}, options), hyper


def go_on(
    run: str,
    found: Found,
    dataset: Dataset,
    options: Options,
    hyper: Hyper,
    place: Place,
    *,
    allow_changed: bool = False,
) -> Training:
    """The training of a run folder from that state on; options and hyper-parameters as `settings_of` has them.

    Raises DataError where the data have changed, unless that is allowed.
    """
    values = found.state.values
    for sentence in found.damaged:
        place.tell(f"note: {sentence}; the state before it is taken")
    course = course_of(found, options)
    changes = _changes(values, dataset, options, allow_changed)
    place = replace(place, ways=_ways(values))
    parts = assembled(dataset, options, hyper, _model(found), _batch(found), place)._replace(course=course)
    if not changes:
        parts.loader.restore(values["loader"])
    memory.restore(parts.learner, save.State(found.state.tensors, values["learner"]))
    if changes:
        _from_its_beginning(parts)
    for sentence in [*changes, *_differences(values), _where(parts)]:
        place.tell(sentence)
    facts = facts_of(dataset, options, hyper, parts, place)
    facts["changed_data"] = [*values.get("changed_data", []), *([found.path] if changes else [])]
    training = Training(run, dataset, options, hyper, place, parts, facts)
    if training.shelf is not None and course.history and not course.batch:
        training.shelf.weights(course)
    return training


def _changes(values: Mapping[str, Any], dataset: Dataset, options: Options, allowed: bool) -> list[str]:
    """What of the data is no longer what was trained on, in sentences; raises DataError unless that is allowed."""
    names, before = names_of(dataset, options), tuple(values.get("names", ()))
    if names != before:
        raise DataError(
            f"the classes are not those that were trained on: {shorten(', '.join(names), 80)}, not "
            f"{shorten(', '.join(map(str, before)), 80)}. Start a new run"
        )
    if dataset.fingerprint == values.get("fingerprint"):
        return []
    said = "the data set is not the one that was trained on: images or labels have changed"
    if not allowed:
        raise DataError(f"{said}. Bring it back, start a new run, or go on all the same: --allow-changed-data")
    return [f"note: {said}. The epoch that was stopped begins anew"]


def _from_its_beginning(parts: Parts) -> None:
    """Go back to the beginning of the epoch, as its order means nothing any more."""
    learner, course = parts.learner, parts.course
    learner.done = course.epoch * learner.schedule.batches
    learner.last = learner.done - 1
    learner.optimizer.zero_grad(set_to_none=True)
    course.batch, course.sums, course.counted, course.seconds = 0, (0.0, 0.0, 0.0), 0, 0.0


def course_of(found: Found, options: Options) -> Course:
    """How far a training had come, and whether that is the end for these options."""
    course = shelf.course_of(found.state.values)
    course.stopping = replace(course.stopping, patience=options.patience)
    if course.epoch >= options.epochs:
        course.finished = True
    elif course.finished and not course.stopping.stops(course.epoch - 1):
        course.finished = False
    return course


def is_written(run: str, course: Course, kind: str = "") -> bool:
    """Whether nothing is left: all epochs are trained, and the record of a run of that kind says so.

    The record is written last, so where it is older than the state some file of the run may be missing.
    """
    told = record.kind_of(run, course.history) if course.finished else None
    return told is not None and (not kind or told == kind)


def refuse_finished(run: str, found: Found, options: Options, kind: str = "") -> None:
    """UsageError where nothing is left of a run of that kind."""
    course = course_of(found, options)
    if is_written(run, course, kind):
        done = f"{course.epoch} epoch{'' if course.epoch == 1 else 's'}"
        why = "" if course.epoch >= options.epochs else f", the last {options.patience} without a better one"
        raise UsageError(f"this training is finished: it had {done}{why}. More epochs: --epochs {2 * course.epoch}")


def _differences(values: Mapping[str, Any]) -> list[str]:
    """Why results may differ by rounding from those of a run that was never stopped."""
    before, now = values.get("versions"), record.versions()
    told = before if isinstance(before, Mapping) else {}
    other = [f"{name} {told.get(name)} → {now[name]}" for name in PRECISE if told.get(name) != now[name]]
    threads = torch.get_num_threads()
    if values.get("threads") != threads:
        other.append(f"{values.get('threads')} → {threads} threads")
    return [f"note: sums may be rounded differently from here on: {', '.join(other)}"] if other else []


def _where(parts: Parts) -> str:
    course = parts.course
    if course.finished:
        return "all epochs are trained; what is left is to judge the best weights and to write what is missing"
    place = f"epoch {course.epoch + 1}"
    if course.batch:
        place += f", after batch {course.batch} of {len(parts.loader)}"
    return f"going on with {place}"


def _model(found: Found) -> Detector:
    """The model that a state is of; its weights are still to come."""
    values, tensors = found.state.values, found.state.tensors
    try:
        (anchors,) = (tensor for name, tensor in tensors.items() if name.startswith(AVERAGE) and name.endswith(ANCHORS))
        size, names = str(values["size"]), [str(name) for name in values["names"]]
        strides = torch.tensor(family.size_of(size).strides, dtype=torch.float32).view(-1, 1, 1)
        pixels = (anchors.float() * strides).numpy()
        architecture: family.Architecture = "v5" if values["architecture"] == "v5" else "v6"
        return build(size, len(names), names, pixels, architecture=architecture)
    except (KeyError, TypeError, ValueError, RuntimeError, UsageError) as error:
        raise CheckpointError(f"{found.path} does not say its model: {shorten(str(error))}") from None


def _batch(found: Found) -> int:
    batch = found.state.values.get("batch")
    if type(batch) is not int or batch < 1:
        raise CheckpointError(f"{found.path} does not say how large its batches are")
    return batch


def _ways(values: Mapping[str, Any]) -> Ways:
    said = values.get("ways")
    told = said if isinstance(said, Mapping) else {}
    return Ways(**{name: bool(told.get(name)) for name in Ways._fields})
