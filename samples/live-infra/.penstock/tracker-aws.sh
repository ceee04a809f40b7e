# shellcheck shell=sh disable=SC2016,SC2154,SC2250  # $ in single quotes is jq's; OUT is lib.sh's
# The tracker interface on AWS; sourced by report.sh. An issue is an OpsItem of OpsCenter; what changes is also published to the
# topic PENSTOCK_TOPIC_ARN. PENSTOCK_PIPELINE and PENSTOCK_EXECUTION say where it was seen.
# Told first, written down second: if the second fails, it is told again by the next run; the other way round it would never be.
# aws: sns:Publish ssm:CreateOpsItem ssm:DescribeOpsItems ssm:UpdateOpsItem
# Interface: see tracker-github.sh, without tracker_note.

: "${PENSTOCK_TOPIC_ARN:?is not set}" "${PENSTOCK_PIPELINE:?is not set}" "${PENSTOCK_EXECUTION:?is not set}"

run_url() { printf 'execution %s of %s\n' "$PENSTOCK_EXECUTION" "$PENSTOCK_PIPELINE"; }

publish() { # SUBJECT FILE: a subject is ASCII, below 100 characters
  _subject=$(printf '%.99s' "$1" | LC_ALL=C tr -c ' -~' '?')
  aws sns publish --topic-arn "$PENSTOCK_TOPIC_ARN" --subject "$_subject" --message "file://$2" >/dev/null
}

# The dedup string makes OpsCenter itself refuse a second open item; key and fingerprint are searchable.
operational_data() { # KEY FINGERPRINT
  jq -nc --arg key "$1" --arg print "$2" '{
    "/aws/dedup": {Type: "SearchableString", Value: ({dedupString: "penstock-drift-\($key)"} | tojson)},
    "penstock-key": {Type: "SearchableString", Value: $key},
    "penstock-fingerprint": {Type: "SearchableString", Value: $print}}'
}

# An OpsItem takes no more than 2,048 characters.
short() { jq -jRs '.[0:2048]' "$1" >"$OUT/report/short.md"; }

tracker_marker() { :; }
tracker_find() {
  _filters=$(jq -nc --arg key "$1" '[
    {Key: "OperationalData", Values: [{key: "penstock-key", value: $key} | tojson], Operator: "Equal"},
    {Key: "Status", Values: ["Open", "InProgress"], Operator: "Equal"}]')
  _found=$(aws ssm describe-ops-items --output json --ops-item-filters "$_filters")
  printf '%s' "$_found" | jq -s 'if length != 1 or (.[0].OpsItemSummaries | type) != "array" then error("not a list of OpsItems") else .[0].OpsItemSummaries[0] // {} end
    | if .OpsItemId then {id: .OpsItemId, fingerprint: (.OperationalData["penstock-fingerprint"].Value // "")} else {} end'
}
tracker_open() {
  short "$2"
  _data=$(operational_data "$3" "$4")
  publish "$1" "$2"
  _item=$(aws ssm create-ops-item --output json --title "$1" --description "file://$OUT/report/short.md" --source penstock --category Security --severity 3 \
    --operational-data "$_data")
  printf '%s' "$_item" | jq -rs '.[0].OpsItemId // error("the answer is not an OpsItem")'
}
tracker_update() {
  short "$2"
  _data=$(operational_data "$3" "$4")
  publish "Drift has changed: $3" "$2"
  aws ssm update-ops-item --ops-item-id "$1" --description "file://$OUT/report/short.md" --operational-data "$_data" >/dev/null
}
tracker_comment() {
  # A change is told by tracker_update, with the new table.
  case $2 in
    Clean*)
      printf '%s. %s\n' "$2" "$3" >"$OUT/report/comment.md"
      publish "$2" "$OUT/report/comment.md"
      ;;
    *) ;;
  esac
}
tracker_close() { aws ssm update-ops-item --ops-item-id "$1" --status Resolved >/dev/null; }
