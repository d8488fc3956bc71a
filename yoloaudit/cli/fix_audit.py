"""What the user asks of `fix`, without a report → an audit as `check` makes it, and what its findings ask for."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from yoloaudit.cli import check, measuring
from yoloaudit.cli.console import progress
from yoloaudit.cli.fix_run import Asked, Story
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.load import Dataset, HeaderReader, read, read_all_headers
from yoloaudit.dataset.yolo import lay_out
from yoloaudit.engine import audit
from yoloaudit.findings import Report
from yoloaudit.progress import Progress
from yoloaudit.repair.edits import Plan
from yoloaudit.repair.fixing import fix
from yoloaudit.repair.passes import Bench, settled
from yoloaudit.repair.places import Places
from yoloaudit.repair.plan import plan_of
from yoloaudit.repair.step import Wanted

if TYPE_CHECKING:
    from yoloaudit.config import Options
    from yoloaudit.files import Root
    from yoloaudit.packs import Rule

NO_PIXELS = "only --images looks at pixels"


def audited(asked: Asked, config: str | None, given: Mapping[str, Any]) -> Story:
    """Audit, and do what the findings propose."""
    settings = check.settings_of(config, asked.untrusted).with_given(given)
    chosen = settings.options
    rules = measuring.without_run(check.rules_of(settings, asked.untrusted), chosen, None)
    with progress() as shown:
        auditor = _Auditor(asked, chosen, rules, shown)
        fixed = fix(
            asked.data,
            auditor.planned,
            splits=chosen.split,
            dry=asked.diff,
            untrusted=asked.untrusted,
            root=asked.root,
            made_by=asked.command(),
            progress=shown,
        )
    return Story(asked, fixed, news=auditor.news)


class _Auditor:
    """Audits a data set as it is, and as it would be."""

    def __init__(self, asked: Asked, chosen: Options, rules: Sequence[Rule], shown: Progress) -> None:
        self.asked = asked
        self.chosen = chosen
        self.rules = rules
        self.shown = shown
        self.headers: Mapping[str, Any] | None = None
        self.read_headers: HeaderReader = read_all_headers
        self.measures: Mapping[str, Any] = {}
        self.measured: list[str] = []
        self.news: Mapping[str, int] = {}

    def planned(self, layout: Layout, places: Places, number: int) -> Plan:
        """The edits that the findings ask for."""
        names = self._measured()
        with measuring.scan(self.chosen, self.asked.untrusted) if names else nullcontext() as scan:
            self.read_headers = scan.headers if scan else read_all_headers
            dataset = self.load(layout)
            self.measures = scan.measures(dataset, names, self.shown) if scan else {}
            self.measured = dataset.images["path"].tolist() if scan else []
        report = self.audit(dataset)
        wanted = Wanted(self.asked.unsafe, self.asked.images, bool(self.chosen.split))
        bench = Bench(layout, places, self.load, self.relaid, self.audit, self.rules, wanted, number, time.time())
        done = settled(bench, dataset, report)
        self.news = Counter(each.rule for each in done.news)
        return plan_of(bench, done, self._measures_of(done.dataset))

    def _measured(self) -> list[str]:
        """What has to be known of pixels, so that images can be mended."""
        if not self.asked.images or self.chosen.fast:
            return []
        checks = [rule.check for rule in self.rules if rule.check is not None and rule.check.fix is not None]
        asked = {name for check in checks for name in check.inputs()}
        return [name for name in ("pixels", "hashes", "copies") if name in asked]

    def _measures_of(self, dataset: Dataset) -> Mapping[str, Any]:
        """What was measured, as long as the images are the same: other lists may lead to others."""
        return self.measures if dataset.images["path"].tolist() == self.measured else {}

    def load(self, layout: Layout) -> Dataset:
        """The data set of a layout; images are only looked at once."""
        return read(
            layout,
            untrusted=self.asked.untrusted,
            imgsz=self.chosen.imgsz,
            workers=self.chosen.workers,
            headers=self._headers,
            progress=self.shown,
        )

    def _headers(self, root: Root, paths: Sequence[str], workers: int, shown: Progress) -> Mapping[str, Any]:
        if self.headers is None:
            self.headers = self.read_headers(root, paths, workers, shown)
        return self.headers

    def audit(self, dataset: Dataset) -> Report:
        """Its findings, all of them."""
        return audit(
            dataset, self.rules, measures=self._measures_of(dataset), unmeasured=NO_PIXELS, progress=self.shown
        )

    def relaid(self, layout: Layout) -> Layout:
        """The layout anew, as its descriptor and lists are by now."""
        import os

        path = os.path.join(layout.root.path, *layout.descriptor.path.split("/"))
        return lay_out(path, layout.root, fixed=True, splits=self.chosen.split)
