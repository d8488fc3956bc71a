"""The rules that are switched on, and what the user said of caches → a scan of what they ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yoloaudit.config import Options
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.measure.scan import Scan
    from yoloaudit.packs import Rule
    from yoloaudit.progress import Progress

FAST = "--fast looks at no pixel"


def wanted(rules: Sequence[Rule], options: Options) -> list[str]:
    """The measures that these rules ask for; none with --fast."""
    from yoloaudit.checks.base import MEASURED

    if options.fast:
        return []
    asked = {name for rule in rules if rule.check is not None for name in rule.check.inputs()}
    return [name for name in MEASURED if name in asked]


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
