"""Images of a data set that git is told to take no notice of → those that are taken to be as they were.

Labels are often kept in git and images elsewhere. An image that git does not keep is the same then and now, as far as
anybody can tell; unless DVC keeps it, whose pointer in git says whether it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from yoloaudit.against.content import Tracked
from yoloaudit.against.git import Entry, Repository
from yoloaudit.against.pointers import stands_for
from yoloaudit.dataset.layout import Layout
from yoloaudit.errors import UsageError
from yoloaudit.files import Root
from yoloaudit.findings import shorten


def kept_elsewhere(
    named: str, repo: Repository, tree: Mapping[str, Entry], folders: Sequence[str], layout: Layout, ids: Tracked
) -> dict[str, str]:
    """Images and labels of today's data set that git ignores, by their path from the top, with the id of each.

    Raises UsageError where DVC keeps some of them and kept others then.
    """
    prefix = repo.top.rstrip(os.sep) + os.sep
    own = {
        path[len(prefix) :].replace(os.sep, "/") for path in (*layout.images, *layout.labels) if path.startswith(prefix)
    }
    if own <= tree.keys() | ids.index.keys():
        return {}
    kept = sorted(own & set(repo.ignored(folders)) - tree.keys())
    _refuse_other_data(named, repo, tree, kept, ids)
    root = Root(repo.top, contained=layout.root.contained)
    return dict(zip(kept, ids(root, [prefix + path for path in kept]), strict=True))


def _refuse_other_data(
    named: str, repo: Repository, tree: Mapping[str, Entry], kept: Sequence[str], ids: Tracked
) -> None:
    """DVC's pointers of then and now are the same, or what they stood for cannot be had from git."""
    pointers = {place: path for path in tree if (place := stands_for(path)) is not None}
    root = Root(repo.top, contained=True)
    for place, path in sorted(pointers.items()):
        inside = any(name == place or name.startswith(f"{place}/") for name in kept)
        if inside and ids(root, [os.path.join(repo.top, path)]) != [tree[path].blob]:
            shown, ref = shorten(path, 200), shorten(named, 100)
            raise UsageError(
                f"{shown} is a pointer of DVC, and at {ref} it is another one: what it stood for is not in git. "
                f"Fetch that with `dvc get . {shorten(place, 200)} --rev {ref}` and name its data set instead of a ref"
            )
