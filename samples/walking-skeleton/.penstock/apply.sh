#!/bin/sh
# apply.sh STACK ENV: applies exactly the plan that plan.sh saved, then shows that nothing is left to do.
#   0  applied   3  the plan was empty and still is   2  applied, but a new plan is not empty   *  error
# PENSTOCK_PLAN_DIGEST, when set, is the digest that travelled beside the plan by another road (a job output).
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
stack=${1:?usage: apply.sh STACK ENV} env=${2:?usage: apply.sh STACK ENV}
known_stack
plan=$OUT/plan/$env/$stack
here=$OUT/apply/$env/$stack
secret=$OUT/secret/$env/$stack.apply
fresh_folder "$here"
mkdir -p -- "$OUT/secret/$env"
result "$here" "apply $env $stack" error # until we know better
if ! [ -f "$plan/tf.plan" ] || ! [ -f "$plan/meta.json" ]; then die "there is no saved plan of $stack in $env"; fi
demand "the saved plan of $stack in $env has a broken meta.json" "$plan/meta.json" \
  'all([.stack, .environment, .commit, .plan_sha256][]; type == "string") and (.changes | type == "boolean")'

meta_digest=$(jq -r .plan_sha256 "$plan/meta.json")
want=${PENSTOCK_PLAN_DIGEST:-$meta_digest}
have=$(digest_of "$plan/tf.plan")
[ "$have" = "$want" ] || die "the plan of $stack in $env is not the one that was judged: sha256 $have, expected $want"
belongs=$(jq -r '"\(.stack) in \(.environment)"' "$plan/meta.json")
[ "$belongs" = "$stack in $env" ] || die "the saved plan belongs to $belongs"
commit=$(commit_id)
planned=$(jq -r .commit "$plan/meta.json")
[ "$planned" = "$commit" ] || die "the plan was made from another commit ($planned) than this one ($commit)"

enter_stack "$stack" "$env"
changes=$(jq -r .changes "$plan/meta.json")
if [ "$changes" = false ]; then
  # An empty plan goes stale like any other (the world was changed after it was made, and this commit would take it back), and the
  # digest does not cover the word beside it. Nothing is nothing only as long as a new plan is empty too.
  rc=0
  "$TF" "-chdir=$DIR" plan -no-color "-lock-timeout=${PENSTOCK_LOCK_TIMEOUT:-10m}" -detailed-exitcode >"$secret.txt" 2>"$secret.err" || rc=$?
  case $rc in
    0) ;;
    2) die "the plan of $stack in $env was empty and is stale: now there are changes. Start its plan job again" ;;
    *) failed "$secret.err" "it cannot be told whether the empty plan of $stack in $env still holds (exit $rc)" ;;
  esac
  say "$stack in $env: nothing to do"
  result "$here" "apply $env $stack" nothing
  conclude 3
fi

"$TF" "-chdir=$DIR" apply -no-color "-lock-timeout=${PENSTOCK_LOCK_TIMEOUT:-10m}" "$plan/tf.plan" >"$secret.txt" 2>"$secret.err" || {
  result "$here" "apply $env $stack" error --arg digest "$have"
  failed "$secret.err" "$TF apply failed for $stack in $env"
}
sed -n '/^Apply complete/p' "$secret.txt" # not the outputs: their values may be secret

rc=0
"$TF" "-chdir=$DIR" plan -no-color -lock=false -detailed-exitcode >"$secret.txt" 2>"$secret.err" || rc=$?
summary=$(cat -- "$plan/summary.json")
case $rc in
  0) result "$here" "apply $env $stack" ok --arg digest "$have" --argjson summary "$summary" ;;
  2)
    printf '`%s` in `%s`: applied, but a **new plan still has changes**\n' "$stack" "$env" >"$here/summary.md"
    cat -- "$here/summary.md"
    result "$here" "apply $env $stack" finding --arg digest "$have" --argjson summary "$summary"
    conclude 2
    ;;
  *) failed "$secret.err" "the check after the apply of $stack in $env failed (exit $rc): it is applied" ;;
esac
short=$(printf %.12s "$have")
printf '`%s` in `%s`: applied plan `%s`\n' "$stack" "$env" "$short" >"$here/summary.md"
cat -- "$here/summary.md"
