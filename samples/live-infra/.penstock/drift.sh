#!/bin/sh
# drift.sh STACK ENV: does the world still look as it was last applied? Reads only: no apply, no state write.
# Takes the lock of the state, so that it never looks at a half-applied world.
#   0  clean   2  drift   3  never applied   *  could not find out
# penstock-out/drift/ENV/STACK/: result.json (an error until the end), summary.md. Addresses and actions only, no values.
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
stack=${1:?usage: drift.sh STACK ENV} env=${2:?usage: drift.sh STACK ENV}
known_stack
here=$OUT/drift/$env/$stack
secret=$OUT/secret/$env/$stack.drift
fresh_folder "$here"
mkdir -p -- "$OUT/secret/$env"
found=$secret.found
say_result() { # STATUS
  # The fingerprint changes only when what drifted changes, not with the time of day.
  _print=$(digest_of "$found")
  _print=$(printf %.16s "$_print")
  result "$here" "drift $env $stack" "$1" --arg stack "$stack" --arg environment "$env" --arg fingerprint "$_print" --slurpfile findings "$found"
}
echo '[]' >"$found"
printf '#### `%s` in `%s`: **could not look**\n' "$stack" "$env" >"$here/summary.md"
say_result error # until we know better

enter_stack "$stack" "$env"
applied_before
if [ "$APPLIED" = false ]; then
  printf '#### `%s` in `%s`: never applied\n' "$stack" "$env" >"$here/summary.md"
  cat -- "$here/summary.md"
  say_result nothing
  conclude 3
fi
rc=0
"$TF" "-chdir=$DIR" plan -refresh-only -no-color "-lock-timeout=${PENSTOCK_LOCK_TIMEOUT:-10m}" -detailed-exitcode "-out=$secret.plan" \
  >"$secret.txt" 2>"$secret.err" || rc=$?
case $rc in
  0) ;;
  2)
    "$TF" "-chdir=$DIR" show -json "$secret.plan" >"$secret.json"
    jq -cS '[.resource_drift[]? | {address, action: (.change.actions | join(" then "))} | select(.action != "no-op")] | sort_by(.address)' "$secret.json" >"$found"
    # Only outputs or addresses differ: a change of the code or of what it reads that is not applied yet. Nobody touched a resource.
    look "$found" '. == []'
    if [ "$TRUTH" = true ]; then
      demand "$TF says that $stack in $env has drifted, but not what" "$secret.json" \
        '([.output_changes[]?.actions | select(. != ["no-op"])] + [.resource_drift[]?]) != []'
      rc=0
    fi
    ;;
  *) failed "$secret.err" "could not look for drift of $stack in $env (exit $rc)" ;;
esac
if [ "$rc" = 0 ]; then
  printf '#### `%s` in `%s`: clean\n' "$stack" "$env" >"$here/summary.md"
  cat -- "$here/summary.md"
  say_result ok
  exit 0
fi
{
  printf '#### `%s` in `%s`: **drift**\n\n| resource | what happened to it |\n|---|---|\n' "$stack" "$env"
  jq -r '(.[:200][] | "| `\(.address | gsub("[`|\n\r]"; "?"))` | \({"delete": "is gone or replaced", "update": "was changed"}[.action] // .action) |"),
    (if length > 200 then "| … | and \(length - 200) more |" else empty end)' "$found"
} >"$here/summary.md"
cat -- "$here/summary.md"
say_result finding
conclude 2
