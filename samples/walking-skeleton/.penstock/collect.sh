#!/bin/sh
# collect.sh [ARTIFACT]...: on CodeBuild, puts what the input artifacts hold into penstock-out/. The first script of its build:
# the source of a pipeline may come without history, and then only an empty beginning shows that nothing in penstock-out/ was committed.
# aws: none
# shellcheck disable=SC1091,SC2016,SC2154,SC2250  # $ and backticks in single quotes are jq's and markdown
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"
mkdir -p -- "$OUT"
for artifact in "$@"; do
  # CodeBuild unpacks every input but the first beside the source, and says where.
  from=$(printenv "CODEBUILD_SRC_DIR_$artifact") || die "the input artifact $artifact did not arrive"
  [ -d "$from" ] || die "the input artifact $artifact did not arrive"
  for part in plan gate drift; do
    if [ -d "$from/$part" ]; then cp -R -- "$from/$part" "$OUT/"; fi
  done
done
