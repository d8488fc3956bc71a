"""Check: how to find one kind of defect; its docstring, parameters and examples are its page."""

from __future__ import annotations

import inspect
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame
from pydantic import BaseModel, ConfigDict

from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Fix, Severity

PLACE = ["row", "image", "label", "split", "file", "line", "class_id", "box"]
"""Columns of a defect that say where it is: ids into the tables (`row` is the id in `boxes`, and says all the rest)."""
FACTS = ["value", "limit", "score", "severity", "message", "related", "fix", "suggestion", "folded"]
"""Columns that say what it is; each may be absent."""

MEASURED = ("pixels", "hashes", "copies", "borders", "deployed")
"""Inputs that cost a look at pixels: made only if an enabled rule asks for one."""
SEEN = ("predictions", "matches", "skill", "judgements", "crops", "seen")
"""Inputs that take a trained model: tables of these names, and a Series by image, whether the model looked at it."""
OTHERS = ("images", "labels", "rows", "boxes", "listed", "strays", "names", "descriptor", "imgsz", "run")
INPUTS = (*OTHERS, *MEASURED, *SEEN)
"""What `find` can ask for by parameter name; the engine hands over what is asked, in scope.

`rows` are all lines of label files that have an image, broken ones included; `boxes` are those of them that yield a
box, exact duplicates left out; `labels` and `images` are whole tables; `names` a tuple, `imgsz` an int; `run` is the
training_run.Run that the user names: checks that ask for it are skipped where there is none.
"""


@dataclass(frozen=True)
class Picture:
    """An image file of an example: drawn when the example is run."""

    width: int = 640
    height: int = 640
    format: str = "PNG"
    mode: str = "RGB"
    orientation: int = 1
    cut: int = 0
    """Bytes taken off the end."""
    append: bytes = b""
    seed: int | None = None
    """None: one colour, black. A number: a coloured texture, another for each number, alike at every size."""
    light: float = 1.0
    """Brightness: the texture's levels are multiplied by this, and cut off at white."""
    blur: float = 0.0
    """Radius of a Gaussian blur in pixels."""
    margin: float = 0.0
    """Share of each side, from every edge, that is plain grey; the texture fills what is left."""
    camera: str = ""
    """The EXIF model of the camera."""
    taken: str = ""
    """The EXIF time of the photograph, as `2024:05:01 12:30:00`."""


@dataclass(frozen=True)
class Training:
    """A run folder of an example: written when the example is run."""

    epochs: int = 100
    """Epochs that were taken, of as many that were planned."""
    best: int = 80
    """The best of them, from 0."""
    rise: float = 0.0
    """By what share the validation losses rise from the best epoch to the last."""
    images: int = 2000
    """Images of its last validation."""
    right: float = 0.8
    """Share of its detections that are right; each image has one label and one detection."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What opt.yaml says otherwise than by default."""
    hyper: Mapping[str, Any] = field(default_factory=dict)
    """What hyp.yaml says."""
    record: Mapping[str, Any] = field(default_factory=dict)
    """What record.json says besides."""


class Judged(NamedTuple):
    """A row of the table `judgements` in an example."""

    kind: str
    score: float = 0.9
    line: int = 1
    """Of the image's label file; 0: an object without label."""
    box: tuple[float, float, float, float] | None = None
    """What is proposed, in pixels."""
    class_id: int = -1
    image: str = "images/train/a.png"
    error_px: float = 2.0
    detection: float = 0.9
    source: str = "val"


@dataclass(frozen=True)
class Looked:
    """What a model sees on the images of an example, how good it is, and what is judged of the labels."""

    detections: tuple[tuple[str, int, float, float, float, float, float], ...] = ()
    """Path of the image, class, score, x1, y1, x2, y2 in pixels; its images are all looked at."""
    judged: tuple[Judged, ...] = ()
    crops: tuple[tuple[int, int, float, int], ...] = ()
    """Line of labels/train/a.txt, neighbours asked, share of them that is of another class, that class."""
    ap50: tuple[float, ...] = (0.8, 0.8)
    """Of each class; each has 50 labels and a threshold of 0.5."""
    confident: int = 100
    """Detections of each class above its threshold."""


@dataclass(frozen=True)
class Example:
    """A small data set: the base of `yoloaudit.testing` with these files put on top (None takes a file away)."""

    files: Mapping[str, str | bytes | Picture | None] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of the check for this example."""
    title: str = ""
    run: Training = field(default_factory=Training)
    """For checks that ask for a run."""
    baseline: Training | None = None
    """The run that it is held against."""
    model: Looked = field(default_factory=Looked)
    """For checks that ask for what a model sees."""


class Check(BaseModel):
    """Base of every check. Parameters are fields; the name is the class name in kebab case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    severity: ClassVar[Severity]
    message: ClassVar[str]
    """Template over the columns of a defect, the check's parameters and what `flag` is given."""
    kind: ClassVar[Literal["sure", "heuristic", "model"]] = "sure"
    fix: ClassVar[Fix | None] = None
    explains: ClassVar[tuple[str, ...]] = ()
    """Checks whose defects on the same rows follow from this one, and are folded into it."""
    withholds: ClassVar[bool] = False
    """True: where it finds something, no other check of kind `model` says anything."""
    needs: ClassVar[tuple[str, ...]] = ()
    """Splits that the check compares or counts: where the user left one out, it is skipped."""
    whole: ClassVar[bool] = False
    """True: one finding for all defects, however few (a root cause)."""
    good: ClassVar[tuple[str | Example, ...]] = ()
    bad: ClassVar[tuple[str | Example, ...]] = ()

    @classmethod
    def name(cls) -> str:
        """`TinyBox` → `tiny-box`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def family(cls) -> str:
        """The folder that the check's file lies in."""
        return cls.__module__.split(".")[-2:][0]

    @classmethod
    def title(cls) -> str:
        """First line of the docstring."""
        return inspect.cleandoc(cls.__doc__ or "").split("\n", 1)[0]

    @classmethod
    def why(cls) -> str:
        """The docstring after its first line: why it matters and what to do."""
        return inspect.cleandoc(cls.__doc__ or "").partition("\n")[2].strip()

    @classmethod
    def inputs(cls) -> list[str]:
        """What `find` asks for, by parameter name."""
        return [name for name in inspect.signature(cls.find).parameters if name != "self"]

    find: ClassVar[Any]
    """find(self, <inputs>) → Defects. Pure: opens no file, prints nothing, keeps nothing."""

    def flag(self, rows: DataFrame, *, value: str | None = None, limit: float | None = None, **facts: Any) -> Defects:
        """Defects at these rows of `images`, `labels`, `boxes`, `judgements` … (told apart by their columns).

        `value` names the column that holds the measured number; `facts` are further columns: an array, a list or one
        value for all (one of FACTS, or what the message template names).
        """
        place = place_of(rows)
        kept = {name: rows[name].to_numpy() for name in self._fields() if name in rows.columns and name not in place}
        frame = DataFrame({**place, **kept}, index=pd.RangeIndex(len(rows)))
        if value is not None:
            frame["value"] = rows[value].to_numpy(dtype=float)
        if limit is not None:
            frame["limit"] = float(limit)
        for name, fact in facts.items():
            frame[name] = _column(fact, len(rows))
        return frame

    def flag_whole(self, entries: Iterable[Mapping[str, Any]] = ()) -> Defects:
        """Defects of the data set as a whole, one a mapping: `file`, `line`, `split`, `class_id`, `value` …"""
        return DataFrame(list(entries))

    @classmethod
    def _fields(cls) -> list[str]:
        return [name for _, name, _, _ in string.Formatter().parse(cls.message) if name]

    def describe(self, defect: Mapping[str, Any]) -> str:
        """The sentence for one defect."""
        text = defect.get("message")
        if isinstance(text, str):
            return text
        return self.message.format_map({**dict(self), **defect})


def place_of(rows: DataFrame) -> dict[str, Any]:
    """The place columns for rows of a table."""
    ids = rows.index.to_numpy()
    if "raw" in rows.columns:
        return {"row": ids, "image": rows["image"].to_numpy()}
    if "box" in rows.columns and "image" not in rows.columns:
        return {"row": rows["box"].to_numpy()}
    if "box" in rows.columns:
        return _place_of_judged(rows)
    if "lines" in rows.columns:
        return {"label": ids, "image": rows["image"].to_numpy()}
    if "orientation" in rows.columns or "perceptual" in rows.columns or "entropy" in rows.columns:
        return {"image": ids}
    if "problem" in rows.columns:
        return {name: rows[name].to_numpy() for name in ("split", "file", "line")}
    return {"file": rows["path"].to_numpy()} if "path" in rows.columns else {}


def _place_of_judged(rows: DataFrame) -> dict[str, Any]:
    """Of judgements: the label that is judged, or the box of an object that has none."""
    row = rows["box"].to_numpy()
    corners = rows[["x1", "y1", "x2", "y2"]].to_numpy(np.float64)
    proposed = [None if known else tuple(box) for known, box in zip((row >= 0).tolist(), corners.tolist(), strict=True)]
    class_id = np.where(row >= 0, -1, rows["class_id"].to_numpy())
    return {"row": row, "image": rows["image"].to_numpy(), "class_id": class_id, "box": _column(proposed, len(row))}


def measured(defects: Defects, value: float | None, limit: float | None = None) -> Defects:
    """Defects with the number that the rule's line in the report shows, whether or not anything was found."""
    defects.attrs["measured"] = value
    defects.attrs["limit"] = limit
    return defects


def unmeasured(why: str, limit: float | None = None) -> Defects:
    """Nothing found, for want of what it would be measured on: `why` says of what, in words."""
    defects = measured(no_defects(), None, limit)
    defects.attrs["why"] = why
    return defects


def no_defects() -> Defects:
    """Nothing found."""
    return DataFrame()


def _column(fact: Any, size: int) -> Any:
    if isinstance(fact, pd.Series):
        return fact.to_numpy()
    if isinstance(fact, list):
        column = np.empty(size, dtype=object)
        for position, item in enumerate(fact):  # item by item: numpy would spread lists over columns
            column[position] = item
        return column
    if isinstance(fact, np.ndarray) or np.isscalar(fact):
        return fact
    column = np.empty(size, dtype=object)
    column.fill(fact)
    return column
