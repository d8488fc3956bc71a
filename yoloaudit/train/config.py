"""A preset or a YAML file → the hyper-parameters of a training; what a person asks for → its options. No torch here.

Names, defaults and presets are YOLOv5's. Hyper-parameters (`Hyper`) say how a model learns, options (`Options`) what is
trained, on what and for how long. Nobody changes either: a trainer is handed both, and passes them on.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from yoloaudit.errors import UsageError
from yoloaudit.findings import shorten
from yoloaudit.mistakes import first_problem, meant
from yoloaudit.train import yaml_file

NUMBER = re.compile(r"[+-]?[0-9]{1,40}([.][0-9]{0,40})?[eE][+-]?[0-9]{1,3}")
"""1e-3: a number to people, but text to YAML 1.1, which wants a point in it."""
GRID = 32
"""Pixels: sides of images are multiples of this, and of the model's coarsest stride where that is larger."""
BASELINE_EPOCHS = 300
"""The guide's advice for a first training; YOLOv5's own default is 100."""
ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "evolve": "hyper-parameters are evolved by a command of its own, `yoloaudit evolve`",
        "evolve_population": "hyper-parameters are evolved by a command of its own, `yoloaudit evolve`",
        "resume_evolve": "hyper-parameters are evolved by a command of its own, `yoloaudit evolve`",
        "bucket": "nothing is sent to a cloud bucket; copy the run folder there",
        "entity": "no run is sent to a web service; its folder holds everything",
        "upload_dataset": "no data set is sent anywhere",
        "bbox_interval": "no pictures are sent to a web service; the run folder holds them",
        "local_rank": "the launcher tells a process its rank by itself",
    }
)
"""Options of YOLOv5 that no training here has, and why."""


class Hyper(BaseModel):
    """How a model learns: every hyper-parameter of YOLOv5, the defaults those for training from scratch."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    lr0: float = Field(0.01, gt=0, le=10, description="learning rate at the start; the usual one for Adam is 0.001")
    lrf: float = Field(0.01, ge=0, le=10, description="learning rate at the end, as a share of lr0")
    momentum: float = Field(0.937, ge=0, lt=1, description="momentum of SGD, or the first beta of Adam")
    weight_decay: float = Field(0.0005, ge=0, le=1, description="decay of weights at the nominal batch of 64")
    warmup_epochs: float = Field(3.0, ge=0, le=10_000, description="epochs of warm-up; it takes 100 batches at least")
    warmup_momentum: float = Field(0.8, ge=0, lt=1, description="momentum at the start of the warm-up")
    warmup_bias_lr: float = Field(0.1, ge=0, le=10, description="learning rate of biases at the start of the warm-up")
    box: float = Field(0.05, ge=0, le=1000, description="gain of the box loss, for three levels")
    cls: float = Field(0.5, ge=0, le=1000, description="gain of the class loss, for 80 classes and three levels")
    cls_pw: float = Field(1.0, gt=0, le=1000, description="weight of the right class against the wrong ones")
    obj: float = Field(1.0, ge=0, le=1000, description="gain of the objectness loss, for 640 pixels and three levels")
    obj_pw: float = Field(1.0, gt=0, le=1000, description="weight of objects against background")
    iou_t: float = Field(0.2, ge=0, le=1, description="read by nobody, in YOLOv5 as here; kept so that files fit")
    anchor_t: float = Field(4.0, gt=1, le=1000, description="an anchor fits a box if no side is this many times longer")
    anchors: float | None = Field(
        None, gt=0.5, le=20, description="anchors a level, rounded: anchors are then computed anew; empty: the model's"
    )
    fl_gamma: float = Field(0.0, ge=0, le=20, description="gamma of the focal loss; 0: no focal loss")
    hsv_h: float = Field(0.015, ge=0, le=1, description="largest change of the hue, as a share")
    hsv_s: float = Field(0.7, ge=0, le=1, description="largest change of the saturation, as a share")
    hsv_v: float = Field(0.4, ge=0, le=1, description="largest change of the brightness, as a share")
    degrees: float = Field(0.0, ge=0, le=180, description="largest rotation, in degrees")
    translate: float = Field(0.1, ge=0, le=1, description="largest shift, as a share of the side")
    scale: float = Field(0.5, ge=0, lt=1, description="largest change of the scale, as a share")
    shear: float = Field(0.0, ge=0, lt=90, description="largest shear, in degrees")
    perspective: float = Field(0.0, ge=0, le=0.001, description="largest tilt, as a share a pixel")
    flipud: float = Field(0.0, ge=0, le=1, description="probability that an image is turned upside down")
    fliplr: float = Field(0.5, ge=0, le=1, description="probability that left and right are swapped")
    mosaic: float = Field(1.0, ge=0, le=1, description="probability that four images make one")
    mixup: float = Field(0.0, ge=0, le=1, description="probability that two mosaics are laid over each other")
    copy_paste: float = Field(0.0, ge=0, le=1, description="share of the objects with a polygon that are pasted again")


NAMES = ("scratch-low", "scratch-med", "scratch-high", "no-augmentation", "VOC", "Objects365")
SCRATCH_LOW = NAMES[0]
DIFFERING: Mapping[str, tuple[float, ...]] = {
    "lr0": (0.01, 0.01, 0.01, 0.01, 0.00334, 0.00258),
    "lrf": (0.01, 0.1, 0.1, 0.1, 0.15135, 0.17),
    "momentum": (0.937, 0.937, 0.937, 0.937, 0.74832, 0.779),
    "weight_decay": (0.0005, 0.0005, 0.0005, 0.0005, 0.00025, 0.00058),
    "warmup_epochs": (3, 3, 3, 3, 3.3835, 1.33),
    "warmup_momentum": (0.8, 0.8, 0.8, 0.8, 0.59462, 0.86),
    "warmup_bias_lr": (0.1, 0.1, 0.1, 0.1, 0.18657, 0.0711),
    "box": (0.05, 0.05, 0.05, 0.05, 0.02, 0.0539),
    "cls": (0.5, 0.3, 0.3, 0.3, 0.21638, 0.299),
    "cls_pw": (1, 1, 1, 1, 0.5, 0.825),
    "obj": (1, 0.7, 0.7, 0.7, 0.51728, 0.632),
    "obj_pw": (1, 1, 1, 1, 0.67198, 1),
    "anchor_t": (4, 4, 4, 4, 3.3744, 3.44),
    "hsv_h": (0.015, 0.015, 0.015, 0, 0.01041, 0.0188),
    "hsv_s": (0.7, 0.7, 0.7, 0, 0.54703, 0.704),
    "hsv_v": (0.4, 0.4, 0.4, 0, 0.27739, 0.36),
    "translate": (0.1, 0.1, 0.1, 0, 0.04591, 0.0902),
    "scale": (0.5, 0.9, 0.9, 0, 0.75544, 0.491),
    "fliplr": (0.5, 0.5, 0.5, 0, 0.5, 0.5),
    "mosaic": (1, 1, 1, 0, 0.85834, 1),
    "mixup": (0, 0.1, 0.1, 0, 0.04266, 0),
    "copy_paste": (0, 0, 0.1, 0, 0, 0),
}
"""What differs between the presets, in the order of their names."""
ANCHORS_ANEW = {"VOC": 3.412, "Objects365": 3.2}


def _preset_of(column: int, name: str) -> Hyper:
    return Hyper(**{key: row[column] for key, row in DIFFERING.items()}, anchors=ANCHORS_ANEW.get(name))


PRESETS: Mapping[str, Hyper] = MappingProxyType({name: _preset_of(column, name) for column, name in enumerate(NAMES)})
"""YOLOv5's files of hyper-parameters by their names: `scratch-med` is `hyp.scratch-med.yaml`."""


class Options(BaseModel):
    """What is trained, on what and for how long: YOLOv5's options of `train.py`, then a few of our own."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    weights: str = Field("yolov5s.pt", description="weights to start from: a name or a file; empty: from scratch")
    cfg: str = Field("", description="size of the model, as in yolov5n, or a model YAML; empty: that of the weights")
    data: str = Field("", description="the data set; empty: the data.yaml in the working folder")
    hyp: str = Field(SCRATCH_LOW, description="hyper-parameters: the name of a preset, or a YAML file")
    epochs: int = Field(100, ge=1, le=1_000_000, description="passes over the training images")
    batch_size: int = Field(
        16, ge=-1, le=100_000, description="images in a batch, of all devices; -1: what memory holds"
    )
    imgsz: int = Field(640, ge=32, le=16_384, description="longer side of the images, in pixels")
    rect: bool = Field(False, description="batches of the smallest shape their images fit in; no mosaic, no shuffle")
    resume: str | None = Field(None, description="the run to go on with; `last`: the newest")
    nosave: bool = Field(False, description="save the last checkpoint alone")
    noval: bool = Field(False, description="validate after the last epoch alone")
    noautoanchor: bool = Field(False, description="do not judge the anchors")
    noplots: bool = Field(False, description="write no pictures")
    cache: Literal["ram", "disk", "val"] | None = Field(
        None,
        description="decoded images are kept in half of the free memory at most; ram: nine tenths; disk: in the user's "
        "cache folder, too; val: as without",
    )
    image_weights: bool = Field(False, description="draw images with classes of low mAP more often")
    device: str = Field("", description="cpu, mps, or CUDA devices as 0 or 0,1; empty: the best there is")
    multi_scale: bool = Field(False, description="every batch at another size, from half to one and a half times imgsz")
    single_cls: bool = Field(False, description="take all classes for one")
    optimizer: Literal["SGD", "Adam", "AdamW"] = Field("SGD", description="SGD, Adam or AdamW")
    sync_bn: bool = Field(False, description="batch normalisation over all devices")
    workers: int = Field(
        8, ge=0, le=1024, description="threads that prepare images, a device; no more than its share of the processors"
    )
    project: str = Field("runs/train", description="folder of the runs")
    name: str = Field("exp", description="folder of this run")
    exist_ok: bool = Field(False, description="write into the folder even if it exists")
    quad: bool = Field(False, description="four images side by side count as one")
    cos_lr: bool = Field(False, description="learning rate along a cosine, not a straight line")
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="share taken off the right class")
    patience: int = Field(
        100, ge=0, le=1_000_000, description="stop after so many epochs without a better one; 0: never"
    )
    freeze: tuple[Annotated[int, Field(ge=0, le=1000)], ...] = Field(
        (0,), strict=False, min_length=1, description="N: the first N layers do not learn; several: those"
    )
    save_period: int = Field(-1, ge=-1, le=1_000_000, description="keep a checkpoint every so many epochs; -1: none")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="of every random number")
    precision: Literal["auto", "fp32", "fp16", "bf16"] = Field(
        "auto", description="of the forward pass; auto: fp16 on CUDA, fp32 elsewhere"
    )
    autoanchor: bool = Field(False, description="replace the anchors of trained weights, too, where others fit better")
    save_every: int | None = Field(
        None, ge=1, le=10**9, description="also save every so many batches, to lose less work"
    )
    folds: int = Field(
        0, ge=0, le=5, description="of a baseline: also so many models, each of which judges images it never saw"
    )

    @field_validator("batch_size")
    @classmethod
    def _some(cls, images: int) -> int:
        if not images:
            raise ValueError("a batch has 1 image or more, or -1 for what memory holds")
        return images

    @field_validator("folds")
    @classmethod
    def _others(cls, folds: int) -> int:
        if folds == 1:
            raise ValueError("one fold alone leaves no image to learn from: 0 for none, or 2 to 5")
        return folds

    def side(self, stride: int) -> int:
        """The image size in pixels, rounded up to a multiple of 32 or of the model's coarsest stride: two at least."""
        grid = max(stride, GRID)
        return max(2 * grid, math.ceil(self.imgsz / grid) * grid)

    def frozen(self) -> tuple[int, ...]:
        """The layers that do not learn: one number N is the first N layers, several are those layers themselves."""
        return tuple(range(self.freeze[0])) if len(self.freeze) == 1 else tuple(sorted(set(self.freeze)))


class Setting(NamedTuple):
    """A setting for people."""

    name: str
    """`batch-size` (an option) or `lr0` (a hyper-parameter)."""
    value: Any
    is_default: bool


Model = TypeVar("Model", Options, Hyper)


def hyper(name_or_path: str = SCRATCH_LOW, **overrides: float | None) -> Hyper:
    """The hyper-parameters of a preset (`scratch-med`, `hyp.scratch-med.yaml`) or of a YAML file, with some replaced.

    What a file leaves out has its default. UsageError for an unknown name, an unknown key or a value out of bounds.
    """
    given = _preset(name_or_path)
    values, source = (given.model_dump(), name_or_path) if given else (_read(name_or_path), shorten(name_or_path, 200))
    base = _validated(Hyper, values, source)
    return _validated(Hyper, {**base.model_dump(), **overrides}, "hyper-parameters") if overrides else base


def options(given: Mapping[str, Any], base: Options | None = None) -> Options:
    """Options with those given by name replaced, others as in `base`; UsageError where one cannot be followed."""
    for name in given:
        if name in ELSEWHERE:
            raise UsageError(f"--{_kebab(name)}: {ELSEWHERE[name]}")
    values = (base or Options()).model_dump()
    return _validated(Options, {**values, **given}, "options")


def describe(options: Options, hyper: Hyper, defaults: Options | None = None) -> list[Setting]:
    """Every setting, options first, and whether it is that of `defaults` (None: YOLOv5's) or of `scratch-low`."""
    usual = (defaults or Options()).model_dump()
    told = [Setting(_kebab(name), value, value == usual[name]) for name, value in options.model_dump().items()]
    usual = PRESETS[SCRATCH_LOW].model_dump()
    return told + [Setting(name, value, value == usual[name]) for name, value in hyper.model_dump().items()]


def _preset(name: str) -> Hyper | None:
    """The preset of that name; a file of that name goes before it, as far as it is named as a file."""
    plain = name.removeprefix("hyp.").removesuffix(".yaml")
    if plain not in PRESETS or (plain != name and os.path.lexists(name)):
        return None
    return PRESETS[plain]


def _read(path: str) -> Mapping[str, Any]:
    """The entries of a YAML file of hyper-parameters."""
    is_file = path.endswith((".yaml", ".yml")) or "/" in path or os.sep in path
    if "\0" in path or (not is_file and not os.path.lexists(path)):
        known = f" There are {', '.join(PRESETS)}; a file of your own is named by its path."
        raise UsageError(f"no preset is called {shorten(path)!r}.{meant(path, PRESETS) or known}")
    entries = yaml_file.entries(path, "hyper-parameters", _instead(path))
    return {key: _number(entry.value) for key, entry in entries.items()}


def _instead(path: str) -> str:
    name = os.path.basename(path).removeprefix("hyp.").removesuffix(".yaml")
    return f" The preset of that name is {name!r}" if name in PRESETS else ""


def _validated(kind: type[Model], values: Mapping[str, Any], source: str) -> Model:
    known = kind.model_fields
    for key in values:
        if key not in known:
            raise UsageError(f"{source}: unknown {_what(key, known)}")
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        place, problem = first_problem(error)
        raise UsageError(f"{source}: {_kebab(place) if kind is Options else place}: {problem}") from None


def _what(key: str, known: Iterable[str]) -> str:
    if key == "label_smoothing":
        return "hyper-parameter 'label_smoothing': it is an option, --label-smoothing"
    return f"key {shorten(str(key))!r}.{meant(str(key), known)}"


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, str) and NUMBER.fullmatch(value) else value


def _kebab(name: str) -> str:
    return name.replace("_", "-")
