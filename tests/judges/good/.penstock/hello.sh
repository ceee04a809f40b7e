#!/bin/sh
# Says hello to $1.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/lib.sh"
say "hello ${1:-world}"
