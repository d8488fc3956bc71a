"""`yoloaudit val`: a trained model held against the labels of one split, in YOLOv5's numbers or COCO's."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from yoloaudit.cli import detect_options, options, streams, val_options
from yoloaudit.cli.extras import need_trainer
from yoloaudit.cli.val_files import Wanted
from yoloaudit.errors import DataError, UsageError, WriteError, YoloauditError
from yoloaudit.findings import shorten

if TYPE_CHECKING:
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.progress import Progress
    from yoloaudit.train.score.evaluate import Evaluation
    from yoloaudit.train.settings import Settings
    from yoloaudit.train.types import Checkpoint


class Asked(NamedTuple):
    """What is held against what."""

    data: str | None
    again: str | None
    """The data set by its option; YOLOv5 knows no other way."""
    weights: str
    task: str
    device: str
    single_class: bool
    coco: bool
    untrusted: bool
    root: str | None


def val(
    data: val_options.Data = None,
    data_option: val_options.DataOption = None,
    task: val_options.Task = "val",
    single_cls: val_options.SingleClass = False,
    weights: detect_options.Weights = "yolov5s.pt",
    device: detect_options.Device = "",
    half: detect_options.Half = False,
    imgsz: detect_options.ImageSize = 640,
    batch_size: detect_options.BatchSize = 32,
    conf_thres: detect_options.Confidence = 0.001,
    iou_thres: detect_options.Overlap = 0.6,
    max_det: detect_options.MostDetections = 300,
    augment: detect_options.Augment = False,
    workers: detect_options.Workers = None,
    coco: val_options.Coco = False,
    verbose: val_options.Verbose = False,
    save_txt: detect_options.SaveTxt = False,
    save_conf: detect_options.SaveConf = False,
    save_json: val_options.SaveJson = False,
    no_plots: val_options.NoPlots = False,
    project: detect_options.Project = "runs/val",
    name: detect_options.Name = "exp",
    exist_ok: detect_options.ExistOk = False,
    format: detect_options.Format = "text",  # noqa: A002
    untrusted: options.Untrusted = False,
    root: options.RootFolder = None,
) -> None:
    """Hold a trained model against the labels: precision, recall and mAP, over all and by class.

    Curves, confusion matrix and pictures go to a new folder below runs/val. Exit code: 0 done, 2 cannot run.
    """
    asked = Asked(data, data_option, weights, task, device, single_cls, coco, untrusted, root)
    wanted = Wanted(save_txt, save_conf, save_json, not no_plots, project, name, exist_ok)
    numbers = {"imgsz": imgsz, "batch": batch_size, "conf": conf_thres, "iou": iou_thres, "max_detections": max_det}
    ways = {"augment": augment, "half": half, "agnostic": single_cls} | (
        {} if workers is None else {"workers": workers}
    )
    tell(lambda: run(asked, wanted, numbers | ways), format, verbose)


def tell(made: Callable[[], dict[str, Any]], format: str, verbose: bool) -> None:  # noqa: A002
    """The facts on standard output, or as JSON also why there are none."""
    from yoloaudit.cli import show_split

    if format not in ("text", "json"):
        raise UsageError("val writes --format text or json to stdout")
    try:
        facts = made()
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise
    if format == "json":
        streams.emit(show_split.document(facts))
    else:
        from yoloaudit.cli import show_val

        streams.emit(show_val.text(facts, verbose=verbose))
    if facts["files"]["problem"] is not None:
        raise WriteError(facts["files"]["problem"])


def chosen_data(asked: Asked) -> str | None:
    """The data set, which may be named either way."""
    one, other = asked.data, asked.again
    if one is not None and other is not None and one != other:
        raise UsageError(f"two data sets are named, {shorten(one)} and --data {shorten(other)}. Name one")
    return other if one is None else one


def run(asked: Asked, wanted: Wanted, numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Read the data set and the weights, look at the images, and write what is wanted; the facts of it.

    `numbers` are fields of train.settings.Settings.
    """
    need_trainer()
    from yoloaudit.cli.console import progress
    from yoloaudit.cli.looking import possible
    from yoloaudit.cli.val_facts import facts_of, facts_of_data, facts_of_model, facts_of_settings
    from yoloaudit.cli.val_files import contents, write
    from yoloaudit.train import device as devices
    from yoloaudit.train import weights
    from yoloaudit.train.eye import Timer
    from yoloaudit.train.images.data import of_split
    from yoloaudit.train.predict import predict
    from yoloaudit.train.score.evaluate import evaluate

    looks = looks_of(numbers)
    device = devices.choose(asked.device)
    with progress() as shown:
        dataset = loaded(asked, looks.imgsz, shown)
        model, held = weights.load(asked.weights, device=device, tell=streams.tell, progress=shown)
        refuse_others(held, dataset, asked)
        looks = possible(looks, model, device.type)
        source, timer = of_split(dataset, [asked.task], dropped=False), Timer()
        paths = dataset.images["path"].tolist()
        with place_of(wanted, dataset) as folder:
            seen = predict(model, source, looks, device=device, progress=shown, timer=timer)
            evaluation = evaluate(seen, dataset.boxes, dataset.names, single_class=asked.single_class, coco=asked.coco)
            refuse_nothing(evaluation, paths)
            made = contents(asked.weights, wanted, evaluation, source, paths, looks.batch)
            files = write(folder, made, shown)
    return {
        "dataset": facts_of_data(dataset, asked.task),
        "model": facts_of_model(held),
        "settings": facts_of_settings(looks, devices.describe(device), asked.single_class),
        **facts_of(evaluation, dataset, asked.task),
        "speed": timer.speed()._asdict(),
        "files": files,
    }


def looks_of(numbers: Mapping[str, Any]) -> Settings:
    """How the model is to look; raises UsageError for thresholds that cannot be."""
    from yoloaudit.train.predict import chosen_by
    from yoloaudit.train.settings import Settings

    looks = Settings(**numbers)
    chosen_by(looks)
    return looks


def place_of(wanted: Wanted, dataset: Dataset) -> AbstractContextManager[str | None]:
    """The run folder, if one is needed, away from the images and labels that are read."""
    from yoloaudit.cli.run_place import run_place

    if not wanted.anything:
        return nullcontext()
    read = (os.path.join(dataset.root, path) for table in (dataset.images, dataset.labels) for path in table["path"])
    return run_place(wanted.project, wanted.name, wanted.exist_ok, read)


def loaded(asked: Asked, imgsz: int, shown: Progress) -> Dataset:
    """The split of the data set; raises DataError where it has no image that a model can be held against."""
    from yoloaudit.cli.val_facts import elsewhere
    from yoloaudit.dataset.load import load
    from yoloaudit.dataset.tables import SPLITS

    task = asked.task
    if task not in SPLITS:
        raise UsageError(f"--task takes train, val or test, not {shorten(task)!r}")
    named, untrusted = chosen_data(asked), asked.untrusted
    dataset = load(named, untrusted=untrusted, root_dir=asked.root, splits=[task], imgsz=imgsz, progress=shown)
    streams.tell(*(f"note: {found}" for found in elsewhere(dataset, task)))
    if not dataset.names and not asked.single_class:
        raise DataError(f"{dataset.descriptor.path} names no class. Give it `names`, or take all for one: --single-cls")
    fates = dataset.images["fate"]
    if not (fates != "dropped").any():
        why = f"has {len(fates):,} images, none of which the trainer can use" if len(fates) else "leads to no image"
        raise DataError(f"the split {task} of {dataset.descriptor.path} {why}. `yoloaudit check` says more")
    return dataset


def refuse_others(held: Checkpoint, dataset: Dataset, asked: Asked) -> None:
    """Raise DataError where the classes of the weights are not those of the data set."""
    from yoloaudit.train.weights import check_names

    differs = None if asked.single_class else check_names(held, dataset.names)
    if differs is not None:
        raise DataError(
            f"{differs}. Name weights that were trained on these classes, or take all for one: --single-cls"
        )


def refuse_nothing(evaluation: Evaluation, paths: Sequence[str]) -> None:
    """Raise DataError where not one image could be read."""
    if not len(evaluation.images):
        place, why = next(iter(evaluation.unreadable.items()))
        several = f"none of {len(evaluation.unreadable):,} images could be read"
        raise DataError(f"{several}: {shorten(paths[place], 200)} {shorten(why, 200)}")
