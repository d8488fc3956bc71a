"""A git repository → the tree at a ref, the index and the content of blobs, by plumbing that runs no code of it.

Nothing is checked out and nothing is written: neither the index nor the working tree is touched. Hooks, filters, file
system monitors and transports that a repository may name are switched off; variables of the environment that steer git
are not passed on.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, NamedTuple

from yoloaudit.errors import DataError, FileRefused, UsageError
from yoloaudit.files import Root, is_inside
from yoloaudit.findings import shorten

KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
"""Variables of the environment that git is given; where the user's own settings lie is among them."""
ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ATTR_NOSYSTEM": "1",
}
SETTINGS = (
    *("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.attributesFile=/dev/null", "core.pager=cat"),
    *("safe.bareRepository=explicit", "protocol.allow=never", "core.sshCommand=false", "diff.external="),
    *("gc.auto=0", "maintenance.auto=false", "core.alternateRefsCommand=", "core.askPass=", "credential.helper="),
)
MOST_OUTPUT = 1 << 30
SECONDS = 120
LINK, SUBMODULE = "120000", "160000"
INDEX = re.compile(
    rb"(\d{6}) ([0-9a-f]+) \d\t([^\0]*)\0  ctime: (\d+):(\d+)\n  mtime: (\d+):(\d+)\n"
    rb"  dev: \d+\tino: (\d+)\n  uid: \d+\tgid: \d+\n  size: (\d+)\tflags: [0-9a-f]+\n"
)
REF = re.compile(r"[^-\0\n\r][^\0\n\r]{0,999}")


class Entry(NamedTuple):
    """A file of a tree: mode as git writes it, and the id of its blob."""

    mode: str
    blob: str


class Indexed(NamedTuple):
    """A file of the index: its blob, and the facts of the file when it was last seen to have that content."""

    mode: str
    blob: str
    changed_ns: int
    modified_ns: int
    inode: int
    size: int


@dataclass(frozen=True)
class Repository:
    """Where git is, the top folder of the working tree, and the folder of the repository."""

    git: str
    top: str
    folder: str
    sha256: bool = False

    def commit(self, ref: str) -> str:
        """The id of the commit that a ref names; raises UsageError with advice."""
        if not REF.fullmatch(ref):
            raise UsageError(f"{shorten(ref, 100)!r} is no git ref: a ref does not begin with - and is on one line")
        code, out, _ = self._run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if code or not re.fullmatch(rb"[0-9a-f]{40,64}", out.strip()):
            what = f"{shorten(ref, 100)!r} is neither a file, a folder, nor a ref of this git repository"
            raise UsageError(what + self._advice(ref))
        return out.decode("ascii").strip()

    def _advice(self, ref: str) -> str:
        remote, _, branch = ref.partition("/")
        shallow = self._run("rev-parse", "--is-shallow-repository")[1].strip() == b"true"
        known = remote in self._run("remote")[1].decode("utf-8", "replace").split()
        wanted = f"{remote} {branch}" if known and branch else f"origin {ref}"
        if shallow:
            return f", which is a shallow clone. Fetch it first: git fetch --depth=1 {wanted}"
        return f". Fetch it first: git fetch {wanted}" if known or self._run("remote")[1].strip() else ""

    def has(self, ref: str) -> bool:
        """Whether a text names a commit."""
        if not REF.fullmatch(ref):
            return False
        return not self._run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")[0]

    def tree(self, commit: str, folders: Sequence[str]) -> dict[str, Entry]:
        """The files of a commit below these folders, by their path from the top with `/`."""
        out = self._output("ls-tree", "-r", "-z", "--full-tree", commit, "--", *_pathspecs(folders))
        found = {}
        for line in out.split(b"\0")[:-1]:
            facts, _, path = line.partition(b"\t")
            mode, _, blob = facts.decode("ascii").split(" ")[:3]
            found[os.fsdecode(path)] = Entry(mode, blob)
        return found

    def index(self, folders: Sequence[str]) -> dict[str, Indexed]:
        """The files of the index below these folders; none where git says it in another way than it used to."""
        out = self._output("ls-files", "--stage", "--debug", "-z", "--full-name", "--", *_pathspecs(folders, top=True))
        found = {}
        for mode, blob, path, *numbers in INDEX.findall(out):
            changed, changed_ns, modified, modified_ns, inode, size = map(int, numbers)
            times = (changed * 10**9 + changed_ns, modified * 10**9 + modified_ns)
            found[os.fsdecode(path)] = Indexed(mode.decode(), blob.decode(), *times, inode, size)
        return found

    def ignored(self, folders: Sequence[str]) -> list[str]:
        """Files below these folders that git is told to take no notice of."""
        names = ("ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--full-name", "--")
        return [os.fsdecode(path) for path in self._output(*names, *_pathspecs(folders, top=True)).split(b"\0")[:-1]]

    def index_time(self) -> int:
        """When the index was last written, in nanoseconds: files that changed later, or then, have to be read."""
        try:
            return os.stat(os.path.join(self.folder, "index")).st_mtime_ns
        except OSError:
            return 0

    def sizes(self, blobs: Sequence[str]) -> dict[str, int]:
        """The size of each of these blobs in bytes; those that are not there are left out."""
        found = {}
        with self._fed(blobs, "cat-file", "--batch-check", "--buffer") as process:
            for line in _out(process):
                name, _, rest = line.decode("ascii", "replace").strip().partition(" ")
                kind, _, size = rest.partition(" ")
                if kind == "blob" and size.isdecimal():
                    found[name] = int(size)
        return found

    def blobs(self, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """These blobs and the content of each; those that are not there are left out."""
        with self._fed(blobs, "cat-file", "--batch", "--buffer") as process:
            stream = _out(process)
            while line := stream.readline():
                name, _, rest = line.decode("ascii", "replace").strip().partition(" ")
                kind, _, size = rest.partition(" ")
                if not size.isdecimal():
                    continue
                data = stream.read(int(size))
                stream.read(1)
                if kind == "blob" and len(data) == int(size):
                    yield name, data

    def stored(self, oid: str, size: int) -> bytes | None:
        """What Git LFS keeps under a SHA-256; None where that is not here."""
        place = os.path.join(self.folder, "lfs", "objects", oid[:2], oid[2:4], oid)
        try:
            data = Root(self.folder, contained=True).read(place, size).data
        except FileRefused:
            return None
        return data if hashlib.sha256(data).hexdigest() == oid else None

    def _command(self, *words: str) -> list[str]:
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        return [self.git, "--no-pager", *settings, "-C", self.top, *words]

    def _run(self, *words: str) -> tuple[int, bytes, bytes]:
        return run(self._command(*words))

    def _output(self, *words: str) -> bytes:
        code, out, problem = self._run(*words)
        if code:
            raise DataError(f"git {words[0]} failed: {_first_line(problem)}")
        return out

    def _fed(self, lines: Sequence[str], *words: str) -> subprocess.Popen[bytes]:
        """A command that reads these lines: from a file, so that neither side waits for the other."""
        with tempfile.TemporaryFile() as asked:
            asked.write("".join(f"{line}\n" for line in lines).encode("ascii"))
            asked.seek(0)
            return subprocess.Popen(  # noqa: S603 - git by its full path, words of our own and ids of blobs
                self._command(*words),
                stdin=asked,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
                cwd=self.top,
            )


def repository(folder: str, untrusted: bool = False) -> Repository:
    """The repository whose working tree holds this folder; raises DataError where there is none that can be read."""
    git = shutil.which("git", path=_safe_path())
    if git is None:
        raise UsageError("to compare with a git ref takes git, which is not installed. Name another folder instead")
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    words = ("rev-parse", "--show-toplevel", "--absolute-git-dir", "--show-object-format")
    code, out, problem = run([git, *settings, "-C", folder, *words])
    if code:
        raise DataError(_why(folder, problem))
    top, inner, kind = (os.fsdecode(line) for line in out.rstrip(b"\n").split(b"\n")[:3])
    top, inner = os.path.realpath(top), os.path.realpath(inner)
    if not is_inside(os.path.realpath(folder), top):
        raise DataError(f"the git repository of {shorten(folder, 200)} says that its files lie elsewhere")
    if untrusted and (inner != os.path.join(top, ".git") or _borrows(inner)):
        raise DataError(
            "this repository keeps its objects elsewhere, which is not followed in data that are not trusted"
        )
    return Repository(git, top, inner, kind == "sha256")


def run(command: Sequence[str]) -> tuple[int, bytes, bytes]:
    """Exit code, output and problems of a git command."""
    try:
        done = subprocess.run(  # noqa: S603 - git by its full path, and words that are checked
            command, stdin=subprocess.DEVNULL, capture_output=True, env=environment(), timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise DataError(f"git did not answer within {SECONDS} seconds") from None
    except OSError as error:
        raise DataError(f"git cannot be run: {error.strerror or error}") from None
    return done.returncode, done.stdout[:MOST_OUTPUT], done.stderr


def environment() -> Mapping[str, str]:
    """The environment of git: nothing that steers it but the user's own settings."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "PATH": _safe_path(), **ENVIRONMENT}


def _safe_path() -> str:
    """Where programs are looked for: never in the working folder."""
    return os.pathsep.join(
        place for place in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(place)
    )


def _why(folder: str, problem: bytes) -> str:
    shown = shorten(folder, 200)
    if b"dubious ownership" in problem or b"unsafe repository" in problem:
        advice = "git config --global --add safe.directory, with the path of the repository, says that you trust it"
        return f"git does not read the repository of {shown}, as it belongs to another user: {advice}"
    if b"not a git repository" in problem:
        return f"{shown} is in no git repository. Name a data set to compare with"
    return f"git cannot read the repository of {shown}: {_first_line(problem)}"


def _first_line(problem: bytes) -> str:
    lines = [line for line in problem.decode("utf-8", "replace").splitlines() if line.strip()]
    return shorten(lines[0].removeprefix("fatal: "), 200) if lines else "it does not say why"


def _borrows(folder: str) -> bool:
    """Whether a repository reads objects, or all there is, from another one."""
    names = (os.path.join("objects", "info", "alternates"), "commondir")
    return any(os.path.lexists(os.path.join(folder, name)) for name in names)


def _pathspecs(folders: Sequence[str], top: bool = False) -> list[str]:
    """Folders from the top of the working tree, as git takes them: letter by letter; none is everything."""
    if "" in folders:
        return []
    return [f":(top,literal){folder}" if top else folder for folder in folders]


def _out(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise DataError("git cannot be read from")
    return process.stdout
