#!/bin/sh
# summary.sh TITLE: puts every summary.md under penstock-out/ into one markdown page on standard output.
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
printf '### %s\n' "${1:?usage: summary.sh TITLE}"
for file in "$OUT"/gate/*/summary.md "$OUT"/plan/*/*/summary.md "$OUT"/gate/*/*/*/summary.md \
  "$OUT"/apply/*/*/summary.md "$OUT"/drift/*/*/summary.md; do
  [ -f "$file" ] || continue
  printf '\n'
  cat -- "$file"
done
