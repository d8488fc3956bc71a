"""Pack files: what is said of one that cannot be followed, in one line, whatever it holds."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.errors import UsageError
from yoloaudit.packs import load_rules

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_pack(text: str | bytes, name: str = "mine.yaml") -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write_pack


def refusal(*packs: str) -> str:
    """The one line that says why these packs are not followed."""
    with pytest.raises(UsageError) as error:
        load_rules(packs)
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 600
    return text


MISTAKES = {
    "rules: {tiny-bx: {}}": ["mine.yaml: rules.tiny-bx", "no check is called 'tiny-bx'", "Did you mean 'tiny-box'?"],
    "rules: {mine: {check: tiny-bx}}": ["rules.mine", "'tiny-bx'", "Did you mean 'tiny-box'?"],
    "rules: {tiny-box: {check: few-images-per-class}}": ["is the name of a check"],
    "rules: {tiny-box: {min_sid: 3}}": ["'tiny-box' has no parameter 'min_sid'", "Did you mean 'min_side'?"],
    "rules: {tiny-box: {severty: info}}": ["Did you mean 'severity'?"],
    "rules: {tiny-box: {severity: fatal}}": ["rules.tiny-box.severity", "'error', 'warning' or 'info'"],
    "rules: {tiny-box: {min_side: 'three'}}": ["rules.tiny-box.min_side", "valid number", "'three'"],
    "rules: {tiny-box: {min_side: '3'}}": ["rules.tiny-box.min_side"],
    "rules: {tiny-box: {min_side: true}}": ["rules.tiny-box.min_side"],
    "rules: {tiny-box: {min_side: 0}}": ["greater than 0"],
    "rules: {few-images-per-class: {min_images: 1.5}}": ["rules.few-images-per-class.min_images"],
    "rules: {tiny-box: {off: 1}}": ["rules.tiny-box.off"],
    "rules: {tiny-box: {off: maybe}}": ["rules.tiny-box.off"],
    "rules: {tiny-box: {classes: face}}": ["rules.tiny-box.classes"],
    "rules: {tiny-box: {classes: [1]}}": ["rules.tiny-box.classes.0"],
    "rules: {tiny-box: {splits: [training]}}": ["rules.tiny-box.splits.0", "'train', 'val' or 'test'"],
    "rules: {tiny-box: {max_count: -1}}": ["rules.tiny-box.max_count"],
    "rules: {tiny-box: {max_share: 1.5}}": ["rules.tiny-box.max_share"],
    "rules: {tiny-box: {ignore: ['']}}": ["the glob '' is empty"],
    "rules: {tiny-box: {ignore: ['/data/*']}}": ["must be relative"],
    "rules: {tiny-box: {ignore: ['a\\b']}}": ["must be relative"],
    "rules: {tiny-box: {ignore: ['../b']}}": ["must be relative"],
    "rules: {tiny-box: {ignore: ['a[b']}}": ["not closed"],
    "rules: {tiny-box: {scales: [min_sides]}}": ["'min_sides' is no whole-number parameter. Did you mean 'min_side'?"],
    "rules: {new: {not_measurable: no way, min_side: 2}}": ["unknown key 'min_side'"],
    "rules: {Tiny: {}}": ["'Tiny' is no name for a rule"],
    "rules: {'tiny=box': {}}": ["is no name for a rule"],
    "rules: {tiny-box: 3}": ["rules.tiny-box: must be a mapping such as", "not a number"],
    "rules: [tiny-box]": ["rules: must be a mapping", "not a list"],
    "rule: {}": ["unknown key 'rule'. Did you mean 'rules'?"],
    "[]": ["a rule pack is a mapping", "not a list"],
    "": ["a rule pack is a mapping", "not nothing"],
    "extends: default": ["extends: must be a list"],
    "extends: [defualt]": ["no rule pack is called 'defualt'. Did you mean 'default'?"],
    "extends: [nothing.yaml]": ["nothing.yaml", "does not exist"],
    "extends: [mine.yaml]": ["extends itself: mine.yaml → mine.yaml"],
    "rules: {tiny-box: {}, tiny-box: {}}": ["line 1: the key 'tiny-box' stands twice"],
    "rules: &a {tiny-box: *a}": ["anchors and aliases"],
    "a: &a [x]\nb: [*a, *a]": ["anchors and aliases"],
    "rules: !!python/object/apply:os.system ['true']": ["tags are not read"],
    "rules: {tiny-box: {why: !!str x}}": ["tags are not read"],
    "rules: {? [a] : b}": ["a key must be plain text"],
    "rules: {}\n---\nrules: {}": ["more than one document"],
    "rules: {tiny-box: {min_side: .inf}}": ["line 1: '.inf' is not a number below"],
    "rules: {tiny-box: {min_side: .nan}}": ["'.nan' is not a number"],
    "rules: {few-images-per-class: {min_images: " + "9" * 5000 + "}}": ["min_images: input should be a valid integer"],
    "rules: {few-images-per-class: {min_images: " + "9" * 30 + "}}": ["is not a number below 1e+15"],
    "rules: {tiny-box": ["mine.yaml, line", "is not YAML"],
    "rules: " + "[" * 500: ["nested more than 10 levels deep"],
    "rules: [" + "[" * 5000: ["nest"],
    "rules: \0": ["mine.yaml"],
    "rules: {tiny-box: {why: 2020-02-31, min_sid: 1}}": ["Did you mean 'min_side'?"],
    'rules: {"a\\nb\\e[31m": {}}': ["'a\\nb\\x1b[31m' is no name for a rule"],
    "#" * 300_000: ["is 300,000 bytes, above the limit of 200,000"],
}


@pytest.mark.parametrize("text", MISTAKES, ids=lambda text: text[:40].encode("unicode_escape").decode())
def test_mistake_is_named_in_one_line(text: str, write: Write) -> None:
    said = refusal(write(text))
    assert not [part for part in MISTAKES[text] if part not in said], said
    assert "mine.yaml" in said


def test_mistake_is_put_down_to_the_pack_that_made_it(write: Write) -> None:
    path = write("rules: {tiny-box: {min_side: -1}}", "below.yaml")
    top = write("extends: [below.yaml]\nrules: {tiny-box: {severity: info}}", "top.yaml")
    assert refusal(top).startswith(f"{path}: rules.tiny-box.min_side")


def test_packs_that_extend_each_other(write: Write) -> None:
    write("extends: [b.yaml]", "a.yaml")
    path = write("extends: [a.yaml]", "b.yaml")
    assert "extends itself: b.yaml → a.yaml → b.yaml" in refusal(path)


def test_what_is_no_pack_file(tmp_path: Path, write: Write) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    assert "named pipe" in refusal(str(tmp_path / "pipe.yaml"))
    assert "a folder" in refusal(str(tmp_path / "folder.yaml"))
    assert "loop.yaml" in refusal(str(tmp_path / "loop.yaml"))
    assert "does not exist" in refusal(str(tmp_path / "none.yaml"))
    assert "not UTF-8" in refusal(write(b"\xff\xfe\x00"))
    assert "Did you mean 'strict'?" in refusal("strikt")
    assert "There are default, guide, strict" in refusal("zzz")
    assert "'a\\x00b.yaml' is a name that no file can have" in refusal("a\0b.yaml")


def test_byte_order_mark_is_no_mistake(write: Write) -> None:
    assert load_rules([write(b"\xef\xbb\xbfrules: {tiny-box: {}}")])


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
names = st.sampled_from(["tiny-box", "extends", "rules", "check", "severity", "min_side", "ignore", "off", "guide"])
values = st.recursive(
    scalars | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_any_value_is_rules_or_one_line(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    assert "\n" not in refused(tmp_path_factory, yaml.safe_dump(value).encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=60) | st.text("{}[]:,-&*!|>'\"#%@`\n ab?\t", max_size=60).map(str.encode))
def test_any_bytes_are_rules_or_one_line(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    assert "\n" not in refused(tmp_path_factory, data)


def refused(folders: pytest.TempPathFactory, data: bytes) -> str:
    path = folders.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    try:
        load_rules([str(path)])
    except UsageError as error:
        return str(error)
    return ""
