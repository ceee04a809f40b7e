#!/bin/sh
# tools.sh TOOL...: makes sure that the tools are there. What the machine or image brings is used as it is; conftest and gitleaks are
# else built from their Go module at the version in the model, whose digest the Go checksum database vouches for.
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
for tool in "$@"; do
  if command -v "$tool" >/dev/null; then continue; fi
  case $tool in
    conftest) module=github.com/open-policy-agent/conftest ;;
    gitleaks) module=github.com/zricethezav/gitleaks/v8 ;;
    *) die "$tool is not on this machine" ;;
  esac
  version=$(model '[.gates[]? | select(.tool == $tool) | .version // empty] | unique | join(" ")' --arg tool "$tool")
  case $version in
    '') die "$tool is not on this machine, and the model names no version of it" ;;
    *[!0-9A-Za-z.+-]*) die "the model names two versions of $tool: $version" ;;
    *) ;;
  esac
  command -v go >/dev/null || die "$tool is not on this machine, and without go it cannot be built"
  mkdir -p -- "$OUT/bin"
  GOBIN=$OUT/bin GOFLAGS=-trimpath go install "$module@v$version"
  [ -x "$OUT/bin/$tool" ] || die "$tool was not built"
done
