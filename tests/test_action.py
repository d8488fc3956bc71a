"""action.yml: its steps, run as a shell would run them; no input becomes code. And the hook for pre-commit."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.example_ci import BROKEN, Runner, linted, real_command
from yoloaudit.testing import lay_out

ACTION: dict[str, Any] = yaml.safe_load((Path(__file__).parent.parent / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INSTALL = next(step for step in STEPS if step.get("id") == "install")
CHECK = next(step for step in STEPS if step.get("id") == "check")
HOSTILE = (
    "$(touch hacked)",
    "`touch hacked`",
    "; touch hacked",
    "' touch hacked '",
    '"; touch hacked; "',
    "a b*",
    "-x",
)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def environment(step: dict[str, Any], bin_folder: Path, **inputs: str) -> dict[str, str]:
    """The environment of a step with its expressions filled in: inputs, defaults of inputs, and outputs of steps."""
    given = {name: inputs.get(name, str(facts.get("default", ""))) for name, facts in ACTION["inputs"].items()}
    given = {f"inputs.{name}": value for name, value in given.items()}
    given["steps.install.outputs.bin"] = str(bin_folder)
    return {name: given[re.fullmatch(r"\$\{\{ (.*) \}\}", text)[1]] for name, text in step["env"].items()}  # type: ignore[index]


def check(runner: Runner, event: str = "push", code: int = 0, **inputs: str) -> int:
    env = environment(CHECK, runner.bin, **{name.replace("_", "-"): text for name, text in inputs.items()})
    return runner.run(CHECK["run"], {**env, "GITHUB_EVENT_NAME": event, "CODE": str(code)}).returncode


def test_nothing_but_environments_holds_expressions() -> None:
    assert not [step["name"] for step in STEPS if "${{" in step.get("run", "")]
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in STEPS if "uses" in step)


def test_defaults_in_a_pull_request(runner: Runner) -> None:
    (runner.workspace / "yoloaudit.toml").touch()
    assert check(runner, "pull_request", data="pets/data.yaml") == 0
    arguments = runner.arguments()
    assert arguments[:6] == ["check", "--untrusted", "--format", "github", "--config", "yoloaudit.toml"]
    assert "--against=HEAD^1" in arguments
    assert arguments[-2:] == ["--", "pets/data.yaml"]
    assert runner.outputs() == {"exit-code": "0", "reports": str(runner.temporary / "yoloaudit")}
    assert runner.summary.read_text() == "### found\n"


def test_after_a_merge_all_of_it_is_checked(runner: Runner) -> None:
    assert check(runner, data="pets") == 0
    assert not [argument for argument in runner.arguments() if "against" in argument or "ratchet" in argument]


def test_inputs_become_options(runner: Runner) -> None:
    (runner.workspace / "known.json").touch()
    more = "--select boxes\n  --max tiny-box=5 *"
    check(runner, data="pets", ratchet="known.json", against="v1", fail_on="warning", args=more)
    arguments = runner.arguments()
    assert arguments[4:8] == ["--ratchet", "known.json", "--against=v1", "--fail-on=warning"]
    assert arguments[-7:] == ["--select", "boxes", "--max", "tiny-box=5", "*", "--", "pets"]
    check(runner, "pull_request", data="pets", against="none")
    assert not [argument for argument in runner.arguments() if "against" in argument]


@pytest.mark.parametrize("text", HOSTILE)
def test_inputs_are_never_code(runner: Runner, text: str) -> None:
    check(runner, data=text, config=text, ratchet=text, against=text, fail_on=text, args=text)
    assert runner.arguments()[-1] == text
    assert f"--against={text}" in runner.arguments()
    assert not list(runner.workspace.iterdir())


@pytest.mark.parametrize("code", [1, 2, 3])
def test_the_exit_code_is_that_of_the_check(runner: Runner, code: int) -> None:
    assert check(runner, data="pets", code=code) == code
    assert runner.outputs()["exit-code"] == str(code)


PYTHON = """#!/usr/bin/env bash
mkdir -p "$4/bin"
cat > "$4/bin/python" <<'END'
#!/usr/bin/env bash
printf '%s\\0' "$@" > "$SEEN"
END
chmod +x "$4/bin/python"
"""
"""Makes an environment, as `python -I -m venv FOLDER` does; the Python in it notes how it is called."""


def install(runner: Runner, version: str) -> tuple[int, list[str]]:
    """Exit code of the step, and how pip was called."""
    runner.install("python", PYTHON)
    run = runner.run(
        INSTALL["run"], {**environment(INSTALL, runner.bin, version=version), "GITHUB_ACTION_PATH": "action path"}
    )
    return run.returncode, runner.arguments() if runner.seen.exists() else []


@pytest.mark.parametrize(("version", "wanted"), [("", "action path"), ("1.2.3", "yoloaudit==1.2.3")])
def test_installs_a_release_or_what_the_action_holds(runner: Runner, version: str, wanted: str) -> None:
    code, arguments = install(runner, version)
    assert code == 0
    assert arguments[-2:] == ["--", wanted]
    assert runner.outputs() == {"bin": str(runner.temporary / "yoloaudit-venv" / "bin")}


@pytest.mark.parametrize(
    "version", ["1.0 --index-url=https://evil.example", "git+https://evil.example", "-r x", "$(x)"]
)
def test_a_version_is_a_version(runner: Runner, version: str) -> None:
    assert install(runner, version) == (2, [])


def test_the_check_by_the_real_command(runner: Runner) -> None:
    (runner.bin / "yoloaudit").unlink()
    (runner.bin / "yoloaudit").symlink_to(real_command())
    lay_out(str(runner.workspace / "pets"), BROKEN)
    env = environment(CHECK, runner.bin, data="pets/data.yaml")
    run = runner.run(CHECK["run"], env)
    assert run.returncode == 1, run.stderr
    assert "::error file=pets/labels/train/a.txt,line=2,title=class-out-of-range::" in run.stdout
    assert runner.outputs()["exit-code"] == "1"
    reports = {path.name for path in Path(runner.outputs()["reports"]).iterdir()}
    assert reports == {"report.summary", "report.sarif", "report.json", "report.html"}
    assert runner.summary.read_text(encoding="utf-8").startswith("### Data set check failed")


def test_linters_have_nothing_to_say(project: Path) -> None:
    linted(project, "check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
    linted(project, "zizmor", "--offline", "--pedantic", "--no-progress", "--color=never", "action.yml")


def test_the_hook_runs_a_check_where_a_data_set_changes(project: Path) -> None:
    (hook,) = yaml.safe_load((project / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("yoloaudit", "python", False)
    assert hook["entry"].split()[:2] == ["yoloaudit", "check"]
    changed = ["pets/labels/a.txt", "pets/images/a.jpeg", "pets/images/a.png", "pets/data.yaml", "src/a.py", "a.md"]
    assert [name for name in changed if re.search(hook["files"], name)] == changed[:4]
