# shellcheck shell=sh disable=SC2016,SC2154,SC2250  # $ in single quotes is jq's; OUT is lib.sh's
# The tracker interface on GitHub; sourced by report.sh, comment.sh and protection.sh. Needs GITHUB_TOKEN
# (issues: write; pull-requests: write for notes) and what GitHub sets itself.
# aws: none
#   tracker_find KEY -> {id, fingerprint} or {}          tracker_open TITLE FILE KEY FINGERPRINT -> id
#   tracker_update ID FILE KEY FINGERPRINT               tracker_comment ID TITLE TEXT
#   tracker_close ID          tracker_marker KEY FINGERPRINT -> the first lines of the body
#   tracker_note CHANGE MARKER FILE                      run_url
# Every function ends with an error when a call fails: none is to be used where the shell ignores that.

: "${GITHUB_TOKEN:?is not set}" "${GITHUB_API_URL:?is not set}" "${GITHUB_REPOSITORY:?is not set}"

run_url() { printf '%s/%s/actions/runs/%s\n' "$GITHUB_SERVER_URL" "$GITHUB_REPOSITORY" "$GITHUB_RUN_ID"; }

# call METHOD PATH [FILE]: prints the answer. The token goes by standard input, so that no process list shows it.
# Only reading is tried again: a second POST could open a second issue.
call() {
  _retry=0
  [ "$1" != GET ] || _retry=3
  _code=0
  _answer=$(printf 'header = "Authorization: Bearer %s"\n' "$GITHUB_TOKEN" |
    curl --config - --silent --show-error --fail-with-body --max-time 60 --retry "$_retry" --request "$1" \
      --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
      ${3:+--header 'Content-Type: application/json' --data-binary "@$3"} "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/$2") || _code=$?
  if [ "$_code" != 0 ]; then
    say "$_answer"
    die "the call $1 $2 failed"
  fi
  printf '%s\n' "$_answer"
}

# pages PATH: all pages of a list as one array.
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
  _open=$(pages 'issues?state=open&labels=drift')
  printf '%s' "$_open" | jq --arg m "<!-- penstock:drift:$1 -->" \
    '[.[] | select(.pull_request == null and ((.body // "") | startswith($m)))] | sort_by(.number) | .[0] // {} | if .number
     then {id: .number, fingerprint: ((.body | capture("<!-- fingerprint:(?<f>[0-9a-f]+) -->") | .f) // "")} else {} end'
}
tracker_open() {
  jq -n --arg t "$1" --rawfile b "$2" '{title: $t, body: $b[0:65000], labels: ["drift"]}' >"$OUT/report/request.json"
  _issue=$(call POST issues "$OUT/report/request.json")
  printf '%s' "$_issue" | jq -rs '.[0].number // error("the answer is not an issue")'
}
tracker_update() {
  jq -n --rawfile b "$2" '{body: $b[0:65000]}' >"$OUT/report/request.json"
  call PATCH "issues/$1" "$OUT/report/request.json" >/dev/null
}
tracker_comment() {
  jq -n --arg t "$2" --arg b "$3" '{body: "\($t). \($b)"}' >"$OUT/report/request.json"
  call POST "issues/$1/comments" "$OUT/report/request.json" >/dev/null
}
tracker_close() {
  printf '{"state": "closed", "state_reason": "completed"}' >"$OUT/report/request.json"
  call PATCH "issues/$1" "$OUT/report/request.json" >/dev/null
}
tracker_note() {
  _notes=$(pages "issues/$1/comments?sort=created")
  _note=$(printf '%s' "$_notes" | jq -r --arg m "$2" '[.[] | select(.user.type == "Bot" and ((.body // "") | startswith($m)))] | .[0].id // ""')
  jq -n --rawfile b "$3" '{body: $b[0:65000]}' >"$OUT/report/request.json"
  if [ -n "$_note" ]; then
    call PATCH "issues/comments/$_note" "$OUT/report/request.json" >/dev/null
  else
    call POST "issues/$1/comments" "$OUT/report/request.json" >/dev/null
  fi
}
