"""Walks native CodePipeline definitions on this machine; every CodeBuild action really runs (codebuild.py).

Followed: stages in order; QUEUED: one execution in a stage, first come first served; PARALLEL: no lock; beforeEntry with
VariableCheck, result SKIP or FAIL; runOrder as a barrier, actions of one runOrder side by side; a failed action fails the stage,
its siblings finish, nothing later runs; artifacts between actions; `#{namespace.key}`, an unknown one is an error; manual
approval, granted or refused; trigger filters on branches, tags. A waiting execution does not hold the stage it has left.
Not followed: rules other than VariableCheck, onSuccess, onFailure, retry, rollback, Regions, accounts, time limits.

What an action is about is read from what it runs: `plan staging network`, `approve production app`, `gate secrets`.
"""
import json
import re
import subprocess
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

import yaml
from codebuild import build

VERBS = ("plan", "apply", "drift", "preview", "report", "gate")


class Refused(Exception):
    pass


def order_of(action):
    return action.get("runOrder", 1)


def is_approval(action):
    return action["actionTypeId"]["category"] == "Approval"


class Execution:
    def __init__(self, world, definition, commit, revision):
        self.world, self.p, self.commit, self.revision = world, definition["pipeline"], commit, revision
        self.id = str(uuid.uuid4())
        self.variables = {"codepipeline.PipelineExecutionId": self.id}
        self.artifacts, self.events, self.state, self.waits = {}, [], "InProgress", None
        self.tests = [0, 0]
        self.steps = self.walk()

    # -- what a scenario asks
    def done(self):
        return [about for about, result in self.events if result == "Succeeded"]

    def result(self, about):
        return next((r for a, r in reversed(self.events) if a == about), None)

    # -- the walk: a generator that yields whenever it must wait
    def walk(self):
        queued = self.p["executionMode"] == "QUEUED"
        for stage in self.p["stages"]:
            if queued:
                queue = self.world.queues.setdefault((self.p["name"], stage["name"]), [])
                queue.append(self)
                while queue[0] is not self:
                    self.waits = f"turn in {stage['name']}"
                    yield
            try:
                yield from self.run_stage(stage)
            except Refused:
                self.state = "Failed"
                return
            finally:
                if queued:
                    queue.remove(self)
            self.waits = None
            yield
        self.state = "Succeeded"

    def run_stage(self, stage):
        verdict = self.enter(stage)
        if verdict != "run":
            for action in stage["actions"]:
                self.events.append((self.world.about(stage, action), "Skipped" if verdict == "skip" else "Failed"))
            if verdict == "fail":
                raise Refused(stage["name"])
            return
        for order in sorted({order_of(a) for a in stage["actions"]}):
            group = [a for a in stage["actions"] if order_of(a) == order]
            for action in filter(is_approval, group):
                yield from self.approve(stage, action)
            with ThreadPoolExecutor(2) as pool:
                results = list(pool.map(lambda a: self.act(stage, a), [a for a in group if not is_approval(a)]))
            if not all(results):
                raise Refused(stage["name"])

    def value(self, text):
        def one(match):
            if match[1] not in self.variables:
                raise Refused(f"unknown variable {match[1]}")
            return self.variables[match[1]]
        return re.sub(r"#\{([^}]+)\}", one, text)

    def enter(self, stage):
        for condition in stage.get("beforeEntry", {}).get("conditions", []):
            for rule in condition["rules"]:
                assert rule["ruleTypeId"]["provider"] == "VariableCheck", "only VariableCheck is walked"
                c = {k: self.value(v) for k, v in rule["configuration"].items()}
                holds = {"EQ": c["Variable"] == c["Value"], "NE": c["Variable"] != c["Value"], "CONTAINS": c["Value"] in c["Variable"],
                         "MATCHES": re.fullmatch(c["Value"], c["Variable"]) is not None}[c["Operator"]]
                if not holds:
                    return {"SKIP": "skip", "FAIL": "fail"}[condition["result"]]
        return "run"

    def approve(self, stage, action):
        about, c = self.world.about(stage, action), {k: self.value(v) for k, v in action["configuration"].items()}
        self.world.told(c.get("NotificationArn", ""), f"APPROVAL NEEDED: {about}", c.get("CustomData", ""))
        self.world.asked.append((self.id, about, c.get("CustomData", "")))
        while (answer := self.world.answers.pop((self.id, about), None) or self.world.answers.get(about)) is None:
            self.waits = about
            yield
        self.waits = None
        self.events.append((about, "Succeeded" if answer == "Approved" else "Failed"))
        if answer != "Approved":
            raise Refused(about)

    def act(self, stage, action):
        about, provider = self.world.about(stage, action), action["actionTypeId"]["provider"]
        run = {"CodeStarSourceConnection": self.source, "CodeBuild": self.build}[provider]
        succeeded = run(about, action)
        self.events.append((about, "Succeeded" if succeeded else "Failed"))
        return succeeded

    def source(self, _, action):
        repo, commit = self.world.repo, self.commit
        clone = action["configuration"].get("OutputArtifactFormat", "CODE_ZIP") == "CODEBUILD_CLONE_REF"

        def put(folder):
            if clone:
                subprocess.run(["git", "clone", "-q", str(repo), str(folder)], check=True)
                subprocess.run(["git", "-C", str(folder), "checkout", "-q", commit], check=True)
            else:  # a zip: no .git
                tar = subprocess.run(["git", "-C", str(repo), "archive", commit], check=True, capture_output=True).stdout
                subprocess.run(["tar", "-x", "-C", str(folder)], input=tar, check=True)

        self.artifacts[action["outputArtifacts"][0]["name"]] = put
        if namespace := action.get("namespace"):
            self.variables |= {f"{namespace}.{k}": v for k, v in {"CommitId": commit, "BranchName": "main", **self.revision}.items()}
        return True

    def build(self, about, action):
        c = {k: self.value(v) for k, v in action["configuration"].items()}
        project = self.world.projects[c["ProjectName"]]
        inputs = [a["name"] for a in action["inputArtifacts"]]
        missing = [i for i in inputs if i not in self.artifacts]
        assert not missing, f"{about}: no artifact {missing}"
        assert len(c.get("EnvironmentVariables", "")) <= 1000, f"{about}: EnvironmentVariables are longer than 1,000 characters"
        variables = {v["name"]: v["value"] for v in json.loads(c.get("EnvironmentVariables", "[]"))}
        given = project["variables"] | {k: self.world.given[k] for k in project["variables"] if k in self.world.given}
        succeeded, exported, artifacts, tests = build(
            work=self.world.work / "builds", project={**project, "variables": given},
            buildspec=c.get("BuildspecOverride", project["buildspec"]), inputs={i: self.artifacts[i] for i in inputs},
            primary=c.get("PrimarySource", inputs[0]), outputs=[a["name"] for a in action.get("outputArtifacts", [])], variables=variables,
            tools=self.world.tools, initiator=f"codepipeline/{self.p['name']}", log=self.world.work / "builds.log")
        self.world.builds += 1
        self.tests = [a + b for a, b in zip(self.tests, tests)]
        for name, archive in artifacts.items():
            def put(folder, archive=archive):
                with zipfile.ZipFile(archive) as opened:
                    opened.extractall(folder)
            self.artifacts[name] = put
        if "namespace" in action:
            self.variables |= {f"{action['namespace']}.{k}": v for k, v in exported.items()}
        return succeeded


class World:
    """One repository, one folder for a cloud, one artifact store, the pipelines, and the queue in front of each stage."""

    def __init__(self, work, repo, definitions, projects, tools):
        self.work, self.repo, self.definitions, self.projects, self.tools = Path(work), repo, definitions, projects, tools
        self.live = self.work / "live-root"
        for folder in (self.live, self.work / "builds", self.work / "aws"):
            folder.mkdir(parents=True, exist_ok=True)
        self.given = {"LIVE_ROOT": str(self.live)}  # parameters of the template, as somebody deployed it
        self.queues, self.answers, self.asked, self.executions, self.builds = {}, {}, [], [], 0

    def about(self, stage, action):
        """What an action is about, from what it runs."""
        provider = action["actionTypeId"]["provider"]
        if is_approval(action):
            below = [a for a in stage["actions"] if order_of(a) < order_of(action) and not is_approval(a)]
            return re.sub(r"^plan", "approve", self.about(stage, max(below, key=order_of))) if below else f"approve {stage['name']}"
        if provider != "CodeBuild":
            return "source"
        project = self.projects[action["configuration"]["ProjectName"]]
        text = action["configuration"].get("BuildspecOverride", project["buildspec"])
        if "\n" not in text:
            text = (self.repo / text).read_text()
        values = project["variables"] | {v["name"]: v["value"] for v in json.loads(action["configuration"].get("EnvironmentVariables", "[]"))}
        commands = []
        for phase in (yaml.safe_load(text).get("phases") or {}).values():
            commands += [str(c) for c in phase.get("commands") or []]
        text = re.sub(r"\$\{?(\w+)\}?", lambda m: values.get(m[1], m[0]), "\n".join(commands)).replace('"', "").replace("'", "")
        for verb in VERBS:
            found = re.search(rf"\b{verb}\.sh((?: +[\w/.-]+)*)", text)
            if found:
                words = found[1].split()
                return " ".join([verb] + (words[1::-1] if verb in ("plan", "apply", "drift") else words))
        return f"{stage['name']}/{action['name']}"

    def told(self, topic, subject, message):
        with open(self.work / "aws" / "calls.jsonl", "a") as calls:
            calls.write(json.dumps({"verb": "sns publish", "by": "CodePipeline", "--topic-arn": topic, "--subject": subject, "--message": message}) + "\n")

    def calls(self, verb):
        file = self.work / "aws" / "calls.jsonl"
        return [c for c in map(json.loads, file.read_text().splitlines()) if c["verb"] == verb] if file.exists() else []

    def start(self, name, commit, **revision):
        execution = Execution(self, self.definitions[name], commit, revision)
        self.executions.insert(0, execution)
        return execution

    def event(self, kind, branch, commit):
        """Which pipelines does an event start? kind: push, pull_request."""
        hits = []
        for name, definition in self.definitions.items():
            for trigger in definition["pipeline"].get("triggers", []):
                for rule in trigger["gitConfiguration"].get({"push": "push", "pull_request": "pullRequest"}[kind], []):
                    branches = rule.get("branches", {})
                    if "tags" in rule and "branches" not in rule:
                        continue
                    if any(fnmatch(branch, p) for p in branches.get("includes", ["*"])) and not any(fnmatch(branch, p) for p in branches.get("excludes", [])):
                        hits.append(name)
        return [self.start(name, commit) for name in dict.fromkeys(hits)]

    def go(self):
        """Turns until nobody can move any more."""
        while True:
            moved = False
            for execution in reversed(self.executions):  # the oldest first
                if execution.state != "InProgress":
                    continue
                self.publish()
                before = (execution.waits, len(execution.events))
                try:
                    next(execution.steps)
                except StopIteration:
                    pass
                moved |= execution.state != "InProgress" or (execution.waits, len(execution.events)) != before
            self.publish()
            if not moved:
                return

    def publish(self):
        table = {}
        for number, execution in enumerate(self.executions):
            table.setdefault(execution.p["name"], []).append(
                {"pipelineExecutionId": execution.id, "status": execution.state, "startTime": f"{len(self.executions) - number:06d}"})
        (self.work / "aws" / "executions.json").write_text(json.dumps(table))
