"""Run folders of two sides → a Comparison: what differs, how much, how sure that is, and what may be the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from yoloaudit.compare.budget import Difference, budget
from yoloaudit.compare.changes import Changed, changed
from yoloaudit.compare.differences import (
    Estimate,
    Part,
    Scored,
    between,
    plan_of,
    samples_of,
    scored,
    within,
)
from yoloaudit.compare.notes import notes_of
from yoloaudit.compare.pairing import NEW, SAME, UNCHANGED, Paired, pair
from yoloaudit.compare.trained import Trained, read_trained
from yoloaudit.errors import DataError, UsageError
from yoloaudit.findings import shorten
from yoloaudit.progress import Progress, silent
from yoloaudit.train.score.draws import METRICS
from yoloaudit.train.score.evidence import Evidence
from yoloaudit.train.score.resample import SAMPLES, SEED

MAIN = "map50_95"
"""The metric that the verdict is about."""


class Row(NamedTuple):
    """A part with its scores on both sides, by metric."""

    name: str
    images: int
    instances: int
    scores: dict[str, Estimate]


class Rulers(NamedTuple):
    """Both sides on both labels: by metric the four scores, and what each step is worth."""

    images: int
    """Whose labels are others."""
    old_a: dict[str, float]
    old_b: dict[str, float]
    new_a: dict[str, float]
    new_b: dict[str, float]
    """The models of a side, on the labels of A (old) or of B (new)."""
    ruler: dict[str, Estimate]
    """The models of A on the new labels, less the same on the old ones: nothing was learnt."""
    ruler_of_b: dict[str, Estimate]
    model_old: dict[str, Estimate]
    """B's models less A's on the old labels."""
    model: dict[str, Estimate]
    """The same on the new ones: what was learnt."""
    total: dict[str, Estimate]
    """What the two runs say of themselves, one less the other."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """All that is told of two sides."""

    a: tuple[Trained, ...]
    b: tuple[Trained, ...]
    paired: Paired
    ruler: str
    """SAME, NEW or UNCHANGED."""
    overall: Row
    classes: tuple[Row, ...]
    sizes: tuple[Row, ...]
    """Empty where the records hold no boxes."""
    rulers: Rulers | None
    """Where labels were changed and boxes are known."""
    budget: tuple[Difference, ...]
    changed: tuple[Changed, ...]
    """Of the first run of each side."""
    notes: tuple[str, ...]
    samples: int
    seed: int

    @property
    def is_regression(self) -> bool:
        """Whether B is worse in mAP50-95, beyond the interval."""
        return self.overall.scores[MAIN].high < 0


def compare(
    a: Sequence[str], b: Sequence[str], *, samples: int = SAMPLES, seed: int = SEED, progress: Progress = silent
) -> Comparison:
    """Compare the runs in these folders; raises UsageError and DataError where that cannot be done."""
    _refuse_twice(a, b)
    ours, theirs = ([read_trained(folder) for folder in side] for side in (a, b))
    paired = pair(ours, theirs)
    ruler = SAME
    if paired.relabelled.any():
        ruler = NEW if paired.has_boxes else UNCHANGED
    if ruler == UNCHANGED:
        if paired.relabelled.all():
            raise DataError(
                "the labels of all val images were changed between the two, and the records hold no boxes to hold one "
                "model against the labels of the other. Train both anew with this version"
            )
        paired = paired.at(~paired.relabelled)
    sides = paired.on_one_ruler()
    if not len(sides[1][0].labels):
        raise DataError("nothing is labelled on the images that the runs have in common")
    several = samples_of([*sides[0], *sides[1]], samples)
    made = _scored(paired, ruler, sides, several, seed, progress)
    rows = _rows(made)
    return Comparison(
        a=tuple(ours),
        b=tuple(theirs),
        paired=paired,
        ruler=ruler,
        overall=rows[0],
        classes=tuple(row for row in rows[1:] if row.name.isdecimal()),
        sizes=tuple(row for row in rows[1:] if not row.name.isdecimal()),
        rulers=_rulers(made, paired) if ruler == NEW else None,
        budget=tuple(budget(ours, theirs)),
        changed=tuple(changed(sides[0][0], sides[1][0])),
        notes=tuple(notes_of(ours, theirs, paired, ruler, fewer=several < samples)),
        samples=several,
        seed=seed,
    )


class _Made(NamedTuple):
    """Scores of each side on the one ruler, and of each on the old labels (empty where nothing was changed)."""

    a: list[Scored]
    b: list[Scored]
    old_a: list[Scored]
    old_b: list[Scored]
    parts: list[Part]


def _refuse_twice(a: Sequence[str], b: Sequence[str]) -> None:
    for side in (a, b):
        again = next((folder for at, folder in enumerate(side) if folder in side[:at]), None)
        if again is not None:
            raise UsageError(f"{shorten(again, 200)} is named twice on one side. Name each run once")
    if not a or not b:
        raise UsageError("two sides are needed: `yoloaudit compare RUN_A RUN_B`, or --a RUN … --b RUN …")


def _scored(
    paired: Paired,
    ruler: str,
    sides: tuple[list[Evidence], list[Evidence]],
    samples: int,
    seed: int,
    progress: Progress,
) -> _Made:
    plans = [plan_of(each) for side in sides for each in side]
    parts = plans[-1].parts()
    old = paired.on_one_ruler(0) if ruler == NEW else ([], [])
    plans += [plan_of(each, whole_only=True) for side in old for each in side]
    made = scored(plans, len(paired.images), samples=samples, seed=seed, progress=progress)
    several = iter(made)
    groups = [list(islice(several, len(side))) for side in (*sides, *old)]
    return _Made(groups[0], groups[1], groups[2], groups[3], parts)


def _rows(made: _Made) -> list[Row]:
    return [
        Row(
            part.name,
            part.images,
            part.instances,
            {metric: between(made.a, made.b, part, metric) for metric in METRICS},
        )
        for part in made.parts
    ]


def _rulers(made: _Made, paired: Paired) -> Rulers:
    everything = made.parts[0]

    def step(work: Callable[..., Estimate], before: list[Scored], after: list[Scored]) -> dict[str, Estimate]:
        return {metric: work(before, after, everything, metric) for metric in METRICS}

    model_old, model = step(between, made.old_a, made.old_b), step(between, made.a, made.b)
    return Rulers(
        images=int(paired.relabelled.sum()),
        old_a={metric: each.a for metric, each in model_old.items()},
        old_b={metric: each.b for metric, each in model_old.items()},
        new_a={metric: each.a for metric, each in model.items()},
        new_b={metric: each.b for metric, each in model.items()},
        ruler=step(within, made.old_a, made.a),
        ruler_of_b=step(within, made.old_b, made.b),
        model_old=model_old,
        model=model,
        total=step(between, made.old_a, made.b),
    )
