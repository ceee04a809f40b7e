# Shared by the scripts beside it.
say() { printf '%s\n' "$*"; }
