# shellcheck shell=sh disable=SC2016,SC2034,SC2250  # $ in single quotes is jq's; what is set here is for the others
# Shared by the scripts beside it; sourced, never run. The same bytes in every project and on every target:
# what penstock.yaml says is in model.json beside this file.
# aws: none
#
# Result protocol. Every script ends with
#   0  done         3  nothing to do
#   2  a finding that a person must look at (gate broken, drift, not converged)
#   *  it could not find out: an error, never softened
# and leaves result.json in its own folder under penstock-out/.

set -eu
umask 077 # plans and states hold values in clear

PENSTOCK_ROOT=$(dirname -- "$0")
PENSTOCK_ROOT=$(CDPATH='' cd -- "$PENSTOCK_ROOT/.." && pwd)
OUT=$PENSTOCK_ROOT/penstock-out
MODEL=$PENSTOCK_ROOT/.penstock/model.json
PATH=$OUT/bin:$PATH # tools.sh puts here what the machine lacks
export PATH TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1

# 2 and 3 are said on purpose or not at all: shells and jq also end with 2 when they break.
CONCLUSION=0
conclude() {
  CONCLUSION=$1
  exit "$1"
}
ended() {
  case $? in
    "$CONCLUSION" | 0) ;;
    2 | 3) exit 1 ;;
    *) ;;
  esac
}
trap ended EXIT

say() { printf '%s\n' "$*" >&2; }
die() {
  say "error: $*"
  exit 1
}

# Results come from jobs, never from the commit: a plan, a verdict or a tool that somebody committed there would be believed.
if [ -e "$PENSTOCK_ROOT/.git" ]; then
  _committed=$(git -C "$PENSTOCK_ROOT" ls-files -- penstock-out) || die "git cannot read this checkout"
  [ -z "$_committed" ] || die "files under penstock-out/ are committed: remove them and add the folder to .gitignore"
elif [ -n "${CODEBUILD_BUILD_ID:-}" ]; then
  # A source without history. The build's id cannot be known when a commit is made, so it tells our folder from a committed one.
  if [ ! -e "$OUT" ] && [ ! -L "$OUT" ]; then
    mkdir "$OUT"
    printf '%s\n' "$CODEBUILD_BUILD_ID" >"$OUT/.build"
  fi
  _build=$(cat "$OUT/.build" 2>/dev/null) || _build=
  [ "$_build" = "$CODEBUILD_BUILD_ID" ] ||
    die "penstock-out/ was there before this build began: if it is committed, remove it; input artifacts come with collect.sh"
else
  die "neither a git checkout nor a CodeBuild build: it cannot be told what is committed"
fi

command -v jq >/dev/null || die "jq is not on this machine"

# demand WORDS FILE FILTER [jq option]...: dies with the words unless the filter is true of the file.
# look FILE FILTER [jq option]...: sets TRUTH. Neither is `jq -e`, which ends with 0 for an empty file (jq 1.6).
look() {
  _file=$1 _filter=$2
  shift 2
  TRUTH=$(jq -s "$@" "if length == 1 then (.[0] | $_filter) else error(\"not one document\") end" "$_file")
}
demand() {
  _words=$1 _file=$2 _filter=$3
  shift 3
  TRUTH=$(jq -s "$@" "if length == 1 then (.[0] | $_filter) else false end" "$_file") || TRUTH=false
  [ "$TRUTH" = true ] || die "$_words"
}

demand ".penstock/model.json is missing, broken, or of another version: run penstock generate" "$MODEL" '.penstock == "model/v1"'

# model FILTER [--arg NAME VALUE]...: asks the model.
model() {
  _filter=$1
  shift
  jq -r "$@" "$_filter" "$MODEL"
}

# model_has FILTER WORD...: dies with the words unless the filter, with $stack and $env, gives something.
model_has() {
  _filter=$1
  shift
  _found=$(model "$_filter // empty | tojson" --arg stack "${stack:-}" --arg env "${env:-}" --arg gate "${gate:-}")
  [ -n "$_found" ] || die "$*"
}

known_environment() { model_has '.environments | index($env) // empty' "no environment '$env' in penstock.yaml"; }
known_stack() {
  known_environment
  model_has '.stacks[$stack]' "no stack '$stack' in penstock.yaml"
  model_has '.stacks[$stack].environments[$env]' "stack '$stack' is not in environment '$env'"
}

# stack_needs STACK ENV: the stacks below it in this environment.
stack_needs() {
  model '. as $m | $m.stacks[$stack].needs // [] | .[] | select($m.stacks[.].environments | has($env))' --arg stack "$1" --arg env "$2"
}

# The commit this job works on. CodeBuild has no .git unless the source is a full clone.
commit_id() {
  if [ -n "${PENSTOCK_COMMIT:-}" ]; then
    printf '%s\n' "$PENSTOCK_COMMIT"
  else
    git -C "$PENSTOCK_ROOT" rev-parse --verify HEAD
  fi
}

digest_of() {
  _sum=$(sha256sum <"$1")
  printf '%s\n' "${_sum%% *}"
}

# fresh_folder FOLDER: an empty folder for this job's results.
fresh_folder() {
  rm -rf -- "$1"
  mkdir -p -- "$1"
}

# result FOLDER JOB STATUS [jq option giving one more field]...: writes result.json; files come by --slurpfile.
result() {
  _folder=$1 _job=$2 _status=$3
  shift 3
  jq -n --arg job "$_job" --arg status "$_status" "$@" \
    '$ARGS.named | if has("findings") then .findings = (.findings[0] // []) else . end' >"$_folder/result.json.new"
  mv -- "$_folder/result.json.new" "$_folder/result.json"
}

# value FILTER [--arg NAME VALUE]...: sets VALUE to the text of one value of the model, byte for byte.
# A value is a list of segments: a string, or {"env": NAME}. It is data: nothing in it is ever evaluated.
value() {
  _filter=$1
  shift
  VALUE=$(jq -j "$@" "($_filter) | map(if type == \"string\" then . else env[.env] end) | add // \"\"" "$MODEL" && printf x)
  VALUE=${VALUE%x}
}

# enter_stack STACK ENV: sets up the stack's folder, its tool, its state and its variables.
enter_stack() {
  stack=$1 env=$2
  known_stack
  _tool=$(model '.stacks[$stack].tool' --arg stack "$1")
  case $_tool in
    opentofu) TF=tofu ;;
    terraform) TF=terraform ;;
    *) die "no adapter for the tool '$_tool' of stack $1" ;;
  esac
  command -v "$TF" >/dev/null || die "$TF is not on this machine"
  _want=$(model '.stacks[$stack].version // ""' --arg stack "$1")
  _have=$("$TF" version -json) || die "$TF does not say its version"
  _have=$(printf '%s' "$_have" | jq -r .terraform_version)
  case ${_have%-dev} in # built from source, a release may call itself -dev
    "$_want" | "$_want".*) ;;
    *) [ -z "$_want" ] || die "$TF here is $_have, penstock.yaml says $_want for stack $1" ;;
  esac

  _path=$(model '.stacks[$stack].path' --arg stack "$1")
  DIR=$PENSTOCK_ROOT/$_path
  [ -d "$DIR" ] || die "the folder $_path of stack $1 is missing"
  _missing=$(model '[.stacks[$stack].environments[$env] | .. | objects | .env // empty | strings | select((env[.] // "") == "")] | unique | join(", ")' \
    --arg stack "$1" --arg env "$2")
  [ -z "$_missing" ] || die "$_missing is not set: penstock.yaml uses it for stack $1 in $2"

  _names=$(model '.stacks[$stack].environments[$env].vars // {} | keys_unsorted[]' --arg stack "$1" --arg env "$2")
  for _name in $_names; do
    case $_name in
      [!A-Za-z_]* | *[!A-Za-z0-9_]*) die "variable '$_name' of stack $1: only letters, digits and _ can be handed over" ;;
      *) ;;
    esac
    value '.stacks[$stack].environments[$env].vars[$name]' --arg stack "$1" --arg env "$2" --arg name "$_name"
    export "TF_VAR_$_name=$VALUE"
  done

  _backend=$(model '.stacks[$stack].environments[$env].backend.type // ""' --arg stack "$1" --arg env "$2")
  [ -n "$_backend" ] || die "the model does not say where the state of $1 in $2 is"
  _names=$(model '.stacks[$stack].environments[$env].backend.config // {} | keys_unsorted[]' --arg stack "$1" --arg env "$2")
  for _name in $_names; do
    value '.stacks[$stack].environments[$env].backend.config[$name]' --arg stack "$1" --arg env "$2" --arg name "$_name"
    if [ "$_backend,$_name" = local,path ]; then
      case $VALUE in /*) _folder=$VALUE ;; *) _folder=$DIR/$VALUE ;; esac
      case $_folder in */*) mkdir -p -- "${_folder%/*}" ;; *) ;; esac
    fi
    set -- "$@" "-backend-config=$_name=$VALUE"
  done
  shift 2

  export TF_DATA_DIR="$OUT/data/$env/$stack"
  mkdir -p -- "$TF_DATA_DIR"
  "$TF" "-chdir=$DIR" init -no-color -reconfigure -lockfile=readonly "$@" >"$TF_DATA_DIR/init.txt" 2>&1 || {
    cat -- "$TF_DATA_DIR/init.txt" >&2
    [ -f "$DIR/.terraform.lock.hcl" ] || say "$_path/.terraform.lock.hcl is missing: run '$TF init' there and commit it"
    die "$TF init failed for $stack in $env"
  }
  # Without a backend block the tool takes the settings with a warning, and keeps the state beside the code: lost with this job.
  _have=none
  if [ -f "$TF_DATA_DIR/terraform.tfstate" ]; then _have=$(jq -r '.backend.type // "none"' "$TF_DATA_DIR/terraform.tfstate"); fi
  [ "$_have" = "$_backend" ] ||
    die "stack $stack keeps its state in '$_have', penstock.yaml says '$_backend': write backend \"$_backend\" {} in the terraform block of $_path"
}

# applied_before: sets APPLIED: has the stack at hand ever been applied here? A state that cannot be read is an error, never a "no".
applied_before() {
  _state=$("$TF" "-chdir=$DIR" state pull) || die "the state of $stack in $env cannot be read"
  APPLIED=false
  [ -z "$_state" ] || APPLIED=true
}

# The tools print values on standard output and what went wrong on standard error: only the latter may be shown.
failed() { # FILE WORD...: shows the file and dies
  cat -- "$1" >&2
  shift
  die "$*"
}
