"""Whatever leaves a root that is not trusted is told, and nothing of it is read."""

from pathlib import Path

import pytest

from tests.example_tree import CLEAN, grow, told
from yoloaudit.checks.data.outside_root import OutsideRoot


@pytest.mark.parametrize(
    "text", ["/etc", "../../x", "/", "/proc/self", "$HOME/x", "'~/x'", "/srv/nowhere/images/train"]
)
@pytest.mark.parametrize("key", ["path: .", "images/train"])
def test_paths_out_of_the_root(tmp_path: Path, key: str, text: str) -> None:
    yaml = CLEAN.replace(key, f"path: {text}" if key == "path: ." else text)
    path = grow(tmp_path / "a/pets", yaml, "../../x/c.png")
    defects = told(OutsideRoot(), path, untrusted=True)
    assert [severity for severity, _ in defects] == ["error"]
    assert "outside the root" in defects[0][1]


def test_an_owner_may_keep_files_elsewhere(tmp_path: Path) -> None:
    path = grow(tmp_path / "a/pets", CLEAN.replace("images/train", "../../x"), "../../x/c.png")
    assert len(told(OutsideRoot(), path, untrusted=True)) == 1
    assert told(OutsideRoot(), path) == []


def test_what_was_read_in_its_place_is_named(tmp_path: Path) -> None:
    path = grow(tmp_path, CLEAN.replace("images/train", r"C:\me\pets\images\train"))
    (_, sentence) = told(OutsideRoot(), path, untrusted=True)[0]
    assert sentence.endswith("absolute path outside the root; images/train was read in its place")


def test_the_second_attempt_of_the_trainer_stays_inside(tmp_path: Path) -> None:
    path = grow(tmp_path, CLEAN.replace("images/train", "../images/train"))
    assert told(OutsideRoot(), path, untrusted=True) == []


def test_web_addresses_are_told_in_both_modes(tmp_path: Path) -> None:
    path = grow(tmp_path, CLEAN.replace("path: .", "path: https://example.org/pets"))
    for untrusted in (False, True):
        assert "web address (URL)" in told(OutsideRoot(), path, untrusted=untrusted)[0][1]


def test_links_out_of_the_root(tmp_path: Path) -> None:
    path = grow(tmp_path / "pets", CLEAN, "../out/x.png")
    (tmp_path / "pets/images/train/folder").symlink_to(tmp_path / "out")
    (tmp_path / "pets/images/train/x.png").symlink_to(tmp_path / "out/x.png")
    (tmp_path / "pets/images/train/same.png").symlink_to("a.png")
    sentences = [sentence for _, sentence in told(OutsideRoot(), path, untrusted=True)]
    assert sentences == [
        "leads to outside the root of the data set; it is not followed",
        "is a link to outside the root of the data set; it is not followed",
    ]
    assert told(OutsideRoot(), path) == []


def test_labels_linked_out_of_the_root(tmp_path: Path) -> None:
    path = grow(tmp_path / "pets", CLEAN, "../out/a.txt")
    (tmp_path / "pets/labels/train/a.txt").unlink()
    (tmp_path / "pets/labels/train").rmdir()
    (tmp_path / "pets/labels/train").symlink_to(tmp_path / "out")
    assert len(told(OutsideRoot(), path, untrusted=True)) == 1
