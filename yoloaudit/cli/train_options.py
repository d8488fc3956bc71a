"""The options of a training, by the names that YOLOv5 gave them, and those of our own; each declared once, as data.

`takes` gives them to a command: `train` has all of them, and so may any other command that trains.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

import typer
from typer.core import TyperCommand

WHAT, MODEL, HOW, IMAGES = "What is trained", "The model", "How it learns", "Images and batches"
WHERE, OUT = "Where it computes", "What comes out"
BARE = {"--resume": "last", "--cache": "ram"}
"""Options that may stand without a value, and what they then mean."""
SEVERAL = "--freeze"
"""Takes all numbers that follow."""

Command = TypeVar("Command", bound=Callable[..., None])


class Option(NamedTuple):
    """An option of a command: a flag where its default is a truth value."""

    kind: Any
    default: Any
    panel: str
    help: str
    metavar: str | None = None
    names: tuple[str, ...] = ()
    """As they are typed; empty: the parameter's, with hyphens."""


YES = (bool, False)
TRAINING: Mapping[str, Option] = {
    "weights": Option(str, "yolov5s.pt", MODEL, "Weights to start from; '' starts from scratch.", "FILE|NAME"),
    "cfg": Option(
        str, "", MODEL, "Size of the model, as yolov5n, or a model YAML. Default: the weights'.", "NAME|FILE"
    ),
    "hyp": Option(str, "scratch-low", HOW, "Hyper-parameters: a preset, or a YAML file.", "FILE|NAME"),
    "epochs": Option(int, 100, HOW, "Passes over the images.", "N"),
    "batch_size": Option(
        int, 16, IMAGES, "Images in a batch, of all devices; -1: as many as fit.", "N", ("--batch-size", "--batch")
    ),
    "imgsz": Option(int, 640, IMAGES, "Longer side of the images.", "PX", ("--imgsz", "--img", "--img-size")),
    "rect": Option(*YES, IMAGES, "Batches of the smallest shape; no mosaic, no shuffle."),
    "resume": Option(str | None, None, WHAT, "Go on with a run folder; alone: with the newest.", "[RUN]"),
    "nosave": Option(*YES, OUT, "Keep the last checkpoint alone."),
    "noval": Option(*YES, OUT, "Validate after the last epoch alone."),
    "noautoanchor": Option(*YES, MODEL, "Do not judge the anchors."),
    "noplots": Option(*YES, OUT, "Write no pictures."),
    "cache": Option(
        str | None,
        None,
        IMAGES,
        "Decoded images stay in memory, in half of what is free; ram (alone, too): nine tenths; disk: in the cache "
        "folder, too.",
        "[ram|disk|val]",
    ),
    "image_weights": Option(*YES, IMAGES, "Draw images with classes of low mAP more often."),
    "device": Option(str, "", WHERE, "cpu, mps, 0, or several as 0,1. Default: the fastest.", "NAME"),
    "multi_scale": Option(*YES, IMAGES, "Each batch at another size, from half to one and a half."),
    "single_cls": Option(*YES, WHAT, "Take all classes for one."),
    "optimizer": Option(str, "SGD", HOW, "SGD, Adam or AdamW.", "NAME"),
    "sync_bn": Option(*YES, WHERE, "Normalise over the images of all devices."),
    "workers": Option(int, 8, WHERE, "Threads that prepare images, a device, at most.", "N"),
    "project": Option(str, "runs/train", OUT, "Where run folders are made.", "DIR"),
    "name": Option(str, "exp", OUT, "Of the run folder; a number follows if it is taken.", "NAME"),
    "exist_ok": Option(*YES, OUT, "Write into the run folder of an earlier run."),
    "quad": Option(*YES, IMAGES, "Four images side by side count as one."),
    "cos_lr": Option(*YES, HOW, "Learning rate along a cosine."),
    "label_smoothing": Option(float, 0.0, HOW, "Taken off the right class.", "SHARE"),
    "patience": Option(int, 100, HOW, "Stop after so many epochs without a better one; 0: never.", "N"),
    "freeze": Option(str, "0", HOW, "N: the first N layers do not learn; several: those.", "N …"),
    "save_period": Option(int, -1, OUT, "Keep the weights of every Nth epoch; -1: of none.", "N"),
    "seed": Option(int, 0, HOW, "Of every random number.", "N"),
    "precision": Option(str, "auto", WHERE, "auto, fp32, fp16 or bf16; auto: fp16 on CUDA, else fp32.", "NAME"),
    "autoanchor": Option(*YES, MODEL, "Replace anchors of trained weights, too, where others fit better."),
    "save_every": Option(int | None, None, OUT, "Also keep the state every N batches. Default: every epoch.", "N"),
}
"""Those that config.Options has for a training."""
FOLDS = Option(
    int, 0, HOW, "Also train K models (2 to 5), each to judge those images of train and val that it never saw.", "K"
)
"""The one of config.Options that a baseline alone has."""
WAYS: Mapping[str, Option] = {
    "channels_last": Option(
        bool | None,
        None,
        WHERE,
        "Keep maps with their channels last. Default: on a processor.",
        None,
        ("--channels-last/--no-channels-last",),
    ),
    "compile": Option(*YES, WHERE, "Compile the network first, which takes minutes."),
    "augment_there": Option(*YES, WHERE, "Augment images on the GPU that trains.", None, ("--augment-on-device",)),
    "rounded": Option(*YES, MODEL, "Round weights to 16 bits once, as YOLOv5 does.", None, ("--round-weights",)),
}
"""Those of learner.Ways."""


def takes(table: Mapping[str, Option]) -> Callable[[Command], Command]:
    """A decorator: the command has these options, too, and gets their values as further keywords."""

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
        more = [_parameter(name, option) for name, option in table.items()]
        command.__signature__ = signature.replace(parameters=[*own, *more])  # type: ignore[attr-defined]  # Python reads it
        command.__annotations__ = {each.name: each.annotation for each in (*own, *more)} | {"return": None}
        return command

    return decorate


def _parameter(name: str, option: Option) -> inspect.Parameter:
    names = option.names or (f"--{name.replace('_', '-')}",)
    told = typer.Option(*names, help=option.help, metavar=option.metavar, rich_help_panel=option.panel)
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=option.default, annotation=Annotated[option.kind, told])


class BareOptions(TyperCommand):
    """A command some of whose options may stand alone, or before several numbers, as in YOLOv5."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest: list[str] = super().parse_args(ctx, with_values(args))
        return rest


def with_values(arguments: Sequence[str]) -> list[str]:
    """Arguments in which every option has one value."""
    made: list[str] = []
    left = list(arguments)
    while left:
        argument = left.pop(0)
        if argument == "--":
            return [*made, argument, *left]
        if argument in BARE and (not left or left[0].startswith("-")):
            argument = f"{argument}={BARE[argument]}"
        elif argument == SEVERAL:
            numbers = []
            while left and left[0].replace(",", "").isdecimal():
                numbers.append(left.pop(0))
            argument = f"{argument}={','.join(numbers)}" if numbers else argument
        made.append(argument)
    return made


AllowChanged = Annotated[
    bool,
    typer.Option(
        "--allow-changed-data", help="With --resume: also if images or labels have changed.", rich_help_panel=WHAT
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Do not train where images have to be left out.", rich_help_panel=WHAT)
]
