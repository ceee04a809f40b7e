"""for_act.py REPOSITORY [--protected ENV]...: puts the workflows of a scratch repository into a form that act can run.

act knows neither approvals nor queues. What GitHub does by itself is put in as steps, after GitHub's documentation:
  - a job with a protected environment gets a first step that waits until $APPROVALS/given or refused is there;
  - a job whose `concurrency` has a group without `cancel-in-progress` gets a job before it that takes the group's turn, first come
    first served, and one behind it that gives it back ($QUEUES; `queue: max` is demanded, since by default GitHub drops who waits);
  - every script waits a moment before it ends, since act loses the last words of one that fails at once;
  - `uses: $/x` is written `./x`, and keys that act's parser does not know go.
Every pinned action is printed as `ACTION@COMMIT`; labels of runners as `runner LABEL`. Files are written as JSON, which is YAML.
"""
import json
import sys
from pathlib import Path

import yaml


class Loader(yaml.SafeLoader):
    """YAML 1.2's words: `on` is a key, not a boolean."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in rows if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("^(true|false)$"), list("tf"))

WAIT = """
case " $PROTECTED " in *" $NAME "*) ;; *) exit 0 ;; esac
echo "$NAME $JOB" >>"$APPROVALS/asked"
for i in $(seq 1500); do
  [ ! -e "$APPROVALS/given" ] || exit 0
  [ ! -e "$APPROVALS/refused" ] || exit 1
  sleep 0.2
done
exit 1
"""
TAKE = """
mkdir -p "$QUEUES/$GROUP"
until mkdir "$QUEUES/$GROUP/.lock" 2>/dev/null; do sleep 0.05; done
n=$(ls "$QUEUES/$GROUP" | wc -l); ticket=$(printf '%06d' "$n")-$GITHUB_RUN_ID; touch "$QUEUES/$GROUP/$ticket"
rmdir "$QUEUES/$GROUP/.lock"
for i in $(seq 1500); do
  first=$(cd "$QUEUES/$GROUP" && for t in *; do case $t in *.done) ;; *) [ -e "$t.done" ] || { echo "$t"; break; } ;; esac; done)
  [ "$first" != "$ticket" ] || { echo "turn of $GROUP: run $GITHUB_RUN_ID"; exit 0; }
  sleep 0.2
done
exit 1
"""
GIVE = 'for t in "$QUEUES/$GROUP"/*-"$GITHUB_RUN_ID"; do [ ! -e "$t" ] || touch "$t.done"; done\n'


def walk(node):
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def as_list(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def approval(job, name, protected):
    environment = job.get("environment")
    if environment is None or "steps" not in job:
        return
    if isinstance(environment, dict):
        environment.pop("deployment", None)
        environment = environment["name"]
    job["steps"].insert(0, {"name": "Approval (stands in for the reviewers of the environment)", "shell": "bash",
                            "env": {"NAME": environment, "JOB": name, "PROTECTED": " ".join(protected)}, "run": WAIT})


def one_shell(group, script):
    return {"runs-on": "ubuntu-24.04", "permissions": {}, "steps": [{"shell": "bash", "env": {"GROUP": group}, "run": script}]}


def queue(jobs, name, concurrency):
    """Around the job: take the group's turn, give it back."""
    group = concurrency if isinstance(concurrency, str) else concurrency["group"]
    if not isinstance(concurrency, str) and concurrency.get("cancel-in-progress"):
        return
    if isinstance(concurrency, str) or concurrency.get("queue") != "max":
        print(f"drops {name}")
    before, after = one_shell(group, TAKE), one_shell(group, GIVE)
    job = jobs[name]
    before["needs"] = as_list(job.get("needs"))
    for key in ("if",):
        if key in job and "needs." not in str(job[key]):
            before[key] = job[key]
    if not before["needs"]:
        del before["needs"]
    job["needs"] = as_list(job.get("needs")) + [f"{name}-takes-turn"]
    after["needs"], after["if"] = [name, f"{name}-takes-turn"], "always()"
    jobs[f"{name}-takes-turn"], jobs[f"{name}-gives-turn"] = before, after


def main(repository, protected):
    folder = Path(repository) / ".github"
    pins, labels = set(), set()
    files = sorted(folder.glob("workflows/*.y*ml"))
    trees = {file: yaml.load(file.read_text(), Loader) for file in files + sorted(folder.glob("actions/*/action.y*ml"))}
    for file, tree in trees.items():
        for node in walk(tree):
            if isinstance(node.get("uses"), str):
                if node["uses"].startswith("$/"):
                    node["uses"] = "./" + node["uses"][2:]
                if "@" in node["uses"]:
                    pins.add(node["uses"])
            if isinstance(node.get("run"), str):
                node["run"] = "trap 'sleep 0.2' EXIT\n" + node["run"]
            if "runs-on" in node:
                labels.update(as_list(node["runs-on"]))
    for file in files:
        tree = trees[file]
        jobs = tree["jobs"]
        for name in list(jobs):
            job = jobs[name]
            concurrency = job.pop("concurrency", None)
            # A group that a called workflow has at its own top is held as long as if its caller had it.
            if "uses" in job and concurrency is None:
                called = trees.get(Path(repository) / job["uses"].removeprefix("./"))
                concurrency = called.get("concurrency") if called else None
            approval(job, name, protected)
            if concurrency is not None:
                queue(jobs, name, concurrency)
    for file, tree in trees.items():
        tree.pop("concurrency", None)
        file.write_text(json.dumps(tree, indent=1))
    for pin in sorted(pins):
        print(pin)
    for label in sorted(labels):
        print("runner", label)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3:])
