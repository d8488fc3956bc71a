"""Descriptors and image lists are changed line by line, and only where that is sure to say what is meant."""

from pathlib import Path

import pytest

from tests.example_mending import grow, tree
from yoloaudit.cli.fix_audit import audited
from yoloaudit.cli.fix_run import Asked
from yoloaudit.repair.descriptor_step import with_value
from yoloaudit.repair.edits import NotMended
from yoloaudit.repair.fixing import Fixed, undo_last

ROW = b"0 0.5 0.5 0.2 0.2\n"
CLEAN = "path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog, cow]\n"


def mend(folder: Path, *, unsafe: bool = True) -> Fixed:
    asked = Asked(data=str(folder / "data.yaml"), unsafe=unsafe)
    return audited(asked, None, {"select": ["data"], "workers": 1}).fixed


def mended(tmp_path: Path, yaml: str, **texts: str) -> str:
    """The descriptor after a fix, which is done once and can be taken back."""
    folder = grow(tmp_path / "set", {"train/a": ROW, "train/b": ROW}, yaml)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    before = tree(folder)
    fixed = mend(folder)
    after = (folder / "data.yaml").read_text()
    again = mend(folder)
    assert not again.plan.edits
    if fixed.number is not None:
        undo_last(str(folder / "data.yaml"))
    assert tree(folder) == before
    return after


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CLEAN.replace("val:", "valid:"), CLEAN),
        (CLEAN.replace("val:", '"valid" :'), CLEAN.replace("val:", '"val" :')),
        (CLEAN.replace("names", "classes"), CLEAN),
        (CLEAN + "nc: 2\n", CLEAN + "nc: 3\n"),
        (CLEAN + "nc:   two # really\n", CLEAN + "nc:   3 # really\n"),
        (
            CLEAN.replace("images/train", "'images\\train'  # here"),
            CLEAN.replace("images/train", "images/train  # here"),
        ),
        (
            CLEAN.replace("train: images/train", "train:\n  - images\\train"),
            CLEAN.replace(" images/train", "\n  - images/train"),
        ),
    ],
)
def test_a_descriptor_becomes(tmp_path: Path, old: str, new: str) -> None:
    assert mended(tmp_path, old) == new


@pytest.mark.parametrize(
    "yaml",
    [
        "{path: ., train: images/train, valid: images/val, names: [cat, dog, cow]}\n",
        CLEAN.replace("val: images/val", "valid:\n  images/val"),
        CLEAN + "nc: |\n  2\n",
        CLEAN.replace("path: .", "path: ~/set"),
    ],
)
def test_what_does_not_stand_alone_on_its_line_is_for_a_person(tmp_path: Path, yaml: str) -> None:
    after = mended(tmp_path, yaml)
    assert after in (yaml, yaml.replace("valid:", "val:"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "./images/train/a.png\n./images/train/gone.png\n./images/train/b.png\n",
            "./images/train/a.png\n./images/train/b.png\n",
        ),
        (
            "./images/train/a.png\r\n\r\n./images/train/a.png\r\n./images/train/b.png",
            "./images/train/a.png\r\n\r\n./images/train/b.png",
        ),
        ("images/train/a.png\n./images/train/b.png\n", "./images/train/a.png\n./images/train/b.png\n"),
        ("images\\train\\a.png\n", "./images/train/a.png\n"),
        (
            "https://example.org/a.png\n./images/train/a.png\nimages/train/b.png\n",
            "./images/train/a.png\n./images/train/b.png\n",
        ),
    ],
)
def test_a_list_becomes(tmp_path: Path, old: str, new: str) -> None:
    folder = grow(tmp_path / "set", {"train/a": ROW, "train/b": ROW}, CLEAN.replace("images/train", "train.txt"))
    (folder / "train.txt").write_bytes(old.encode())
    before = tree(folder)
    mend(folder)
    assert (folder / "train.txt").read_bytes() == new.encode()
    assert not mend(folder).plan.edits
    undo_last(str(folder / "data.yaml"))
    assert tree(folder) == before


@pytest.mark.parametrize("text", ["./gone/a.png\n./gone/b.png\n", "/elsewhere/images/train/a.png\n/other/b.png\n"])
def test_a_list_is_never_emptied_nor_robbed_of_images_found_elsewhere(tmp_path: Path, text: str) -> None:
    folder = grow(tmp_path / "set", {"train/a": ROW, "train/b": ROW}, CLEAN.replace("images/train", "train.txt"))
    (folder / "train.txt").write_text(text)
    mend(folder)
    left = (folder / "train.txt").read_text()
    assert left
    assert "a.png" in left


def test_a_value_that_needs_quotes_gets_them() -> None:
    assert with_value(b"path: x\n", "path", "a: b's") == b"path: 'a: b''s'\n"
    with pytest.raises(NotMended):
        with_value(b"path: x\n", "train", "y")
