"""Darknet's .data file gives the entries of a data.yaml."""

from yoloaudit.dataset.darknet import names_of, read_darknet


def names_in(text: str) -> list[str] | None:
    return ["air", "bird"] if text == "data/obj.names" else None


def test_keys_are_those_of_a_yaml() -> None:
    data = b"classes= 2\ntrain  = data/train.txt\r\nvalid  = data/val.txt\nnames = data/obj.names\nbackup = backup/\n"
    entries = read_darknet(data, names_in)
    assert {key: (entry.value, entry.line) for key, entry in entries.items()} == {
        "nc": (2, 1),
        "train": ("data/train.txt", 2),
        "val": ("data/val.txt", 3),
        "names": (["air", "bird"], 4),
    }


def test_odd_lines_are_passed_over() -> None:
    entries = read_darknet(b"\xef\xbb\xbf# train = x\nnonsense\nclasses = many\ntrain =\nnames = \xff\n", names_in)
    assert {key: entry.value for key, entry in entries.items()} == {"nc": "many", "train": None, "names": None}


def test_names_are_lines() -> None:
    assert names_of(b"air\r\n bird \n\nfish\n\n") == ["air", "bird", "", "fish"]
    assert names_of(b"\n") == []
