"""Lists and a descriptor that lead to the same images as before, wherever the old descriptor led to them."""

import os
from pathlib import Path

import pytest

from tests.example_tree import CLEAN, grow
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.dataset.plain_yaml import read_yaml
from yoloaudit.errors import UsageError
from yoloaudit.relist import contents, targets


def written(path: str, folder: str | None = None) -> tuple[Dataset, dict[str, str]]:
    """Write lists that swap the splits of a data set; it read anew by its new descriptor, and the texts by file."""
    old = load(path, workers=1, headers=None)
    files = targets(old.root, old.descriptor.path, ["train", "val"], folder)
    swapped = {"train": "val", "val": "train"}
    images = {
        new: old.images["path"][(old.images["split"] == before).to_numpy()].tolist() for new, before in swapped.items()
    }
    texts = contents(old, images, files, "made by a test")
    for place, text in texts.items():
        os.makedirs(os.path.dirname(place), exist_ok=True)
        Path(place).write_bytes(text)
    new = load(files.descriptor, workers=1, headers=None)
    return new, {os.path.basename(place): text.decode() for place, text in texts.items()}


def pairs_of(dataset: Dataset) -> set[tuple[str, str, str]]:
    """Split, image and label file, by names."""
    labels = dataset.labels["path"].to_numpy()
    rows = zip(dataset.images["split"], dataset.images["path"], dataset.images["label"], strict=True)
    return {
        (split, os.path.basename(path), os.path.basename(labels[label])) for split, path, label in rows if label >= 0
    }


SWAPPED = {("train", "b.png", "b.txt"), ("val", "a.png", "a.txt")}


def test_lines_go_downwards_and_the_descriptor_says_what_the_old_one_said(tmp_path: Path) -> None:
    new, texts = written(grow(tmp_path, CLEAN + "nc: 2\nlicense: CC BY 4.0\ndownload: bash rm.sh\n"))
    assert texts == {
        "data-split-train.txt": "./images/val/b.png\n",
        "data-split-val.txt": "./images/train/a.png\n",
        "data-split.yaml": "# made by a test\npath: .\ntrain: data-split-train.txt\nval: data-split-val.txt\n"
        "names:\n- cat\n- dog\nnc: 2\nlicense: CC BY 4.0\n",
    }
    assert pairs_of(new) == SWAPPED
    assert not new.descriptor.problem


@pytest.mark.parametrize(
    "head",
    [
        "train: images/train\nval: images/val\n",
        "path: {folder}\ntrain: images/train\nval: images/val\n",
        "train: {folder}/images/train\nval: {folder}/images/val\n",
        "train: ../images/train\nval: ../images/val\n",
        "path: /nowhere/pets\ntrain: images/train\nval: images/val\n",
        "path: .\ntraining: images/train\nvalid: images/val\n",
        "path: images\ntrain: train\nval: val\n",
        "train: [images/train]\nval: [images/val]\ntest:\n",
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_it_leads_to_the_same_images(head: str, elsewhere: bool, tmp_path: Path) -> None:
    home = tmp_path / "pets"
    home.mkdir()
    path = grow(home, f"{head.format(folder=home)}names: [cat, dog]\n")
    new, texts = written(path, str(tmp_path / "far" / "lists") if elsewhere else None)
    assert pairs_of(new) == SWAPPED
    assert all(each.how == "as written" for each in new.descriptor.splits)
    lines = texts["data-split-train.txt"] + texts["data-split-val.txt"]
    assert (f"{home}/images/" if elsewhere else "./images/") in lines
    assert "../" not in lines
    assert ("{folder}" in head) == (f"{home}" in texts["data-split.yaml"]) or elsewhere


def test_a_descriptor_apart_from_the_data(tmp_path: Path) -> None:
    path = Path(grow(tmp_path / "pets", None)).parent / "configs" / "pets.yaml"
    path.parent.mkdir()
    path.write_text("path: ..\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n")
    new, texts = written(str(path))
    assert pairs_of(new) == SWAPPED
    assert (tmp_path / "pets" / "pets-split-train.txt").exists()
    assert (path.parent / "pets-split.yaml").exists()
    assert texts["pets-split.yaml"].splitlines()[1:3] == ["path: ..", "train: pets-split-train.txt"]


def test_darknet_becomes_a_data_yaml(tmp_path: Path) -> None:
    grow(tmp_path, None, lists="images/train/a.png\n", more="images/val/b.png\n")
    (tmp_path / "obj.names").write_bytes(b"cat\ncaf\xe9\n")
    (tmp_path / "obj.data").write_text("classes = 2\ntrain = lists.txt\nvalid = more.txt\nnames = obj.names\n")
    new, texts = written(str(tmp_path / "obj.data"))
    assert pairs_of(new) == SWAPPED
    assert new.names == ("cat", "caf\ufffd")
    assert set(texts) == {"obj-split-train.txt", "obj-split-val.txt", "obj-split.yaml"}


@pytest.mark.parametrize(
    "names",
    [
        "['1', yes, 'no', 2, 'a: b', '# c', '- d', \"line\\nbreak\", \"\\e[31m\", '::error::x', '!!python/x', 'ü🐈']",
        "{0: cat, 2: dog}",
        "",
    ],
)
def test_names_come_back_as_they_were(names: str, tmp_path: Path) -> None:
    old = grow(tmp_path, f"train: images/train\nval: images/val\nnc: 12\nnames: {names}\n")
    new, texts = written(old)
    assert new.names == load(old, workers=1, headers=None).names
    assert not read_yaml(texts["data-split.yaml"].encode()).repeated


@pytest.mark.parametrize(
    ("name", "stem"), [("pets.yaml", "pets-split"), ("a\x1b[31m.yaml", "data-split"), ("-rf.yaml", "data-split")]
)
def test_the_name_of_a_descriptor_never_leads_elsewhere(name: str, stem: str) -> None:
    files = targets("/pets", name, ["train", "val"])
    assert files.descriptor == f"/pets/{stem}.yaml"
    assert files.lists["val"] == f"/pets/{stem}-val.txt"


def test_a_folder_whose_name_no_line_can_hold(tmp_path: Path) -> None:
    home = tmp_path / "two\nlines"
    path = grow(home)
    assert pairs_of(written(path)[0]) == SWAPPED
    with pytest.raises(UsageError, match="Leave --output out"):
        written(path, str(tmp_path / "out"))
