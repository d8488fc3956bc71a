"""What the user names leads to one descriptor, or to one line that says what to do."""

import os
from pathlib import Path

import pytest

from tests.example_tree import CLEAN, grow
from yoloaudit.dataset.locate import locate
from yoloaudit.errors import DataError


def told(data: str | None, untrusted: bool = False, root_dir: str | None = None) -> str:
    with pytest.raises(DataError) as caught:
        locate(data, untrusted=untrusted, root_dir=root_dir)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = grow(tmp_path)
    place = locate(path)
    assert (place.path, place.kind, place.root.path, place.root.contained) == (path, "yaml", str(tmp_path), False)
    assert locate(path, untrusted=True).root.contained


def test_left_out_it_is_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = grow(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert locate(None).path == path
    (tmp_path / "data.yaml").unlink()
    assert locate(None).kind == "folder"


def test_data_yaml_comes_before_others(tmp_path: Path) -> None:
    path = grow(tmp_path)
    (tmp_path / "other.yaml").write_text(CLEAN)
    assert locate(str(tmp_path)).path == path


def test_a_folder_holds_one_yaml_with_splits(tmp_path: Path) -> None:
    (tmp_path / "hyp.yaml").write_text("lr0: 0.01\n")
    (tmp_path / "broken.yml").write_text("train: [\n")
    (tmp_path / "pets.yml").write_text(CLEAN)
    assert locate(str(tmp_path)).path == str(tmp_path / "pets.yml")
    (tmp_path / "more.yaml").write_text("val: x\n")
    assert told(str(tmp_path)).endswith("holds 2 descriptors: more.yaml, pets.yml. Name one of them")


def test_a_folder_below_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "deeper/still").mkdir(parents=True)
    (tmp_path / "deeper/still/data.yaml").write_text(CLEAN)
    assert locate(str(tmp_path)).kind == "folder"
    (tmp_path / "deeper/pets.yaml").write_text(CLEAN)
    assert locate(str(tmp_path)).path == str(tmp_path / "deeper/pets.yaml")
    (tmp_path / "deeper/data.yaml").write_text(CLEAN)
    assert locate(str(tmp_path)).path == str(tmp_path / "deeper/data.yaml")
    (tmp_path / "pets.yaml").write_text(CLEAN)
    assert locate(str(tmp_path)).path == str(tmp_path / "pets.yaml")


def test_darknet_comes_after_yaml(tmp_path: Path) -> None:
    (tmp_path / "obj.data").write_text("train = train.txt\n")
    assert locate(str(tmp_path)).kind == "darknet"
    assert locate(str(tmp_path / "obj.data")).kind == "darknet"
    (tmp_path / "pets.yaml").write_text(CLEAN)
    assert locate(str(tmp_path)).kind == "yaml"


def test_a_json_is_left_to_its_reader(tmp_path: Path) -> None:
    (tmp_path / "instances.json").write_text("{}")
    assert locate(str(tmp_path / "instances.json")).kind == "coco"
    assert locate(str(tmp_path)).kind == "folder"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("gone.yaml", "does not exist"),
        ("", "is no path"),
        ("a\0b", "is no path"),
        ("x" * 5000 + ".yaml", "does not exist"),
        ("pets.zip", "is an archive"),
        ("notes.md", "describes no data set"),
    ],
)
def test_what_leads_nowhere_is_said_in_one_line(tmp_path: Path, data: str, why: str) -> None:
    (tmp_path / "pets.zip").touch()
    (tmp_path / "notes.md").touch()
    assert why in told(os.path.join(tmp_path, data) if data and "\0" not in data else data)


def test_the_root_can_be_named(tmp_path: Path) -> None:
    path = grow(tmp_path / "pets")
    assert locate(path, untrusted=True, root_dir=str(tmp_path)).root.path == str(tmp_path)
    assert "outside the root" in told(path, untrusted=True, root_dir=str(tmp_path / "pets/images"))
    assert "is no folder" in told(path, root_dir=str(tmp_path / "none"))


def test_a_link_to_a_folder_is_followed_where_the_user_names_it(tmp_path: Path) -> None:
    path = grow(tmp_path / "pets")
    (tmp_path / "link").symlink_to("pets")
    assert locate(str(tmp_path / "link"), untrusted=True).path == path
