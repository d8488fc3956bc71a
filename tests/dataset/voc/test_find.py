"""VOC folders: the same tables as from a YOLO data set, whatever is wrong with an XML."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.checks.base import Picture
from yoloaudit.dataset.ledger import ledger
from yoloaudit.dataset.load import Dataset, read
from yoloaudit.dataset.voc import find as voc
from yoloaudit.errors import DataError
from yoloaudit.testing import draw


def thing(name: str = "cat", box: tuple[object, ...] = (10, 10, 30, 20), more: str = "") -> str:
    sides = zip(("xmin", "ymin", "xmax", "ymax"), box, strict=False)
    inside = "".join(f"<{side}>{value}</{side}>" for side, value in sides)
    return f"<object><name>{name}</name>{more}<bndbox>{inside}</bndbox></object>"


def xml(*objects: str, size: str = "<width>100</width><height>50</height>") -> str:
    return f"<annotation><filename>x</filename><size>{size}</size>{''.join(objects)}</annotation>"


ONE = xml(thing())


def write(folder: Path, files: Mapping[str, Any]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            content = draw(Picture(width=100, height=50))
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def load(path: Path, **options: Any) -> Dataset:
    return read(voc.find(str(path), **options), workers=1, untrusted=options.get("untrusted", False))


def one(folder: Path, content: str | bytes, **options: Any) -> Dataset:
    """A folder with one image and its XML."""
    write(folder, {"JPEGImages/a.png": None, "Annotations/a.xml": content})
    return load(folder, **options)


def test_boxes_become_shares_and_names_numbers(tmp_path: Path) -> None:
    dataset = one(tmp_path, xml(thing("dog"), thing("cat", (0, 0, 100, 50)), thing("traffic light")))
    assert dataset.names == ("cat", "dog", "traffic light")
    assert dataset.splits == ("train",)
    assert dataset.boxes["class_id"].tolist() == [1, 0, 2]
    shares = dataset.boxes[["cx", "cy", "w", "h"]].to_numpy()[:2]
    assert shares == pytest.approx(np.array([[0.2, 0.3, 0.2, 0.2], [0.5, 0.5, 1, 1]]))
    assert dataset.boxes["raw"].tolist() == ["dog 10 10 30 20", "cat 0 0 100 50", '"traffic light" 10 10 30 20']
    assert dataset.boxes["line"].tolist() == [1, 2, 3]
    assert dataset.labels["path"].tolist() == ["Annotations/a.xml"]
    assert dataset.labels["flaw"].isna().all()
    assert dataset.facts()["layout"] == "voc"
    assert dataset.descriptor.path == "Annotations"
    assert [(path.split, path.found) for path in dataset.descriptor.splits] == [("train", "JPEGImages")]


def test_parts_of_an_object_are_no_objects(tmp_path: Path) -> None:
    part = "<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>"
    dataset = one(tmp_path, xml(thing(more=part)))
    assert dataset.names == ("cat",)
    assert dataset.boxes["raw"].tolist() == ["cat 10 10 30 20"]


@pytest.mark.parametrize(
    ("item", "error", "raw"),
    [
        (thing(box=("nan", 10, 30, 20)), "non-finite-value", "cat nan 10 30 20"),
        (thing(box=(10, 10, "1e400", 20)), "non-finite-value", "cat 10 10 1e400 20"),
        (thing(box=(10, "1O", 30, 20)), "non-numeric-value", "10 1O 30 20 cat"),
        (thing(box=(10, "", 30, 20)), "non-numeric-value", '10 "" 30 20 cat'),
        (thing(box=(10, "1_0", 30, 20)), "non-numeric-value", "10 1_0 30 20 cat"),
        (thing(box=(10, 10, 30)), "wrong-field-count", "cat 10 10 30"),
        (thing(name=""), "wrong-field-count", "10 10 30 20"),
        (thing(name="<b>cat</b>"), "wrong-field-count", "10 10 30 20"),
        ("<object><name>cat</name></object>", "wrong-field-count", "cat"),
        ("<object/>", "wrong-field-count", ""),
    ],
)
def test_broken_objects_stay_as_rows(tmp_path: Path, item: str, error: str, raw: str) -> None:
    dataset = one(tmp_path, xml(thing(), item))
    assert dataset.boxes["error"].astype(object).tolist()[1] == error
    assert dataset.boxes["raw"].tolist()[1] == raw


def test_empty_and_inverted_boxes_are_degenerate(tmp_path: Path) -> None:
    dataset = one(tmp_path, xml(thing(box=(10, 10, 10, 20)), thing(box=(30, 10, 10, 20))))
    assert dataset.boxes["w"].tolist() == pytest.approx([0, -0.2])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        (ONE[:60], "is no well-formed XML"),
        (b"\x89PNG\0\0", "is no well-formed XML"),
        (f'<!DOCTYPE a [<!ENTITY x "y">]>{ONE}', "declares a DOCTYPE or an entity, which is refused"),
        (f'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x">{ONE}', "declares a DOCTYPE"),
        (f'<?xml version="1.0" encoding="foo-99"?>{ONE}', "an encoding that is not read"),
        (f'<?xml version="1.0" encoding="utf-7"?>{ONE}', "an encoding that is not read"),
        (ONE.encode("utf-16")[:-1], "is no well-formed XML"),
        (xml(thing("&#27;[31m")), "is no well-formed XML"),
        ("<html><body/></html>", "begins with <html>, not <annotation>"),
        ("<a>" * 50_000 + "</a>" * 50_000, "begins with <a>"),
        (xml(*["<object/>"] * 100_001), "100,001 objects, above the limit of 100,000"),
    ],
)
def test_an_xml_that_cannot_be_read_is_said(tmp_path: Path, content: str | bytes, words: str) -> None:
    dataset = one(tmp_path, content)
    assert words in str(dataset.labels["error"].iat[0])
    assert dataset.images["fate"].tolist() == ["dropped"]
    assert dataset.boxes.empty


@pytest.mark.parametrize("content", [ONE.encode("utf-16"), ONE.replace("<annotation>", '<annotation xmlns="urn:x">')])
def test_encodings_and_namespaces_are_read(tmp_path: Path, content: str | bytes) -> None:
    assert one(tmp_path, content).boxes["raw"].tolist() == ["cat 10 10 30 20"]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ("<width>0</width><height>0</height>", "0 × 0 px in <size>, which is no size of an image"),
        ("<width>wide</width>", "wide × nothing px in <size>, which is no size"),
        ("<width>200</width><height>100</height>", "200 × 100 px in <size>, but it is 100 × 50"),
        ("<width>50</width><height>100</height>", None),
        ("", None),
    ],
)
def test_the_image_tells_the_size(tmp_path: Path, size: str, words: str | None) -> None:
    dataset = one(tmp_path, xml(thing(), size=size))
    assert dataset.boxes["w_px"].tolist() == [20]
    flaw = dataset.labels["flaw"].iat[0]
    assert flaw is None if words is None else words in str(flaw)


def test_an_image_that_cannot_be_read_leaves_the_size_of_the_xml(tmp_path: Path) -> None:
    write(tmp_path, {"Annotations/a.xml": ONE, "JPEGImages/a.png": b"no image"})
    assert load(tmp_path).boxes["w"].tolist() == pytest.approx([0.2])
    write(tmp_path, {"Annotations/a.xml": xml(thing(), size="")})
    assert load(tmp_path).boxes["error"].astype(object).tolist() == ["non-finite-value"]


SET = {f"Annotations/{stem}.xml": ONE for stem in "abcd"} | {f"JPEGImages/{stem}.png": None for stem in "abce"}


@pytest.mark.parametrize(
    ("lists", "images", "orphans", "lost"),
    [
        ({}, ["train a", "train b", "train c", "train e"], ["train d"], []),
        ({"train": "a\nb\n", "val": "c"}, ["train a", "train b", "val c"], [], []),
        ({"train": "a", "val": "b", "trainval": "a\nb\nc"}, ["train a", "val b"], [], []),
        ({"trainval": "a\nb", "test": "c"}, ["train a", "train b", "test c"], [], []),
        ({"trainval": "a\nb\nc", "val": "c"}, ["train a", "train b", "val c"], [], []),
        ({"train": "a 1\r\nb -1\r\n\r\nJPEGImages/c.png\n"}, ["train a", "train b", "train c"], [], []),
        ({"train": "a\na"}, ["train a"], [], ["2 a repeated"]),
        ({"train": "a\nd\nz"}, ["train a"], ["train d"], ["2 d missing", "3 z missing"]),
        ({"train": "a\n../b\n/x/b"}, ["train a"], [], ["2 ../b outside", "3 /x/b outside"]),
        ({"train": "a\r\nhttp://x/b\r\nb\0"}, ["train a"], [], ["2 http://x/b remote", "3 b\0 undecodable"]),
        ({"cat_train": "a 1"}, ["train a", "train b", "train c", "train e"], ["train d"], []),
    ],
)
def test_splits_by_lists(
    tmp_path: Path, lists: Mapping[str, str], images: list[str], orphans: list[str], lost: list[str]
) -> None:
    write(tmp_path, SET | {f"ImageSets/Main/{name}.txt": text for name, text in lists.items()})
    dataset = load(tmp_path)
    found = zip(dataset.images["split"], dataset.images["path"], strict=True)
    assert [f"{split} {Path(path).stem}" for split, path in found] == images
    lone = dataset.labels[dataset.labels["image"] < 0]
    assert [f"{split} {Path(path).stem}" for split, path in zip(lone["split"], lone["path"], strict=True)] == orphans
    listed = dataset.listed[["line", "text", "problem"]].dropna().to_numpy().tolist()
    assert [" ".join(map(str, line)) for line in listed] == lost


def test_images_without_xml(tmp_path: Path) -> None:
    write(tmp_path, SET)
    dataset = load(tmp_path)
    assert dataset.images["label"].tolist() == [0, 1, 2, -1]
    assert ledger(dataset)["train"]["images_without_label"] == 1
    assert ledger(dataset)["train"]["label_files_orphan"] == 1


@pytest.mark.parametrize(
    "files",
    [
        {"VOC2007/Annotations/a.xml": ONE, "VOC2007/JPEGImages/a.png": None},
        {"annotations/a.xml": ONE, "images/a.png": None},
        {"train/a.xml": ONE, "train/a.png": None},
        {"a.xml": ONE, "a.png": None},
        {"Annotations/deep/a.xml": ONE, "JPEGImages/deep/a.png": None},
        {"Annotations/deep/a.xml": ONE, "JPEGImages/a.png": None},
        {"Annotations/a.xml": ONE, "a.png": None},
    ],
)
def test_layouts_that_are_found(tmp_path: Path, files: Mapping[str, Any]) -> None:
    write(tmp_path, files)
    assert voc.looks_like(str(tmp_path))
    dataset = load(tmp_path)
    assert dataset.root == str(tmp_path)
    assert dataset.splits == ("train",)
    assert dataset.images["label"].tolist() == [0]
    assert dataset.images["path"].tolist() == [name for name in files if name.endswith(".png")]
    assert dataset.boxes["w_px"].tolist() == [20]


def test_a_folder_for_each_split(tmp_path: Path) -> None:
    write(tmp_path, {f"{split}/a{kind}": content for split in ("train", "valid") for kind, content in FILES.items()})
    dataset = load(tmp_path)
    assert dataset.splits == ("train", "val")
    assert dataset.images["path"].tolist() == ["train/a.png", "valid/a.png"]
    assert load(tmp_path, splits=["val"]).images["path"].tolist() == ["valid/a.png"]
    with pytest.raises(DataError, match="no split 'test'"):
        load(tmp_path, splits=["test"])


FILES = {".xml": ONE, ".png": None}


def test_the_folder_of_annotations_itself(tmp_path: Path) -> None:
    one(tmp_path, ONE)
    assert load(tmp_path / "Annotations").images["path"].tolist() == ["JPEGImages/a.png"]
    contained = load(tmp_path / "Annotations", untrusted=True)
    assert contained.images.empty
    assert contained.labels["image"].tolist() == [-1]


def test_two_images_of_one_xml(tmp_path: Path) -> None:
    write(tmp_path, {"JPEGImages/a.bmp": draw(Picture(width=100, height=50, format="BMP"))})
    dataset = one(tmp_path, ONE)
    assert dataset.labels["path"].tolist() == ["Annotations/a.xml"] * 2
    assert len(dataset.boxes) == 2


def test_nothing_outside_is_opened(tmp_path: Path) -> None:
    write(tmp_path, {"elsewhere/a.xml": xml(thing("secret"))})
    write(tmp_path, {"data/JPEGImages/a.png": None, "data/Annotations/b.xml": ONE})
    (tmp_path / "data" / "Annotations" / "a.xml").symlink_to(tmp_path / "elsewhere" / "a.xml")
    dataset = load(tmp_path / "data", untrusted=True)
    assert "outside" in str(dataset.labels["error"].iat[0])
    assert dataset.names == ("cat",)
    assert load(tmp_path / "data").names == ("cat", "secret")


def test_no_data_set(tmp_path: Path) -> None:
    assert not voc.looks_like(str(tmp_path))
    with pytest.raises(DataError, match="holds no VOC annotations"):
        voc.find(str(tmp_path))
    write(tmp_path, {"VOC2007/Annotations/a.xml": ONE, "VOC2012/Annotations/a.xml": ONE})
    with pytest.raises(DataError, match="holds 2 VOC data sets: VOC2007, VOC2012"):
        voc.find(str(tmp_path))


PIECES = st.sampled_from(
    ["<", ">", "/", "&", "object", "name", "bndbox", "<xmin>", "9", " ", "\0", "<!DOCTYPE a>", "é"]
)


@given(st.integers(0, len(ONE)), st.integers(0, 30), st.lists(PIECES, max_size=4).map("".join))
def test_nothing_in_an_xml_raises(place: int, length: int, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        dataset = one(Path(folder), ONE[:place] + text + ONE[place + length :], untrusted=True)
        assert len(dataset.labels) == 1
