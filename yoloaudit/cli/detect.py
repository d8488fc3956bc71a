"""`yoloaudit detect`: a trained model looks at images and videos; what it sees is told, drawn and written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from yoloaudit.cli import detect_options as options
from yoloaudit.cli import streams
from yoloaudit.cli.extras import need_trainer
from yoloaudit.errors import DataError, UsageError, YoloauditError
from yoloaudit.findings import shorten

if TYPE_CHECKING:
    from yoloaudit.cli.show_detect import Seen
    from yoloaudit.progress import Step
    from yoloaudit.train.images.sources import Item
    from yoloaudit.train.model import Detector
    from yoloaudit.train.output.saving import Saver, Wanted
    from yoloaudit.train.plot.drawing import Style
    from yoloaudit.train.settings import Settings


class Asked(NamedTuple):
    """What is wanted, besides how the model looks."""

    source: str
    weights: str
    device: str
    vid_stride: int
    wanted: Wanted
    style: Style
    project: str = "runs/detect"
    name: str = "exp"
    exist_ok: bool = False


Tell: TypeAlias = "Callable[[Seen, Sequence[str]], None]"
"""Is handed each picture, and the names of the classes."""


def detect(
    source: options.Source,
    weights: options.Weights = "yolov5s.pt",
    imgsz: options.ImageSize = 640,
    conf_thres: options.Confidence = 0.25,
    iou_thres: options.Overlap = 0.45,
    max_det: options.MostDetections = 1000,
    device: options.Device = "",
    save_txt: options.SaveTxt = False,
    save_conf: options.SaveConf = False,
    save_crop: options.SaveCrop = False,
    nosave: options.NoSave = False,
    classes: options.Classes = None,
    more: options.MoreClasses = None,
    agnostic_nms: options.Agnostic = False,
    augment: options.Augment = False,
    project: options.Project = "runs/detect",
    name: options.Name = "exp",
    exist_ok: options.ExistOk = False,
    line_thickness: options.Thickness = 3,
    hide_labels: options.HideLabels = False,
    hide_conf: options.HideConf = False,
    half: options.Half = False,
    vid_stride: options.Stride = 1,
    batch_size: options.BatchSize = 1,
    workers: options.Workers = None,
    format: options.Format = "text",  # noqa: A002
) -> None:
    """Let a trained model look at images and videos, and draw what it sees, into a new folder below runs/detect.

    Exit code: 0 done, 2 cannot run, or not one picture could be read.
    """
    with refusals(format):
        from yoloaudit.train import settings
        from yoloaudit.train.output.saving import Wanted
        from yoloaudit.train.plot.drawing import Style

        only, threads = chosen_classes(classes, more), settings.WORKERS if workers is None else workers
        looks = settings.Settings(imgsz, batch_size, conf_thres, iou_thres, max_det, False, agnostic_nms, only)
        looks = replace(looks, augment=augment, half=half, workers=threads)
        ways = Wanted(not nosave, save_txt, save_conf, save_crop), Style(line_thickness, not hide_labels, not hide_conf)
        asked = Asked(source, weights, device, vid_stride, *ways, project, name, exist_ok)
        facts = (tell_as_json if format == "json" else tell_as_text)(asked, looks)
    refuse_nothing(facts)


@contextmanager
def refusals(format: str) -> Iterator[None]:  # noqa: A002
    """An error is a document too, where documents are wanted."""
    if format not in ("text", "json"):
        raise UsageError("detect writes --format text or json to stdout")
    try:
        need_trainer()
        yield
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise


def chosen_classes(classes: Sequence[str] | None, more: Sequence[str] | None) -> tuple[int, ...]:
    """Class ids of `--classes 0 --classes 2`, `--classes 0,2` and `--classes 0 2`, where the rest are arguments."""
    if more and not classes:
        raise UsageError(f"what is {shorten(more[0])}? The files to look at are named by --source")
    texts = [part for value in (*(classes or ()), *(more or ())) for part in value.split(",") if part.strip()]
    for text in texts:
        if not (text.strip().isascii() and text.strip().isdecimal() and len(text) < 9):
            raise UsageError(f"--classes takes class ids from 0, as in --classes 0,2, not {shorten(text)!r}")
    return tuple(dict.fromkeys(int(text) for text in texts))


def tell_as_text(asked: Asked, looks: Settings) -> dict[str, Any]:
    """A line a picture as it is looked at, and a summary; the facts."""
    from yoloaudit.cli import show_detect

    facts = run(asked, looks, lambda seen, names: streams.emit([show_detect.line(seen, names)]))
    streams.emit(show_detect.summary(facts))
    return facts


def tell_as_json(asked: Asked, looks: Settings) -> dict[str, Any]:
    """One document with all pictures, once all were looked at; the facts."""
    from yoloaudit.cli import show_detect

    pictures: list[str] = []
    facts = run(asked, looks, lambda seen, names: pictures.append(show_detect.entry(seen, names)), bar=True)
    streams.emit(show_detect.document(facts, pictures))
    return facts


def refuse_nothing(facts: dict[str, Any]) -> None:
    """An error where not one picture could be read."""
    counts = facts["counts"]
    if counts["unreadable"] and counts["unreadable"] == counts["looked_at"]:
        raise DataError(f"nothing could be read: {shorten(str(facts['first_problem']), 300)}")


def run(asked: Asked, looks: Settings, tell: Tell, *, bar: bool = False) -> dict[str, Any]:
    """Look at everything, tell of each picture, write what is wanted; the facts of the run."""
    from yoloaudit.cli.console import progress
    from yoloaudit.cli.looking import possible
    from yoloaudit.progress import silent
    from yoloaudit.train import device as devices
    from yoloaudit.train import weights
    from yoloaudit.train.images import sources
    from yoloaudit.train.output.saving import Saver
    from yoloaudit.train.predict import chosen_by

    chosen_by(looks)
    items = sources.items_of(asked.source, asked.project, asked.name)
    device = devices.choose(asked.device)
    with progress() as shown:
        model, checkpoint = weights.load(asked.weights, device=device, tell=streams.tell, progress=shown)
    refuse_classes(looks, model)
    looks = possible(looks, model, device.type)
    with place_of(asked, items) as folder:
        saver = Saver(folder, items, model.names, asked.wanted, asked.style) if folder else None
        total = None if any(item.is_video for item in items) else len(items)
        bars = progress() if bar else nullcontext(silent)
        with saver or nullcontext(), bars as shown, shown.task("detecting", total) as step:
            facts = _look(asked, looks, model, device, items, saver, tell, step)
    written = dict(saver.written) if saver else {}
    named = {name: getattr(checkpoint, name) for name in ("path", "sha256", "size")}
    return {
        "source": asked.source,
        "model": {**named, "names": list(model.names)},
        "device": str(device),
        **facts,
        "files": {"folder": folder if written else None, **written},
    }


def place_of(asked: Asked, items: Sequence[Item]) -> AbstractContextManager[str | None]:
    """The run folder, if one is needed, away from the files that are looked at."""
    from yoloaudit.cli.run_place import run_place

    if not asked.wanted:
        return nullcontext()
    return run_place(asked.project, asked.name, asked.exist_ok, (item.path for item in items))


def refuse_classes(looks: Settings, model: Detector) -> None:
    """Raise UsageError for classes that there are not."""
    beyond = [number for number in looks.classes if number >= model.classes]
    if beyond:
        raise UsageError(
            f"--classes {beyond[0]}: the model knows {model.classes:,} classes, 0 to {model.classes - 1:,}"
        )


def _look(
    asked: Asked,
    looks: Settings,
    model: Detector,
    device: Any,
    items: Sequence[Item],
    saver: Saver | None,
    tell: Tell,
    step: Step,
) -> dict[str, Any]:
    from yoloaudit.cli.show_detect import Seen
    from yoloaudit.dataset.decodable import MOST_PIXELS
    from yoloaudit.train.eye import Timer
    from yoloaudit.train.images.augment import letterbox
    from yoloaudit.train.images.sources import Reading, pictures
    from yoloaudit.train.predict import see, stride_of

    side = looks.imgsz
    fit = partial(letterbox, shape=(side, side), stride=stride_of(model))
    reading = Reading(MOST_PIXELS, asked.vid_stride, asked.wanted.pixels, looks.workers, looks.batch)
    timer, counts = Timer(), {"looked_at": 0, "unreadable": 0, "detections": 0}
    problem = None
    for picture, predicted in see(model, pictures(items, fit, reading), looks, device=device, timer=timer):
        path, is_video = items[picture.place].path, items[picture.place].is_video
        counts["looked_at"] += 1
        counts["unreadable"] += predicted.error is not None
        counts["detections"] += len(predicted.detections)
        problem = problem or (predicted.error and f"{path} {predicted.error}")
        told = Seen(path, picture.place + 1, len(items), picture, predicted, timer.latest.infer, is_video)
        tell(told, model.names)
        step(1)
        if saver is not None and predicted.error is None:
            saver.save(picture, predicted.detections)
    speed = {part: round(milliseconds, 3) for part, milliseconds in timer.speed()._asdict().items()}
    return {"imgsz": side, "batch": looks.batch, "counts": counts, "first_problem": problem, "speed": speed}
