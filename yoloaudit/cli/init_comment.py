"""A workflow for GitHub Actions that writes the counts of a check into a comment of its pull request."""

from __future__ import annotations

from yoloaudit.cli.init_github import pinned

COMMENT = """\
# Written by `yoloaudit init --comment`: writes the counts of a data set check into a comment of its pull request.
# It runs beside the pull request, with a token that may comment, so it checks nothing out and takes what the check left
# for hostile: a size limit, numbers and names of rules and nothing else, put into a template that stands here.
name: data set comment

on:
  workflow_run: # zizmor: ignore[dangerous-triggers] nothing of the pull request is checked out or executed
    workflows: [data set]
    types: [completed]

permissions: {}

concurrency:
  group: ${{ github.workflow }}-${{ github.event.workflow_run.head_sha }}
  cancel-in-progress: false

jobs:
  comment:
    name: comment on the pull request
    if: ${{ github.event.workflow_run.event == 'pull_request' && github.event.workflow_run.conclusion != 'cancelled' }}
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions:
      actions: read # the artifact of the other run
      pull-requests: write # the comment
    steps:
      - name: Find the counts
        id: find
        uses: @actions/github-script@
        with:
          script: |
            const {data} = await github.rest.actions.listWorkflowRunArtifacts(
              {...context.repo, run_id: context.payload.workflow_run.id, name: 'yoloaudit-comment'});
            const found = data.artifacts[0];
            if (!found) return core.notice('The check left no counts: it could not run.');
            if (found.size_in_bytes > 200000) return core.setFailed('The counts are too large to be counts.');
            core.setOutput('artifact', found.id);
      - if: ${{ steps.find.outputs.artifact != '' }}
        uses: @actions/download-artifact@
        with:
          artifact-ids: ${{ steps.find.outputs.artifact }}
          run-id: ${{ github.event.workflow_run.id }}
          github-token: ${{ github.token }}
          merge-multiple: true
          path: ${{ runner.temp }}/counts
      - name: Comment
        if: ${{ steps.find.outputs.artifact != '' }}
        uses: @actions/github-script@
        env:
          COUNTS: ${{ runner.temp }}/counts/counts.json
        with:
          script: |
            const fs = require('fs');
            const facts = fs.lstatSync(process.env.COUNTS);
            if (!facts.isFile() || facts.size > 200000) return core.setFailed('The counts are no counts.');
            const counts = JSON.parse(fs.readFileSync(process.env.COUNTS, 'utf8')) ?? {};
            const number = value => Number.isSafeInteger(value) && value >= 0 ? value : 0;
            const grades = ['error', 'warning', 'info'];
            const rows = (Array.isArray(counts.rules) ? counts.rules : [])
              .filter(each => typeof each?.rule === 'string' && /^[a-z][a-z0-9-]{0,63}$/.test(each.rule))
              .filter(each => grades.includes(each.severity))
              .sort((one, other) => grades.indexOf(one.severity) - grades.indexOf(other.severity))
              .slice(0, 100)
              .map(each => `| ${each.severity} | \\`${each.rule}\\` | ${number(each.new)} | ${number(each.known)} |`);
            const outcome = new Map([[0, 'passed'], [1, 'failed'], [3, 'is incomplete']]).get(counts.exit_code);
            const run = context.payload.workflow_run;
            const body = [
              '<!-- yoloaudit -->',
              `### Data set check ${outcome ?? 'is done'}`,
              '',
              ...(rows.length ? ['| severity | rule | new | known |', '|---|---|--:|--:|'] : ['Nothing found.']),
              ...rows,
              '',
              `[What was found, and where](${run.html_url})`,
            ].join('\\n');
            const {data: pulls} = await github.rest.pulls.list({...context.repo, state: 'open',
              head: `${run.head_repository.owner.login}:${run.head_branch}`});
            const pull = pulls.find(each => each.head.sha === run.head_sha);
            if (!pull) return core.notice('No open pull request is at this commit any more.');
            const place = {...context.repo, issue_number: pull.number};
            const comments = await github.paginate(github.rest.issues.listComments, {...place, per_page: 100});
            const own = comments.find(each => each.user?.type === 'Bot' && each.body?.startsWith('<!-- yoloaudit -->'));
            if (own) await github.rest.issues.updateComment({...context.repo, comment_id: own.id, body});
            else await github.rest.issues.createComment({...place, body});
"""


def comment_workflow() -> str:
    """The workflow."""
    return pinned(COMMENT)
