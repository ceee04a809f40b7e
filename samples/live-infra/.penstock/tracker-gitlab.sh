# shellcheck shell=sh disable=SC2016,SC2154,SC2250  # $ in single quotes is jq's; OUT is lib.sh's
# The tracker interface on GitLab; sourced by report.sh. CI_JOB_TOKEN cannot write issues, so this needs PENSTOCK_TOKEN:
# a project access token (scope api, role Reporter) as a masked and protected CI variable, scoped to the environment of the reporter.
# aws: none
# Interface: see tracker-github.sh, without tracker_note: no job that runs unmerged code may hold this token.

: "${PENSTOCK_TOKEN:?is not set}" "${CI_API_V4_URL:?is not set}" "${CI_PROJECT_ID:?is not set}"

run_url() { printf '%s\n' "$CI_PIPELINE_URL"; }

call() {
  _retry=0
  [ "$1" != GET ] || _retry=3
  _code=0
  _answer=$(printf 'header = "PRIVATE-TOKEN: %s"\n' "$PENSTOCK_TOKEN" |
    curl --config - --silent --show-error --fail-with-body --max-time 60 --retry "$_retry" --request "$1" \
      ${3:+--header 'Content-Type: application/json' --data-binary "@$3"} "$CI_API_V4_URL/projects/$CI_PROJECT_ID/$2") || _code=$?
  if [ "$_code" != 0 ]; then
    say "$_answer"
    die "the call $1 $2 failed"
  fi
  printf '%s\n' "$_answer"
}

pages() {
  _page=1 _all='[]'
  while :; do
    _part=$(call GET "$1&per_page=100&page=$_page")
    _count=$(printf '%s' "$_part" | jq -s 'if length == 1 and (.[0] | type) == "array" then .[0] | length else error("the answer is not a list") end')
    _all=$(printf '%s %s' "$_all" "$_part" | jq -sc add)
    [ "$_count" = 100 ] || break
    _page=$((_page + 1))
  done
  printf '%s\n' "$_all"
}

tracker_marker() { printf '<!-- penstock:drift:%s -->\n<!-- fingerprint:%s -->\n' "$1" "$2"; }
tracker_find() {
  _open=$(pages 'issues?state=opened&labels=drift')
  printf '%s' "$_open" | jq --arg m "<!-- penstock:drift:$1 -->" \
    '[.[] | select((.description // "") | startswith($m))] | sort_by(.iid) | .[0] // {} | if .iid
     then {id: .iid, fingerprint: ((.description | capture("<!-- fingerprint:(?<f>[0-9a-f]+) -->") | .f) // "")} else {} end'
}
tracker_open() {
  jq -n --arg t "$1" --rawfile b "$2" '{title: $t, description: $b, labels: "drift"}' >"$OUT/report/request.json"
  _issue=$(call POST issues "$OUT/report/request.json")
  printf '%s' "$_issue" | jq -rs '.[0].iid // error("the answer is not an issue")'
}
tracker_update() {
  jq -n --rawfile b "$2" '{description: $b}' >"$OUT/report/request.json"
  call PUT "issues/$1" "$OUT/report/request.json" >/dev/null
}
tracker_comment() {
  jq -n --arg t "$2" --arg b "$3" '{body: "\($t). \($b)"}' >"$OUT/report/request.json"
  call POST "issues/$1/notes" "$OUT/report/request.json" >/dev/null
}
tracker_close() {
  printf '{"state_event": "close"}' >"$OUT/report/request.json"
  call PUT "issues/$1" "$OUT/report/request.json" >/dev/null
}
