"""Bytes of a file that only stands for another → what it stands for: Git LFS and DVC keep large files elsewhere."""

from __future__ import annotations

import re
from typing import NamedTuple

LFS_HEAD = b"version https://git-lfs.github.com/spec/v1\n"
LFS = re.compile(rb"\noid sha256:([0-9a-f]{64})\nsize ([0-9]{1,18})\n")
MOST_BYTES = 1024
"""A pointer of Git LFS is smaller (its specification), and so is all that is looked into for one."""
DVC = ".dvc"
"""`images.dvc` stands for `images`, a file or a folder."""


class Pointer(NamedTuple):
    """The SHA-256 and the size of the content that a pointer of Git LFS stands for."""

    oid: str
    size: int


def lfs_pointer(data: bytes) -> Pointer | None:
    """What a pointer of Git LFS stands for; None for any other content."""
    if len(data) > MOST_BYTES or not data.startswith(LFS_HEAD):
        return None
    found = LFS.search(data)
    return Pointer(found[1].decode("ascii"), int(found[2])) if found else None


def stands_for(path: str) -> str | None:
    """The file or folder that DVC keeps in place of this one; None where the name is not that of a pointer of DVC."""
    name = path.rpartition("/")[2]
    return path[: -len(DVC)] if name.endswith(DVC) and name != DVC else None
