#!/bin/sh
# report.sh TRACKER [ENV | ENV/STACK]...: makes the tracker (github, gitlab or aws) say what the drift jobs found:
# exactly one open issue per stack and environment. Holds the only token; runs no stack code and has no cloud access but the tracker's.
#   drift, no issue -> open     drift, same -> leave alone     drift, other -> update and comment
#   clean, issue    -> close    error, or no result at all -> leave alone, and end with an error
# Without names it expects a result of every stack in every environment; the trouble of one never silences the others.
# Reads penstock-out/drift/ENV/STACK/{result.json,summary.md}; what it did is in penstock-out/report/report.md.
#   0  done   *  a result was an error or missing, or the tracker could not be told
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
case ${1:?usage: report.sh github|gitlab|aws [ENV | ENV/STACK]...} in
  github | gitlab | aws)
    # shellcheck source-path=SCRIPTDIR source=tracker-github.sh
    . "$PENSTOCK_ROOT/.penstock/tracker-$1.sh"
    ;;
  *) die "no tracker '$1'" ;;
esac
shift
here=$OUT/report
fresh_folder "$here"

pairs='' all=$(model '. as $m | .environments[] as $e | .stacks | to_entries[] | select(.value.environments | has($e)) | "\($e)/\(.key)"')
[ "$#" != 0 ] || pairs=$all
for name in "$@"; do
  some=$(printf '%s\n' "$all" | sed -n "\\#^$name\$#p; \\#^$name/#p")
  [ -n "$some" ] || die "'$name' is neither an environment nor a stack in one"
  pairs="$pairs $some"
done
[ -n "$pairs" ] || die "the model has no stack to report on"

tell() { # WORD...: to the log, and to a page for people
  say "$*"
  printf -- '- %s\n' "$*" >>"$here/report.md"
}

report_one() { # ENV/STACK
  key=$1 file=$OUT/drift/$1/result.json
  if ! [ -f "$file" ]; then
    tell "$key: no result arrived: its issue is left alone"
    return 1
  fi
  of=$(jq -r '"\(.environment)/\(.stack)"' "$file")
  status=$(jq -r .status "$file")
  print=$(jq -r .fingerprint "$file")
  [ "$of" = "$key" ] || die "$key: the result that arrived belongs to $of"
  case $status in
    ok | finding) ;;
    nothing)
      tell "$key: never applied"
      return 0
      ;;
    *)
      tell "$key: the detector ended with '$status': its issue is left alone"
      return 1
      ;;
  esac
  case $print in '' | *[!0-9a-f]*) die "$key: the result that arrived has no fingerprint" ;; *) ;; esac
  tracker_find "$key" >"$here/found.json"
  id=$(jq -r '.id // ""' "$here/found.json")
  was=$(jq -r '.fingerprint // ""' "$here/found.json")
  where=$(run_url)
  {
    tracker_marker "$key" "$print"
    cat -- "$OUT/drift/$key/summary.md"
    printf '\nSeen by %s. Nothing was applied. Put the resource back, or change the code, then run the drift pipeline again.\n' "$where"
  } >"$here/body.md"
  case $status,$id in
    ok,) tell "$key: clean" ;;
    ok,*)
      tracker_comment "$id" "Clean again: $key" "$where"
      tracker_close "$id"
      tell "$key: closed $id"
      ;;
    finding,)
      tracker_open "Drift: $key" "$here/body.md" "$key" "$print" >"$here/opened"
      opened=$(cat -- "$here/opened")
      tell "$key: opened $opened"
      ;;
    *)
      if [ "$was" = "$print" ]; then
        tell "$key: $id is up to date"
      else
        tracker_update "$id" "$here/body.md" "$key" "$print"
        tracker_comment "$id" "Drift has changed: $key" "$where"
        tell "$key: updated $id"
      fi
      ;;
  esac
}

code=0
for pair in $pairs; do
  # A shell of its own, not inside `||` or `if`: there the shell would go on after a call that failed.
  set +e
  (
    set -e
    report_one "$pair"
  )
  rc=$?
  set -e
  if [ "$rc" != 0 ]; then
    tell "$pair: not reported"
    code=1
  fi
done
exit "$code"
