"""What a data set is compared with, as the user names it → an earlier state that can be read as a data set."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import AbstractContextManager, chdir, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Protocol

from yoloaudit.against.content import Compared, Ids, Tracked, sizes_of
from yoloaudit.against.git import Entry, Repository, repository
from yoloaudit.against.ignored import kept_elsewhere
from yoloaudit.against.mirror import Mirror, mirrored
from yoloaudit.against.names import lay_out
from yoloaudit.dataset.find import find
from yoloaudit.dataset.folders import suffix
from yoloaudit.dataset.images import TRAINER_SUFFIXES
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.locate import locate
from yoloaudit.errors import DataError, UsageError, YoloauditError
from yoloaudit.files import Root, is_inside
from yoloaudit.findings import shorten


class Laid(NamedTuple):
    """An earlier state as a folder to be loaded."""

    layout: Callable[[Sequence[str]], Layout]
    """Splits, or none for all of them → where everything lies; raises DataError where there is no data set."""
    ids: Ids
    """Of its files."""
    then: Callable[[str], str]
    """An absolute path in it → where that file would be today."""
    there: Callable[[str], str]
    """The other way round."""
    unknown: Callable[[], dict[str, str]]
    """Files whose content could not be had by now, by absolute path of today, and why."""
    folder: str = ""
    top: str = ""
    """Where it is laid out, and the folder of today that this stands for."""


class Earlier(Protocol):
    """An earlier state of a data set."""

    @property
    def name(self) -> str:
        """As the user named it."""
        ...

    def ids(self, root: Root, paths: Sequence[str]) -> list[str]:
        """Ids of files of today that equal those of files of the earlier state where the bytes do."""
        ...

    def has(self, content: str) -> bool:
        """Whether an image of the earlier state has this id."""
        ...

    def laid_out(self, at_hand: Container[str]) -> AbstractContextManager[Laid]:
        """The state as a folder; `at_hand` are ids of images of today, whose content is not needed again."""
        ...


@dataclass
class Commit:
    """The data set at a commit of the repository that it lies in."""

    name: str
    repository: Repository
    tree: dict[str, Entry]
    data: str
    untrusted: bool
    root_dir: str | None
    ids: Tracked
    kept: dict[str, str]
    """Files that git does not keep, and that are taken to be as they were: the id of each."""
    _images: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        blobs = {path: entry.blob for path, entry in self.tree.items()} | self.kept
        self._images = frozenset(blob for path, blob in blobs.items() if suffix(path) in TRAINER_SUFFIXES)

    def has(self, content: str) -> bool:
        """Whether an image of the commit has this id."""
        return content in self._images

    @contextmanager
    def laid_out(self, at_hand: Container[str]) -> Iterator[Laid]:
        """The tree as a folder that goes away again."""
        with mirrored(self.repository, self.tree, at_hand, self.kept) as mirror:

            def ids(root: Root, paths: Sequence[str]) -> list[str]:
                outside = [path for path in paths if mirror.relative(path) is None]
                known = dict(zip(outside, self.ids(root, outside), strict=True)) if outside else {}
                inside = mirror.ids([path for path in paths if path not in known])
                left = iter(inside)
                return [known[path] if path in known else next(left) for path in paths]

            def unknown() -> dict[str, str]:
                return {os.path.join(mirror.top, path): why for path, why in mirror.unknown.items()}

            layout = partial(self._layout, mirror)
            yield Laid(layout, ids, mirror.then, mirror.there, unknown, mirror.folder, mirror.top)

    def _layout(self, mirror: Mirror, splits: Sequence[str]) -> Layout:
        root_dir = None if self.root_dir is None else mirror.there(self.root_dir)
        if root_dir is not None and not os.path.isdir(root_dir):
            raise DataError(f"there is no folder {shorten(str(self.root_dir), 200)}")
        with _working(mirror):
            place = locate(mirror.there(self.data), untrusted=self.untrusted, root_dir=root_dir)
            if place.kind in ("yaml", "darknet") and not mirror.links:
                fixed = self.untrusted or root_dir is not None
                return lay_out(place.path, place.root, mirror, fixed=fixed, splits=splits)
            mirror.complete()
            return find(mirror.there(self.data), untrusted=self.untrusted, root_dir=root_dir, splits=splits)


@contextmanager
def _working(mirror: Mirror) -> Iterator[None]:
    """The working folder as it was: paths may be relative to it."""
    here = os.getcwd()
    then = mirror.there(os.path.realpath(here))
    with chdir(then if os.path.isdir(then) else here):
        yield


@dataclass
class Folder:
    """Another folder, or a descriptor in it, that holds the earlier state."""

    name: str
    layout: Layout
    now: Root
    ids: Compared
    before: Compared
    _images: frozenset[str] = frozenset()

    def has(self, content: str) -> bool:
        """Whether an image of the folder has this id."""
        return content in self._images

    @contextmanager
    def laid_out(self, at_hand: Container[str]) -> Iterator[Laid]:
        """The folder itself."""
        own = self.layout.root

        def then(path: str) -> str:
            return _carried(path, own.path, self.now.path)

        def there(path: str) -> str:
            return _carried(path, self.now.path, own.path)

        yield Laid(lambda _: self.layout, self.before, then, there, dict)


def earlier(
    named: str,
    layout: Layout,
    data: str | None,
    *,
    splits: Sequence[str] = (),
    untrusted: bool = False,
    root_dir: str | None = None,
) -> Earlier:
    """The earlier state that is meant: another data set if there is a file or folder of that name, else a git ref.

    `layout` is that of today's data set, found by `data`. Raises UsageError or DataError in one line.
    """
    if not named:
        raise UsageError("--against takes a git ref, a data.yaml or a folder")
    place = os.path.realpath(data or os.curdir)
    folder = place if os.path.isdir(place) else os.path.dirname(place)
    if "\0" not in named and os.path.lexists(named):
        _refuse_both(named, folder, untrusted)
        return _folder(named, layout, splits, untrusted)
    return _commit(named, layout, place, folder, untrusted=untrusted, root_dir=root_dir)


def _refuse_both(named: str, folder: str, untrusted: bool) -> None:
    """A name that is both: as git does, it is not guessed which one is meant."""
    if os.sep in named or named.startswith("."):
        return
    try:
        both = repository(folder, untrusted).has(named)
    except YoloauditError:  # there is no repository to ask
        return
    if both:
        raise UsageError(f"{shorten(named, 100)!r} is both a file and a git ref: write ./{named} or refs/heads/{named}")


def _folder(named: str, layout: Layout, splits: Sequence[str], untrusted: bool) -> Folder:
    other = find(named, untrusted=untrusted, splits=splits)
    now, then = sizes_of(layout.root, layout.images), sizes_of(other.root, other.images)
    before = Compared(frozenset(now))
    state = Folder(named, other, layout.root, Compared(frozenset(then)), before)
    state._images = frozenset(before(other.root, other.images)) - {""}
    return state


def _commit(named: str, layout: Layout, place: str, folder: str, *, untrusted: bool, root_dir: str | None) -> Commit:
    repo = repository(folder, untrusted)
    commit = repo.commit(named)
    if layout.images and not any(is_inside(path, repo.top) for path in layout.images):
        where = shorten(repo.top, 200)
        raise UsageError(f"no image of this data set lies in the git repository {where}: name another data set instead")
    own = [path for path in (layout.root.path, folder) if is_inside(path, repo.top)]
    whole = not is_inside(layout.root.path, repo.top) or repo.top in own
    folders = [""] if whole else [_below(path, repo.top) for path in dict.fromkeys(own)]
    tree, index = repo.tree(commit, folders), repo.index(folders)
    ids = Tracked(repo.top, index, repo.index_time(), repo.sha256)
    root_dir = None if root_dir is None else os.path.realpath(root_dir)
    kept = kept_elsewhere(named, repo, tree, folders, layout, ids)
    return Commit(named, repo, tree, place, untrusted, root_dir, ids, kept)


def _carried(path: str, here: str, there: str) -> str:
    """A path below one folder as one below another; any other path as it is."""
    return os.path.normpath(os.path.join(there, os.path.relpath(path, here))) if is_inside(path, here) else path


def _below(path: str, top: str) -> str:
    return "" if path == top else os.path.relpath(path, top).replace(os.sep, "/")
