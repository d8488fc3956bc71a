"""Image files are put aside, renamed or written anew only with --images, and labels and lists go along."""

import io
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.example_mending import tree
from yoloaudit.checks.base import Example, Picture
from yoloaudit.cli.fix_audit import audited
from yoloaudit.cli.fix_run import Asked
from yoloaudit.dataset.load import load
from yoloaudit.repair.fixing import Fixed, undo_last
from yoloaudit.repair.pixels import ended, turned
from yoloaudit.testing import lay_out

ROW = "0 0.5 0.5 0.2 0.2\n"
Content = str | bytes | Picture | None


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def grown(tmp_path: Path, files: Mapping[str, Content]) -> Path:
    """The base of examples (a.png in train, b.png in val, both labelled) with these files on top."""
    lay_out(str(tmp_path / "set"), Example(dict(files)))
    return tmp_path / "set"


def mend(folder: Path, *select: str, images: bool = True, unsafe: bool = True) -> Fixed:
    asked = Asked(data=str(folder), unsafe=unsafe, images=images)
    return audited(asked, None, {"select": list(select), "workers": 1, "no_cache": True}).fixed


def paths(folder: Path) -> set[str]:
    return {name for name, found in tree(folder, without=".yoloaudit").items() if found is not None}


def test_without_leave_no_image_is_touched(tmp_path: Path) -> None:
    folder = grown(tmp_path, {"images/train/c.png": b"", "labels/train/c.txt": ROW})
    before = tree(folder)
    assert [left.kind for left in mend(folder, "images", images=False).plan.left] == ["images"]
    assert [left.kind for left in mend(folder, "images", unsafe=False).plan.left] == ["unsafe"]
    assert tree(folder) == before


def test_a_damaged_image_is_put_aside_with_its_label_and_comes_back(tmp_path: Path) -> None:
    cut = Picture(seed=3, cut=2000)
    folder = grown(tmp_path, {"images/train/c.png": b"", "labels/train/c.txt": ROW, "images/train/d.png": cut})
    before = tree(folder)
    fixed = mend(folder, "images")
    assert {mend.rule for mend in fixed.plan.mends} == {"unreadable-image", "truncated-image"}
    assert not {"images/train/c.png", "labels/train/c.txt", "images/train/d.png"} & paths(folder)
    assert (folder / ".yoloaudit/quarantine/0001/labels/train/c.txt").read_text() == ROW
    assert not [path for path in load(str(folder), workers=1).images["path"] if "quarantine" in path]
    assert not mend(folder, "images").plan.edits
    undo_last(str(folder))
    assert tree(folder) == before


def test_a_list_no_longer_names_what_was_put_aside_or_renamed(tmp_path: Path) -> None:
    lines = "./images/train/a.png\r\n./images/train/c.png\r\n./images/train/d.jpg"
    yaml = "path: .\ntrain: train.txt\nval: images/val\nnames: [cat, dog]\n"
    folder = grown(
        tmp_path,
        {"data.yaml": yaml, "train.txt": lines, "images/train/c.png": b"", "images/train/d.jpg": Picture(seed=4)},
    )
    mend(folder, "images")
    assert (folder / "train.txt").read_bytes() == b"./images/train/a.png\r\n./images/train/d.png"
    assert "images/train/d.png" in paths(folder)
    assert not mend(folder, "images", "data").plan.edits


def test_of_copies_the_first_stays_and_labels_that_differ_are_for_a_person(tmp_path: Path) -> None:
    files: dict[str, Content] = {f"images/train/{name}.png": Picture(seed=5) for name in "cde"}
    files |= {"labels/train/c.txt": ROW, "labels/train/d.txt": ROW, "labels/train/e.txt": "1 0.1 0.1 0.1 0.1\n"}
    folder = grown(tmp_path, files)
    fixed = mend(folder, "identical-image")
    assert [mend.path for mend in fixed.plan.mends] == ["images/train/d.png"]
    assert ["decide which" in left.why for left in fixed.plan.left] == [True]
    assert {"images/train/c.png", "images/train/e.png"} < paths(folder)


def test_a_leak_is_ended_unless_val_would_be_empty(tmp_path: Path) -> None:
    copy: dict[str, Content] = {"images/val/c.png": Picture(seed=1), "labels/val/c.txt": ROW}
    folder = grown(tmp_path, {**copy, "labels/train/a.txt": ROW})
    assert [mend.rule for mend in mend(folder, "leaked-image").plan.mends] == ["leaked-image"]
    other = grown(
        tmp_path / "more", {**copy, "labels/train/a.txt": ROW, "images/val/b.png": None, "labels/val/b.txt": None}
    )
    fixed = mend(other, "leaked-image")
    assert not fixed.plan.edits
    assert "without an image" in fixed.plan.left[0].why


def test_near_duplicates_leave_one_of_each(tmp_path: Path) -> None:
    pictures = {f"images/train/{name}.png": Picture(seed=1, light=light) for name, light in (("c", 0.9), ("d", 0.95))}
    folder = grown(tmp_path, dict(pictures))
    mend(folder, "near-duplicate")
    assert paths(folder) & {"images/train/a.png", "images/train/c.png", "images/train/d.png"} == {"images/train/a.png"}
    assert not mend(folder, "near-duplicate").plan.edits


def test_a_name_that_is_taken_is_not_given_twice(tmp_path: Path) -> None:
    folder = grown(tmp_path, {"images/train/a.jpg": Picture(seed=3)})
    fixed = mend(folder, "wrong-suffix")
    assert not fixed.plan.edits
    assert [left.kind for left in fixed.plan.left] == ["refused"]


def test_a_turned_image_looks_as_the_trainer_saw_it(tmp_path: Path) -> None:
    folder = grown(tmp_path, {"images/train/c.jpg": Picture(64, 32, seed=3, format="JPEG", orientation=6)})
    before = tree(folder)
    fixed = mend(folder, "exif-rotation")
    assert [mend.rule for mend in fixed.plan.mends] == ["exif-rotation"]
    assert Image.open(folder / "images/train/c.jpg").size == (32, 64)
    assert not mend(folder, "images").plan.edits
    undo_last(str(folder))
    assert tree(folder) == before


def test_an_image_may_need_two_mends(tmp_path: Path) -> None:
    folder = grown(tmp_path, {"images/train/c.png": Picture(64, 32, seed=3, format="JPEG", append=b"\n")})
    before = tree(folder)
    mend(folder, "images")
    assert (folder / "images/train/c.jpg").read_bytes()[-2:] == b"\xff\xd9"
    assert "images/train/c.png" not in paths(folder)
    assert not mend(folder, "images").plan.edits
    undo_last(str(folder))
    assert tree(folder) == before


def picture(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 255, (16, 24, 3), np.uint8)
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_turning_loses_nothing_where_a_format_loses_nothing(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = picture(kind, exif=exif.tobytes(), **({"lossless": True} if kind == "WEBP" else {}))
    from PIL import ImageOps

    wanted = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    upright = Image.open(io.BytesIO(turned(data)))
    assert upright.getexif().get(0x0112, 1) == 1
    np.testing.assert_array_equal(np.asarray(upright.convert("RGB")), wanted)


@pytest.mark.parametrize("ending", [b"", b"\n", b"\0" * 100])
def test_the_end_of_a_jpeg_is_put_right_without_a_change_of_pixels(ending: bytes) -> None:
    data = picture("JPEG")
    spoilt = data[:-2] if not ending else data + ending
    new, _ = ended(spoilt)
    assert new == data


def test_what_cannot_be_proven_is_not_done(tmp_path: Path) -> None:
    from yoloaudit.repair.edits import NotMended

    for data in (b"", b"\xff\xd8\xff\xd9", b"GIF89a", os.urandom(100)):
        with pytest.raises(NotMended):
            ended(data)
        with pytest.raises(NotMended):
            turned(data)
