"""Runs one CodeBuild build on this machine, after the documented meaning of buildspec 0.2.

Followed: one shell for all commands of all phases; each list item is one exit status; the first failure skips the rest of the
phase, then `finally` runs; INSTALL or PRE_BUILD failed -> BUILD and POST_BUILD are skipped; BUILD failed -> POST_BUILD still
runs, unless on-failure is ABORT; on-failure CONTINUE and RETRY[-n]; environment precedence start > project > buildspec;
CODEBUILD_* variables; several inputs in CODEBUILD_SRC_DIR_<name>; exported-variables; UPLOAD_ARTIFACTS is always tried;
primary and secondary artifacts; reports. Each build has its own fresh source folder with another path, like CodeBuild.
Not followed: images, roles, caches, batch builds, time limits, run-as, secrets, RETRY with a pattern.
"""
import os
import random
import re
import shlex
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import yaml

KNOWN = {"version", "env", "phases", "reports", "artifacts"}
PHASES = ["install", "pre_build", "build", "post_build"]
PASSED_ON = ("TF_CLI_CONFIG_FILE", "LANG", "AWS_STUB", "JUDGES_PYTHON")


def zip_folder(files, base, target):
    """Modes are not kept: a job must not rely on executable bits that travelled in an artifact."""
    with zipfile.ZipFile(target, "w") as archive:
        for file in files:
            archive.writestr(str(file.relative_to(base)), file.read_bytes())


def matches(base, patterns):
    found = []
    for pattern in patterns:
        for file in sorted(base.glob(pattern)) if base.is_dir() else []:
            if file.is_file() and file not in found:
                found.append(file)
    return found


def as_list(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def shell_of(spec, exported, marks):
    """The whole build as one sh program: this is what makes variables and `cd` live on between commands and phases."""
    out = ["CODEBUILD_BUILD_SUCCEEDING=1; export CODEBUILD_BUILD_SUCCEEDING", "_cb_stop=0",
           f'_cb_say() {{ printf "%s\\n" "$*" >>{shlex.quote(str(marks))}; }}']
    for name in PHASES:
        phase = (spec.get("phases") or {}).get(name)
        if not phase:
            continue
        on = str(phase.get("on-failure", ""))
        retry = re.fullmatch(r"RETRY-(\d+)", on)
        tries = 1 + (3 if on == "RETRY" else int(retry[1]) if retry else 0)
        out += ['if [ "$_cb_stop" = 0 ]; then', "_cb_try=0; while :; do _cb_try=$((_cb_try + 1)); _cb_rc=0"]
        for command in phase.get("commands") or []:
            first = str(command).strip().splitlines()[0]
            out += [f'if [ "$_cb_rc" = 0 ]; then _cb_say {shlex.quote(name + " $ " + first)}', f"eval {shlex.quote(str(command))}", "_cb_rc=$?", "fi"]
        for command in phase.get("finally") or []:
            out += [f"eval {shlex.quote(str(command))} || :"]
        out += [f'if [ "$_cb_rc" = 0 ] || [ "$_cb_try" -ge {tries} ]; then break; fi', "done"]
        # CODEBUILD_BUILD_SUCCEEDING turns 0 with the first failed phase and stays so.
        out += [f'_cb_say "{name} = $_cb_rc"', 'if [ "$_cb_rc" != 0 ]; then CODEBUILD_BUILD_SUCCEEDING=0']
        if on != "CONTINUE" and (name != "build" or on == "ABORT"):
            out += ["_cb_stop=1"]
        out += ["fi", "fi"]
    for variable in (spec.get("env") or {}).get("exported-variables") or []:
        out += [f'if printenv {variable} >/dev/null; then printf "%s=%s\\0" {variable} "$(printenv {variable})" >>{shlex.quote(str(exported))}; fi']
    out += ['[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]']
    return "\n".join(out) + "\n"


def read_buildspec(text, source):
    """A path in the primary source, or the text itself."""
    return yaml.safe_load(text if "\n" in text else (source / text).read_text())


def build(*, work, project, buildspec, inputs, primary, outputs, variables, tools, initiator, log):
    """inputs: name -> function that puts the artifact into a folder. Gives (succeeded, exported, {output: zip}, tests)."""
    here = Path(work) / f"src{random.randrange(10**9):09d}"
    folders = {}
    for name, put in inputs.items():
        folders[name] = here / "src" if name == primary else here / f"sec-{name}"
        folders[name].mkdir(parents=True)
        put(folders[name])
    source = folders[primary]
    spec = read_buildspec(buildspec, source)
    assert str(spec["version"]) == "0.2" and set(spec) <= KNOWN, f"{buildspec}: keys this runner does not know"

    home = here / "home"
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if k in PASSED_ON}
    environment |= {"PATH": tools, "HOME": str(home), "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "CI": "true"}
    environment |= {k: str(v) for k, v in ((spec.get("env") or {}).get("variables") or {}).items()}
    environment |= project["variables"] | variables
    environment |= {"CODEBUILD_SRC_DIR": str(source), "CODEBUILD_BUILD_ID": f"{project['name']}:{here.name}", "CODEBUILD_INITIATOR": initiator}
    environment |= {f"CODEBUILD_SRC_DIR_{name}": str(folder) for name, folder in folders.items() if name != primary}
    shell = {"bash": "bash", "/bin/sh": "sh"}[(spec.get("env") or {}).get("shell", "/bin/sh")]
    program, exported_file, marks = here / "program.sh", here / "exported", here / "marks"
    program.write_text(shell_of(spec, exported_file, marks))
    with open(log, "ab") as sink:
        title = buildspec.splitlines()[0]
        sink.write(f"\n===== {project['name']} {title} {variables}\n".encode())
        sink.flush()
        code = subprocess.run([shell, str(program)], cwd=source, env=environment, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, check=False).returncode
        if marks.exists():
            sink.write(marks.read_bytes())
    succeeded = code == 0

    exported = {}
    if exported_file.exists():
        exported = dict(pair.split("=", 1) for pair in exported_file.read_text().split("\0") if pair)
    tests = [0, 0]
    for report in (spec.get("reports") or {}).values():
        for file in matches(source / report.get("base-directory", "."), as_list(report["files"])):
            for case in ElementTree.parse(file).iter("testcase"):
                tests[0] += 1
                tests[1] += case.find("failure") is not None
    # UPLOAD_ARTIFACTS is tried after a failure too; with no file to upload the phase, and so the build, fails.
    top, artifacts = spec.get("artifacts") or {}, {}
    if outputs:
        parts = top.get("secondary-artifacts") or {}
        wanted = {name: parts[name] for name in outputs} if len(outputs) > 1 else {outputs[0]: parts.get(outputs[0], top)}
        for name, part in wanted.items():
            base = source / part.get("base-directory", ".")
            found = matches(base, as_list(part["files"]))
            if not found:
                succeeded = False
                continue
            artifacts[name] = here / f"{name}.zip"
            zip_folder(found, base, artifacts[name])
    return succeeded, exported, artifacts, tests
