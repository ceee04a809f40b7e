# shellcheck shell=bash
# Shared by the runs beside it; sourced. A scratch repository with the emitted files of a sample, a folder that stands for the
# cloud, a tracker on loopback. Nothing leaves the machine.
#   SAMPLES=DIR   where the samples with their emitted files are (default: samples/ of this project)
#   WORK=DIR      keeps the scratch repository, logs, artifacts and the tracker's state there
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
samples=${SAMPLES:-$here/../../samples}
samples=$(cd "$samples" && pwd)
judges=${PENSTOCK_JUDGES:-$HOME/.cache/judges}
# shellcheck source=/dev/null
if [ -f "$judges/env.sh" ]; then . "$judges/env.sh"; fi
work=${WORK:-$(mktemp -d)}
mkdir -p "$work/home"
work=$(cd "$work" && pwd)
repo=$work/repo
# shellcheck disable=SC2034  # for the script that sources this one
python=${JUDGES_PYTHON:-python3}
export LIVE_ROOT=$work/cloud PYTHONDONTWRITEBYTECODE=1
passed=0 failed=0 tracker_pid='' finished='' at='the beginning'

need() { local tool; for tool in "$@"; do command -v "$tool" >/dev/null || { echo "$tool is needed: run scripts/judges" >&2; exit 2; }; done; }
# emitted SAMPLE FILE...: ends the run, with code 3, when the compiler has not written these files.
emitted() {
  local sample=$1 file
  shift
  for file in "$@"; do
    [ -e "$samples/$sample/$file" ] || { finished=yes; echo "skipped: $sample/$file is not there: run penstock generate -C samples/$sample"; exit 3; }
  done
}

cleanup() {
  [ -n "$finished" ] || echo "FAIL stopped before the end, after: $at"
  [ -z "$tracker_pid" ] || kill "$tracker_pid" 2>/dev/null || true
  if [ -z "${WORK:-}" ] && [ "$failed" = 0 ]; then rm -rf "$work"; else echo "kept: $work" >&2; fi
}
trap cleanup EXIT

git_() { git -C "$repo" -c user.name=tester -c user.email=tester@example.org "$@"; }
commit() { git_ add -A && git_ commit -qm "$1"; }

# check TEXT COMMAND...: one line.
check() {
  at=$1
  shift
  if "$@" >"$work/check.txt" 2>&1; then
    passed=$((passed + 1))
    echo "ok    $at"
  else
    failed=$((failed + 1))
    echo "FAIL  $at"
    head -8 "$work/check.txt" | sed 's/^/      /'
  fi
}
scenario() { echo "== $1"; }
finish() {
  finished=yes
  echo "$1: $passed passed, $failed failed"
  [ "$failed" = 0 ]
}
fails() { ! "$@"; }
same() { [ "$1" = "$2" ] || { printf 'want %s\ngot  %s\n' "$1" "$2"; return 1; }; }
has() { grep -qE -- "$2" "$work/$1.log" || { echo "not in $1.log: $2"; tail -5 "$work/$1.log"; return 1; }; }
lacks() { ! grep -E -- "$2" "$work/$1.log"; }
exists() { local file; for file in "$@"; do [ -e "$file" ] || { echo "$file is not there"; return 1; }; done; }

# The state of the world: what no request and no drift run may change.
world() { (cd "$LIVE_ROOT" && find . -type f ! -name '*.lock.info' -print0 | sort -z | xargs -0 -r sha256sum) | sha256sum; }
issues() { jq -r "$1" "$work/tracker.json" 2>/dev/null || true; }
image() { jq -r .image "$LIVE_ROOT/$1/app/release.json"; }
# In which order stacks were applied, as a log tells it.
order() { grep -oE '`[a-z]+` in `[a-z]+`: applied plan' "$work/$1.log" | tr -d '`:' | sed 's/ applied plan.*//' | uniq | tr '\n' ' '; }
# shellcheck disable=SC2034  # for the script that sources this one
layers='network in staging cluster in staging app in staging network in production cluster in production app in production '

# new_repository SAMPLE: a scratch repository of the sample and its emitted files.
new_repository() {
  rm -rf "$repo" "$LIVE_ROOT"
  mkdir -p "$LIVE_ROOT"
  cp -r "$samples/$1" "$repo"
  find "$repo" -name .terraform -prune -exec rm -rf {} +
  rm -rf "$repo/penstock-out" "$repo/.gitlab-ci-local" "$repo/dist" "$repo/node_modules"
  echo .gitlab-ci-local/ >>"$repo/.gitignore"
  local main
  for main in "$repo"/live/*/main.tf; do # the lock files of this machine's provider
    [ -f "$main" ] || continue
    rm -f "${main%/*}/.terraform.lock.hcl"
    tofu -chdir="${main%/*}" init -backend=false -input=false >/dev/null
    rm -rf "${main%/*}/.terraform"
  done
  git_ init -q -b main
  commit "$1"
}
change() { # BRANCH FILE SED-EXPRESSION: a commit on a new branch
  git_ checkout -q -B "$1" main
  sed -i "$3" "$repo/$2"
  ! git_ diff --quiet || { echo "nothing changed in $2" >&2; exit 1; }
  git_ commit -qam "change $2"
}
merge() { git_ checkout -q main && git_ merge -q --ff-only "$1"; }

start_tracker() {
  rm -f "$work/tracker.json" "$work"/tracker.json.* "$work/port"
  "$python" "$here/tracker.py" "$work/tracker.json" >"$work/port" 2>"$work/tracker.err" &
  tracker_pid=$!
  for _ in $(seq 100); do [ -s "$work/port" ] && break; sleep 0.1; done
  # shellcheck disable=SC2034  # for the script that sources this one
  port=$(cat "$work/port")
}
