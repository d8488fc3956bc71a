"""What a rule sees: its splits and classes, without what it ignores."""

from pathlib import Path

import pandas as pd

from yoloaudit.checks.base import Example, Picture
from yoloaudit.checks.data.orphan_label import OrphanLabel
from yoloaudit.packs import Rule
from yoloaudit.scope import in_scope, inputs_of
from yoloaudit.testing import lay_out

ROW = "0 .5 .5 .2 .2\n"
ROWS = ("0 .5 .5 .2 .2", "1 .2 .2 .1 .1", "1 0.5 0.5 0.2 0.2")
"""Of images/train/c.png, and of images/val/b.png."""
SET = Example(
    {
        "images/train/c.png": Picture(),
        "labels/train/c.txt": ROW + "1 .2 .2 .1 .1\n",
        "labels/train/lost.txt": ROW,
        "labels/val/lost.txt": ROW,
        "images/train/d.gif": b"GIF89a",
    }
)


def test_everything_follows_splits_classes_and_globs(tmp_path: Path) -> None:
    inputs = inputs_of(lay_out(str(tmp_path), SET))

    def seen(table: str, **scope: tuple[str, ...]) -> list[str]:
        scoped = in_scope(Rule("orphan-label", OrphanLabel(), **scope), inputs)[table]  # type: ignore[arg-type]
        return [str(text) for text in scoped["path" if "path" in scoped else "raw"]]

    assert seen("images", splits=("val",)) == ["images/val/b.png"]
    assert seen("labels", splits=("val",)) == ["labels/val/b.txt", "labels/val/lost.txt"]
    assert seen("labels", ignore=("labels/train/*",)) == [
        "labels/train/a.txt",
        "labels/train/c.txt",
        "labels/val/b.txt",
        "labels/val/lost.txt",
    ]
    assert seen("images", ignore=("**/c.png", "images/val/*")) == ["images/train/a.png"]
    assert seen("strays", ignore=("images/train/d.*",)) == []
    assert seen("strays") == ["images/train/d.gif"]
    assert seen("boxes", classes=("dog",), splits=("train",)) == ["1 .2 .2 .1 .1"]
    assert len(seen("rows", classes=("dog",), splits=("train",))) == 3


def test_what_a_model_says_follows_images_and_the_classes_of_labels(tmp_path: Path) -> None:
    dataset = lay_out(str(tmp_path), SET)
    cat, small_dog, dog = (dataset.boxes.index[dataset.boxes["raw"] == row][0] for row in ROWS)
    judged = pd.DataFrame({"image": [1, 1, 0, 2], "box": [cat, small_dog, -1, dog], "class_id": [1, 0, 1, -1]})
    places = {path: row for row, path in enumerate(dataset.images["path"])}
    judged["image"] = [places[f"images/{name}.png"] for name in ("train/c", "train/c", "train/a", "val/b")]
    predictions = pd.DataFrame({"image": judged["image"], "class_id": 0})
    pairs = pd.DataFrame({"box": [cat, small_dog, dog], "detection": [0, 1, 3]})
    seen = {"judgements": judged, "predictions": predictions, "matches": pairs, "crops": pairs, "skill": "skill"}
    inputs = inputs_of(dataset, seen | {"seen": pd.Series(True, index=dataset.images.index)})

    def rows(table: str, **scope: tuple[str, ...]) -> list[int]:
        scoped = in_scope(Rule("orphan-label", OrphanLabel(), **scope), inputs)[table]  # type: ignore[arg-type]
        return [int(row) for row in scoped.index]

    assert rows("judgements", classes=("dog",)) == [1, 2, 3], "the label's class, or that of an object without"
    assert rows("judgements", splits=("val",)) == [3]
    assert rows("judgements", ignore=("*/c.png",)) == [2, 3]
    assert rows("matches", classes=("cat",)) == rows("crops", classes=("cat",)) == [0]
    assert rows("matches", splits=("val",)) == [2]
    assert rows("predictions", splits=("val",)) == [3]
    assert rows("seen", splits=("val",)) == [places["images/val/b.png"]]
    assert in_scope(Rule("orphan-label", OrphanLabel(), classes=("cat",)), inputs)["skill"] == "skill"
