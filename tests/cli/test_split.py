"""`yoloaudit split --propose` from the command line to files that are checked to have no leak."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from yoloaudit import files
from yoloaudit.checks.base import Example, Picture
from yoloaudit.cli.app import command
from yoloaudit.cli.boundary import guarded
from yoloaudit.errors import WriteError
from yoloaudit.testing import lay_out

PER_SPLIT = {"train": range(14), "val": range(10, 16), "test": range(15, 18)}
"""Seeds of pictures: 10 to 13 are in train and val, 15 in val and test."""
HEAD = "path: .\ntrain: images/train\nval: images/val\n"
Content = str | bytes | Picture | None
BASE = ("images/train/a.png", "labels/train/a.txt", "images/val/b.png", "labels/val/b.txt")
NONE: dict[str, Content] = dict.fromkeys(BASE)
"""Takes the base of examples away."""


def pets(*splits: str, **more: Content) -> Example:
    """Pictures of seeds as named above, a cat on the even and a dog on the odd ones; `more` by name, / written __."""
    contents: dict[str, Content] = dict(NONE)
    for split in splits:
        for seed in PER_SPLIT[split]:
            contents[f"images/{split}/{split}{'abcdefghijklmnopqr'[seed]}.png"] = Picture(80, 60, seed=seed)
            contents[f"labels/{split}/{split}{'abcdefghijklmnopqr'[seed]}.txt"] = f"{seed % 2} 0.5 0.5 0.2 0.2\n"
    if "test" in splits:
        contents["data.yaml"] = f"{HEAD}test: images/test\nnames: [cat, dog]\n"
    return Example(contents | {name.replace("__", "/"): content for name, content in more.items()})


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data set of 20 pictures of which four are in two splits; the working folder is beside it, 80 columns wide."""
    lay_out(str(tmp_path / "pets"), pets("train", "val"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path / "pets"


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*") if path.is_file()}


def lists_of(folder: Path, name: str = "data-split") -> dict[str, list[str]]:
    """The lines of each list, by split."""
    return {path.stem.removeprefix(f"{name}-"): path.read_text().splitlines() for path in folder.glob(f"{name}-*.txt")}


def findings(descriptor: str, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, int]:
    """Findings of the audit by rule."""
    command(["check", descriptor, "--format", "json", "--select", "data,splits", *options])
    found = [finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]]
    return {rule: found.count(rule) for rule in found}


@pytest.mark.parametrize("options", [[], ["--untrusted"]])
def test_the_new_split_has_no_leak_and_the_old_one_had(
    options: list[str], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = listing(data)
    assert findings("pets/data.yaml", capsys, *options) == {"leaked-image": 4}
    assert command(["split", "pets", "--propose", *options]) == 0
    capsys.readouterr()
    assert findings("pets/data-split.yaml", capsys, *options) == {}
    lists = lists_of(data)
    assert sorted(lists["train"] + lists["val"]) == sorted(f"./{path}" for path in names_in(data))
    assert len(lists["val"]) == 4
    after = listing(data)
    assert {path: after[path] for path in before} == before
    assert {Path(path).name for path in after.keys() - before.keys()} == {
        "data-split.yaml",
        "data-split-train.txt",
        "data-split-val.txt",
    }


def names_in(data: Path) -> list[str]:
    return [path.relative_to(data).as_posix() for path in (data / "images").rglob("*.png")]


def test_text_says_what_leaked_what_was_written_and_what_comes_next(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["split", "pets", "--propose"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert max(map(len, captured.out.splitlines()[1:])) <= 80, "below the path of the data set"
    assert "20 images in 16 groups" in captured.out
    assert "before  4 of 6 in val" in captured.out
    assert "after   0 of 4 in val" in captured.out
    assert "pets/data-split-train.txt" in captured.out
    assert "yoloaudit check pets/data-split.yaml" in captured.out


def test_json_alone_goes_to_stdout(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["split", "pets", "--propose", "--format", "json", "--val", "0.3", "--seed", "5"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert captured.err == ""
    assert document["format"] == 1
    assert document["seed"] == 5
    assert document["splits"]["val"]["images"] == 6
    assert document["splits"]["val"]["images_before"] == 6
    assert document["leaks"] == {
        "before": {"val": {"images": 6, "leaking": 4}},
        "after": {"val": {"images": 6, "leaking": 0}},
    }
    assert [each["name"] for each in document["classes"]] == ["cat", "dog"]
    assert os.path.samefile(document["files"]["descriptor"], data / "data-split.yaml")
    assert document["files"]["absolute_lines"] == 0


def test_the_seed_decides_alone(data: Path) -> None:
    texts = []
    for seed in ("1", "1", "2"):
        command(["split", "pets", "--propose", "--force", "--seed", seed])
        texts.append(lists_of(data))
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize(("options", "share"), [([], 3 / 23), (["--test", "0.3"], 0.3), (["--test", "0"], 0.0)])
def test_test_keeps_its_share_unless_another_is_asked_for(options: list[str], share: float, tmp_path: Path) -> None:
    lay_out(str(tmp_path), pets("train", "val", "test"))
    assert command(["split", str(tmp_path), "--propose", *options]) == 0
    lists = lists_of(tmp_path)
    assert len(lists.get("test", [])) == pytest.approx(23 * share, abs=1)
    assert sum(map(len, lists.values())) == 23
    assert ("test" in lists) == (share > 0)


def test_in_another_folder_lines_are_absolute(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["split", "pets", "--propose", "--output", "new/lists"]) == 0
    assert "20 lines are absolute paths" in capsys.readouterr().out
    lists = lists_of(data.parent / "new" / "lists")
    assert sorted(lists["train"] + lists["val"]) == sorted(f"{data}/{name}" for name in names_in(data))
    assert findings("new/lists/data-split.yaml", capsys, "--select", "splits") == {"unportable-path": 2}


def test_what_cannot_be_listed_is_left_out_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = Picture(80, 60, seed=30, format="JPEG", cut=700)
    more: Mapping[str, Content] = {
        "images__train__cut.jpg": cut,
        "images__val__two\nlines.png": Picture(80, 60, seed=31),
    }
    lay_out(str(tmp_path), pets("train", "val", **more))
    (tmp_path / "images" / "val" / "empty.png").write_bytes(b"")
    assert command(["split", str(tmp_path), "--propose"]) == 0
    out = capsys.readouterr().out
    assert "3 images are left out" in out
    assert "two\\x0alines.png" in out
    lists = lists_of(tmp_path)
    assert not [line for line in lists["train"] + lists["val"] if "cut" in line or "lines" in line or "empty" in line]
    assert len(lists["train"] + lists["val"]) == 20


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "yoloaudit split DATA --propose"),
        (["--propose", "--val", "0"], "leave nothing"),
        (["--propose", "--val", "1"], "leave nothing"),
        (["--propose", "--val", "nan"], "leave nothing"),
        (["--propose", "--val", "0.6", "--test", "0.4"], "leave nothing"),
        (["--propose", "--seed", "-1"], "--seed"),
        (["--propose", "--workers", "0"], "workers"),
        (["--propose", "--format", "xml"], "text or json"),
        (["--propose", "--output", "pets/data.yaml"], "cannot write"),
        (["--propose", "--output", "pets/data.yaml/x"], "cannot write"),
    ],
)
def test_usage(options: list[str], said: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = listing(data)
    assert guarded(command, ["split", "pets", *options]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert listing(data) == before


def test_json_of_a_run_that_could_not_begin(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(command, ["split", "pets", "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == 2


CLIP = {f"images/train/cat_jpg.rf.{letter * 32}.png": Picture(64, 64, seed=40 + n) for n, letter in enumerate("abcd")}
COCO = json.dumps(
    {
        "images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 3, 8, 6]}],
        "categories": [{"id": 1, "name": "cat"}],
    }
)
SIZE = "<size><width>40</width><height>30</height><depth>3</depth></size>"
VOC = f"<annotation><filename>a.png</filename>{SIZE}</annotation>"
COCO_SET: dict[str, Content] = {"data.yaml": None, "train/_annotations.coco.json": COCO, "train/a.png": Picture()}
VOC_SET: dict[str, Content] = {"data.yaml": None, "Annotations/a.xml": VOC, "JPEGImages/a.png": Picture()}


@pytest.mark.parametrize(
    ("contents", "options", "said"),
    [
        (NONE | CLIP, (), "all 4 images are one group"),
        ({}, ("--test", "0.3"), "3 splits take 3 groups"),
        (NONE, (), "no image can be listed"),
        ({"images/train/a.png": b"", "images/val/b.png": b""}, (), "no image can be listed"),
        (
            NONE | {"data.yaml": None, "train/_annotations.coco.json": COCO, "train/a.png": Picture()},
            (),
            "a COCO data set",
        ),
        (NONE | VOC_SET, (), "a VOC data set"),
        (NONE | {"data.yaml": "names: [cat]\n"}, (), "no image can be listed"),
    ],
)
def test_data_that_cannot_be_split(
    contents: dict[str, Content],
    options: tuple[str, ...],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_out(tmp_path, contents)
    before = listing(tmp_path)
    assert guarded(command, ["split", str(tmp_path), "--propose", *options]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert listing(tmp_path) == before


def write_out(folder: Path, contents: dict[str, Content]) -> None:
    """An example whose descriptor may be missing."""
    lay_out(str(folder), Example({**contents, "data.yaml": contents.get("data.yaml") or f"{HEAD}names: [cat, dog]\n"}))
    if "data.yaml" in contents and contents["data.yaml"] is None:
        (folder / "data.yaml").unlink()


def test_no_file_is_written_over_unless_asked(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "data-split-val.txt").write_text("mine\n")
    assert guarded(command, ["split", "pets", "--propose"]) == 2
    assert "--force writes over it" in capsys.readouterr().err
    assert lists_of(data) == {"val": ["mine"]}
    assert command(["split", "pets", "--propose", "--force"]) == 0
    assert len(lists_of(data)["val"]) == 4


@pytest.mark.parametrize("kind", ["link", "folder", "list of the data set"])
def test_some_files_are_never_written_over(kind: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = data / "data-split-train.txt"
    if kind == "link":
        target.symlink_to(data.parent / "secret.txt")
    elif kind == "folder":
        target.mkdir()
    else:
        target.write_text("./images/train/traina.png\n")
        (data / "data.yaml").write_text("train: data-split-train.txt\nval: images/val\nnames: [cat, dog]\n")
    assert guarded(command, ["split", "pets", "--propose", "--force"]) == 2
    assert "Name another folder" in capsys.readouterr().err
    assert not (data / "data-split.yaml").exists()
    assert not (data.parent / "secret.txt").exists()


@pytest.mark.parametrize("force", [False, True])
def test_all_files_or_none(
    force: bool, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if force:
        command(["split", "pets", "--propose"])
    write, written = files.write_atomically, list[str]()

    def full_disk(path: str, content: bytes) -> None:
        if written:
            raise WriteError(f"cannot write {path}: No space left on device")
        written.append(path)
        write(path, content)

    monkeypatch.setattr(files, "write_atomically", full_disk)
    assert guarded(command, ["split", "pets", "--propose", "--force"]) == 2
    assert "No space left" in capsys.readouterr().err
    assert written
    assert not os.path.exists(written[0])
    assert not (data / "data-split.yaml").exists()
