"""What all tests share: hypothesis without deadlines, and the place of the sample data."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")  # tests run side by side, and a library's threads would wait for each other

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start work in the background deaf to Ctrl-C

settings.register_profile("local", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def sample_data(project: Path) -> Path:
    """The folder of the two sample data sets, `clean` and `defective`."""
    return project / "sample_data"
