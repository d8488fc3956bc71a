"""Claim: no file makes the checkpoint reader do more than refuse it; one million mutated files, each within bounds.

Each input is a small checkpoint, changed: opcodes of its pickle dropped, doubled, swapped or taken from another one,
numbers replaced by awkward ones, entries of the ZIP or of the safetensors header made to lie, bytes flipped, ends cut.
The reader may return a Checkpoint or raise CheckpointError. Any other exception, 20 seconds for one input, 2 GB of
memory, a warning, or an audit event that tells of an import, of code or of another process is a failure: it is kept.

    python -m benchmarks.fuzz_checkpoints [--inputs 1000000] [--seed 0] [--keep FOLDER]

With `--atheris` the same mutations are guided by coverage. It wants an environment of its own:

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris numpy safetensors typer rich
    /tmp/fuzz/bin/python -m benchmarks.fuzz_checkpoints --atheris
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import io
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.mutate_checkpoints import PICKLE, Example, examples, mutated, of_pickle
from yoloaudit.cli import weights
from yoloaudit.errors import CheckpointError
from yoloaudit.train.checkpoint import archive, inert, lineage, opcodes, pickles, plain, tensor_file
from yoloaudit.train.checkpoint import read as checkpoint
from yoloaudit.train.types import Checkpoint

SECONDS, BYTES = 20, 2 << 30
TELLING = ("import", "exec", "compile", "open", "marshal.loads", "pickle.find_class", "code.__new__", "socket.connect")
"""Audit events that reading a checkpoint in memory may not cause."""
STARTING = ("subprocess.", "os.", "ctypes.", "urllib.", "shutil.")
EVERY = 50_000
MOST_MESSAGE = 600


class Watch:
    """Audit events while it is on; a hook cannot be taken away, so one serves all."""

    def __init__(self) -> None:
        self.on = False
        self.events: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and (event in TELLING or event.startswith(STARTING)):
            self.events.append(f"{event} {arguments!r}"[:200])

    @contextmanager
    def over(self) -> Iterator[list[str]]:
        """The events of what is done inside."""
        self.events = []
        self.on = True
        try:
            yield self.events
        finally:
            self.on = False


def warm() -> None:
    """Read each example once, so that what Python imports at the first use, as a codec, is there."""
    for example in examples():
        told(example)


def told(example: Example) -> None:
    """Read an example and make of it what the command `weights` prints as JSON."""
    made = read(example)
    if not all(type(array) is np.ndarray and array.flags.c_contiguous for array in made.state.values()):
        raise TypeError("a tensor that is no array in C order")
    checkpoint.damaged(made)
    for _ in weights.document(weights.described(made)):
        pass


def read(example: Example) -> Checkpoint:
    """Read an example, all in memory: a pickle as if its ZIP had passed the gate, the others as files."""
    if example.kind != PICKLE:
        return checkpoint.from_file(io.BytesIO(example.data), len(example.data))
    entries, at = {}, 0
    for key, data in example.storages.items():
        entries[key] = archive.Entry(at, len(data), 0)
        at += len(data)
    whole = io.BytesIO(b"".join(example.storages.values()) + example.data)
    held = archive.Archive(whole, archive.Entry(at, len(example.data), 0), entries, False)
    return pickles.read(held, at + len(example.data))


def flaw(example: Example, watch: Watch, alarm: Callable[..., Any] = signal.setitimer) -> tuple[str | None, str]:
    """What went wrong while an example was read, and how the reading ended."""
    wrong, end = None, "read"
    alarm(signal.ITIMER_REAL, SECONDS)
    with watch.over() as events:
        try:
            told(example)
        except CheckpointError as error:
            end = str(error)
        except BaseException:  # noqa: BLE001 - everything else is what is looked for
            end, wrong = "crash", traceback.format_exc()
    alarm(signal.ITIMER_REAL, 0)
    if len(end) > MOST_MESSAGE or not end.isprintable():
        wrong = f"an error that is no line: {end!a}"
    return wrong or (f"audit: {events[0]}" if events else None), end


def bound() -> None:
    """Give this process its limits."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    signal.signal(signal.SIGALRM, _late)


def _late(*_: object) -> None:
    raise TimeoutError(f"more than {SECONDS} s")


def keep(example: Example, wrong: str, folder: Path) -> None:
    """Write an input that went wrong, and why, for a test to be made of it."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{example.kind}-{hashlib.sha256(example.data).hexdigest()[:16]}"
    (folder / stem).write_bytes(example.data)
    (folder / f"{stem}.txt").write_text(wrong, encoding="utf-8", errors="backslashreplace")
    print(f"{stem}: {wrong.splitlines()[-1]}", flush=True)


class Tally:
    """How many inputs were read, how they ended, and what it took."""

    def __init__(self, folder: Path) -> None:
        warm()
        warnings.simplefilter("error")
        self.folder, self.watch = folder, Watch()
        self.inputs, self.wrongs, self.slowest = 0, 0, 0.0
        self.ends: Counter[str] = Counter()
        self.began = time.perf_counter()

    def add(self, example: Example, alarm: Callable[..., Any] = signal.setitimer) -> None:
        started = time.perf_counter()
        wrong, end = flaw(example, self.watch, alarm)
        self.slowest = max(self.slowest, time.perf_counter() - started)
        self.ends[" ".join(end.split()[:5])] += 1
        self.inputs += 1
        if wrong:
            self.wrongs += 1
            keep(example, wrong, self.folder)
        if self.inputs % EVERY == 0:
            print(self, flush=True)

    def __str__(self) -> str:
        seconds, most = time.perf_counter() - self.began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        took = f"{self.inputs:,} inputs in {seconds:.0f} s, slowest {self.slowest:.3f} s, peak {most} MB"
        return f"{took}, {self.ends['read']:,} read, {self.wrongs} failures"


def campaign(inputs: int, seed: int, folder: Path) -> int:
    """Read that many mutated examples; how many went wrong."""
    rng, pool = random.Random(seed), examples()  # noqa: S311 - nothing secret
    tally = Tally(folder)
    for _ in range(inputs):
        tally.add(mutated(rng.choice(pool), pool, rng))
    for end, count in tally.ends.most_common(40):
        print(f"{count:>9,}  {end}")
    print(tally)
    return tally.wrongs


def guided(inputs: int, seed: int, folder: Path) -> None:
    """The same under atheris: coverage decides which inputs are changed further. It ends the process."""
    import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]  # it is not for every Python

    for function in functions():
        atheris.instrument_func(function)
    pool, tally = examples(), Tally(folder)

    def example_of(data: bytes) -> Example:
        base = pool[data[0] % len(pool)] if data else pool[0]
        return of_pickle(data[1:], base.storages) if base.kind == PICKLE else base._replace(data=data[1:])

    def one(data: bytes) -> None:
        tally.add(example_of(data), alarm=lambda *_: None)
        if tally.inputs == inputs:
            print(tally, flush=True)

    def change(data: bytes, most: int, chance: int) -> bytes:
        rng = random.Random(chance)  # noqa: S311 - nothing secret
        if rng.random() < 0.2:
            return bytes(atheris.Mutate(data, most))
        made = mutated(example_of(data), pool, rng).data
        return (data[:1] or b"\0") + made[: most - 1]

    with tempfile.TemporaryDirectory() as corpus:
        for number, example in enumerate(pool):
            (Path(corpus) / str(number)).write_bytes(bytes([number]) + example.data)
        folder.mkdir(parents=True, exist_ok=True)
        limits = [f"-timeout={SECONDS}", f"-rss_limit_mb={BYTES >> 20}", "-max_len=65536", "-len_control=0"]
        wanted = [f"-runs={inputs}", f"-seed={seed + 1}", f"-artifact_prefix={folder}/"]
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the alarm is libFuzzer's own
        atheris.Setup([sys.argv[0], *wanted, *limits, corpus], one, custom_mutator=change)
        atheris.Fuzz()


def functions() -> Iterator[Callable[..., Any]]:
    """Every function of the reader, for atheris to see which of their lines run."""
    for module in (archive, inert, opcodes, plain, pickles, lineage, tensor_file, checkpoint):
        held = [*vars(module).values(), *opcodes.TABLE.values()]
        classes = [each for each in held if inspect.isclass(each) and each.__module__ == module.__name__]
        held += [each for kind in classes for each in vars(kind).values()]
        yield from (each for each in held if inspect.isfunction(each) and each.__module__ == module.__name__)


def main() -> int:
    """Run the campaign; 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--keep", type=Path, default=Path("build/fuzz"), help="where inputs that went wrong are written"
    )
    parser.add_argument("--atheris", action="store_true", help="let coverage guide the mutations")
    options = parser.parse_args()
    bound()
    if options.atheris:
        guided(options.inputs, options.seed, options.keep)
    return 1 if campaign(options.inputs, options.seed, options.keep) else 0


if __name__ == "__main__":
    sys.exit(main())
