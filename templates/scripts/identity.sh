#!/bin/sh
# identity.sh ENV plan|apply: short-lived rights in AWS for what runs next, where the platform has no action for it (GitLab, CodeBuild).
# Writes penstock-out/identity/config, an AWS configuration file whose default profile takes the role PENSTOCK_ROLE_ARN in
# PENSTOCK_AWS_REGION, and penstock-out/identity.env, to be sourced by the job after it:
#     sh .penstock/identity.sh production apply
#     . ./penstock-out/identity.env
# The role is taken by whatever calls AWS, when it calls: so a failure is that call's failure, and rights are renewed as needed.
#   PENSTOCK_ID_TOKEN set  the token of this job (GitLab `id_tokens`), kept in penstock-out/identity/token
#   on CodeBuild           the role of the build takes the role (credential_source = EcsContainer)
# aws: sts:AssumeRole
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
env=${1:?usage: identity.sh ENV plan|apply} verb=${2:?usage: identity.sh ENV plan|apply}
known_environment
case $verb in plan | apply) ;; *) die "'$verb' is neither plan nor apply" ;; esac
: "${PENSTOCK_ROLE_ARN:?is not set: the role to take}" "${PENSTOCK_AWS_REGION:?is not set}"
# Whole values, so that no line can be added to the configuration file.
demand "PENSTOCK_ROLE_ARN is not the ARN of a role" "$MODEL" 'env.PENSTOCK_ROLE_ARN | test("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+\\z")'
demand "PENSTOCK_AWS_REGION is not a region" "$MODEL" 'env.PENSTOCK_AWS_REGION | test("^[a-z]{2,}(-[a-z]+)+-[0-9]+\\z")'
# A stored key would be used instead of the role, without a word.
for name in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE; do
  set_to=$(printenv "$name") || set_to=
  [ -z "$set_to" ] || die "$name is set, and would be used instead of the role $PENSTOCK_ROLE_ARN"
done

rm -f -- "$OUT/identity.env"
fresh_folder "$OUT/identity"
# Who it was, in the account's audit log: [\w+=,.@-]{2,64}, the job's own id last and whole.
job=${CI_JOB_ID:-${CODEBUILD_BUILD_ID:-${GITHUB_RUN_ID:-local}}}
job=${job##*:}
project=$(model .project)
name=$(printf '%s-%s-%s' "$project" "$env" "$verb" | LC_ALL=C tr -c 'A-Za-z0-9_+=,.@-' '-')
job=$(printf '%.40s' "$job" | LC_ALL=C tr -c 'A-Za-z0-9_+=,.@-' '-')
name=$(printf "%.$((63 - ${#job}))s-%s" "$name" "$job")
{
  printf '[default]\nregion = %s\nrole_arn = %s\nrole_session_name = %s\n' "$PENSTOCK_AWS_REGION" "$PENSTOCK_ROLE_ARN" "$name"
  if [ -n "${PENSTOCK_ID_TOKEN:-}" ]; then
    demand "PENSTOCK_ID_TOKEN is not an identity token" "$MODEL" 'env.PENSTOCK_ID_TOKEN | test("^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\z")'
    printf '%s' "$PENSTOCK_ID_TOKEN" >"$OUT/identity/token"
    printf 'web_identity_token_file = %s\n' "$OUT/identity/token"
  elif [ -n "${CODEBUILD_BUILD_ID:-}" ]; then
    printf 'credential_source = EcsContainer\n'
  else
    die "PENSTOCK_ID_TOKEN is not set, and this is not CodeBuild: there is nothing to take the role with"
  fi
} >"$OUT/identity/config"
case $OUT in *"'"*) die "the path of the checkout has a quote in it" ;; *) ;; esac
printf "export AWS_CONFIG_FILE='%s' AWS_SDK_LOAD_CONFIG=1 AWS_REGION='%s' AWS_DEFAULT_REGION='%s'\n" \
  "$OUT/identity/config" "$PENSTOCK_AWS_REGION" "$PENSTOCK_AWS_REGION" >"$OUT/identity.env"
say "$env: $verb as $PENSTOCK_ROLE_ARN, session $name"
