"""A data set, what a model saw on it and how well it knows it → the table `judgements`.

The judge learns on the labels at hand: errors are planted into copies of them, and what the model sees tells planted
errors from labels as they are. What looks like a planted error among these is judged to be one, with a chance that
holds over all of them. Without views it goes by detections alone, of any detector; with views of our own model it also
asks the raw heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import (
    JUDGED,
    JUDGEMENTS,
    PREDICTION_SOURCES,
    Judgements,
    Predictions,
    Skill,
    categorical,
    table,
)
from yoloaudit.evidence import Floats, Integers, Mask, log_odds
from yoloaudit.geometry import area
from yoloaudit.measure.coverage import looked_at
from yoloaudit.measure.judge import learning, planting
from yoloaudit.measure.judge.chances import Looks, chances
from yoloaudit.measure.judge.gather import Objects, Rows, Views, gathered, lessons
from yoloaudit.measure.judge.scenes import CORNERS, Scene, files_of, known_size, scenes
from yoloaudit.parallel import default_workers
from yoloaudit.progress import Progress, silent

LEAST = 0.01
"""Chances below it are not worth a row."""
DISCOUNT = 0.5
"""What a judgement counts for if the model was trained on the very image, errors included."""
IN_SAMPLE = PREDICTION_SOURCES.index("in-sample")
ERROR = 0.06
"""Own error of a model of which too few detections are known, as a share of a box's side."""
FEWEST = 20
"""Labels below which nothing can be learnt."""
FEWEST_IMAGES = learning.FOLDS
"""Images with labels, likewise: what is learnt on one image tells nothing of the others."""
LOCATION = (planting.LOOSE, planting.SHIFTED, planting.TIGHT)
DOUBTED = (*LOCATION, planting.CLASS, planting.SPURIOUS)
"""Labels that look like one of these are learnt from less. What looks like a double most often is two objects, and
these have to be learnt from."""
LINES, LINES_OF_OBJECTS = 0.6, 0.2
"""What the regression counts for beside the trees, for labels (how far a box is off is a slope) and for objects."""
DEALS = 2
"""Folds are dealt so often for objects, of which there are few that one label alone explains."""
FAMILIES = (
    ("location", LOCATION, (0.5, 0.6)),
    ("class", (planting.CLASS,), (0.8, 0.9)),
    ("spurious", (planting.SPURIOUS,), (1.0, 1.0)),
    ("duplicate", (planting.DUPLICATE,), (1.0, 1.0)),
)
"""What may be wrong with a label, as which kinds it is planted, and what share of what looks so is no habit, without
and with views: people who label draw loosely and call alike things by one name. Measured on COCO's labels
(docs/experiments.md).
"""
MISSING, OVERLOOKED = 0.25, 0.08
"""The same for objects without label: most are left out by rule, because they are many, small or half hidden. That none
of the clearest objects lacks a label does not tell how many others do."""


def judge(
    dataset: Dataset,
    predictions: Predictions,
    skill: Skill,
    *,
    views: Views | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress = silent,
) -> Judgements:
    """Every label and every object without label, with the chance of each kind of error. Images that the model did not
    look at are not judged; nor is anything where there are too few labels to learn from.
    """
    looked = np.flatnonzero(looked_at(predictions, len(dataset.images)) & known_size(dataset))
    looked = looked[np.argsort(files_of(dataset)[looked], kind="stable")]  # so that their order changes nothing
    found = list(scenes(dataset, dataset.boxes, predictions, looked))
    labelled = {scene.file: len(scene.rows) for scene in found if len(scene.rows)}
    if sum(labelled.values()) < FEWEST or len(labelled) < FEWEST_IMAGES:
        return table(JUDGEMENTS, {})
    taught = lessons(found, seed)
    seen, free = gathered(found, taught, views, seed, progress)
    files = np.array([scene.file for scene in found])
    how = _How(taught, files, seed, threads or default_workers(), views is not None)
    with progress.task("judging labels", None):
        judged = _judged_rows(found, seen, skill, how)
        missing = _judged_objects(found, free, skill, how)
    columns = {name: np.concatenate([part[name] for part in (judged, missing)]) for name in judged}
    order = np.lexsort((columns["kind"], columns["box"], columns["image"]))
    columns = {name: column[order] for name, column in columns.items()}
    columns["kind"] = categorical(columns["kind"].astype(np.int8), JUDGED)
    columns["source"] = categorical(columns["source"].astype(np.int8), PREDICTION_SOURCES)
    return table(JUDGEMENTS, columns)


class _How(NamedTuple):
    """What is learnt from, and by how many threads."""

    taught: Mask
    """Of each scene."""
    files: Integers
    """Of each scene, by number."""
    seed: int
    threads: int
    views: bool
    """Whether our own model was asked, or there are detections alone."""

    def likeness(
        self,
        seen: Rows | Objects,
        kinds: Integers,
        lines: float,
        doubted: Sequence[int] = (),
        deals: int = 1,
    ) -> Floats:
        return learning.likeness(
            seen.numbers,
            kinds,
            self.files[seen.scene],
            self.taught[seen.scene],
            seed=self.seed,
            threads=self.threads,
            lines=lines,
            doubted=doubted,
            deals=deals,
        )


def _judged_rows(found: Sequence[Scene], seen: Rows, skill: Skill, how: _How) -> dict[str, NDArray[Any]]:
    """Columns of the table for what may be wrong with labels."""
    if seen.kinds.max(initial=0) < planting.DUPLICATE:  # into labels that are too small to carry an error
        return _columns(found, seen.only(seen.kinds < 0), FAMILIES[0][0], np.zeros(0), skill)
    shares = learning.shares(how.likeness(seen, seen.kinds, LINES, DOUBTED))
    as_it_is = seen.kinds == 0
    real = seen.without_numbers().only(as_it_is)
    looks, parts = [], []
    for _, kinds, believed in FAMILIES:
        score = log_odds(shares[:, kinds].sum(axis=1), 1e-9)
        looks.append(Looks(score[as_it_is], score[np.isin(seen.kinds, kinds)], believed[how.views]))
    discount = _discount(found, real.scene)
    for (name, _, _), chance in zip(FAMILIES, (each * discount for each in chances(looks)), strict=True):
        worth = chance >= LEAST
        parts.append(_columns(found, real.only(worth), name, chance[worth], skill))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _discount(found: Sequence[Scene], scene: Integers) -> Floats:
    """What a judgement on these scenes counts for."""
    sources = np.array([each.source for each in found])
    return np.where(sources[scene] == IN_SAMPLE, DISCOUNT, 1.0)


def _columns(found: Sequence[Scene], real: Rows, name: str, chance: Floats, skill: Skill) -> dict[str, NDArray[Any]]:
    images, sources = (np.array([getattr(scene, each) for scene in found]) for each in ("image", "source"))
    labels = [found[scene] for scene in real.scene.tolist()]
    classes = np.array([scene.label_classes[at] for scene, at in zip(labels, real.place.tolist(), strict=True)], int)
    sides = np.sqrt(area(real.own))
    own_error = _error(skill, classes) * sides
    known = real.score > 0
    boxes = np.where(known[:, None] & (name != "spurious"), real.boxes, np.nan)
    return {
        "image": images[real.scene],
        "box": np.array([scene.rows[at] for scene, at in zip(labels, real.place.tolist(), strict=True)], np.int64),
        "kind": np.full(len(chance), JUDGED.index(name)),
        "score": chance,
        "class_id": real.classes if name == "class" else np.where(known, classes, -1),
        **{corner: boxes[:, at] for at, corner in enumerate(CORNERS)},
        "error_px": np.where(known, np.maximum(own_error, real.spread), np.nan),
        "detection": real.score,
        "source": sources[real.scene],
    }


def _error(skill: Skill, classes: Integers) -> Floats:
    """The model's own error for labels of these classes, as a share of the side."""
    spread = skill["spread"].to_numpy(np.float64)
    if not len(spread):
        return np.full(len(classes), ERROR)
    inside = (classes >= 0) & (classes < len(spread))
    mine = np.where(inside, spread[np.where(inside, classes, 0)], np.nan)
    return np.where(np.isfinite(mine), mine, ERROR)


def _judged_objects(found: Sequence[Scene], free: Objects, skill: Skill, how: _How) -> dict[str, NDArray[Any]]:
    """Columns of the table for objects without label."""
    kinds = free.taught.astype(np.int64)
    chance = np.zeros(0)
    if kinds.any() and not kinds.all():
        likeness = how.likeness(free, kinds, LINES_OF_OBJECTS, deals=DEALS)[:, 1]
        labels = sum(len(scene.rows) for scene in found)
        unseen = np.full(max(0, labels - int(kinds.sum())), -np.inf)
        planted = np.concatenate([likeness[free.taught], unseen])
        chance = chances([Looks(likeness[~free.taught], planted, MISSING, OVERLOOKED)])[0]
    open_ = free.without_numbers().only(~free.taught)
    chance = chance * _discount(found, open_.scene) if len(chance) else np.zeros(len(open_.scene))
    open_, chance = open_.only(chance >= LEAST), chance[chance >= LEAST]
    images, sources = (np.array([getattr(scene, each) for scene in found]) for each in ("image", "source"))
    return {
        "image": images[open_.scene],
        "box": np.full(len(chance), -1),
        "kind": np.full(len(chance), JUDGED.index("missing")),
        "score": chance,
        "class_id": open_.classes,
        **{corner: open_.boxes[:, at] for at, corner in enumerate(CORNERS)},
        "error_px": _error(skill, open_.classes) * np.sqrt(area(open_.boxes)),
        "detection": open_.score,
        "source": sources[open_.scene],
    }
