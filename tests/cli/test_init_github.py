"""The workflow that checks a data set: safe for forks, pinned, as linters want it, and run as a shell runs it."""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.example_ci import Runner, linted, parsed, real_command
from yoloaudit.cli.init import COMMENT, CONFIG, GITHUB, init
from yoloaudit.cli.init_github import PINS, RATCHET, workflow


@pytest.mark.parametrize(
    "data", ["pets/data.yaml", "a: b #c/{x}.yaml", '"quoted"', "-dash", "é犬/data.yaml", "&x", "!x"]
)
def test_a_path_stays_text_in_yaml(data: str) -> None:
    steps = yaml.load(workflow(data, "main"), Loader=yaml.BaseLoader)["jobs"]["check"]["steps"]
    assert next(step for step in steps if step.get("id") == "check")["env"]["DATA"] == data


def test_the_workflow_is_safe_for_pull_requests_from_forks(repository: Path) -> None:
    init("pets", yes=True, comment=True)
    text = (repository / GITHUB).read_text(encoding="utf-8")
    document = parsed(repository / GITHUB)
    assert set(document["on"]) == {"pull_request", "push"}
    assert document["permissions"] == {}
    assert document["jobs"]["check"]["permissions"] == {"contents": "read"}
    assert "secrets" not in text
    assert "--untrusted" in text
    for name in (GITHUB, COMMENT):
        for job in parsed(repository / name)["jobs"].values():
            for step in job["steps"]:
                assert "${{" not in step.get("run", "") + step.get("with", {}).get("script", "")
                assert "checkout" not in step.get("uses", "") or step["with"]["persist-credentials"] == "false"
    assert "checkout" not in (repository / COMMENT).read_text(encoding="utf-8")


def test_actions_are_pinned_to_commits_of_releases(repository: Path) -> None:
    init("pets", yes=True, comment=True)
    used = re.findall(
        r"uses: (\S+?)@(\S+) # (\S+)", "".join((repository / name).read_text() for name in (GITHUB, COMMENT))
    )
    assert {(action, (commit, release)) for action, commit, release in used} == set(PINS.items())
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for _, commit, _ in used)
    assert sum((repository / name).read_text().count("uses:") for name in (GITHUB, COMMENT)) == len(used)


@pytest.mark.parametrize(
    "command",
    [
        ("actionlint", GITHUB, COMMENT),
        ("zizmor", "--offline", "--pedantic", "--no-progress", "--color=never", GITHUB, COMMENT),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", GITHUB, COMMENT),
    ],
    ids=lambda command: command[0],
)
def test_linters_have_nothing_to_say_of_the_workflows(repository: Path, command: tuple[str, ...]) -> None:
    init("pets/data.yaml", yes=True, comment=True)
    linted(repository, *command)


def test_the_check_step_runs_the_check(repository: Path, tmp_path: Path) -> None:
    init("pets/data.yaml", yes=True)
    step = next(step for step in parsed(repository / GITHUB)["jobs"]["check"]["steps"] if step.get("id") == "check")
    runner = Runner(tmp_path)
    for name in (CONFIG, RATCHET):
        (runner.workspace / name).touch()
    env = {**step["env"], "REPORTS": str(tmp_path / "reports"), "GITHUB_EVENT_NAME": "pull_request", "CODE": "1"}
    assert runner.run(step["run"], env).returncode == 1
    arguments = runner.arguments()
    assert arguments[:10] == [
        *("check", "--untrusted", "--format", "github", "--config", CONFIG),
        *("--ratchet", RATCHET, "--against", "HEAD^1"),
    ]
    assert arguments[-2:] == ["--", "pets/data.yaml"]
    assert runner.outputs() == {"code": "1"}
    assert runner.summary.read_text() == "### found\n"


def test_the_workflow_by_the_real_command(repository: Path, tmp_path: Path) -> None:
    command = real_command()
    init("pets/data.yaml", yes=True)
    step = next(step for step in parsed(repository / GITHUB)["jobs"]["check"]["steps"] if step.get("id") == "check")
    runner = Runner(tmp_path)
    (runner.bin / "yoloaudit").unlink()
    (runner.bin / "yoloaudit").symlink_to(command)
    runner.workspace = repository
    run = runner.run(step["run"], {**step["env"], "REPORTS": str(tmp_path / "reports")})
    assert run.returncode == 1, run.stderr
    assert "::error file=pets/labels/train/a.txt,line=2,title=class-out-of-range::" in run.stdout


def test_the_counts_are_made_of_the_report(repository: Path, tmp_path: Path) -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    init("pets", yes=True, comment=True)
    steps = parsed(repository / GITHUB)["jobs"]["check"]["steps"]
    step = next(step for step in steps if step.get("name") == "Count for the comment")
    runner = Runner(tmp_path)
    (tmp_path / "reports").mkdir()
    findings = [{"rule": "tiny-box", "severity": "info", "known": known} for known in (False, False, True)]
    report = {"summary": {"exit_code": 1}, "findings": [*findings, {"rule": "x", "severity": "error"}]}
    (tmp_path / "reports" / "report.json").write_text(json.dumps(report))
    assert runner.run(step["run"], {"REPORTS": str(tmp_path / "reports")}).returncode == 0
    assert json.loads((tmp_path / "reports-comment" / "counts.json").read_text()) == {
        "exit_code": 1,
        "rules": [
            {"rule": "tiny-box", "severity": "info", "new": 2, "known": 1},
            {"rule": "x", "severity": "error", "new": 1, "known": 0},
        ],
    }
