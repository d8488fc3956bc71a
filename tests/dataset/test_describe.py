"""A descriptor is read, or it says why not; `path` is followed from each place that it may be relative to."""

import os
from pathlib import Path

import pytest

from tests.example_tree import CLEAN, grow
from yoloaudit.dataset.describe import FOLDER, REPOSITORY, WORKING, describe
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.folders import Folders
from yoloaudit.errors import DataError
from yoloaudit.files import Root


def described(path: str, untrusted: bool = False) -> Descriptor:
    return describe(path, Folders(Root(os.path.dirname(path), untrusted)))[0]


def test_a_descriptor_is_read(tmp_path: Path) -> None:
    descriptor = described(grow(tmp_path, CLEAN + "nc: 2\ntrain: images/train\n"))
    assert (descriptor.path, descriptor.problem, descriptor.format, descriptor.layout) == (
        "data.yaml",
        None,
        "yaml",
        "yolo",
    )
    assert descriptor.value("nc") == 2
    assert descriptor.line("nc") == 5
    assert (descriptor.value("none"), descriptor.line("none")) == (None, 1)
    assert descriptor.repeated == (("train", 6),)
    assert descriptor.modified == os.stat(tmp_path / "data.yaml").st_mtime
    assert [(path.split, path.kind, path.how, path.found) for path in descriptor.splits] == [
        ("train", "folder", "as written", "images/train"),
        ("val", "folder", "as written", "images/val"),
    ]


def test_a_descriptor_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    descriptor = described(grow(tmp_path, "train: a\nval: [\n"))
    assert "not valid YAML" in (descriptor.problem or "")
    assert descriptor.problem_line == 2
    assert not descriptor.entries
    assert not descriptor.judged
    assert not descriptor.splits


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/out.yaml").symlink_to("../pipe.yaml")
    for name, why in (("pipe", "named pipe"), ("zero", "a device"), ("gone", "does not exist")):
        with pytest.raises(DataError, match=why):
            described(str(tmp_path / f"{name}.yaml"))
    with pytest.raises(DataError, match="outside"):
        described(str(tmp_path / "in/out.yaml"), untrusted=True)


def test_huge_files_are_not_read_whole(tmp_path: Path) -> None:
    path = grow(tmp_path)
    os.truncate(path, 6 << 30)
    assert described(path).problem


def test_path_is_relative_to_the_descriptor_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = grow(tmp_path / "repo/pets", CLEAN.replace("path: .", "path: ../pets"))
    (tmp_path / "repo/.git").mkdir()
    grow(tmp_path / "work/pets", None)
    (tmp_path / "work/here").mkdir()
    monkeypatch.chdir(tmp_path / "work/here")
    descriptor = described(path)
    assert descriptor.base is not None
    assert descriptor.base.target == str(tmp_path / "repo/pets")
    assert dict(descriptor.roots) == {FOLDER: str(tmp_path / "repo/pets"), WORKING: str(tmp_path / "work/pets")}
    assert list(described(path, untrusted=True).roots) == [FOLDER]


def test_path_may_be_relative_to_the_working_folder_or_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = grow(tmp_path / "repo/data", CLEAN.replace("path: .", "path: sets/pets"))
    grow(tmp_path / "repo/sets/pets", None)
    (tmp_path / "repo/.git").mkdir()
    monkeypatch.chdir(tmp_path)
    assert list(described(path).roots) == [REPOSITORY]
    monkeypatch.chdir(tmp_path / "repo")
    descriptor = described(path)
    assert list(descriptor.roots) == [WORKING]
    assert descriptor.splits[0].target == str(tmp_path / "repo/sets/pets/images/train")


def test_a_folder_without_the_splits_is_not_what_path_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = grow(tmp_path / "pets")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert list(described(path).roots) == [FOLDER]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(
            ("/", "outside"),
            ("../..", "outside"),
            ("$HOME/..", "outside"),
            ("'~/x'", "outside"),
            ("/proc/self", "outside"),
        ),
        *(("https://example.org/x", "remote"), (r"\\server\share", "remote"), ('"a\\0b"', "missing"), ("[a]", "value")),
    ],
)
def test_a_refused_path_is_taken_for_the_descriptors_folder(tmp_path: Path, text: str, kind: str) -> None:
    descriptor = described(grow(tmp_path, CLEAN.replace("path: .", f"path: {text}")), untrusted=True)
    assert descriptor.base is not None
    assert descriptor.base.kind == kind
    assert descriptor.base.refused
    assert [path.found for path in descriptor.splits] == ["images/train", "images/val"]


def test_other_keys_for_val_are_read(tmp_path: Path) -> None:
    path = described(grow(tmp_path, CLEAN.replace("val:", "valid:"))).splits[1]
    assert (path.split, path.key, path.found) == ("val", "valid", "images/val")


def test_values_that_are_no_paths_are_kept(tmp_path: Path) -> None:
    yaml = "train: [images/train, 5, null, [x], '']\nval: {a: b}\ntest: 2001-99-99\n"
    splits = described(grow(tmp_path, yaml)).splits
    assert [path.kind for path in splits] == ["folder", "value", "value", "value", "value", "value", "missing"]
    assert [path.refused for path in splits[1:4]] == [
        "is a number, not a path",
        "is empty, not a path",
        "is a list, not a path",
    ]


def test_items_of_a_split_keep_their_lines(tmp_path: Path) -> None:
    splits = described(grow(tmp_path, "path: .\ntrain:\n  - images/train\n  - images/val\nval: images/val\n")).splits
    assert [path.line for path in splits] == [3, 4, 5]


def test_darknet_is_read(tmp_path: Path) -> None:
    grow(tmp_path, None, train="./images/train/a.png\n")
    (tmp_path / "obj.names").write_text("cat\ndog\n")
    folder = tmp_path.name
    text = f"classes = 2\ntrain = {folder}/train.txt\nvalid = train.txt\nnames = {folder}/obj.names\n"
    (tmp_path / "obj.data").write_text(text)
    for untrusted in (False, True):
        descriptor = described(str(tmp_path / "obj.data"), untrusted)
        assert descriptor.format == "darknet"
        assert descriptor.value("names") == ["cat", "dog"]
        assert [(path.split, path.found) for path in descriptor.splits] == [
            ("train", "train.txt"),
            ("val", "train.txt"),
        ]
