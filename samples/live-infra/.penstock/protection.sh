#!/bin/sh
# protection.sh ENV COUNT [SELF]: is ENV protected on the platform as the model says? COUNT approvals; SELF false: not one's own.
# An apply job asks before it applies, because the protection lies outside the files.
#   0  it is, or the platform does not let the job find out (said)   *  it is not
# GitHub: asks for the environment's rules; GITHUB_TOKEN needs actions: read. Not being able to find out is an error.
# GitLab: reads the claims of the job's own identity token, PENSTOCK_ID_TOKEN; without one the job cannot find out.
# CodePipeline: the approval is an action of the pipeline itself, there is nothing to ask.
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
env=${1:?usage: protection.sh ENV COUNT [SELF]} count=${2:?usage: protection.sh ENV COUNT [SELF]} self=${3:-true}
known_environment
case $count in *[!0-9]*) die "'$count' is not a number of approvals" ;; *) ;; esac
case $self in true | false) ;; *) die "'$self' is neither true nor false" ;; esac
[ "$count" != 0 ] || exit 0
fix="it would be applied unprotected. Run the bootstrap of this platform, then start the job again"

if [ "${GITHUB_ACTIONS:-}" = true ]; then
  : "${GITHUB_TOKEN:?is not set}" "${GITHUB_API_URL:?is not set}" "${GITHUB_REPOSITORY:?is not set}"
  mkdir -p -- "$OUT/protection"
  answer=$OUT/protection/environment.json
  path=$(jq -rn --arg n "$env" '$n | @uri')
  code=$(printf 'header = "Authorization: Bearer %s"\n' "$GITHUB_TOKEN" |
    curl --config - --silent --show-error --max-time 60 --retry 3 --output "$answer" --write-out '%{http_code}' \
      --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
      "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/environments/$path") || die "could not find out whether environment $env is protected: GitHub does not answer"
  [ "$code" = 200 ] || die "could not find out whether environment $env is protected: GitHub answers $code (the job needs actions: read)"
  demand "could not find out whether environment $env is protected: the answer is not an environment" "$answer" '.name | type == "string"'
  demand "environment $env has no required reviewers on GitHub, the model says $count approval(s): $fix" "$answer" \
    'any(.protection_rules[]?; .type == "required_reviewers" and ((.reviewers // []) | length > 0))'
  if [ "$self" = false ]; then
    demand "environment $env lets people approve their own run, the model says self: false: $fix" "$answer" \
      'any(.protection_rules[]?; .type == "required_reviewers" and .prevent_self_review == true)'
  fi
elif [ -n "${GITLAB_CI:-}" ]; then
  if [ -z "${PENSTOCK_ID_TOKEN:-}" ]; then
    say "could not find out whether environment $env is protected: this job has no PENSTOCK_ID_TOKEN"
    exit 0
  fi
  mkdir -p -- "$OUT/protection"
  claims=$OUT/protection/claims.json
  printf '%s' "$PENSTOCK_ID_TOKEN" | jq -Rs 'split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | . + ("===="[0:((4 - length % 4) % 4)]) | @base64d | fromjson
    | {environment, environment_protected}' >"$claims" || die "PENSTOCK_ID_TOKEN is not an identity token"
  demand "this job is not in environment $env" "$claims" '.environment == $env' --arg env "$env"
  demand "environment $env is not protected on GitLab, the model says $count approval(s): $fix" "$claims" \
    '.environment_protected == "true" or .environment_protected == true'
  say "environment $env is protected; how many must approve cannot be found out by a job"
elif [ -z "${CODEBUILD_BUILD_ID:-}" ]; then
  die "could not find out whether environment $env is protected: this is no platform we know"
fi
