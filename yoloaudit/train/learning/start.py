"""Options and a data set → the model that a training starts from, and what a person should know of it.

N boxes, L levels, A anchors a level.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import numpy as np
import torch

from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import CheckpointError, UsageError
from yoloaudit.findings import shorten
from yoloaudit.progress import Progress, silent
from yoloaudit.train import family, model_yaml, weights
from yoloaudit.train.anchors import auto
from yoloaudit.train.checkpoint import lineage
from yoloaudit.train.checkpoint import read as checkpoint
from yoloaudit.train.config import Hyper, Options
from yoloaudit.train.model import Detector, build
from yoloaudit.train.release import locate
from yoloaudit.train.samples.labels import TRAINED
from yoloaudit.train.types import Checkpoint, Floats

DEFAULT_SIZE = "s"

Tell = Callable[[str], None]


def first_model(
    dataset: Dataset,
    options: Options,
    hyper: Hyper,
    names: Sequence[str],
    *,
    split: str = "train",
    tell: Tell,
    progress: Progress = silent,
) -> Detector:
    """A model of the size that is asked for, with the weights that are asked for, and anchors for the data set's boxes.

    Random numbers come from torch's generator, seeded here. Raises CheckpointError where the weights are none or of
    another kind of model, UsageError for an unknown size.
    """
    size, own = of_cfg(options.cfg, tell) if options.cfg else (None, None)
    found = read_weights(options.weights, tell, progress) if options.weights else None
    torch.manual_seed(options.seed)
    architecture = None
    if found is not None and not options.cfg:
        size, own, architecture = found.size, found.anchors, lineage.architecture_of(found.state)
    model = build(size or DEFAULT_SIZE, len(names), names, own, architecture=architecture or "v6")
    if found is not None:
        taken = weights.transfer(model, found, anchors=not options.cfg and hyper.anchors is None)
        tell(f"{taken.copied} of {taken.of} tensors come from {shorten(options.weights, 200)}")
    if options.noautoanchor:
        return model
    sizes = box_sizes(dataset, split, options.side(max(model.strides)))
    return with_anchors(model, options, hyper, sizes, trained=found is not None, tell=tell)


def read_weights(name: str, tell: Tell, progress: Progress = silent) -> Checkpoint:
    """The checkpoint of that name or path; raises CheckpointError if nothing can start from it."""
    found = checkpoint.read(locate.locate(name, tell=tell, progress=progress))
    shown = shorten(found.path, 200)
    if (reason := checkpoint.damaged(found)) is not None:
        raise CheckpointError(f"{shown} {reason}")
    if (reason := checkpoint.unlike(found)) is not None:
        raise CheckpointError(f"{shown} {reason}")
    return found


def of_cfg(cfg: str, tell: Tell) -> tuple[str, Floats | None]:
    """The size that --cfg names, or size and anchors of the model YAML that it is; UsageError where it is neither.

    Anchors are L × A × 2 in pixels, None for those of the family.
    """
    if not model_yaml.is_file(cfg):
        return size_named(cfg).name, None
    size, anchors = model_yaml.described(cfg)
    tell(f"{shorten(cfg, 200)} describes yolov5{size.name}")
    return size.name, anchors


def size_named(cfg: str) -> family.Size:
    """The size of a name as yolov5n or models/yolov5n.yaml; UsageError for one that is not of the family."""
    name = os.path.basename(cfg)
    plain = name.removesuffix(".yaml").removesuffix(".yml")
    try:
        return family.size_of(plain)
    except UsageError as error:
        missing = "" if plain == name else f"there is no file {shorten(cfg, 200)}, and "
        raise UsageError(f"{missing}{error}") from None


def with_anchors(
    model: Detector, options: Options, hyper: Hyper, sizes: Floats, *, trained: bool, tell: Tell
) -> Detector:
    """The model, with other anchors where these do not fit and nothing that was learnt is lost by it.

    Trained weights keep theirs unless --autoanchor says otherwise. The hyper-parameter `anchors` asks for so many a
    level, and the head is then a fresh one if it had another number.
    """
    anew = None if hyper.anchors is None else round(hyper.anchors)
    anchors = model.anchors_px.detach().cpu().numpy().astype(np.float32)
    rng = np.random.default_rng(options.seed)
    fit = auto.check(sizes, anchors, anchor_t=hyper.anchor_t, rng=rng, anew=anew)
    is_asked = options.autoanchor or anew is not None
    for sentence in auto.sentences(fit, trained=trained, asked=is_asked):
        tell(sentence)
    if fit.proposal is None or not auto.is_taken(fit, trained=trained, asked=is_asked):
        return model
    if fit.proposal.anchors.shape == anchors.shape:
        replace(model, fit.proposal.anchors)
        return model
    return _regrown(model, fit.proposal.anchors)


def replace(model: Detector, anchors: Floats) -> None:
    """Give a model other anchors, L × A × 2 in pixels; UsageError if they are of another shape than its own."""
    if anchors.shape != tuple(model.anchors.shape):
        raise UsageError(f"the anchors are {anchors.shape}, but the model has {tuple(model.anchors.shape)}")
    strides = np.array(model.strides, np.float32).reshape(-1, 1, 1)
    with torch.no_grad():
        model.anchors.copy_(torch.from_numpy(anchors.astype(np.float32) / strides))


def _regrown(model: Detector, anchors: Floats) -> Detector:
    """A model with another number of anchors a level; of the old one it has all but the head."""
    made = build(model.size.name, model.classes, model.names, anchors, architecture=model.architecture)
    own = made.state_dict()
    kept = {name: tensor for name, tensor in model.state_dict().items() if own[name].shape == tensor.shape}
    made.load_state_dict({**own, **kept})
    return made


def box_sizes(dataset: Dataset, split: str, imgsz: int) -> Floats:
    """N × 2: width and height of the boxes that are trained on, in pixels at the network's input."""
    boxes, images = dataset.boxes, dataset.images
    own = ((images["split"] == split) & (images["fate"] != "dropped") & (images["width"] > 0)).to_numpy()
    rows = boxes[boxes["fate"].isin(TRAINED).to_numpy() & own[boxes["image"].to_numpy()]]
    shares = rows[["w", "h"]].to_numpy(np.float32)
    frames = images[["width", "height"]].to_numpy(np.float32)[rows["image"].to_numpy()]
    return auto.sizes(shares, frames, imgsz) if len(shares) else np.zeros((0, 2), np.float32)
