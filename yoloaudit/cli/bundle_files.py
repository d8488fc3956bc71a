"""A run folder → the bytes of a ZIP with its evidence, without weights, paths and names. It is read as a stranger's.

Only files of known names are taken, regular ones inside the folder, and a picture only if it is one: nothing else can
be smuggled out by a link or by a name.
"""

from __future__ import annotations

import getpass
import io
import json
import math
import os
import platform
import re
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, NamedTuple

import yaml

from yoloaudit.cli.advise import advice
from yoloaudit.cli.bundle_summary import summary
from yoloaudit.cli.measuring import FAST
from yoloaudit.cli.show_advice import Advice, facts_of
from yoloaudit.dataset.coco.safe_json import JsonRefused, read_json
from yoloaudit.dataset.load import load
from yoloaudit.dataset.plain_yaml import YamlRefused, read_yaml
from yoloaudit.engine import audit
from yoloaudit.errors import DataError, FileRefused
from yoloaudit.files import Root
from yoloaudit.findings import Report
from yoloaudit.measure.runs import HYPER, OPTIONS, RECORD, RESULTS
from yoloaudit.packs import Rule, load_rules
from yoloaudit.report import to_json
from yoloaudit.report.private import Secrets, scrubbed, texts_of
from yoloaudit.train.output.safe_names import safe
from yoloaudit.train.results_csv import NotResults, read_results
from yoloaudit.training_run import FOLDS

REPORT, SUMMARY, ENVIRONMENT = "report.json", "summary.md", "environment.json"
DRAWN = "results.png"
PICTURES = (
    *(DRAWN, "PR_curve.png", "P_curve.png", "R_curve.png", "F1_curve.png", "confusion_matrix.png"),
    *("labels.jpg", "labels_correlogram.jpg"),
)
WITH_IMAGES = re.compile(r"(train_batch\d{1,3}|val_batch\d{1,3}_(labels|pred))\.jpg")
MAGIC = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff"}
MOST_TEXT, MOST_JSON, MOST_PICTURE, MOST_MOSAICS = 64_000_000, 500_000_000, 50_000_000, 24
MOST_CONTAINERS = 5_000_000
NEVER = (1980, 1, 1, 0, 0, 0)
"""The time that all files in the ZIP bear: packed twice, it is the same."""
PACKAGES = ("yoloaudit", "torch", "torchvision", "numpy", "opencv-python-headless", "pandas", "pillow")


class Packed(NamedTuple):
    """A ZIP and what is in it."""

    name: str
    """Of the run, safe for a file."""
    data: bytes
    contents: tuple[tuple[str, int], ...]
    """Names and sizes."""
    missing: tuple[str, ...]
    """Files that the run does not have."""
    left_out: tuple[str, ...]
    """Files that it has, and why they are not packed."""


def pack(run: str, data: str | None, *, images: bool, keep_paths: bool, untrusted: bool) -> Packed:
    """Pack the evidence of a run; raises UsageError where there is no run in the folder."""
    judged = _judged(run, data, untrusted)
    secrets = None if keep_paths else _secrets(run)
    packer = _Packer(run, secrets)
    packer.texts()
    packer.report(judged, untrusted)
    packer.pictures(images)
    packer.add(ENVIRONMENT, _as_json(_environment(packer.record)))
    name = safe(os.path.basename(os.path.realpath(run)), "run")
    name = name if secrets is None else str(scrubbed(name, secrets))
    found = [f"{each.severity.value} {each.rule}: {each.message}" for each in judged.report.findings]
    told = summary(name, packer.clean(facts_of(judged.run)), packer.clean(found))
    packer.add(SUMMARY, told.encode("utf-8"))
    files = sorted(packer.files.items())
    missing = tuple(wanted for wanted in packer.wanted if wanted not in packer.files and wanted not in packer.refused)
    contents = tuple((file, len(content)) for file, content in files)
    left_out = tuple(f"{file}: {why}" for file, why in packer.refused.items())
    return Packed(name, _zip(name, files), contents, missing, left_out)


def _judged(run: str, data: str | None, untrusted: bool) -> Advice:
    """The run, as `yoloaudit advise` judges it; without its data set where that cannot be read."""
    try:
        return advice(run, data, None, None, ["default"], untrusted=untrusted, root=None)
    except DataError:
        if data is not None:
            raise
        return advice(run, None, None, None, ["default"], untrusted=True, root=None)


def _secrets(run: str) -> Secrets:
    """Who and what is not to be named."""
    users = [os.path.basename(os.path.expanduser("~"))]
    with suppress(OSError, KeyError, ImportError):
        users.append(getpass.getuser())
    found = Secrets(tuple(dict.fromkeys(user for user in users if user)), (platform.node(),))
    return found.known([os.path.realpath(run) + "/", os.getcwd() + "/"])


class _Packer:
    """Gathers files; keeps why one is not taken."""

    def __init__(self, run: str, secrets: Secrets | None) -> None:
        self.root = Root(os.path.realpath(run), contained=True)
        self.secrets = secrets
        self.files: dict[str, bytes] = {}
        self.refused: dict[str, str] = {}
        self.wanted: list[str] = []
        self.record: Mapping[str, Any] = {}

    def add(self, name: str, data: bytes) -> None:
        self.files[name] = data

    def read(self, name: str, most: int) -> bytes | None:
        """A file of the run; None where there is none, or none that may be taken."""
        self.wanted.append(name)
        root, path = self.root, os.path.join(self.root.path, name)
        if not os.path.lexists(path):
            return None
        try:
            return root.read(path, most).data
        except FileRefused as refused:
            self.refused[name] = str(refused).replace("the data set's folder", "the run folder")
            return None

    def texts(self) -> None:
        """Settings, results and record: read, scrubbed and written anew."""
        for name in (OPTIONS, HYPER):
            if (data := self.read(name, MOST_TEXT)) is not None:
                self.parsed(name, data)
        if (data := self.read(RESULTS, MOST_TEXT)) is not None:
            try:
                read_results(data)
                self.add(RESULTS, data)
            except NotResults as refused:
                self.refused[RESULTS] = str(refused)
        if (data := self.read(RECORD, MOST_JSON)) is not None:
            self.parsed(RECORD, data)

    def parsed(self, name: str, data: bytes) -> None:
        """A text of settings, as plain values without what is private."""
        try:
            if name.endswith(".yaml"):
                values: Any = {key: entry.value for key, entry in read_yaml(data).entries.items()}
            else:
                values = read_json(data, MOST_CONTAINERS).value
        except YamlRefused as refused:
            self.refused[name] = str(refused).partition(": a YAML mapping")[0]
            return
        except JsonRefused as refused:
            self.refused[name] = str(refused).partition(": a JSON object")[0]
            return
        if name == RECORD:
            self.record = values if isinstance(values, dict) else {}
            values = without_evidence(self.record)
        self.add(name, _as_yaml(self.clean(values)) if name.endswith(".yaml") else _as_json(self.clean(values)))

    def clean(self, values: Any) -> Any:
        """Plain values without what is private."""
        if self.secrets is None:
            return values
        return scrubbed(values, self.secrets.known(texts_of(values)))

    def report(self, judged: Advice, untrusted: bool) -> None:
        """The report on the data: that of the run, else the one that can be made."""
        data = self.read(REPORT, MOST_JSON)
        if data is not None:
            self.parsed(REPORT, data)
        elif judged.data is not None:
            text = "\n".join(to_json.lines(report_on(judged.data, untrusted)))
            self.add(REPORT, _as_json(self.clean(json.loads(text))))

    def redraw(self) -> None:
        """Draw results.png where a run that was stopped has none, and there is something to draw it with."""
        missing = not os.path.lexists(os.path.join(self.root.path, DRAWN))
        if missing and RESULTS in self.files and find_spec("matplotlib") is not None:
            from yoloaudit.train.plot.results import results_picture

            self.add(DRAWN, results_picture(read_results(self.files[RESULTS])))

    def pictures(self, images: bool) -> None:
        """Curves and histograms; with `images` also the mosaics."""
        self.redraw()
        mosaics = sorted(filter(WITH_IMAGES.fullmatch, os.listdir(self.root.path)))[:MOST_MOSAICS] if images else []
        for name in (*PICTURES, *mosaics):
            data = self.read(name, MOST_PICTURE)
            if data is not None and not data.startswith(MAGIC[name[-4:]]):
                self.refused[name] = "is no picture, whatever its name says"
            elif data is not None:
                self.add(name, data)


def report_on(data: str, untrusted: bool) -> Report:
    """What is wrong with a data set, as far as it is told without a look at its pixels."""
    rules = [rule for rule in load_rules(["default"], plugins=not untrusted) if rule.guide or not needs_run(rule)]
    return audit(load(data, untrusted=untrusted), rules, unmeasured=FAST)


def needs_run(rule: Rule) -> bool:
    """Whether a rule judges a run of training."""
    return rule.check is not None and "run" in rule.check.inputs()


def without_evidence(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record without the evidence image by image, and what its folds hold: both are large, and name every image."""
    left = {"evaluation": "evidence", FOLDS: "models"}
    parts = {name: record[name] for name in left if isinstance(record.get(name), Mapping)}
    made = {name: {key: part[key] for key in part if key != left[name]} for name, part in parts.items()}
    return {**record, **made}


def _environment(record: Mapping[str, Any]) -> dict[str, Any]:
    """Versions and device as the run recorded them, else those of this machine, which need not be the same."""
    if isinstance(record.get("versions"), dict):
        return {"of": "the run", "device": record.get("device"), "versions": record["versions"]}
    versions = {"python": platform.python_version(), "platform": platform.platform()}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return {"of": "the machine that packed this, not necessarily that of the run", "versions": versions}


def _as_yaml(values: Any) -> bytes:
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=False).encode("ascii")


def _as_json(values: Any) -> bytes:
    return (json.dumps(_strict(values), indent=1, allow_nan=False) + "\n").encode("ascii")


def _strict(value: Any) -> Any:
    """None in place of numbers that JSON does not have."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _strict(each) for key, each in value.items()}
    return [_strict(each) for each in value] if isinstance(value, list) else value


def _zip(name: str, files: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in files:
            entry = zipfile.ZipInfo(f"{name}/{file}", NEVER)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
