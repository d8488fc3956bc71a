"""The rules that are switched on, and what the user said of caches → a scan of what they ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from yoloaudit.config import Options
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.findings import Report
    from yoloaudit.measure.scan import Scan
    from yoloaudit.packs import Rule
    from yoloaudit.progress import Progress
    from yoloaudit.training_run import Run

FAST = "--fast looks at no pixel"


class Checked(NamedTuple):
    """The data set as it was before the training, and what was found in it."""

    dataset: Dataset
    rules: Sequence[Rule]
    measures: Mapping[str, Any]
    report: Report


def wanted(rules: Sequence[Rule], options: Options) -> list[str]:
    """The measures that these rules ask for; none with --fast."""
    from yoloaudit.checks.base import MEASURED

    if options.fast:
        return []
    asked = {name for rule in rules if rule.check is not None for name in rule.check.inputs()}
    return [name for name in MEASURED if name in asked]


def without(options: Options) -> dict[str, str]:
    """Why what is measured on pixels is not there, by name."""
    from yoloaudit.checks.base import MEASURED

    return dict.fromkeys((name for name in MEASURED if name != "deployed"), FAST) if options.fast else {}


def scan(options: Options, untrusted: bool) -> Scan:
    """A scan as the user wants it: where it keeps what it sees, and how many processes it may take."""
    from yoloaudit.measure.cache import default_folder
    from yoloaudit.measure.scan import Scan

    folder = None if options.no_cache else options.cache_dir or default_folder()
    return Scan(workers=options.workers, cache=folder, untrusted=untrusted)


def measures(
    scan: Scan, dataset: Dataset, names: Sequence[str], deployed: str | None, progress: Progress
) -> dict[str, Any]:
    """The measured tables of these names; `deployed` only where the user names a folder."""
    made = scan.measures(dataset, names, progress)
    if deployed is not None and "deployed" in names:
        from yoloaudit.measure.deployed import deployed_images

        made["deployed"] = deployed_images(deployed, scan, progress)
    return made


def notes(scan: Scan | None, measures: Mapping[str, Any]) -> list[str]:
    """What the user should know of the scan itself, a sentence each."""
    told = []
    if scan is not None and scan.cache.problem is not None:
        told.append(f"what was measured cannot be kept for next time: {scan.cache.problem}")
    if "copies" in measures and not measures["copies"].attrs.get("complete", True):
        told.append("very many images look alike: some near-duplicates among them were not looked for")
    return told


def run_of(options: Options) -> Run | None:
    """The run of training that the user names; raises UsageError where there is none in that folder."""
    from yoloaudit.errors import UsageError

    if options.run is None:
        if options.baseline is not None:
            raise UsageError("--baseline names the run that another is held against: name that one with --run")
        return None
    from yoloaudit.measure.runs import read_run

    return read_run(options.run, baseline=options.baseline)


def without_run(rules: Sequence[Rule], options: Options, run: Run | None) -> list[Rule]:
    """The rules to check: those that ask for a run, or for a model, only where there is one; and as selected.

    Those of the guide stay, to say what it takes to answer them.
    """
    if options.select:
        return list(rules)
    from yoloaudit.checks.base import SEEN
    from yoloaudit.cli.judging import has_model

    lacking = (set() if run is not None else {"run"}) | (set() if has_model(options) else set(SEEN))
    return [rule for rule in rules if rule.guide or rule.check is None or lacking.isdisjoint(rule.check.inputs())]


def size_of(options: Options, run: Run | None) -> int:
    """The image size in pixels: as the user says, else that of the run."""
    if "imgsz" in options.model_fields_set or run is None or run.imgsz is None:
        return options.imgsz
    return run.imgsz


def notes_of_run(run: Run | None, dataset: Dataset) -> list[str]:
    """What the user should know of the run, a sentence each."""
    if run is None:
        return []
    told = [f"{each.folder}: {problem}" for each in (run, run.baseline) if each for problem in each.problems]
    if run.fingerprint is not None and dataset.fingerprint and run.fingerprint != dataset.fingerprint:
        told.append(f"{run.folder}: the data set has changed since, or is another one")
    return told


def given(options: Options) -> list[str]:
    """The run and the model as they are named on the command line, for a command to be typed next."""
    named = {"--run": options.run, "--baseline": options.baseline}
    named |= {"--weights": options.weights, "--predictions": options.predictions}
    words = [word for option, place in named.items() if place is not None for word in (option, place)]
    return [*words, *(["--coco80to91"] if options.coco80to91 else [])]
