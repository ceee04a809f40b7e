"""Checks of the runner itself against the documented meaning of buildspec 0.2."""
import sys
import tempfile
from pathlib import Path

from codebuild import build

HEAD = """version: 0.2
env: {variables: {LEVEL: buildspec, START: buildspec, OWN: "yes"}, exported-variables: [V, LEVEL, START, OWN]}
phases:
"""
TAIL = "artifacts: {files: [spec.yml]}\n"
CASES = [
    ("variables and cd live on from command to command and phase to phase; start > project > buildspec",
     HEAD + "  pre_build: {commands: ['export V=1', 'cd sub']}\n  build: {commands: ['export V=$V$(basename \"$PWD\")']}\n" + TAIL,
     dict(ok=True, exported={"V": "1sub", "LEVEL": "project", "START": "start", "OWN": "yes"}, artifacts=["A"])),
    ("the first failure skips the rest of the phase, finally runs, post_build runs and knows it, artifacts are still uploaded",
     HEAD + "  build: {commands: ['false', 'echo REST'], finally: ['echo FIN']}\n  post_build: {commands: ['echo POST $CODEBUILD_BUILD_SUCCEEDING']}\n" + TAIL,
     dict(ok=False, artifacts=["A"], has=["FIN", "POST 0"], lacks=["\nREST"])),
    ("a failed pre_build skips build and post_build",
     HEAD + "  pre_build: {commands: ['false']}\n  build: {commands: ['echo BUILD']}\n  post_build: {commands: ['echo POST']}\n" + TAIL,
     dict(ok=False, artifacts=["A"], lacks=["\nBUILD", "\nPOST"])),
    ("ABORT on build suppresses post_build",
     HEAD + "  build: {on-failure: ABORT, commands: ['false']}\n  post_build: {commands: ['echo POST']}\n" + TAIL, dict(ok=False, artifacts=["A"], lacks=["\nPOST"])),
    ("CONTINUE on pre_build goes on, the build is still failed",
     HEAD + "  pre_build: {on-failure: CONTINUE, commands: ['false']}\n  build: {commands: ['echo BUILD']}\n" + TAIL, dict(ok=False, artifacts=["A"], has=["\nBUILD"])),
    ("RETRY-2 succeeds at the third try",
     HEAD + "  build: {on-failure: RETRY-2, commands: ['N=x$N', '[ \"$N\" = xxx ]']}\n" + TAIL, dict(ok=True, artifacts=["A"])),
    ("in a block only the last exit status counts",
     HEAD + "  build:\n    commands:\n      - |\n        false\n        true\n" + TAIL, dict(ok=True, artifacts=["A"])),
    ("nothing to upload is a failure",
     HEAD + "  build: {commands: ['true ']}\nartifacts: {files: [nothing/**]}\n", dict(ok=False)),
    ("several outputs are secondary artifacts",
     HEAD + "  build: {commands: ['echo x > sub/x']}\nartifacts: {files: [spec.yml], secondary-artifacts: {A: {files: [spec.yml]}, B: {base-directory: sub, files: ['**/*']}}}\n",
     dict(ok=True, artifacts=["A", "B"], outputs=["A", "B"])),
]


def wrong_with(spec, want):
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "b").mkdir()

        def put(into):
            (into / "spec.yml").write_text(spec)
            (into / "sub").mkdir()

        ok, exported, artifacts, _ = build(
            work=work / "b", project={"name": "p", "variables": {"LEVEL": "project"}}, buildspec="spec.yml", inputs={"S": put}, primary="S",
            outputs=want.get("outputs", ["A"]), variables={"START": "start"}, tools="/usr/bin:/bin", initiator="codepipeline/p", log=work / "log")
        log = (work / "log").read_text()
    wrong = [f"ok is {ok}"] if ok != want["ok"] else []
    wrong += [f"exported {exported}"] if "exported" in want and exported != want["exported"] else []
    wrong += [f"artifacts {sorted(artifacts)}"] if sorted(artifacts) != want.get("artifacts", []) else []
    return wrong + [f"log lacks {x}" for x in want.get("has", []) if x not in log] + [f"log has {x}" for x in want.get("lacks", []) if x in log]


def main():
    """Gives the lines of the checks: (text, what is wrong)."""
    return [(f"the runner follows buildspec 0.2: {text}", wrong_with(spec, want)) for text, spec, want in CASES]


if __name__ == "__main__":
    bad = [line for line in main() if line[1]]
    print(*bad, sep="\n")
    sys.exit(1 if bad else 0)
