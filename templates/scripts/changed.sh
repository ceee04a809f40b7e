#!/bin/sh
# changed.sh NAME PATHSPEC...: NAME=true if a path that matches has changed, else NAME=false; on standard output, for $GITHUB_OUTPUT.
# A request (PENSTOCK_BASE, PENSTOCK_HEAD) is compared from its merge base, a push with the commit before it (PENSTOCK_BEFORE).
# Where there is no commit to compare with (a new branch, a tag, a schedule, a manual run), everything has changed. A rename is both paths.
# Needs the whole history.
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
name=${1:?usage: changed.sh NAME PATHSPEC...}
shift
: "${1:?usage: changed.sh NAME PATHSPEC...}"
known() { [ -n "$1" ] && git -C "$PENSTOCK_ROOT" cat-file -e "$1^{commit}" 2>/dev/null; }

base=${PENSTOCK_BASE:-} before=${PENSTOCK_BEFORE:-} head=${PENSTOCK_HEAD:-HEAD}
if [ -n "$base" ]; then
  known "$base" || die "the commit $base, on which the request builds, is not here: check out the whole history"
  known "$head" || die "the commit $head of the request is not here: check out the whole history"
  range=$base...$head
elif known "$before"; then
  range=$before..HEAD
else
  echo "$name=true"
  exit 0
fi
rc=0
git -C "$PENSTOCK_ROOT" diff --quiet --no-renames "$range" -- "$@" || rc=$?
case $rc in
  0) echo "$name=false" ;;
  1) echo "$name=true" ;;
  *) die "git diff $range ended with $rc" ;;
esac
