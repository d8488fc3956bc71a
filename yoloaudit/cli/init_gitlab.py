"""What `yoloaudit init` knows → a pipeline for GitLab."""

from __future__ import annotations

from yoloaudit.cli.init_github import RATCHET, quoted
from yoloaudit.version import __version__

PIPELINE = """\
# Written by `yoloaudit init --ci gitlab`: checks the data set in every merge request, and after every merge.
# Safe for merge requests from forks, which run in the fork: no secret is used, and with --untrusted nothing outside of
# the data set's folder is opened and nothing of it is ever executed.
data set:
  image: python:3.13
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  timeout: 1 hour
  variables:
    DATA: @DATA@
    CONFIG: yoloaudit.toml
    RATCHET: @RATCHET@ # findings that were accepted, if there is such a file
    GIT_DEPTH: "0" # also the state that a merge request is compared with
  before_script:
    - |
      python -I -m pip install --quiet --disable-pip-version-check --only-binary :all: "yoloaudit==@VERSION@"
  script:
    - |
      set -- --untrusted
      if [ -f "$CONFIG" ]; then set -- "$@" --config "$CONFIG"; fi
      if [ -f "$RATCHET" ]; then set -- "$@" --ratchet "$RATCHET"; fi
      if [ -n "${CI_MERGE_REQUEST_DIFF_BASE_SHA:-}" ]; then set -- "$@" --against "$CI_MERGE_REQUEST_DIFF_BASE_SHA"; fi
      set -- "$@" --output gitlab=gl-code-quality-report.json --output junit=yoloaudit.xml --output html=yoloaudit.html
      yoloaudit check "$@" -- "$DATA"
  artifacts:
    when: always
    paths: [yoloaudit.html]
    reports:
      codequality: gl-code-quality-report.json
      junit: yoloaudit.xml
"""


def pipeline(data: str) -> str:
    """The pipeline that checks `data`, a path from the root of the repository."""
    text = PIPELINE.replace("@DATA@", quoted(data)).replace("@VERSION@", __version__)
    return text.replace("@RATCHET@", RATCHET)
