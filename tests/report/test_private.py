"""What strangers are not told: paths and names, in every shape that they come in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.report.private import COMMON, Secrets, scrub, scrubbed, texts_of

HOME, MAC, MOUNTED = (f"/{name}" for name in ("home", "Users", "mnt"))
ANNA = Secrets(("anna", "Łukasz"), ("kestrel",))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"{HOME}/anna/sets/my data/data.yaml", "data.yaml"),
        ("/data/coco.yaml", "coco.yaml"),
        ("C:\\Users\\Anna\\sets\\data.yaml", "data.yaml"),
        ("D:/sets/data.yaml", "data.yaml"),
        ("\\\\server\\share\\data.yaml", "data.yaml"),
        ("~/sets/data.yaml", "data.yaml"),
        (f"file://{HOME}/anna/x.yaml", "x.yaml"),
        (f"{HOME}/anna", "user"),
        ("/", "…"),
        ("C:\\", "…"),
        ("  /srv/x/y", "y"),
        ("sets/data.yaml", "sets/data.yaml"),
        ("../anna/data.yaml", "../user/data.yaml"),
        ("runs/train/exp", "runs/train/exp"),
        (f"written {HOME}/anna/sets/train, read from images/train", "written …/train, read from images/train"),
        (f"in '{MOUNTED}/disk/anna.txt' and \"C:\\x\\y.txt\"", "in '…/user.txt' and \"…/y.txt\""),
        ("https://example.org/a/b.pt", "https://example.org/a/b.pt"),
        ("anna_exp by Anna on kestrel: annabel", "user_exp by user on host: annabel"),
        ("ŁUKASZ", "user"),
        ("mAP50/mAP50-95 at 1/2", "mAP50/mAP50-95 at 1/2"),
        ("0.5 / 0.6", "0.5 / 0.6"),
    ],
)
def test_texts(text: str, left: str) -> None:
    assert scrub(text, ANNA) == left


def test_names_are_learnt_from_homes() -> None:
    value = {"data": f"{MAC}/bertha/x/data.yaml", "note": ["bertha's run", "C:\\Users\\Carl\\y", "carl"]}
    secrets = Secrets().known(texts_of(value))
    assert secrets.users == ("bertha", "Carl")
    assert scrubbed(value, secrets) == {"data": "data.yaml", "note": ["user's run", "y", "user"]}


def test_words_that_settings_are_made_of_stay() -> None:
    for name in ("root", "train", "exp", "no"):
        assert scrub(f"{name} and a {name}", Secrets((name,))) == f"{name} and a {name}"
    assert "root" in COMMON


def test_keys_are_texts_too_and_numbers_stay() -> None:
    value = {f"{HOME}/anna/a": 1, "b": [None, True, 0.5, {"anna": "x"}]}
    assert scrubbed(value, ANNA) == {"a": 1, "b": [None, True, 0.5, {"user": "x"}]}


names = st.text(st.characters(categories=["L", "N"]), min_size=3, max_size=12)
parts = st.lists(
    st.text(st.characters(exclude_characters="\\/\n\0", exclude_categories=["Cs"]), min_size=1), max_size=4
)


@given(names, parts)
def test_no_name_of_a_home_survives(name: str, rest: list[str]) -> None:
    if name.casefold() in COMMON or name.casefold() in ("user", "host"):
        return
    path = "/".join([HOME, name, *rest, "x.yaml"])
    told = json.dumps(scrubbed({"a": path, "b": f"see {path}"}, Secrets((name,))), ensure_ascii=False)
    assert f"{HOME}/{name}" not in told
    assert HOME not in told
