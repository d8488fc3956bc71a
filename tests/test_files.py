"""Files are opened only where they may be, and written whole or not at all."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from yoloaudit.errors import FileRefused, UsageError, WriteError
from yoloaudit.files import Root, create, run_folder, sync_all, write_atomically


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("inside")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


def _reason(root: Root, path: Path, most: int = 100) -> str:
    with pytest.raises(FileRefused) as caught:
        root.read(str(path), most)
    return caught.value.reason


@pytest.mark.parametrize("contained", [False, True])
def test_regular_files_and_links_inside_are_read(root: Path, contained: bool) -> None:
    (root / "link.txt").symlink_to("a.txt")
    opened = Root(str(root), contained)
    assert opened.read(str(root / "a.txt"), 100).data == b"inside"
    assert opened.read(str(root / "link.txt"), 100).data == b"inside"


def test_a_link_out_is_followed_only_where_the_owner_runs_it(root: Path) -> None:
    (root / "out.txt").symlink_to(root.parent / "secret.txt")
    assert Root(str(root)).read(str(root / "out.txt"), 100).data == b"secret"
    assert _reason(Root(str(root), True), root / "out.txt") == "outside"
    assert _reason(Root(str(root), True), root.parent / "secret.txt") == "outside"


def test_a_linked_folder_out_is_outside(root: Path) -> None:
    (root / "away").symlink_to(root.parent)
    assert _reason(Root(str(root), True), root / "away" / "secret.txt") == "outside"


def test_special_and_missing_files_are_refused_without_blocking(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "dangling").symlink_to("nowhere")
    (root / "loop").symlink_to("loop")
    opened = Root(str(root))
    assert _reason(opened, root / "pipe") == "special"
    assert _reason(opened, root / "sub") == "special"
    assert _reason(opened, root / "dangling") == "missing"
    assert _reason(opened, root / "loop") in {"missing", "denied"}
    assert _reason(opened, root / "none") == "missing"
    assert _reason(opened, Path(str(root) + "/nul\0")) == "missing"


def test_size_is_bounded_before_reading(root: Path) -> None:
    os.truncate(root / "a.txt", 1 << 40)
    assert _reason(Root(str(root)), root / "a.txt") == "large"
    assert len(Root(str(root)).read(str(root / "a.txt"), 10, head=True).data) == 10


def test_what_is_no_regular_file_is_written_through(root: Path) -> None:
    os.mkfifo(root / "pipe")
    reader = os.open(root / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(str(root / "pipe"), b"report")
    assert os.read(reader, 100) == b"report"
    os.close(reader)
    assert stat.S_ISFIFO(os.stat(root / "pipe").st_mode)
    if os.path.exists("/dev/full"):
        with pytest.raises(WriteError):
            write_atomically("/dev/full", b"report")
        assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def test_a_write_that_fails_leaves_the_old_file(root: Path) -> None:
    write_atomically(str(root / "report.json"), b"old")
    with pytest.raises(WriteError):
        write_atomically(str(root / "none" / "report.json"), b"new")
    (root / "taken").mkdir()
    with pytest.raises(WriteError):
        write_atomically(str(root / "taken"), b"new")
    assert (root / "report.json").read_bytes() == b"old"
    assert not [name for name in os.listdir(root) if name.startswith(".yoloaudit")]


def test_run_folders_are_counted_up(tmp_path: Path) -> None:
    project = str(tmp_path / "runs" / "val")
    made = [os.path.basename(run_folder(project, "exp")) for _ in range(3)]
    assert made == ["exp", "exp2", "exp3"]
    os.rmdir(os.path.join(project, "exp2"))
    assert os.path.basename(run_folder(project, "exp")) == "exp2"
    assert os.path.basename(run_folder(project, "exp", exist_ok=True)) == "exp"
    assert os.path.isdir(run_folder(project, "new/", exist_ok=True))


def test_two_runs_never_get_the_same_folder(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: run_folder(str(tmp_path), "exp"), range(40)))
    assert len(set(made)) == 40


def test_a_run_folder_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for project, name, exist_ok in ((tmp_path / "file", "exp", False), (tmp_path, "file", True)):
        with pytest.raises(WriteError, match="Name a place"):
            run_folder(str(project), name, exist_ok)
    for name in ("", " ", ".", "..", "a\0b"):
        with pytest.raises(UsageError, match="--name"):
            run_folder(str(tmp_path), name)


def test_a_file_is_made_once_with_the_permissions_of_another(root: Path) -> None:
    (root / "a.txt").chmod(0o640)
    create(str(root / "new.txt"), b"new", os.stat(root / "a.txt"))
    assert (root / "new.txt").read_bytes() == b"new"
    assert stat.S_IMODE(os.stat(root / "new.txt").st_mode) == 0o640
    (root / "link.txt").symlink_to("nowhere")
    for name in ("new.txt", "link.txt"):
        with pytest.raises(FileExistsError):
            create(str(root / name), b"other")
    assert not (root / "nowhere").exists()
    assert (root / "new.txt").read_bytes() == b"new"


@pytest.mark.parametrize("few", [0, 9])
def test_files_are_synced_one_by_one_or_together(root: Path, few: int) -> None:
    sync_all([str(root / "a.txt")], few)
    assert (root / "a.txt").read_bytes() == b"inside"
