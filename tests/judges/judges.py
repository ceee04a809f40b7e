"""The judges of emitted files: programs that we did not write, and a few of ours that know a platform and not Penstock.

Each takes files, many at a time where its program allows that, and gives findings. `tests/judges/run` is the way in;
JUDGES, at the end, is the whole list.
"""
import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
TIMEOUT = 600
REGION = "eu-west-1"


@dataclass(frozen=True)
class Finding:
    file: Path
    rule: str
    message: str
    line: int = 0


@dataclass
class Repository:
    """A copy, which judges may write to, of what lies at one root."""

    name: str
    root: Path
    files: list[str] = field(default_factory=list)  # relative, sorted: what is judged

    def matching(self, *patterns: str) -> list[Path]:
        return [self.root / f for f in self.files if any(fnmatch.fnmatch(f, p) for p in patterns)]


@dataclass(frozen=True)
class Judge:
    name: str
    patterns: tuple[str, ...]
    findings: Callable[[list[Path]], Iterable[Finding]]
    alone: bool = False  # the verdict on a file depends on nothing but its bytes


class Broken(Exception):
    """The judge itself could not do its work: never to be taken for a clean bill."""


def run(*command: str | Path, codes: Iterable[int] = (0,), **options) -> str:
    result = subprocess.run(
        [str(c) for c in command], capture_output=True, text=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL, **options
    )
    if result.returncode not in codes:
        said = (result.stderr or result.stdout).strip()[-2000:]
        raise Broken(f"{Path(str(command[0])).name} ended with {result.returncode}: {said}")
    return result.stdout


def run_json(*command: str | Path, codes: Iterable[int] = (0,), **options):
    out = run(*command, codes=codes, **options)
    try:
        return json.loads(out)
    except ValueError as error:
        raise Broken(f"{Path(str(command[0])).name} did not print JSON: {error}: {out[:500]}") from error


def ours(*command: str | Path) -> Iterator[Finding]:
    """A judge of this folder, which prints one finding per line as JSON."""
    for line in run(*command).splitlines():
        found = json.loads(line)
        if found["level"] in ("error", "warning"):
            yield Finding(Path(found["file"]), found["rule"], found["message"], found["line"])


def node(script: str, *before: str | Path) -> Callable[[list[Path]], Iterable[Finding]]:
    return lambda files: ours("node", HERE / script, *before, *files)


# ---------------------------------------------------------------- GitHub


def schemastore(schema: str) -> Callable[[list[Path]], Iterator[Finding]]:
    def findings(files: list[Path]) -> Iterator[Finding]:
        tool = Path(sys.executable).with_name("check-jsonschema")
        answer = run_json(tool, "-o", "json", "--builtin-schema", schema, *files, codes=(0, 1))
        for error in answer.get("parse_errors", []):
            yield Finding(Path(error["filename"]), "parse", error["message"])
        for error in answer["errors"]:
            best = error.get("best_deep_match") or error.get("best_match") or error
            yield Finding(Path(error["filename"]), "schema", f"{best['path']}: {best['message']}")

    return findings


def actionlint(files: list[Path]) -> Iterator[Finding]:
    for found in run_json("actionlint", "-no-color", "-format", "{{json .}}", *files, codes=(0, 1)):
        code = re.search(r"\bSC\d{4}\b", found["message"])
        rule = code.group() if found["kind"] == "shellcheck" and code else found["kind"]
        yield Finding(Path(found["filepath"]), rule, found["message"], found["line"])


def zizmor(files: list[Path]) -> Iterator[Finding]:
    command = ("zizmor", "--quiet", "--no-progress", "--offline", "--persona", "pedantic", "--format", "json")
    for found in run_json(*command, *files, codes=(0, 11, 12, 13, 14)):
        places = sorted(found["locations"], key=lambda p: p["symbolic"]["kind"] != "Primary")
        where = places[0]
        path = where["symbolic"]["key"]["Local"]["verbatim_path"]
        message = f"{found['desc']}: {where['symbolic']['annotation']}"
        yield Finding(Path(path), found["ident"], message, where["concrete"]["location"]["start_point"]["row"] + 1)


def checkov(framework: str) -> Callable[[list[Path]], Iterator[Finding]]:
    def findings(files: list[Path]) -> Iterator[Finding]:
        arguments = [argument for file in files for argument in ("-f", file)]
        command = ("checkov", "--skip-download", "--compact", "-o", "json", "--framework", framework)
        results = run_json(*command, *arguments, codes=(0, 1)).get("results", {})
        passed, failed = results.get("passed_checks", []), results.get("failed_checks", [])
        for found in failed:
            message = f"{found['check_name']}: {found['resource']}"
            yield Finding(Path(found["file_abs_path"]), found["check_id"], message, found["file_line_range"][0])
        # What it cannot read or takes for something else it passes over in silence.
        for file in set(files) - {Path(found["file_abs_path"]) for found in passed + failed}:
            yield Finding(file, "unread", "checkov did not look at it")

    return findings


def checkov_github(files: list[Path]) -> Iterator[Finding]:
    """checkov 3.3.30 passes over a workflow with a key that it does not know: it gets a copy without `queue`."""
    with tempfile.TemporaryDirectory() as folder:
        origin = {}
        for number, file in enumerate(files):
            copy = Path(folder).resolve() / str(number) / ".github/workflows" / file.name
            copy.parent.mkdir(parents=True)
            copy.write_text(re.sub(r"^ +queue: (max|single)$", "", file.read_text(), flags=re.M))
            origin[copy] = file
        for found in checkov("github_actions")(list(origin)):
            yield replace(found, file=origin[found.file])


# ---------------------------------------------------------------- GitLab

EVENTS = {
    "push": {"event": "push", "ref": "main"},
    "branch": {"event": "push", "ref": "topic"},
    "request": {"event": "mr", "ref": "topic"},
    "tag": {"event": "tag", "ref": "v1.2.3"},
    "schedule": {"event": "schedule", "ref": "main"},
    "manual": {"event": "web", "ref": "main"},
}


def gitlab_ci_local(files: list[Path]) -> Iterator[Finding]:
    """Reads the file, judges it by GitLab's schema, and lists the same jobs for each event as our evaluator of GitLab's rules."""
    for file in files:
        try:
            yield from listed_alike(file)
        except Broken as error:
            yield Finding(file, "refused", str(error))


def listed_alike(file: Path) -> Iterator[Finding]:
    events = "\n".join(json.dumps(event) for event in EVENTS.values())
    command = ["node", str(HERE / "gitlab/list.mjs"), str(file), "--batch"]
    ours_ = subprocess.run(command, input=events, capture_output=True, text=True, timeout=TIMEOUT)
    if ours_.returncode != 0:
        raise Broken(ours_.stdout or ours_.stderr)
    for (name, event), answer in zip(EVENTS.items(), map(json.loads, ours_.stdout.splitlines()), strict=True):
        for error in answer["errors"]:
            yield Finding(file, "list", f"{name}: {error}")
        variables = answer["known"]
        arguments = [a for k, v in variables.items() for a in ("--variable", f"{k}={v}")]
        if "CI_COMMIT_BRANCH" not in variables:
            arguments += ["--unset-variable", "CI_COMMIT_BRANCH"]
        environment = os.environ | {"GCL_IGNORE_PREDEFINED_VARS": ",".join(variables), "HOME": str(file.parent)}
        text = run("gitlab-ci-local", "--list-json", "--no-evaluate-rule-changes", "--no-color", *arguments,
                   cwd=file.parent, env=environment)  # fmt: skip
        start = re.search(r"^\[", text, re.M)
        if not start:
            raise Broken(f"{name}: gitlab-ci-local lists nothing: {text[-500:]}")
        theirs = {spaced(j["name"]): j["when"] for j in json.loads(text[start.start() :]) if j["when"] != "never"}
        wanted = {spaced(j["name"]): j["when"] for j in answer["jobs"]}
        for job in sorted(wanted.keys() | theirs.keys()):
            if wanted.get(job) != theirs.get(job) and answer["workflow"]["matched"]:
                said = f"{theirs.get(job, 'not added')} for gitlab-ci-local, {wanted.get(job, 'not added')} for GitLab"
                yield Finding(file, "differs", f"{name}: job `{job}` is {said}")


def spaced(name: str) -> str:
    return re.sub(r",\s+", ",", name)


# ---------------------------------------------------------------- AWS


def cfn_lint(files: list[Path]) -> Iterator[Finding]:
    command = (Path(sys.executable).with_name("cfn-lint"), "-f", "json", "-r", REGION, "--")
    for found in run_json(*command, *files, codes=range(0, 32)):
        at = "/".join(map(str, found["Location"].get("Path") or []))
        line = found["Location"]["Start"]["LineNumber"]
        yield Finding(Path(found["Filename"]), found["Rule"]["Id"], f"{at}: {found['Message']}", line)


def cfn_guard(files: list[Path]) -> Iterator[Finding]:
    data = [argument for file in files for argument in ("-d", file)]
    rules = os.environ["CFN_GUARD_RULES"]
    command = ("cfn-guard", "validate", "-r", rules, *data, "-o", "json", "-S", "none", "--structured")
    answer = run_json(*command, codes=(0, 19))
    if len({Path(one["name"]).name for one in answer}) == 0 and files:
        raise Broken("cfn-guard looked at nothing")
    for one in answer:
        for rule in one["not_compliant"]:
            text = json.dumps(rule)
            name = re.search(r"\[(CT\.[A-Z0-9.]+)\]: ([^\\\"]*)", text)
            resource = re.search(r"/Resources/(\w+)", text)
            message = name.group(2) if name else text[:300]
            message += f": {resource.group(1)}" if resource else ""
            yield Finding(Path(one["name"]), name.group(1) if name else rule["Rule"]["name"], message)


def account(files: list[Path]) -> Iterable[Finding]:
    return ours(sys.executable, HERE / "aws/account.py", *files)


# ---------------------------------------------------------------- shell

# Of the optional checks all but: how it looks (require-variable-braces, require-double-brackets), that a name in capitals
# comes from outside (check-unassigned-uppercase), and that `set -e` does not reach into a condition, which is how a script
# asks for a result (check-set-e-suppressed, check-extra-masked-returns).
SHELLCHECK_ON = "add-default-case,avoid-nullary-conditions,deprecate-which,quote-safe-variables"
# Inside CI files names come from outside, and values are put in before the shell sees them.
INSIDE_OFF = ("-e", "SC1091,SC2153,SC2154")


def shebang(file: Path) -> str:
    first = file.read_text(errors="replace").partition("\n")[0]
    return "bash" if first.startswith("#!") and "bash" in first else "sh"


def shellcheck_files(files: list[Path]) -> Iterator[Finding]:
    for shell in ("sh", "bash"):
        mine = [file for file in files if shebang(file) == shell]
        if mine:
            yield from shellcheck(shell, mine)


def shellcheck(shell: str, files: list[Path], *options: str) -> Iterator[Finding]:
    command = ("shellcheck", "--norc", "-f", "json1", "-s", shell, "-o", SHELLCHECK_ON, "-x", "-P", "SCRIPTDIR")
    for found in run_json(*command, *options, *files, codes=(0, 1))["comments"]:
        yield Finding(Path(found["file"]), f"SC{found['code']}", found["message"], found["line"])


def dash(files: list[Path]) -> Iterator[Finding]:
    for file in files:
        shell = "bash" if shebang(file) == "bash" else "dash"
        result = subprocess.run([shell, "-n", str(file)], capture_output=True, text=True, timeout=TIMEOUT)
        if result.returncode != 0:
            yield Finding(file, "syntax", result.stderr.strip().replace(str(file), file.name))


def shellcheck_inside(files: list[Path]) -> Iterator[Finding]:
    """The scripts of GitLab jobs, of composite actions and of buildspecs; actionlint looks into those of workflows."""
    with tempfile.TemporaryDirectory() as folder:
        for shell in ("sh", "bash"):
            origin: dict[Path, tuple[Path, str]] = {}
            for file in files:
                for where, script, its_shell in scripts_of(file):
                    if its_shell == shell:
                        at = Path(folder) / f"{shell}{len(origin)}.sh"
                        at.write_text(f"set -e\n{script}\n")  # as the platforms do
                        origin[at] = (file, where)
            if origin:
                for found in shellcheck(shell, list(origin), *INSIDE_OFF):
                    file, where = origin[found.file]
                    yield Finding(file, found.rule, f"{where}, line {found.line - 1}: {found.message}")


def lines_of(value) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [line for item in value for line in lines_of(item)] if isinstance(value, list) else []


def scripts_of(file: Path) -> Iterator[tuple[str, str, str]]:
    """(where, script, shell) of each script inside."""
    document = load_yaml(file)
    if not isinstance(document, dict):
        return
    if "phases" in document:  # buildspec: one shell for all commands
        shell = "bash" if (document.get("env") or {}).get("shell") == "bash" else "sh"
        phases = document["phases"] or {}
        commands = [line for phase in phases.values() for key in ("commands", "finally") for line in lines_of(phase.get(key))]
        yield "phases", "\n".join(commands), shell
    elif isinstance(document.get("runs"), dict):  # composite action
        for index, step in enumerate(document["runs"].get("steps") or []):
            if isinstance(step.get("run"), str):
                script = re.sub(r"\$\{\{.*?\}\}", lambda m: "_" * len(m.group()), step["run"], flags=re.S)
                yield f"runs.steps[{index}]", script, "sh" if step.get("shell") == "sh" else "bash"
    else:  # GitLab: before_script and script are one shell
        default = document.get("default") if isinstance(document.get("default"), dict) else {}
        for name, job in document.items():
            if not isinstance(job, dict) or not ("script" in job or "before_script" in job or "after_script" in job):
                continue
            before = job.get("before_script", default.get("before_script", document.get("before_script")))
            for where, parts in (("script", [before, job.get("script")]), ("after_script", [job.get("after_script")])):
                script = "\n".join(line for part in parts for line in lines_of(part))
                if script:
                    yield f"{name}.{where}", script, "bash" if "pipefail" in script else "sh"


# ---------------------------------------------------------------- every file


class Tagged(yaml.SafeLoader):
    """PyYAML with the tags of CloudFormation and GitLab kept as {"!Tag": value}, and duplicate keys refused."""


def tagged(loader: Tagged, suffix: str, node_: yaml.Node):
    if isinstance(node_, yaml.ScalarNode):
        value = loader.construct_scalar(node_)
    elif isinstance(node_, yaml.SequenceNode):
        value = loader.construct_sequence(node_, deep=True)
    else:
        value = loader.construct_mapping(node_, deep=True)
    return {f"!{suffix}": value}


def unique_mapping(loader: Tagged, node_: yaml.MappingNode, deep: bool = False):
    seen = set()
    for key, _ in node_.value:
        text = f"{key.tag}:{key.value}"
        if text in seen and key.tag != "tag:yaml.org,2002:merge":
            raise yaml.constructor.ConstructorError(None, None, f"key `{key.value}` stands twice", key.start_mark)
        seen.add(text)
    loader.flatten_mapping(node_)
    return {loader.construct_object(k, deep=True): loader.construct_object(v, deep=True) for k, v in node_.value}


Tagged.add_multi_constructor("!", tagged)
Tagged.add_constructor("tag:yaml.org,2002:map", unique_mapping)


def load_yaml(file: Path):
    documents = list(yaml.load_all(file.read_text(), Tagged))
    return documents[0] if len(documents) == 1 else documents


# YAML 1.1 takes the key for a boolean, 1.2 for text; GitHub's files are full of it.
def as_json(value, top: bool = True):
    if isinstance(value, dict):
        return {("on" if top and k is True else json_key(k)): as_json(v, False) for k, v in value.items()}
    return [as_json(v, False) for v in value] if isinstance(value, list) else value


def json_key(key) -> str:
    return key if isinstance(key, str) else json.dumps(key, default=str)


def read_by_both(files: list[Path]) -> Iterator[tuple[Path, object, object]]:
    """(file, value by PyYAML, value by npm yaml); a reader that refuses gives a YamlRefused in the value's place."""
    theirs = {}
    for line in run("node", HERE / "yaml_read.mjs", *files).split("\n")[:-1]:  # U+2028 ends no line
        answer = json.loads(line)
        theirs[answer["file"]] = YamlRefused(answer["error"]) if "error" in answer else answer["value"]
    for file in files:
        try:
            ours_ = as_json(load_yaml(file))
        except yaml.YAMLError as error:
            ours_ = YamlRefused(" ".join(str(error).split()))
        yield file, ours_, theirs[str(file)]


@dataclass(frozen=True)
class YamlRefused:
    why: str


def two_readers(files: list[Path]) -> Iterator[Finding]:
    """PyYAML (1.1) and npm yaml (1.2) must read the same: what they disagree on, some reader will get wrong."""
    for file, first, second in read_by_both(files):
        for rule, value in (("yaml-1.1", first), ("yaml-1.2", second)):
            if isinstance(value, YamlRefused):
                yield Finding(file, rule, value.why)
        if not isinstance(first, YamlRefused) and not isinstance(second, YamlRefused):
            if (difference := first_difference(first, second)) is not None:
                yield Finding(file, "readers", difference)


def first_difference(a, b, a_is: str = "YAML 1.1 reads", b_is: str = "1.2", at: str = "") -> str | None:
    """Where two values differ first, in words; None if nowhere. The order of keys does not count."""
    if isinstance(a, dict) and isinstance(b, dict):
        if set(a) != set(b):
            return f"{at or '/'}: {a_is} the keys {sorted(a)}, {b_is} {sorted(b)}"
        pairs = [(a[k], b[k], f"{at}/{k}") for k in a]
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = [(x, y, f"{at}/{i}") for i, (x, y) in enumerate(zip(a, b, strict=True))]
    else:
        same = a == b and isinstance(a, bool) == isinstance(b, bool)
        return None if same else f"{at or '/'}: {a_is} {a!r}, {b_is} {b!r}"
    return next((d for x, y, where in pairs if (d := first_difference(x, y, a_is, b_is, where)) is not None), None)


def json_files(files: list[Path]) -> Iterator[Finding]:
    def unique(pairs):
        keys = [k for k, _ in pairs]
        if len(set(keys)) < len(keys):
            raise ValueError(f"a key stands twice in {keys}")
        return dict(pairs)

    for file in files:
        try:
            json.loads(file.read_text(), object_pairs_hook=unique)
        except ValueError as error:
            yield Finding(file, "json", str(error))


# ---------------------------------------------------------------- the list

WORKFLOWS = (".github/workflows/*.yml", ".github/workflows/*.yaml")
ACTIONS = (".github/actions/*/action.yml", ".github/actions/*/action.yaml")
GITLAB = (".gitlab-ci.yml",)
GITLAB_PARTS = (".gitlab-ci.yml", ".gitlab/*.yml")
TEMPLATES = tuple(f"{folder}/*.template.{end}" for folder in ("codepipeline", "bootstrap/*") for end in ("yaml", "yml", "json"))
PIPELINES = ("codepipeline/*.pipeline.json",)
BUILDSPECS = ("codepipeline/buildspecs/*.yml", "codepipeline/buildspecs/*.yaml")
SCRIPTS = (".penstock/*.sh", "bootstrap/*.sh", "codepipeline/*.sh")
YAML_FILES = ("*.yml", "*.yaml")

JUDGES = [
    Judge("github-parser", WORKFLOWS + ACTIONS, node("github/workflow.mjs")),
    Judge("github-schema", WORKFLOWS, schemastore("vendor.github-workflows"), alone=True),
    Judge("github-action-schema", ACTIONS, schemastore("vendor.github-actions"), alone=True),
    Judge("actionlint", WORKFLOWS, actionlint),
    Judge("zizmor", WORKFLOWS + ACTIONS, zizmor),
    Judge("checkov-github", WORKFLOWS, checkov_github, alone=True),
    Judge("gitlab-lint", GITLAB, node("gitlab/lint.mjs")),
    Judge("gitlab-ci-local", GITLAB, gitlab_ci_local),
    Judge("cfn-lint", TEMPLATES, cfn_lint, alone=True),
    Judge("cfn-spec", TEMPLATES, node("aws/cfn.mjs"), alone=True),
    Judge("cfn-guard", TEMPLATES, cfn_guard, alone=True),
    Judge("checkov-aws", TEMPLATES, checkov("cloudformation"), alone=True),
    Judge("account", TEMPLATES + PIPELINES, account, alone=True),
    Judge("pipeline", PIPELINES, node("aws/pipeline.mjs"), alone=True),
    Judge("buildspec", BUILDSPECS, node("aws/buildspec.mjs"), alone=True),
    Judge("shellcheck", SCRIPTS, shellcheck_files, alone=True),
    Judge("dash", SCRIPTS, dash, alone=True),
    Judge("shellcheck-inside", GITLAB_PARTS + ACTIONS + BUILDSPECS, shellcheck_inside, alone=True),
    Judge("yaml-readers", YAML_FILES, two_readers, alone=True),
    Judge("json", ("*.json",), json_files, alone=True),
]


def catalog_judge() -> Judge | None:
    """What is known of published actions is data of others, which the project does not hold: only where $PENSTOCK_SHARED is."""
    shared = os.environ.get("PENSTOCK_SHARED", "")
    data = Path(shared) / "oracles/github/data/actions-catalog.json"
    if not shared or not data.is_file():
        return None
    return Judge("actions-catalog", WORKFLOWS + ACTIONS, node("github/catalog.mjs", data))
