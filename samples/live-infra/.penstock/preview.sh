#!/bin/sh
# preview.sh ENV: which stacks have something to deliver to ENV? For CodePipeline, before the stages of ENV.
# Writes penstock-out/preview.env, one line `export DELIVER_<STACK>=true|false` for each stack in layer order
# (upper case, every other character than A-Z and 0-9 is _), and preview.md.
#
# `false` makes CodePipeline skip the stack's stage, so `false` must be certain. It is not, and the answer is `true`, when
#   - a layer below has something to deliver: its outputs may change;
#   - an older execution is still on its way: it may yet change the world this plan looked at. The stage that applies
#     makes its own plan under the stage's lock, so a needless `true` costs a look, a wrong `false` would lose a change.
# Takes the rights of identity.sh, when that was run before, for the plans only: the list of executions is this account's.
# Needs PENSTOCK_PIPELINE and PENSTOCK_EXECUTION: the name of this pipeline, the id of this execution.
# aws: codepipeline:ListPipelineExecutions
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
env=${1:?usage: preview.sh ENV}
known_environment
: "${PENSTOCK_PIPELINE:?is not set}" "${PENSTOCK_EXECUTION:?is not set}"
mkdir -p -- "$OUT"
rm -f -- "$OUT/preview.env"
printf '### What `%s` would get\n\n' "$env" >"$OUT/preview.md"
stacks=$(model '. as $m
  | {done: [], left: [$m.stacks | keys_unsorted[] | select($m.stacks[.].environments | has($env))]}
  | until(.left == []; .left as $left
      | [$left[] | select(($m.stacks[.].needs // []) as $needs | $needs - ($needs - $left) == [])] as $ready
      | if $ready == [] then error("the stacks need each other in a circle") else {done: (.done + $ready), left: ($left - $ready)} end)
  | .done[]' --arg env "$env")
[ -n "$stacks" ] || die "no stack is in environment '$env'"

# One page is enough (100 executions; a queue holds 50), and must be: with text output the query is asked of each page.
oldest=$(aws codepipeline list-pipeline-executions --pipeline-name "$PENSTOCK_PIPELINE" --no-paginate --output text \
  --query "sort_by(pipelineExecutionSummaries[?status=='InProgress'||status=='Stopping'],&startTime)[0].pipelineExecutionId")
# This execution is itself on its way: an answer without any is no answer.
case $oldest in '' | None | *[!0-9A-Za-z-]*) die "the list of executions of $PENSTOCK_PIPELINE cannot be right: '$oldest' is the oldest" ;; *) ;; esac

delivers=' '
: >"$OUT/preview.new"
for stack in $stacks; do
  deliver=false why=''
  layers=$(stack_needs "$stack" "$env")
  for below in $layers; do
    case $delivers in *" $below "*) deliver=true why="\`$below\` below it is delivered" ;; *) ;; esac
  done
  if [ "$deliver" = false ] && [ "$oldest" != "$PENSTOCK_EXECUTION" ]; then deliver=true why="execution $oldest is still on its way"; fi
  if [ "$deliver" = false ]; then
    rc=0
    (
      # The rights to look at the stack, when identity.sh was run before; the list above takes the build's own.
      # shellcheck source=/dev/null
      if [ -f "$OUT/identity.env" ]; then . "$OUT/identity.env"; fi
      exec sh "$PENSTOCK_ROOT/.penstock/plan.sh" "$stack" "$env"
    ) >/dev/null || rc=$?
    case $rc in
      0) deliver=true why='its plan has changes' ;;
      3) why='nothing to do' ;;
      *) die "$stack in $env cannot be planned (exit $rc)" ;;
    esac
  fi
  [ "$deliver" = false ] || delivers="$delivers$stack "
  name=$(printf '%s' "$stack" | LC_ALL=C tr '[:lower:]' '[:upper:]' | LC_ALL=C tr -c 'A-Z0-9' '_')
  printf 'export DELIVER_%s=%s\n' "$name" "$deliver" >>"$OUT/preview.new"
  printf -- '- `%s`: %s\n' "$stack" "$why" >>"$OUT/preview.md"
done
cat -- "$OUT/preview.md"
mv -- "$OUT/preview.new" "$OUT/preview.env" # all of it or nothing
