"""`yoloaudit split`: a split of the images that has no leak, written as image lists and a descriptor."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeAlias

import typer

from yoloaudit.cli import measuring, options, streams
from yoloaudit.errors import DataError, UsageError, WriteError, YoloauditError
from yoloaudit.findings import shorten

if TYPE_CHECKING:
    from yoloaudit.config import Options
    from yoloaudit.dataset.layout import Layout
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.relist import Targets

NO_PROPOSE = (
    "split only proposes: yoloaudit split DATA --propose. It writes image lists and a descriptor, and moves nothing"
)


Propose: TypeAlias = Annotated[
    bool, typer.Option("--propose", help="Write image lists and a descriptor of a split without a leak.")
]
Val: TypeAlias = Annotated[float, typer.Option("--val", metavar="SHARE", help="Share of the images for val.")]
Test: TypeAlias = Annotated[
    float | None, typer.Option("--test", metavar="SHARE", help="Share for test. Default: the share it has now.")
]
Seed: TypeAlias = Annotated[
    int, typer.Option("--seed", metavar="N", min=0, help="Another number gives another split that is as good.")
]
Output: TypeAlias = Annotated[
    str | None, typer.Option("--output", metavar="FOLDER", help="Where to write. Default: beside the data.")
]
Force: TypeAlias = Annotated[bool, typer.Option("--force", help="Write over files of an earlier proposal.")]
Format: TypeAlias = Annotated[str, typer.Option("--format", metavar="FORMAT", help="On stdout: text or json.")]


class Asked(NamedTuple):
    """What is to be made of the data set, and where it is to be written."""

    val: float = 0.2
    test: float | None = None
    """None: what it has now."""
    seed: int = 0
    output: str | None = None
    force: bool = False


def split(
    data: options.Data = None,
    propose: Propose = False,
    val: Val = 0.2,
    test: Test = None,
    seed: Seed = 0,
    output: Output = None,
    force: Force = False,
    workers: options.Workers = None,
    no_cache: options.NoCache = False,
    cache_dir: options.CacheFolder = None,
    config: options.Config = None,
    format: Format = "text",  # noqa: A002
    untrusted: options.Untrusted = False,
    root: options.RootFolder = None,
) -> None:
    """Propose a split that has no leak: copies, and pictures of one source, stay together.

    Every split gets its share of every class and of the backgrounds. Image lists and a descriptor are written; no
    image is moved. Exit code: 0 written, 2 cannot run.
    """
    if format not in ("text", "json"):
        raise UsageError("split writes --format text or json to stdout")
    try:
        if not propose:
            raise UsageError(NO_PROPOSE)
        chosen = settings(config, untrusted, workers=workers, no_cache=no_cache or None, cache_dir=cache_dir)
        facts = run(data, Asked(val, test, seed, output, force), chosen, untrusted, root)
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise
    if format == "json":
        from yoloaudit.cli.show_split import document

        streams.emit(document(facts))
    else:
        from yoloaudit.cli.show_split import text

        streams.emit(text(facts))


def settings(config: str | None, untrusted: bool, **given: Any) -> Options:
    """The settings of a run, for what they say of processes and caches."""
    from yoloaudit.config import load_settings

    read = load_settings(config, ".", untrusted).with_given(given)
    if read.passed_over:
        streams.tell(f"note: {read.passed_over} is not read, because the data are not trusted; --config names it")
    return read.options


def run(data: str | None, asked: Asked, chosen: Options, untrusted: bool, root: str | None) -> dict[str, Any]:
    """Read and measure the data set, make the split and write it; the facts of it."""
    from yoloaudit.cli.console import progress
    from yoloaudit.dataset.find import find
    from yoloaudit.dataset.load import read
    from yoloaudit.relist import targets

    found = find(data, untrusted=untrusted, root_dir=root)
    layout = found.descriptor.layout
    if layout != "yolo":
        raise DataError(f"this is a {layout.upper()} data set, and image lists are for YOLO labels. Export it as YOLO")
    shares = shares_of(asked, found)
    files = targets(found.root.path, found.descriptor.path, list(shares), asked.output)
    spare(files, found, asked.force)
    with progress() as shown, measuring.scan(chosen, untrusted) as scan:
        dataset = read(found, untrusted=untrusted, workers=chosen.workers, headers=scan.headers, progress=shown)
        measures = scan.measures(dataset, ["hashes", "pixels"], shown)
    return proposed(dataset, measures, shares, files, asked)


def proposed(
    dataset: Dataset, measures: Mapping[str, Any], shares: Mapping[str, float], files: Targets, asked: Asked
) -> dict[str, Any]:
    """Split a data set that has been measured, and write it; the facts of it."""
    from yoloaudit.relist import contents
    from yoloaudit.resplit import resplit, summary

    images, boxes = dataset.images, dataset.boxes
    made = resplit(images, boxes, measures["hashes"], measures["pixels"], shares, asked.seed)
    paths = {name: sorted(images["path"][made.split == name]) for name in shares}
    wanted = " ".join(f"--{name} {share:.4g}" for name, share in shares.items() if name != "train")
    made_by = f"Made by `yoloaudit split --propose {wanted} --seed {asked.seed}`. The images lie where they were."
    texts = contents(dataset, paths, files, made_by)
    write(texts, files.descriptor, asked.force)
    lines = [line for path in files.lists.values() for line in texts[path].splitlines()]
    absolute = sum(not line.startswith(b"./") for line in lines)
    return {
        "dataset": {"root": dataset.root, "descriptor": dataset.descriptor.path},
        "seed": asked.seed,
        **summary(images, boxes, dataset.names, made),
        "files": {"descriptor": files.descriptor, "lists": dict(files.lists), "absolute_lines": absolute},
    }


def shares_of(asked: Asked, found: Layout) -> dict[str, float]:
    """The share of each split; test keeps the one it has unless another is asked for."""
    val, test = asked.val, asked.test
    if test is None:
        first = dict(zip(reversed(found.images), reversed(found.image_splits), strict=True))
        test = sum(split == "test" for split in first.values()) / max(1, len(first))
    if not (0 < val < 1 and 0 <= test < 1 and val + test < 1):
        raise UsageError(f"--val {val:.4g} and --test {test:.4g} leave nothing for train or for val. Say other shares")
    return {"train": 1 - val - test, "val": val} | ({"test": test} if test else {})


def spare(files: Targets, found: Layout, force: bool) -> None:
    """Refuse to write over a file: never over one of the data set, over others only if asked to."""
    own = {os.path.join(found.root.path, found.descriptor.path), *found.images, *found.labels}
    own.update(path.target for path in found.descriptor.splits if path.target)
    for path in (*files.lists.values(), files.descriptor):
        shown = shorten(path, 300)
        if path in own or os.path.realpath(path) in own:
            raise UsageError(f"{shown} belongs to the data set. Name another folder with --output")
        if os.path.lexists(path) and (os.path.islink(path) or not os.path.isfile(path)):
            raise UsageError(f"{shown} is no file that can be written over. Name another folder with --output")
        if os.path.lexists(path) and not force:
            raise UsageError(f"{shown} exists: --force writes over it, --output FOLDER writes elsewhere")


def write(texts: Mapping[str, bytes], descriptor: str, force: bool) -> None:
    """All files or none, the descriptor last; an old one goes first, as it would lead to lists of two proposals."""
    from yoloaudit.files import write_atomically

    done: list[str] = []
    try:
        os.makedirs(os.path.dirname(descriptor), exist_ok=True)
        if force and os.path.lexists(descriptor):
            os.unlink(descriptor)
        for path, data in texts.items():
            write_atomically(path, data)
            done.append(path)
    except OSError as error:
        raise WriteError(f"cannot write {descriptor}: {error.strerror or error}. Name another --output") from None
    finally:
        if len(done) < len(texts):
            for path in done:
                os.unlink(path)
