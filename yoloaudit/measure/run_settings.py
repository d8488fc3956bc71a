"""Settings of a run as they were written down → those that are not the default, of those that change what is learnt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from yoloaudit.findings import shorten
from yoloaudit.train.config import PRESETS, SCRATCH_LOW, Options
from yoloaudit.training_run import Setting

MATTERING = (
    *("imgsz", "rect", "noautoanchor", "image_weights", "multi_scale", "single_cls", "optimizer", "quad", "cos_lr"),
    *("label_smoothing", "patience", "freeze", "autoanchor"),
)
"""Options that change what is learnt; data, size of the model, epochs, batch and where things are kept are a choice."""
OF_NO_EFFECT = ("iou_t", "anchors")
"""Hyper-parameters that nobody reads, or that only some presets have."""
SCRATCH = "from scratch"


def changed(options: Mapping[str, Any], hyper: Mapping[str, Any]) -> tuple[Setting, ...]:
    """The settings that are not those of YOLOv5's train.py and its hyper-parameters for training from scratch."""
    return (*_options(options), *_hyper(hyper))


def _options(options: Mapping[str, Any]) -> Iterator[Setting]:
    usual = Options()
    if options.get("weights") in ("", None) and "weights" in options:
        yield Setting("weights", SCRATCH, usual.weights)
    for name in MATTERING:
        if name in options and not same(options[name], getattr(usual, name)):
            yield _setting(name, options[name], getattr(usual, name), "option")


def _hyper(hyper: Mapping[str, Any]) -> Iterator[Setting]:
    for name, usual in PRESETS[SCRATCH_LOW].model_dump().items():
        if name in hyper and name not in OF_NO_EFFECT and not same(hyper[name], usual):
            yield _setting(name, hyper[name], usual, "hyper-parameter")


def same(value: object, usual: object) -> bool:
    """Whether two values mean the same: 1 and 1.0, [0] and (0,), 0 and [0]."""
    ours, theirs = _plain(value), _plain(usual)
    if isinstance(ours, float) and isinstance(theirs, float):
        return abs(ours - theirs) <= 1e-9 * max(1.0, abs(theirs))
    return isinstance(ours, bool) == isinstance(theirs, bool) and ours == theirs


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return _plain(value[0]) if len(value) == 1 else [_plain(each) for each in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return float(value) if abs(value) < 1e300 else value


def _setting(name: str, value: object, usual: object, kind: Literal["option", "hyper-parameter"]) -> Setting:
    return Setting(name, shorten(_said(value), 40), _said(usual), kind)


def _said(value: object) -> str:
    plain = _plain(value)
    if plain is None or isinstance(plain, bool):
        return "none" if plain is None else "on" if plain else "off"
    return f"{plain:.6g}" if isinstance(plain, float) else str(plain)
