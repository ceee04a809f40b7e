#!/bin/sh
# plan.sh STACK ENV: plans the stack and keeps the plan, so that apply.sh can run exactly it.
#   0  there is something to apply   3  nothing to do   *  error
# With PENSTOCK_SPECULATIVE=true (a request: the plan is thrown away) no lock is taken, and 3 also means
# "waits until a stack below has been applied" (status `waiting`).
# penstock-out/plan/ENV/STACK/: tf.plan (secret), meta.json, summary.json, summary.md, result.json;
# penstock-out/secret/ENV/STACK.json: the plan as JSON for the gates of this same job, never uploaded.
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
stack=${1:?usage: plan.sh STACK ENV} env=${2:?usage: plan.sh STACK ENV}
known_stack
here=$OUT/plan/$env/$stack
secret=$OUT/secret/$env/$stack
json=$secret.json
fresh_folder "$here"
mkdir -p -- "$OUT/secret/$env"
rm -f -- "$json"
result "$here" "plan $env $stack" error # until we know better
enter_stack "$stack" "$env"

speculative=${PENSTOCK_SPECULATIVE:-false}
case $speculative in
  true) lock=-lock=false ;;
  false | '') lock=-lock-timeout=${PENSTOCK_LOCK_TIMEOUT:-10m} ;;
  *) die "PENSTOCK_SPECULATIVE is '$speculative', not true or false" ;;
esac
rc=0
"$TF" "-chdir=$DIR" plan -no-color "$lock" -detailed-exitcode "-out=$here/tf.plan" >"$secret.txt" 2>"$secret.err" || rc=$?
case $rc in
  0 | 2) ;;
  *)
    # A request may bring a new layer on which others build: those cannot be planned before it exists. Never so in a delivery.
    if [ "$speculative" = true ]; then
      above=$stack
      layers=$(stack_needs "$above" "$env")
      for below in $layers; do
        enter_stack "$below" "$env"
        applied_before
        if [ "$APPLIED" = false ]; then
          printf '#### `%s` in `%s`: can be planned when `%s` has been applied\n' "$above" "$env" "$below" >"$here/summary.md"
          cat -- "$here/summary.md"
          result "$here" "plan $env $above" waiting --arg for "$below"
          conclude 3
        fi
      done
      stack=$above
    fi
    failed "$secret.err" "$TF plan failed for $stack in $env (exit $rc)"
    ;;
esac
"$TF" "-chdir=$DIR" show -json "$here/tf.plan" >"$json"
jq -c '[.resource_changes[]?.change.actions | select(. != ["no-op"] and . != ["read"])]
  | {create: map(select(. == ["create"])) | length,
     update: map(select(. == ["update"])) | length,
     delete: map(select(. == ["delete"] or . == ["forget"])) | length,
     replace: map(select(length == 2)) | length}' "$json" >"$secret.counts"
# As the tool counts: a replacement is one created and one deleted. GitLab's merge request widget reads this file.
jq -c '{create: (.create + .replace), update, delete: (.delete + .replace)}' "$secret.counts" >"$here/summary.json"

# Addresses and actions only: attribute values may be secret.
{
  printf '#### `%s` in `%s`: ' "$stack" "$env"
  if [ "$rc" = 0 ]; then
    printf 'no changes\n'
  else
    jq -r '[if .create > 0 then "\(.create) to create" else empty end, if .update > 0 then "\(.update) to update" else empty end,
      if .replace > 0 then "\(.replace) to replace" else empty end, if .delete > 0 then "\(.delete) to delete" else empty end]
      | if . == [] then "outputs change" else join(", ") end' "$secret.counts"
    printf '\n| action | resource |\n|---|---|\n'
    jq -r '[.resource_changes[]? | select(.change.actions != ["no-op"] and .change.actions != ["read"])
      | "| \(.change.actions | join(" then ")) | `\(.address | gsub("[`|\n\r]"; "?"))` |"]
      | .[:200][], (if length > 200 then "| … | and \(length - 200) more |" else empty end)' "$json"
  fi
} >"$here/summary.md"
cat -- "$here/summary.md"

digest=$(digest_of "$here/tf.plan")
commit=$(commit_id)
if [ "$rc" = 2 ]; then changes=true status=ok; else changes=false status=nothing; fi
jq -n --arg stack "$stack" --arg environment "$env" --arg commit "$commit" --arg digest "$digest" --argjson changes "$changes" \
  '{stack: $stack, environment: $environment, commit: $commit, plan_sha256: $digest, changes: $changes}' >"$here/meta.json"
counts=$(cat -- "$secret.counts")
result "$here" "plan $env $stack" "$status" --argjson summary "$counts" --arg digest "$digest"
[ "$changes" = true ] || conclude 3
