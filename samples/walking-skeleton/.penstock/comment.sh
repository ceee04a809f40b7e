#!/bin/sh
# comment.sh CHANGE TITLE: one comment on the pull request CHANGE, updated in place. GitHub only: see tracker-gitlab.sh.
# Needs GITHUB_TOKEN (pull-requests: write). Runs no stack code.
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
change=${1:?usage: comment.sh CHANGE TITLE} title=${2:?usage: comment.sh CHANGE TITLE}
case $change in *[!0-9]*) die "'$change' is not the number of a pull request" ;; *) ;; esac
# shellcheck source-path=SCRIPTDIR source=tracker-github.sh
. "$PENSTOCK_ROOT/.penstock/tracker-github.sh"
fresh_folder "$OUT/report"
marker="<!-- penstock:plan -->"
commit=$(commit_id)
where=$(run_url)
{
  printf '%s\n' "$marker"
  sh "$PENSTOCK_ROOT/.penstock/summary.sh" "$title"
  printf '\nCommit %s, %s. Plans of a request are never applied: after the merge each stack is planned again.\n' "$commit" "$where"
} >"$OUT/report/comment.md"
tracker_note "$change" "$marker" "$OUT/report/comment.md"
