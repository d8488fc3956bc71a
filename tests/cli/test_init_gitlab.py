"""The pipeline that checks a data set: valid by its schema, and run as a shell runs it."""

from pathlib import Path

import pytest

from tests.example_ci import Runner, linted, parsed
from yoloaudit.cli.init import GITLAB, init


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_script_of_the_pipeline_runs_the_check(repository: Path, tmp_path: Path, shell: str) -> None:
    init("pets/data.yaml", yes=True, ci="gitlab")
    job = parsed(repository / GITLAB)["data set"]
    runner = Runner(tmp_path)
    env = {**job["variables"], "CI_MERGE_REQUEST_DIFF_BASE_SHA": "abc"}
    assert runner.run("\n".join(job["script"]), env, shell, "-e").returncode == 0
    arguments = runner.arguments()
    assert arguments[:4] == ["check", "--untrusted", "--against", "abc"]
    assert arguments[-2:] == ["--", "pets/data.yaml"]
    reports = job["artifacts"]["reports"]
    assert {f"gitlab={reports['codequality']}", f"junit={reports['junit']}"} <= set(arguments)


def test_the_schema_takes_it(repository: Path) -> None:
    init("pets/data.yaml", yes=True, ci="gitlab")
    schema = ("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    linted(repository, *schema, GITLAB)
