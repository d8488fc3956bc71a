"""Earlier states of every kind: lists, COCO, images that git does not keep, pointers to files kept elsewhere."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests import example_repository as repository
from tests.cli.test_against import audited, counts, new, told
from tests.example_repository import git, needs_git
from yoloaudit.against.pointers import lfs_pointer, stands_for
from yoloaudit.errors import DataError, UsageError

pytestmark = needs_git


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pets").mkdir()
    return repository.base(tmp_path / "pets", images=12)


def restart(folder: Path) -> None:
    """What lies there becomes the base."""
    repository.commit(folder, "base anew")
    git(folder, "branch", "--force", "main")


def test_image_lists(folder: Path) -> None:
    lists = {split: sorted(folder.glob(f"images/{split}/*")) for split in ("train", "val")}
    for split, paths in lists.items():
        (folder / f"{split}.txt").write_text("".join(f"./images/{split}/{path.name}\n" for path in paths))
    (folder / "data.yaml").write_text("path: .\ntrain: train.txt\nval: val.txt\nnames: [car, bus, dog]\n")
    restart(folder)
    assert counts(audited(folder).report) == {}
    moved = "./images/train/0001.jpg\n"
    repository.replace_in(folder / "train.txt", moved, "")
    (folder / "val.txt").write_text((folder / "val.txt").read_text() + moved + "./images/val/gone.jpg\n")
    report = audited(folder).report
    assert counts(report) == {"images moved": 1}
    assert told(report) == [("listed-image-missing", "val.txt", 5)]


def test_absolute_paths_lead_to_the_earlier_state(folder: Path) -> None:
    repository.replace_in(folder / "data.yaml", "path: .", f"path: {folder}")
    restart(folder)
    repository.write(folder, "train/new1", repository.picture(1001), repository.GOOD)
    report = audited(folder).report
    assert counts(report) == {"images added": 1, "boxes added": 1}
    assert new(report) == []
    assert report.change is not None
    assert not report.change.mended


def test_a_data_set_in_a_folder_of_the_repository(folder: Path) -> None:
    (folder / "sets/pets").mkdir(parents=True)
    for name in ("images", "labels", "data.yaml"):
        (folder / name).rename(folder / "sets/pets" / name)
    (folder / "sets/other.jpg").write_bytes(repository.picture(1))
    restart(folder)
    repository.write(folder / "sets/pets", "train/new1", repository.picture(1001), repository.GOOD)
    assert counts(audited(folder / "sets/pets/data.yaml").report) == {"images added": 1, "boxes added": 1}


def test_coco(folder: Path) -> None:
    shutil.rmtree(folder / "labels")
    (folder / "data.yaml").unlink()
    (folder / "annotations").mkdir()
    images = [
        {"id": number, "file_name": f"{repository.name_of(number)}.jpg".partition("/")[2], "width": 96, "height": 96}
        for number in range(12)
        if number % 5
    ]
    boxes = [
        {"id": number + 1, "image_id": image["id"], "category_id": 1, "bbox": [10, 20, 30, 40 + number]}
        for number, image in enumerate(images)
    ]
    document = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "car"}]}
    path = folder / "annotations/instances_train.json"
    path.write_text(json.dumps(document))
    restart(folder)
    assert counts(audited(folder).report) == {}
    boxes[0]["bbox"] = [12, 20, 30, 40]
    path.write_text(json.dumps(document | {"annotations": boxes[:-1]}))
    assert counts(audited(folder).report) == {"boxes removed": 1, "boxes moved": 1}


def test_images_that_git_ignores_are_the_same_then(folder: Path) -> None:
    """Labels in git, images elsewhere."""
    (folder / ".gitignore").write_text("*.jpg\n")
    git(folder, "rm", "-r", "--quiet", "--cached", "images")
    restart(folder)
    assert counts(audited(folder).report) == {}
    repository.replace_in(folder / "labels/train/0001.txt", "0.71131", "0.72131")
    report = audited(folder).report
    assert counts(report) == {"boxes moved": 1}
    assert new(report) == []


def test_what_dvc_keeps_is_the_same_while_its_pointer_is(folder: Path) -> None:
    (folder / ".gitignore").write_text("/images\n")
    pointer = folder / "images.dvc"
    pointer.write_text("outs:\n- md5: 0123456789abcdef0123456789abcdef.dir\n  path: images\n")
    git(folder, "rm", "-r", "--quiet", "--cached", "images")
    restart(folder)
    assert counts(audited(folder).report) == {}
    repository.replace_in(pointer, "0123456789abcdef0", "fedcba98765432100")
    with pytest.raises(UsageError, match=r"images\.dvc is a pointer of DVC, and at main it is another one.*dvc get"):
        audited(folder)
    assert stands_for("a/images.dvc") == "a/images"
    assert stands_for(".dvc") is None
    assert stands_for("a/images") is None


def lfs(data: bytes) -> bytes:
    """The pointer that Git LFS commits in place of a file."""
    oid = hashlib.sha256(data).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(data)}\n".encode()


def test_pointers_of_git_lfs(folder: Path) -> None:
    """Images are pointers in git, and themselves in the working tree; one changes."""
    pictures = {path: path.read_bytes() for path in sorted(folder.glob("images/*/*.jpg"))}
    for path, data in pictures.items():
        path.write_bytes(lfs(data))
    restart(folder)
    index = folder / ".git" / "index"
    kept = index.read_bytes()
    for path in pictures:
        git(
            folder,
            "update-index",
            "--cacheinfo",
            f"100644,{git(folder, 'rev-parse', f'main:{path.relative_to(folder)}').strip()},{path.relative_to(folder)}",
        )
    path = folder / "images/train/0001.jpg"
    path.write_bytes(lfs(repository.picture(700)))
    assert index.read_bytes() != kept
    result = audited(folder)
    assert counts(result.report) == {}, "bytes that cannot be had are not told to differ"
    assert [
        note
        for note in result.notes
        if "is kept by Git LFS, and its content is not here: images/train/0001.jpg" in note
    ]
    old = pictures[path]
    oid = hashlib.sha256(old).hexdigest()
    store = folder / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid
    store.parent.mkdir(parents=True)
    store.write_bytes(old)
    assert counts(audited(folder).report) == {"images replaced": 1}


def test_what_is_a_pointer() -> None:
    found = lfs_pointer(lfs(b"x" * 5))
    assert found is not None
    assert found.size == 5
    assert lfs_pointer(b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 5\n") is None
    assert lfs_pointer(repository.picture(1)) is None
    assert lfs_pointer(lfs(b"x") + b" " * 2000) is None


def test_images_outside_of_the_repository(folder: Path, tmp_path: Path) -> None:
    for name in ("images", "labels"):
        (folder / name).rename(tmp_path / name)
    (folder / "data.yaml").write_text(f"path: {tmp_path}\ntrain: images/train\nval: images/val\nnames: [car]\n")
    restart(folder)
    with pytest.raises(UsageError, match="no image of this data set lies in the git repository"):
        audited(folder)


def test_another_folder_that_is_no_data_set(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "void").mkdir()
    with pytest.raises(DataError, match="void holds no YAML file"):
        audited(folder, base=str(tmp_path / "void"))
