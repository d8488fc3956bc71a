"""The workflow that comments: whatever an artifact holds, a comment holds numbers and names of rules."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.example_ci import parsed
from yoloaudit.cli.init import COMMENT, init

HOSTILE_COUNTS = {
    "exit_code": "constructor",
    "rules": [
        {"rule": "tiny-box", "severity": "error", "new": 3, "known": -1},
        {"rule": "@octocat", "severity": "error", "new": 1, "known": 0},
        {"rule": "x`](https://evil.example)", "severity": "error", "new": 1, "known": 0},
        {"rule": "a-rule", "severity": "<img>", "new": 1, "known": 0},
        {"rule": "big-one", "severity": "info", "new": "<script>", "known": 1e300},
        {"rule": ["tiny-box"], "severity": "error"},
        None,
        7,
    ],
}
NODE = """
const fs = require('fs');
const script = fs.readFileSync(process.argv[2], 'utf8');
const calls = [];
const note = name => async facts => { calls.push([name, facts]); return {data: DATA[name] ?? []}; };
const DATA = {
  pulls: [{head: {sha: 'other'}, number: 6}, {head: {sha: 'abc'}, number: 7}],
  comments: JSON.parse(process.env.COMMENTS),
  artifacts: {artifacts: [{id: 5, size_in_bytes: Number(process.env.SIZE)}]},
};
const github = {
  rest: {
    actions: {listWorkflowRunArtifacts: note('artifacts')},
    pulls: {list: note('pulls')},
    issues: {listComments: 'comments', createComment: note('create'), updateComment: note('update')},
  },
  paginate: async name => DATA[name],
};
const run = {id: 1, head_sha: 'abc', head_branch: 'b', head_repository: {owner: {login: 'fork'}}, html_url: 'https://run'};
const context = {repo: {owner: 'o', repo: 'r'}, payload: {workflow_run: run}};
const core = {};
for (const name of ['notice', 'setFailed', 'setOutput']) core[name] = (...facts) => { calls.push([name, facts]); };
const body = Object.getPrototypeOf(async () => {}).constructor;
new body('github', 'context', 'core', 'require', script)(github, context, core, require)
  .then(() => console.log(JSON.stringify(calls)));
"""


def scripted(repository: Path, step: str, counts: object = None, comments: object = (), size: int = 10) -> list[Any]:
    """What a step of the commenting workflow does, with stand-ins for GitHub."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    init("pets", yes=True, comment=True)
    steps = parsed(repository / COMMENT)["jobs"]["comment"]["steps"]
    (repository / "run.js").write_text(NODE)
    (repository / "step.js").write_text(next(each for each in steps if each.get("name") == step)["with"]["script"])
    (repository / "counts.json").write_text(counts if isinstance(counts, str) else json.dumps(counts))
    env = {"COUNTS": str(repository / "counts.json"), "COMMENTS": json.dumps(comments), "SIZE": str(size)}
    done = subprocess.run(
        [node, "run.js", "step.js"], cwd=repository, env=env, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    calls: list[Any] = json.loads(done.stdout)
    return calls


def test_the_comment_holds_numbers_and_names_of_rules_and_nothing_else(repository: Path) -> None:
    calls = scripted(repository, "Comment", HOSTILE_COUNTS)
    name, facts = calls[-1]
    assert name == "create"
    assert facts["issue_number"] == 7
    assert facts["body"].split("\n") == [
        *("<!-- yoloaudit -->", "### Data set check is done", ""),
        *("| severity | rule | new | known |", "|---|---|--:|--:|"),
        *("| error | `tiny-box` | 3 | 0 |", "| info | `big-one` | 0 | 0 |"),
        *("", "[What was found, and where](https://run)"),
    ]


def test_the_comment_is_written_anew_not_again(repository: Path) -> None:
    others = [{"id": 1, "user": {"type": "User"}, "body": "<!-- yoloaudit -->"}, {"id": 2, "user": None, "body": None}]
    own = {"id": 3, "user": {"type": "Bot"}, "body": "<!-- yoloaudit -->\nold"}
    calls = scripted(repository, "Comment", {"exit_code": 0, "rules": []}, [*others, own])
    assert calls[-1][0] == "update"
    assert calls[-1][1]["comment_id"] == 3
    assert "Data set check passed\n\nNothing found." in calls[-1][1]["body"]


@pytest.mark.parametrize(
    ("size", "call"),
    [(10, ["setOutput", ["artifact", 5]]), (200_001, ["setFailed", ["The counts are too large to be counts."]])],
)
def test_an_artifact_that_is_too_large_is_not_fetched(repository: Path, size: int, call: list[Any]) -> None:
    assert scripted(repository, "Find the counts", size=size)[-1] == call


def test_counts_that_are_too_large_are_not_read(repository: Path) -> None:
    assert scripted(repository, "Comment", " " * 200_001)[-1][0] == "setFailed"
