#!/bin/sh
# gate.sh GATE [STACK ENV]: judges the source, or the plan that plan.sh made in this same job.
#   0  passed (or only warnings)   2  findings that block   3  the plan waits for a lower layer   *  the tool could not judge: always an error
# A gate on the source judges the history of this commit; PENSTOCK_BASE, when set, is the commit where a request begins.
# penstock-out/gate/GATE[/ENV/STACK]/: result.json, findings.json, summary.md, junit.xml.
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
gate=${1:?usage: gate.sh GATE [STACK ENV]} stack=${2:-} env=${3:-}
model_has '.gates[$gate]' "no gate '$gate' in penstock.yaml"
at=$(model '.gates[$gate].at' --arg gate "$gate")
enforce=$(model '.gates[$gate].enforce' --arg gate "$gate")
tool=$(model '.gates[$gate].tool' --arg gate "$gate")
case $enforce in block | warn | record) ;; *) die "gate $gate: enforce is '$enforce'" ;; esac
job="gate $gate" of='' here=$OUT/gate/$gate
case $at in
  source) ;;
  plan)
    : "${stack:?usage: gate.sh $gate STACK ENV}" "${env:?usage: gate.sh $gate STACK ENV}"
    known_stack
    here=$here/$env/$stack job="gate $gate $env $stack" of=" on \`$stack\` in \`$env\`"
    ;;
  *) die "no gate can stand at '$at'" ;;
esac
fresh_folder "$here"
result "$here" "$job" error # until we know better
command -v "$tool" >/dev/null || die "$tool is not on this machine: run tools.sh $tool first"

rc=0
case $tool,$at in
  conftest,plan)
    json=$OUT/secret/$env/$stack.json
    if ! [ -f "$json" ]; then
      plan=$OUT/plan/$env/$stack/result.json
      [ -f "$plan" ] || die "there is no plan of $stack in $env to judge: run plan.sh first, in the same job"
      demand "plan.sh made no plan of $stack in $env to judge" "$plan" '.status == "waiting"'
      result "$here" "$job" nothing
      conclude 3
    fi
    # What is no plan has no bad changes in it either.
    demand "the plan of $stack in $env is broken or unfinished" "$json" \
      '(.format_version | type == "string") and has("planned_values") and (.errored // false | not)'
    rules=$(model '.gates[$gate].rules // ""' --arg gate "$gate")
    [ -n "$rules" ] || die "gate $gate has no rules"
    [ -e "$PENSTOCK_ROOT/$rules" ] || die "the rules of gate $gate, $rules, are missing"
    conftest test "$json" --policy "$PENSTOCK_ROOT/$rules" --all-namespaces --strict --no-color -o json >"$here/raw.json" || rc=$?
    case $rc in 0 | 1) ;; *) die "conftest ended with $rc" ;; esac
    # No rule evaluated is an error, not a pass: a folder without rules must not open the gate.
    demand "no rule of $rules looked at the plan" "$here/raw.json" \
      '[.[] | .successes + ((.failures // []) | length) + ((.warnings // []) | length)] | add > 0'
    jq -c '[.[] | ((.failures // [])[] | {severity: "error"} + .), ((.warnings // [])[] | {severity: "warning"} + .)
      | {id: "\(.metadata.query // "rule")", severity, msg: "\(.msg)"}]' "$here/raw.json" >"$here/findings.json"
    # The same code 1 means findings and errors: only findings in the report count as findings.
    if [ "$rc" = 1 ]; then demand "conftest failed without a finding" "$here/findings.json" 'any(.[]; .severity == "error")'; fi
    ;;
  gitleaks,source)
    [ -e "$PENSTOCK_ROOT/.git" ] || die "gate $gate looks at the history: the source must be a clone"
    shallow=$(git -C "$PENSTOCK_ROOT" rev-parse --is-shallow-repository)
    [ "$shallow" = false ] || die "gate $gate looks at the history, and this clone has only a part of it: fetch all"
    range=HEAD
    case ${PENSTOCK_BASE:-} in
      '') ;;
      *[!0-9a-f]*) die "PENSTOCK_BASE is not the id of a commit" ;;
      *[!0]*)
        git -C "$PENSTOCK_ROOT" cat-file -e "$PENSTOCK_BASE^{commit}" || die "the commit $PENSTOCK_BASE, where the request begins, is not in this clone"
        range=$PENSTOCK_BASE..HEAD
        ;;
      *) ;; # 000…: the branch is new
    esac
    commits=$(git -C "$PENSTOCK_ROOT" rev-list --count "$range")
    # This history only: without a revision gitleaks looks at all branches, and a leak in another one would stop this one.
    # Exit code 42 for leaks, because gitleaks also ends with 1 when it breaks.
    gitleaks git --no-banner --no-color --redact=100 --exit-code=42 --report-format=json "--report-path=$here/raw.json" \
      "--log-opts=$range" "$PENSTOCK_ROOT" >"$here/log.txt" 2>&1 || rc=$?
    case $rc in 0 | 42) ;; *) failed "$here/log.txt" "gitleaks ended with $rc" ;; esac
    if [ "$commits" != 0 ]; then
      grep -q '[1-9][0-9]* commits scanned' "$here/log.txt" || failed "$here/log.txt" "gitleaks looked at none of $commits commits"
    fi
    jq -c '[.[] | {id: .RuleID, severity: "error", path: .File, line: .StartLine, msg: "\(.Description) (commit \(.Commit[0:12]))"}]' \
      "$here/raw.json" >"$here/findings.json"
    demand "gitleaks ended with $rc, and its report says otherwise" "$here/findings.json" '(. == []) == ($rc == 0)' --argjson rc "$rc"
    ;;
  *) die "no adapter for $tool at $at" ;;
esac
rm -f -- "$here/raw.json" "$here/log.txt"

# What blocks: an error, unless the gate only warns.
blocks=false
look "$here/findings.json" 'any(.[]; .severity == "error")'
if [ "$enforce" = block ] && [ "$TRUTH" = true ]; then blocks=true; fi
look "$here/findings.json" '. == []'
status=finding
if [ "$TRUTH" = true ]; then status=ok; fi

# One markdown table, shown on every target, and the same as test cases.
{
  printf '#### Gate `%s`%s: ' "$gate" "$of"
  if [ "$status" = ok ]; then
    printf 'passed\n'
  else
    if [ "$blocks" = true ]; then printf '**block**'; else printf 'passed with warnings'; fi
    printf '\n\n| rule | where | finding |\n|---|---|---|\n'
    jq -r 'def plain: gsub("[`|\n\r<@]"; " ");
      (.[:200][] | "| \(.id | plain) | \(if .path then "`\(.path | plain):\(.line)`" else "plan" end) | \(if .severity == "error" then "" else "\(.severity): " end)\(.msg | plain) |"),
      (if length > 200 then "| … | | and \(length - 200) more |" else empty end)' "$here/findings.json"
  fi
} >"$here/summary.md"
jq -r --arg gate "$gate" --arg class "$job" --argjson blocks "$blocks" '
  def xml: gsub("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]"; "?") | @html;
  def case($name; $inner): "  <testcase classname=\"\($class | xml)\" name=\"\($name | xml)\">\($inner)</testcase>";
  [.[] | select(.severity == "error" and $blocks)] as $bad
  | "<testsuite name=\"\($gate | xml)\" tests=\"\([length, 1] | max)\" failures=\"\($bad | length)\">",
    (if . == [] then case($gate; "") else .[] | "\(.id)\(if .path then " \(.path):\(.line)" else "" end)" as $name
      | case($name; if .severity == "error" and $blocks then "<failure message=\"\(.msg | xml)\"/>" else "<skipped message=\"\(.msg | xml)\"/>" end) end),
    "</testsuite>"' "$here/findings.json" >"$here/junit.xml"
cat -- "$here/summary.md"
result "$here" "$job" "$status" --slurpfile findings "$here/findings.json" --arg enforce "$enforce"
[ "$blocks" = false ] || conclude 2
