"""Finds the judges that scripts/judges installed."""
import os
import sys
from pathlib import Path


def use_judges(script: str) -> None:
    """Starts `script` again with the judges on PATH, by their own Python, unless that is so already."""
    if os.environ.get("JUDGES_PYTHON") == sys.executable:
        return
    folder = Path(os.environ.get("PENSTOCK_JUDGES") or Path.home() / ".cache/judges")
    if not (folder / "env.sh").is_file():
        sys.exit(f"the judges are not in {folder}: run scripts/judges")
    enter = '. "$1/env.sh" && shift && exec "$JUDGES_PYTHON" "$@"'
    os.execvp("sh", ["sh", "-c", enter, "sh", str(folder), script, *sys.argv[1:]])
