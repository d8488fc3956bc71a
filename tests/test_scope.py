"""What a rule sees: its splits and classes, without what it ignores."""

from pathlib import Path

from yoloaudit.checks.base import Example, Picture
from yoloaudit.checks.data.orphan_label import OrphanLabel
from yoloaudit.packs import Rule
from yoloaudit.scope import in_scope, inputs_of
from yoloaudit.testing import lay_out

ROW = "0 .5 .5 .2 .2\n"
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
