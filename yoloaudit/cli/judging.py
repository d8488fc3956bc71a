"""A model that the user names → the tables for the checks that take one, what to say of it, and why there are none."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from yoloaudit.cli import streams
from yoloaudit.errors import CheckpointError, DataError, MissingPackage, UsageError
from yoloaudit.findings import shorten

if TYPE_CHECKING:
    from yoloaudit.config import Options, Settings
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.measure.model_tables import Looked
    from yoloaudit.packs import Rule
    from yoloaudit.progress import Progress
    from yoloaudit.training_run import Run

FAST = "--fast looks at no pixel, and the run did not write down what its model sees on this very data set"
NO_WEIGHTS = "the run has no weights/best.pt, and did not write down what its model sees on this very data set"


class Judged(NamedTuple):
    """What checks are handed."""

    measures: Mapping[str, Any] = {}
    without: Mapping[str, str] = {}
    """Why a table is not there, by name."""
    notes: tuple[str, ...] = ()


def has_model(options: Options) -> bool:
    """Whether the user names anything that a model is or saw."""
    return any(named is not None for named in (options.weights, options.predictions, options.run))


def possible(options: Options) -> None:
    """Raise UsageError for options that contradict each other, and what else can be told before the data are read."""
    if options.weights is not None and options.predictions is not None:
        raise UsageError("--weights and --predictions each say what a model sees. Name one of them")
    if options.coco80to91 and options.predictions is None:
        raise UsageError("--coco80to91 says how --predictions counts its classes: name that file, too")
    if options.weights is not None and options.fast:
        raise UsageError("--fast looks at no pixel, and --weights has a model look at all of them. Leave one out")
    if options.predictions is not None and not os.path.lexists(options.predictions):
        raise UsageError(f"--predictions {shorten(options.predictions, 200)}: there is no such file")
    if options.weights is not None:
        from yoloaudit.cli.extras import need_trainer

        need_trainer()
        from yoloaudit.train.release import locate as releases

        releases.locate(options.weights, tell=streams.tell)


def asked(rules: Sequence[Rule]) -> list[str]:
    """The tables of a model that these rules ask for."""
    from yoloaudit.checks.base import SEEN

    named = {name for rule in rules if rule.check is not None for name in rule.check.inputs()}
    return [name for name in SEEN if name in named]


def with_guard(rules: Sequence[Rule], settings: Settings, untrusted: bool) -> list[Rule]:
    """The rules, and where only some that take a model are selected, the one that says whether it is good enough."""
    chosen = settings.options
    checks = [rule.check for rule in rules if rule.check is not None]
    if not has_model(chosen) or not any(check.kind == "model" for check in checks):
        return list(rules)
    if any(check.withholds for check in checks):
        return list(rules)
    from yoloaudit.packs import load_rules

    every = load_rules(chosen.rules, ignore=settings.ignore, limits=chosen.max, plugins=not untrusted)
    return [*rules, *(rule for rule in every if rule.check is not None and rule.check.withholds)]


def judged(rules: Sequence[Rule], options: Options, run: Run | None, dataset: Dataset, shown: Progress) -> Judged:
    """The tables that the rules ask for; none where the user names no model, or none of them asks."""
    wanted = asked(rules)
    if not wanted or not has_model(options):
        return Judged()
    from yoloaudit.checks.base import SEEN
    from yoloaudit.measure.model_tables import NO_FEATURES, tables

    looked = _looked(options, run, dataset, shown)
    if isinstance(looked, str):
        return Judged(without=dict.fromkeys(SEEN, looked))
    made = tables(looked, dataset, wanted, progress=shown)
    return Judged(made, {"crops": NO_FEATURES}, looked.notes)


def _looked(options: Options, run: Run | None, dataset: Dataset, shown: Progress) -> Looked | str:
    """What the model saw, or why nothing is known of it."""
    from yoloaudit.measure import model_tables
    from yoloaudit.measure.cache import default_folder

    cache = None if options.no_cache else options.cache_dir or default_folder()
    if options.predictions is not None:
        return model_tables.from_file(options.predictions, dataset, coco80to91=options.coco80to91)
    if options.weights is not None:
        return model_tables.from_weights(options.weights, dataset, cache=cache, tell=streams.tell, progress=shown)
    assert run is not None
    return _of_run(run, dataset, cache, shown, fast=options.fast)


def _of_run(run: Run, dataset: Dataset, cache: str | None, shown: Progress, *, fast: bool) -> Looked | str:
    """What a run's model saw: a run can be named for its settings alone, so that what it lacks is no mistake."""
    from yoloaudit.cli.extras import has_trainer, need_trainer
    from yoloaudit.measure import model_tables

    try:
        stored = model_tables.stored_in(run, dataset)
        if stored is not None:
            may = not fast and model_tables.has_weights(run) and has_trainer()
            return model_tables.asking_run(stored, run, dataset) if may else stored
        if fast or not model_tables.has_weights(run):
            return FAST if fast else NO_WEIGHTS
        need_trainer()
        return model_tables.from_run(run, dataset, cache=cache, progress=shown)
    except (CheckpointError, DataError, MissingPackage, UsageError) as error:
        return shorten(str(error), 300)
