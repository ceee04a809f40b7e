# shellcheck shell=bash
# Running pipelines with gitlab-ci-local; sourced after common.sh.
# shellcheck disable=SC2154  # repo, work: common.sh's
git_remote_added='' pipeline=0 clone='' gcl_options=() protected=true

# The token that GitLab would give a job of production: its claims, unsigned.
id_token() {
  printf 'eyJhbGciOiJub25lIn0.%s.c2ln' "$(jq -jn --arg p "$protected" '{environment: "production", environment_protected: $p}' | base64 -w0 | tr '+/' '-_' | tr -d =)"
}

# gcl LOG SOURCE [ARGS...]: SOURCE as CI_PIPELINE_SOURCE, or push:TAG; adds to the pipeline at hand, in $clone.
gcl() {
  local log=$1 source=$2
  shift 2
  local given=(--variable "CI_PIPELINE_SOURCE=$source" --variable "LIVE_ROOT=$LIVE_ROOT" --variable "CI_DEFAULT_BRANCH=main" --variable PENSTOCK_IMAGE=none
    --variable "CI_API_V4_URL=http://127.0.0.1:${port:-9}/api/v4" --variable CI_PROJECT_ID=1 --variable "CI_PIPELINE_URL=https://forge.example/acme/live-infra/-/pipelines/$pipeline")
  case $source in
    merge_request_event)
      given+=(--unset-variable CI_COMMIT_BRANCH --variable CI_MERGE_REQUEST_IID=7 --variable "CI_MERGE_REQUEST_DIFF_BASE_SHA=$(git_ rev-parse main)"
        --variable CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main --variable CI_MERGE_REQUEST_SOURCE_PROJECT_ID=1 --variable CI_MERGE_REQUEST_PROJECT_ID=1)
      ;;
    schedule) given+=(--variable CI_COMMIT_BRANCH=main --variable PENSTOCK_SCHEDULE=drift --variable PENSTOCK_TOKEN=mock-token) ;;
    push:*) # a tag
      given[1]="CI_PIPELINE_SOURCE=push"
      given+=(--unset-variable CI_COMMIT_BRANCH --variable "CI_COMMIT_TAG=${source#push:}" --variable "CI_COMMIT_REF_NAME=${source#push:}")
      ;;
    *) given+=(--variable CI_COMMIT_BRANCH=main --variable "PENSTOCK_ID_TOKEN=$(id_token)") ;;
  esac
  (cd "$clone" && HOME=$work/home GCL_IGNORE_PREDEFINED_VARS=CI_PIPELINE_SOURCE,CI_COMMIT_BRANCH,CI_COMMIT_TAG,CI_COMMIT_REF_NAME,CI_DEFAULT_BRANCH,CI_API_V4_URL,CI_PROJECT_ID,CI_PIPELINE_URL,CI_MERGE_REQUEST_IID,CI_MERGE_REQUEST_DIFF_BASE_SHA,CI_MERGE_REQUEST_TARGET_BRANCH_NAME,CI_MERGE_REQUEST_SOURCE_PROJECT_ID,CI_MERGE_REQUEST_PROJECT_ID \
    timeout -k 5 400 gitlab-ci-local --force-shell-executor --shell-isolation --no-artifacts-to-source --no-color --concurrency 2 \
    "${given[@]}" "${gcl_options[@]}" "$@") >>"$work/$log.log" 2>&1
}
# start LOG SOURCE [ARGS...]: a new pipeline of the commit that is checked out in the scratch repository.
start() {
  if [ -z "$git_remote_added" ]; then git_ remote add origin https://forge.example/acme/live-infra.git && git_remote_added=yes; fi
  git_ update-ref refs/remotes/origin/main main
  pipeline=$((pipeline + 1))
  clone=$work/pipelines/$pipeline
  mkdir -p "$work/pipelines"
  cp -r "$repo" "$clone"
  : >"$work/$1.log"
  gcl "$@"
}
nothing_starts() { # SOURCE [ARGS...]: no job is in the pipeline
  start none "$@" --list && grep -q '^name ' "$work/none.log" && fails grep . <(sed '1,/^name /d' "$work/none.log")
}
merge() { git_ checkout -q main && git_ merge -q --ff-only "$1"; }
