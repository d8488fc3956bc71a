"""What `yoloaudit init` knows → a workflow for GitHub Actions."""

from __future__ import annotations

import json

from yoloaudit.version import __version__

PINS = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("043fb46d1a93c77aae656e7c1c64a875d1fc6a0a", "v7.0.1"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/github-script": ("3a2844b7e9c422d3c10d287c895573f7108da1b3", "v9.0.0"),
    "github/codeql-action/upload-sarif": ("ff2f1c621b7f889edc0d3c761ac2e6a3f8cdb0dd", "v4.37.7"),
}
"""Actions by the commit of a release: a tag can be moved to other code, a commit cannot."""
RATCHET = "yoloaudit-ratchet.json"

CHECK = """\
# Written by `yoloaudit init`: checks the data set in every pull request, and after every merge.
# Safe for pull requests from forks: the event is `pull_request`, the token of the check can only read, no secret is
# used, and with --untrusted nothing outside of the data set's folder is opened and nothing of it is ever executed.
name: data set

on:
  pull_request:
  push:
    branches: [@BRANCH@]

permissions: {}

concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: true

jobs:
  check:
    name: check the data set
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    permissions:
      contents: read
    outputs:
      code: ${{ steps.check.outputs.code }}
    steps:
      - uses: @actions/checkout@
        with:
          fetch-depth: 2 # the pull request and the state that it is compared with
          lfs: @LFS@
          persist-credentials: false
      - uses: @actions/setup-python@
        with:
          python-version: "3.13"
      - name: Install yoloaudit
        working-directory: ${{ runner.temp }} # nothing of the repository is on Python's path
        run: |
          python -I -m pip install --quiet --disable-pip-version-check --only-binary :all: "yoloaudit==@VERSION@"
      - name: Check
        id: check
        env:
          DATA: @DATA@
          CONFIG: yoloaudit.toml
          RATCHET: @RATCHET@ # findings that were accepted, if there is such a file
          REPORTS: ${{ runner.temp }}/yoloaudit
        run: |
          mkdir -p "$REPORTS"
          options=(--untrusted --format github)
          if [ -f "$CONFIG" ]; then options+=(--config "$CONFIG"); fi
          if [ -f "$RATCHET" ]; then options+=(--ratchet "$RATCHET"); fi
          if [ "$GITHUB_EVENT_NAME" = pull_request ]; then options+=(--against HEAD^1); fi
          for format in summary sarif json html; do options+=(--output "$format=$REPORTS/report.$format"); done
          code=0
          yoloaudit check "${options[@]}" -- "$DATA" || code=$?
          if [ -f "$REPORTS/report.summary" ]; then cat "$REPORTS/report.summary" >> "$GITHUB_STEP_SUMMARY"; fi
          echo "code=$code" >> "$GITHUB_OUTPUT"
          exit "$code"
      - name: Keep the reports
        if: ${{ !cancelled() }}
        uses: @actions/upload-artifact@
        with:
          name: yoloaudit
          path: ${{ runner.temp }}/yoloaudit
          if-no-files-found: ignore
@COMMENT_STEPS@
  code-scanning:
    name: show findings in the Security tab
    needs: check
    # A pull request from a fork has no token that may write; private repositories need GitHub Code Security for it.
    if: >-
      ${{ !cancelled() && contains(fromJSON('["0", "1"]'), needs.check.outputs.code)
      && !github.event.repository.private
      && (github.event_name == 'push' || github.event.pull_request.head.repo.full_name == github.repository) }}
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read # lines are recognised by their text, which is read here
      security-events: write # the findings
    steps:
      - uses: @actions/checkout@
        with:
          persist-credentials: false
      - uses: @actions/download-artifact@
        with:
          name: yoloaudit
          path: ${{ runner.temp }}/yoloaudit
      - uses: @github/codeql-action/upload-sarif@
        with:
          sarif_file: ${{ runner.temp }}/yoloaudit/report.sarif
"""

COMMENT_STEPS = """\
      - name: Count for the comment
        if: ${{ !cancelled() && github.event_name == 'pull_request' }}
        env:
          REPORTS: ${{ runner.temp }}/yoloaudit
        run: |
          mkdir -p "$REPORTS-comment"
          if [ ! -f "$REPORTS/report.json" ]; then exit 0; fi
          jq -c '{exit_code: .summary.exit_code, rules: [.findings | group_by(.rule)[] | {rule: .[0].rule,
            severity: .[0].severity, new: map(select(.known | not)) | length, known: map(select(.known)) | length}]}' \\
            "$REPORTS/report.json" > "$REPORTS-comment/counts.json"
      - name: Keep the counts
        if: ${{ !cancelled() && github.event_name == 'pull_request' }}
        uses: @actions/upload-artifact@
        with:
          name: yoloaudit-comment
          path: ${{ runner.temp }}/yoloaudit-comment/counts.json
          if-no-files-found: ignore
"""


def workflow(data: str, branch: str, *, lfs: bool = False, comment: bool = False) -> str:
    """The workflow that checks `data`, a path from the root of the repository; `branch` is where changes land."""
    text = CHECK.replace("@COMMENT_STEPS@", COMMENT_STEPS.rstrip("\n") if comment else "").replace("\n\n\n", "\n\n")
    text = text.replace("@DATA@", quoted(data)).replace("@BRANCH@", quoted(branch)).replace("@LFS@", str(lfs).lower())
    return pinned(text.replace("@VERSION@", __version__).replace("@RATCHET@", RATCHET))


def quoted(text: str) -> str:
    """Printable text as a YAML scalar that is nothing but text."""
    return json.dumps(text, ensure_ascii=False)


def pinned(text: str) -> str:
    """Text with every `@action@` as that action, at its commit."""
    for action, (commit, release) in PINS.items():
        text = text.replace(f"@{action}@", f"{action}@{commit} # {release}")
    return text
