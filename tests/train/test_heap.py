"""Memory that is let go of stays with the process: the next batch maps no page anew."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource, torch
from yoloaudit.train.heap import keep
torch.set_num_threads(1)
kept = {keep} and keep()
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(2):
        blocks = [torch.ones(10_000_000) for _ in range(2)]
        del blocks
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
for _ in range(4):
    faults()
print(int(kept), faults())
"""


def faults(keep: bool) -> tuple[bool, int]:
    ran = subprocess.run([sys.executable, "-c", PROGRAM.format(keep=keep)], capture_output=True, text=True, check=True)
    kept, count = ran.stdout.split()
    return kept == "1", int(count)


@pytest.mark.skipif(sys.platform != "linux", reason="the C library is another one")
def test_blocks_are_mapped_once() -> None:
    kept, few = faults(True)
    if not kept:
        pytest.skip("this C library has no such parameters")
    _, many = faults(False)
    assert few < 1000
    assert many > 10_000
