"""`python -m yoloaudit` and the command: the working folder leaves the import path before anything is imported."""

import os
import sys


def _safe_path(path: list[str], here: str, home: str) -> list[str]:
    """The import path without '' and the working folder, which may hold the audited files; our own home stays."""
    return [entry for entry in path if entry and (os.path.realpath(entry) != here or here == home)]


try:
    sys.path[:] = _safe_path(sys.path, os.path.realpath("."), os.path.realpath(os.path.join(__file__, "..", "..")))
except OSError:  # the working folder is gone
    sys.path[:] = [entry for entry in sys.path if entry]
os.environ["PYTHONSAFEPATH"] = "1"  # for the processes that are started from here


def main() -> None:
    """Run the command on the arguments of this process, and end it with the command's exit code."""
    try:
        from yoloaudit.cli.boundary import run_process

        code = run_process(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    os._exit(code)


if __name__ == "__main__":
    main()
