#!/bin/sh
# changed.sh NAME PATHSPEC...: did this event change a path that matches? Prints NAME=true or NAME=false. For GitHub, which has no such
# fact for a job. A path that was renamed is both paths. What cannot be told is `true`: it errs towards running.
#   PENSTOCK_BASE, PENSTOCK_HEAD  a request: from the merge base of the two to the second (the first alone: to this commit)
#   PENSTOCK_BEFORE               a push: from there to this commit
#   none of them                  a tag, a schedule, a manual run: everything has changed
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
name=${1:?usage: changed.sh NAME PATHSPEC...}
shift
[ "$#" != 0 ] || die "no paths are named"
case $name in *[!A-Za-z0-9_-]*) die "'$name' is not a name" ;; *) ;; esac

answer() { # true|false WORD...
  printf '%s=%s\n' "$name" "$1"
  shift
  say "$name: $*"
  exit 0
}
# commit_of WORD: sets COMMIT to the commit of that id, or to nothing: not an id, no commit of this clone, 000… for "none".
commit_of() {
  COMMIT=
  case $1 in
    '' | *[!0-9a-f]*) ;;
    *[!0]*) COMMIT=$(git -C "$PENSTOCK_ROOT" rev-parse --quiet --verify "$1^{commit}") || COMMIT= ;;
    *) ;;
  esac
}

head=${PENSTOCK_HEAD:-}
if [ -z "$head" ]; then head=$(git -C "$PENSTOCK_ROOT" rev-parse --verify HEAD); fi
if [ -n "${PENSTOCK_BASE:-}" ]; then
  commit_of "$head"
  to=$COMMIT
  commit_of "$PENSTOCK_BASE"
  from=
  if [ -n "$COMMIT" ] && [ -n "$to" ]; then from=$(git -C "$PENSTOCK_ROOT" merge-base "$COMMIT" "$to") || from=; fi
  [ -n "$from" ] || answer true "the beginning of the request is not in this clone"
elif [ -n "${PENSTOCK_BEFORE:-}" ]; then
  to=$(git -C "$PENSTOCK_ROOT" rev-parse --verify HEAD)
  commit_of "$PENSTOCK_BEFORE"
  from=$COMMIT
  [ -n "$from" ] || answer true "what was there before the push is not in this clone"
else
  answer true "neither a request nor a push"
fi
rc=0
git -C "$PENSTOCK_ROOT" diff-tree -r --quiet --no-renames "$from" "$to" -- "$@" || rc=$?
case $rc in
  0) answer false "nothing between $from and $to" ;;
  1) answer true "something between $from and $to" ;;
  *) die "git cannot compare $from and $to (exit $rc)" ;;
esac
