# shellcheck shell=bash
# Running workflows with act; sourced after common.sh.
# shellcheck disable=SC2154  # repo, work, here, python, port: common.sh's
artifacts=$work/artifacts

# prepare_for_act PROTECTED-ENVIRONMENT...: the scratch repository's workflows in a form act can run.
prepare_for_act() {
  "$python" "$here/for_act.py" "$repo" --protected "$@" >"$work/for-act.log"
  act_options=()
  local kind name action
  while read -r kind name; do
    case $kind in
      runner) act_options+=(-P "$name=-self-hosted") ;;
      drops) ;;
      *)
        action=${kind#*/} action=${action%@*}
        if [ ! -d "$here/stand-ins/$action" ]; then
          mkdir -p "$work/stand-ins/$action"
          printf '{"name": "stand-in", "description": "does nothing", "runs": {"using": "composite", "steps": [{"shell": "bash", "run": "echo %s"}]}}' "$kind" >"$work/stand-ins/$action/action.yml"
          act_options+=(--local-repository "$kind=$work/stand-ins/$action")
        else
          act_options+=(--local-repository "$kind=$here/stand-ins/$action")
        fi
        ;;
    esac
  done <"$work/for-act.log"
  mkdir -p "$work/queues" "$work/approvals" "$work/runs"
}

# run_act LOG EVENT WORKFLOW [OPTION...]: a run of the commit that is checked out in the scratch repository.
run_act() {
  local log=$1 event=$2 workflow=$3 number copy
  shift 3
  number=$(mktemp -d "$work/runs/XXXXXX") number=${number##*/}
  copy=$work/runs/$number/repo
  mkdir -p "$work/runs/$number/artifacts" && git clone -q "$repo" "$copy" && git -C "$copy" checkout -q "$(git_ rev-parse HEAD)"
  git -C "$copy" checkout -q -B "$(git_ rev-parse --abbrev-ref HEAD)"
  cp "$work/event.json" "$work/runs/$number/event.json"
  rm -rf "$artifacts" && ln -s "$work/runs/$number/artifacts" "$artifacts"
  local rc=0 ticket
  (cd "$copy" && HOME=$work/home XDG_CACHE_HOME=$work/cache \
    timeout -k 5 400 act "$event" -W ".github/workflows/$workflow" -e "$work/runs/$number/event.json" --pull=false --action-offline-mode \
    "${act_options[@]}" --var "LIVE_ROOT=$LIVE_ROOT" -s GITHUB_TOKEN=mock-token --defaultbranch main \
    --env "GITHUB_API_URL=http://127.0.0.1:${port:-9}" --env "GITHUB_SERVER_URL=https://forge.example" --env "GITHUB_REPOSITORY=acme/live-infra" --env "GITHUB_RUN_ID=$number" \
    --env "PENSTOCK_ARTIFACTS=$work/runs/$number/artifacts" --env "APPROVALS=$work/approvals" --env "QUEUES=$work/queues" --env "TF_CLI_CONFIG_FILE=${TF_CLI_CONFIG_FILE:-}" \
    --env "PATH=$PATH" --no-cache-server --concurrent-jobs 1 "$@") >"$work/$log.log" 2>&1 || rc=$?
  # The end of a run, a failed one too, gives back every turn it holds.
  for ticket in "$work"/queues/*/*-"$number"; do if [ -e "$ticket" ]; then touch "$ticket.done"; fi; done
  return "$rc"
}
request_event() {
  jq -n --arg base "$(git_ rev-parse main)" --arg head "$(git_ rev-parse HEAD)" '{action: "opened", number: 7, pull_request: {number: 7,
    base: {ref: "main", sha: $base, repo: {full_name: "acme/live-infra"}}, head: {ref: "change", sha: $head, repo: {full_name: "acme/live-infra"}}},
    repository: {full_name: "acme/live-infra", default_branch: "main", name: "live-infra", owner: {login: "acme"}}}' >"$work/event.json"
}
push_event() { # [REF]
  jq -n --arg sha "$(git_ rev-parse HEAD)" --arg ref "${1:-refs/heads/main}" '{ref: $ref, before: "0000000000000000000000000000000000000000", after: $sha,
    repository: {full_name: "acme/live-infra", default_branch: "main", name: "live-infra", owner: {login: "acme"}}}' >"$work/event.json"
}
# job_of LOG WORKFLOW JOB succeeded|failed
job_of() { grep -E "^\[$2/$3 *\].*Job $4" "$work/$1.log" || { grep -E 'Job (succeeded|failed)' "$work/$1.log"; return 1; }; }
# The stacks whose apply job was asked for, in order: the names of apply jobs end with the stack.
asked() { if [ -f "$work/approvals/asked" ]; then sed 's/.*-//' "$work/approvals/asked" | paste -sd' '; fi; }
