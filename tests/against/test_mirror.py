"""A tree laid out as a folder: what a forged tree names cannot lead out of it, and nothing is left behind."""

import hashlib
import os
import zlib
from pathlib import Path

import pytest

from tests import example_repository as repository
from tests.example_repository import git, needs_git
from yoloaudit.against.git import Entry, Repository
from yoloaudit.against.git import repository as opened
from yoloaudit.against.mirror import Mirror, mirrored

pytestmark = needs_git


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pets").mkdir()
    return repository.base(tmp_path / "pets", images=3)


@pytest.fixture
def repo(folder: Path) -> Repository:
    return opened(str(folder))


def forged(folder: Path, *entries: tuple[str, bytes, str]) -> str:
    """Write a tree object that git itself would refuse to make; the id of a commit that has it."""
    body = b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(blob) for mode, name, blob in entries)
    whole = b"tree %d\0" % len(body) + body
    name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    place = folder / ".git/objects" / name[:2] / name[2:]
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(zlib.compress(whole))
    return name


def blob(folder: Path, data: str) -> str:
    path = folder.parent / "blob"
    path.write_text(data)
    return git(folder, "hash-object", "-w", str(path)).strip()


def test_the_whole_tree_comes_back(folder: Path, repo: Repository) -> None:
    tree = repo.tree(repo.commit("main"), [""])
    with mirrored(repo, tree, ()) as mirror:
        mirror.complete()
        place = Path(mirror.folder)
        for path in tree:
            assert (place / path).read_bytes() == (folder / path).read_bytes()
        assert mirror.then(str(place / "data.yaml")) == str(folder / "data.yaml")
        assert mirror.there(str(folder / "data.yaml")) == str(place / "data.yaml")
        assert mirror.ids([str(place / "data.yaml"), str(folder / "data.yaml")]) == [tree["data.yaml"].blob, ""]
    assert not place.parent.exists()


def test_images_at_hand_are_names_alone(repo: Repository) -> None:
    tree = repo.tree(repo.commit("main"), [""])
    with mirrored(repo, tree, {entry.blob for entry in tree.values()}) as mirror:
        mirror.complete()
        sizes = {path: os.path.getsize(os.path.join(mirror.folder, path)) for path in tree}
    assert {path for path, size in sizes.items() if not size} == {path for path in tree if path.endswith(".jpg")}


def test_a_forged_tree_leads_nowhere(folder: Path, repo: Repository, tmp_path: Path) -> None:
    """Names of other folders, a link and what lies behind it, a file and a folder of one name."""
    row, out = blob(folder, repository.GOOD), blob(folder, str(tmp_path / "out"))
    (tmp_path / "out").mkdir()
    inner = forged(folder, ("100644", b"escaped.txt", row), ("120000", b"link", out))
    tree = forged(
        folder,
        *(("40000", name, inner) for name in (b"..", b".", b".git", b".GIT", b"a/b")),
        ("120000", b"away", out),
        ("40000", b"away", inner),
        ("100644", b"data.yaml", row),
        ("40000", b"data.yaml", inner),
    )
    entries = repo.tree(tree, [""])
    with mirrored(repo, entries, ()) as mirror:
        mirror.complete()
        laid = sorted(path.relative_to(mirror.folder).as_posix() for path in Path(mirror.folder).rglob("*"))
        assert {"data.yaml", "away/escaped.txt"} <= set(laid)
        assert not [path for path in laid if ".." in path or path.startswith(".git/")]
        assert [path for path, why in mirror.unknown.items() if why == "has a name that no file has"]
    assert list((tmp_path / "out").iterdir()) == []
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_folder_of_links_is_filled_last(folder: Path, repo: Repository, tmp_path: Path) -> None:
    out = blob(folder, str(tmp_path))
    tree = {"images": Entry("120000", out), "images/escaped.txt": Entry("120000", out)}
    outer = tmp_path / "mirror"
    outer.mkdir()
    mirror = Mirror(str(outer), repo, tree, {})
    mirror.begin(())
    mirror.complete()
    assert os.path.islink(outer / "images")
    assert not os.path.lexists(tmp_path / "escaped.txt")


def test_it_is_removed_when_something_fails(repo: Repository) -> None:
    places = []

    def fail() -> None:
        with mirrored(repo, repo.tree(repo.commit("main"), [""]), ()) as mirror:
            places.append(mirror.folder)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not os.path.exists(os.path.dirname(places[0]))


def test_it_goes_to_the_disk_where_memory_is_short(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yoloaudit.against.mirror.MEMORY", "/nowhere/at/all")
    with mirrored(repo, repo.tree(repo.commit("main"), [""]), ()) as mirror:
        assert os.path.isfile(os.path.join(mirror.folder, "data.yaml"))
