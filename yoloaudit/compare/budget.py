"""The settings of both sides → what differs between them, in sentences: a difference may be due to these.

Data, classes, starting weights, epochs, image size, batch, optimizer, hyper-parameters, versions, device.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from yoloaudit.compare.trained import Trained
from yoloaudit.findings import shorten

OF_NO_MATTER = (
    *("data", "project", "name", "exist_ok", "resume", "nosave", "noplots", "workers", "cache", "device", "seed"),
    *("save_every", "save_period", "hyp", "folds", "noval", "epochs", "batch_size"),
)
"""Options that do not change what is learnt, or that are told otherwise."""
VERSIONS = ("yoloaudit", "torch", "torchvision", "numpy", "opencv")
MOST_VALUE, MOST_TOLD = 60, 40
NOT_TOLD = "not told"


class Difference(NamedTuple):
    """A setting that is not the same on both sides."""

    kind: str
    """data, training, hyper-parameter or machine."""
    name: str
    a: str
    b: str

    @property
    def sentence(self) -> str:
        """For a person."""
        return f"{self.name}: {self.a} in A, {self.b} in B"


def budget(a: Sequence[Trained], b: Sequence[Trained]) -> list[Difference]:
    """What differs, what matters most first."""
    told = [*_data(a, b), *_training(a, b), *_hyper(a, b), *_machine(a, b)]
    return told[:MOST_TOLD]


def _data(a: Sequence[Trained], b: Sequence[Trained]) -> Iterator[Difference]:
    yield from _compared("data", "data set (fingerprint)", a, b, _fingerprint)
    for split in ("train", "val"):
        words = {"train": "images trained on", "val": "images of val"}[split]
        yield from _compared("data", words, a, b, lambda run, split=split: run.told("dataset", "splits", split, "used"))
    yield from _compared("data", "classes", a, b, lambda run: len(run.names))
    yield from _compared("data", "single class", a, b, lambda run: run.told("options", "single_cls"))


def _fingerprint(run: Trained) -> Any:
    told = run.told("dataset", "fingerprint")
    return told[:12] if isinstance(told, str) else None


def _training(a: Sequence[Trained], b: Sequence[Trained]) -> Iterator[Difference]:
    yield from _compared("training", "epochs planned", a, b, lambda run: run.told("options", "epochs"))
    yield from _compared("training", "epochs trained", a, b, lambda run: run.told("epochs"))
    yield from _compared("training", "batch", a, b, lambda run: run.told("batch") or run.told("options", "batch_size"))
    yield from _compared("training", "images shown in all epochs", a, b, shown)
    yield from _compared("training", "image size of the evaluation", a, b, lambda run: run.told("evaluation", "imgsz"))
    yield from _compared("training", "seeds", a, b, lambda run: run.told("options", "seed"))
    for name in _keys([*a, *b], "options"):
        if name not in OF_NO_MATTER and name != "single_cls":
            yield from _compared(
                "training", f"--{name.replace('_', '-')}", a, b, lambda run, key=name: run.told("options", key)
            )


def shown(run: Trained) -> int | None:
    """Images that the model was shown in all epochs together."""
    images, epochs = run.told("dataset", "splits", "train", "used"), run.told("epochs")
    return images * epochs if type(images) is int and type(epochs) is int else None


def _hyper(a: Sequence[Trained], b: Sequence[Trained]) -> Iterator[Difference]:
    for name in _keys([*a, *b], "hyper"):
        yield from _compared("hyper-parameter", name, a, b, lambda run, key=name: run.told("hyper", key))


def _machine(a: Sequence[Trained], b: Sequence[Trained]) -> Iterator[Difference]:
    yield from _compared("machine", "device", a, b, lambda run: run.told("device"))
    yield from _compared("machine", "yoloaudit", a, b, lambda run: run.told("tool", "version"))
    for name in VERSIONS[1:]:
        yield from _compared("machine", name, a, b, lambda run, key=name: run.told("versions", key))


def _keys(runs: Sequence[Trained], table: str) -> list[str]:
    """Names of what any run tells in a table, in order."""
    tables = (run.told(table) for run in runs)
    return list(dict.fromkeys(key for each in tables if isinstance(each, Mapping) for key in each))[:500]


def _compared(kind: str, name: str, a: Sequence[Trained], b: Sequence[Trained], value: Any) -> Iterator[Difference]:
    """One difference, or none."""
    ours, theirs = (sorted({said(value(run)) for run in side}) for side in (a, b))
    if ours != theirs:
        yield Difference(kind, shorten(name, 60), _listed(ours), _listed(theirs))


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values[:4]) + (" …" if len(values) > 4 else "")


def said(value: object) -> str:
    """A setting as text."""
    if value is None:
        return NOT_TOLD
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**15 else shorten(str(value), MOST_VALUE)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return shorten(" ".join(said(each) for each in value[:10]), MOST_VALUE) or "none"
    if isinstance(value, str):
        return shorten(value, MOST_VALUE) or "none"
    return "something else"
