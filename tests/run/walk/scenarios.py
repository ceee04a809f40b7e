"""scenarios.py SAMPLE WORK: the scenarios of codepipeline, on the emitted files of the sample."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import codebuild_test
from pipeline import World, order_of
from template import Template

SAMPLE, WORK = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
PROJECT = json.loads((SAMPLE / ".penstock/model.json").read_text())["project"]
REQUEST, DELIVERY, DRIFT = (f"{PROJECT}-{name}" for name in ("request", "delivery", "drift"))
STACKS, ENVIRONMENTS = ["network", "cluster", "app"], ["staging", "production"]
STAGING = [f"{verb} staging {stack}" for stack in STACKS for verb in ("plan", "apply")]
counts = {"ok": 0, "FAIL": 0}


def check(text, holds, note=""):
    word = "ok" if holds else "FAIL"
    counts[word] += 1
    print(f"{word:5} {text}{f': {note}' if note and not holds else ''}", flush=True)


def same(text, want, got):
    check(text, want == got, f"want {want}, got {got}")


def scenario(text):
    print(f"== codepipeline {text}", flush=True)


def git(repo, *arguments):
    command = ["git", "-C", str(repo), "-c", "user.name=tester", "-c", "user.email=tester@example.org", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def lock_file(stack, folder):
    """The lock file of this machine's provider."""
    cached = WORK / f"{stack}.lock"
    if not cached.exists():
        (folder / ".terraform.lock.hcl").unlink(missing_ok=True)
        with tempfile.TemporaryDirectory() as data:
            subprocess.run(["tofu", f"-chdir={folder}", "init", "-backend=false", "-input=false"], check=True, capture_output=True, env={**os.environ, "TF_DATA_DIR": data})
        shutil.copy(folder / ".terraform.lock.hcl", cached)
    shutil.copy(cached, folder / ".terraform.lock.hcl")


def fresh(name):
    """A repository with the sample in it, and a world where nothing has been applied."""
    root = WORK / name
    shutil.rmtree(root, ignore_errors=True)
    repo = root / "repository"
    shutil.copytree(SAMPLE, repo, ignore=shutil.ignore_patterns("penstock-out", ".terraform", "node_modules"))
    for stack in STACKS:
        lock_file(stack, repo / "live" / stack)
    git(root, "init", "-q", "-b", "main", str(repo))
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", PROJECT)
    definitions = {f.name.removesuffix(".pipeline.json"): json.loads(f.read_text()) for f in sorted((SAMPLE / "codepipeline").glob("*.pipeline.json"))}
    os.environ["AWS_STUB"] = str(root / "aws")
    here = Path(__file__).resolve().parent.parent
    return World(root, repo, definitions, TEMPLATE.projects(), f"{here}:{os.environ['PATH']}")


def head(world):
    return git(world.repo, "rev-parse", "HEAD")


def edit(world, file, old, new):
    path = world.repo / file
    text = path.read_text()
    assert old in text, f"{file}: {old!r} is not there"
    path.write_text(text.replace(old, new))
    git(world.repo, "commit", "-q", "-am", f"change {file}")
    return head(world)


def one(world, kind, commit):
    started = world.event(kind, "main", commit)
    assert len(started) == 1, f"{kind} starts {[e.p['name'] for e in started]}"
    world.go()
    return started[0]


def drift(world):
    execution = world.start(DRIFT, head(world))
    world.go()
    return execution


def serial(world, environment, stack):
    file = world.live / "state" / environment / f"{stack}.tfstate"
    return json.loads(file.read_text())["serial"] if file.exists() else 0


def serials(world):
    return {(e, s): serial(world, e, s) for e in ENVIRONMENTS for s in STACKS}


def untouched(world):
    return not list(world.live.rglob("*.tfstate"))


def image(world):
    return json.loads((world.live / "production/app/release.json").read_text())["image"]


def items(world):
    file = world.work / "aws" / "opsitems.json"
    return json.loads(file.read_text()) if file.exists() else []


def published(world):
    return [c for c in world.calls("sns publish") if c.get("by") != "CodePipeline"]


def approve_all(world):
    for stack in STACKS:
        world.answers[f"approve production {stack}"] = "Approved"


def log(world):
    return (world.work / "builds.log").read_text()


def requests():
    scenario("(a) pull request: plans, gates, nothing applied")
    w = fresh("a")
    e = one(w, "pull_request", head(w))
    same("a pull request starts one pipeline", REQUEST, e.p["name"])
    same("it succeeds", "Succeeded", e.state)
    same("every stack is planned in every environment", 6, len([a for a in e.done() if a.startswith("plan ")]))
    check("a layer on a layer that does not exist yet says so", "`cluster` in `production`: can be planned when `network` has been applied" in log(w))
    check("the gate ran, as a report", e.tests[0] > 0 and e.tests[1] == 0, str(e.tests))
    check("no attribute value in the logs", "10.10." not in log(w))
    check("nothing is applied", untouched(w))

    scenario("(b) a change that breaks the gate stops")
    bad = edit(w, "live/network/main.tf", "0640", "0666")
    e = one(w, "pull_request", bad)
    same("the pull request fails", "Failed", e.state)
    same("at the guilty plans", ["Failed", "Failed"], [e.result(f"plan {v} network") for v in ENVIRONMENTS])
    same("their neighbours finish", "Succeeded", e.result("plan staging app"))
    check("the finding is named", "must have the file permission 0640" in log(w))
    check("test cases say so", e.tests[1] > 0, str(e.tests))
    e = one(w, "push", bad)
    same("pushed all the same, the delivery fails", "Failed", e.state)
    check("nothing is applied", untouched(w))
    w = fresh("b")
    bad = edit(w, "live/cluster/main.tf", "public = false", "public = true")
    e = one(w, "push", bad)
    same("a broken rule in a higher layer: the delivery fails", "Failed", e.state)
    check("the layer below is applied, the guilty one is not, nothing behind it",
          serial(w, "staging", "network") > 0 and serial(w, "staging", "cluster") == 0 and serial(w, "production", "network") == 0)
    w = fresh("leak")
    edit(w, "live/app/main.tf", 'image = "shop:1"', f'image = "shop:1", key = "AKIA{"QW3RTY6UIOPASD5F"}"')
    back = edit(w, "live/app/main.tf", f', key = "AKIA{"QW3RTY6UIOPASD5F"}"', "")
    e = one(w, "push", back)
    same("a secret in the history stops the delivery before any plan", ["Failed", "Failed", []], [e.state, e.result("gate secrets"), [a for a in e.done() if a.startswith("plan")]])
    check("and is not shown", "QW3RTY6UIOPASD5F" not in log(w))
    w = fresh("committed")
    (w.repo / "penstock-out/bin").mkdir(parents=True)
    (w.repo / "penstock-out/bin/conftest").write_text("#!/bin/sh\nexit 0\n")
    git(w.repo, "add", "-f", "penstock-out")
    git(w.repo, "commit", "-q", "-m", "a gate that always passes")
    e = one(w, "pull_request", head(w))
    same("a tool or result that was committed is not believed", "Failed", e.state)
    d = drift(w)
    check("nor by a drift run, whose source has no history", d.state == "Failed" and not published(w), d.state)


def deliveries():
    scenario("(c) merge: staging in layer order, production after approval, from the saved plans")
    w = fresh("swap")
    e = one(w, "push", head(w))
    evil = w.work / "evil"  # a good plan of the right stack, world and commit, but of other code
    subprocess.run(["git", "clone", "-q", str(w.repo), str(evil)], check=True)
    code = evil / "live/network/main.tf"
    code.write_text(code.read_text().replace("10.20.0.0/16", "10.66.0.0/16"))
    subprocess.run(["sh", ".penstock/plan.sh", "network", "production"], cwd=evil, check=True, capture_output=True,
                   env={**os.environ, "LIVE_ROOT": str(w.live), "PENSTOCK_COMMIT": e.commit})
    inputs = next([a["name"] for a in action["inputArtifacts"]] for stage in e.p["stages"] for action in stage["actions"] if w.about(stage, action) == "apply production network")
    e.artifacts[inputs[-1]] = lambda folder: shutil.copytree(evil / "penstock-out/plan", folder / "plan")
    approve_all(w)
    w.go()
    same("the saved plan is swapped in the store, with its meta.json: its digest came by another road", ["Failed", "Failed", 0],
         [e.state, e.result("apply production network"), serial(w, "production", "network")])
    check("as it says", "is not the one that was judged" in log(w))

    w = fresh("c")
    e = one(w, "push", head(w))
    same("a push starts one pipeline", DELIVERY, e.p["name"])
    same("production waits for its approval", "approve production network", e.waits)
    same("staging was delivered in layer order", STAGING, [a for a, _ in e.events if a in STAGING])
    same("the source was judged before", ["source", "gate secrets"], [a for a, _ in e.events][:2])
    check("production is planned, not applied", e.result("plan production network") == "Succeeded" and serial(w, "production", "network") == 0)
    check("who approves is told what", any("1 to create" in c["--message"] for c in w.calls("sns publish")))
    w.answers[(e.id, "approve production network")] = "Approved"
    w.go()
    w.answers[(e.id, "approve production cluster")] = "Rejected"
    w.go()
    same("refused at the second layer: it and all above are not applied", ["Failed", True, 0, 0], [e.state, serial(w, "production", "network") > 0, serial(w, "production", "cluster"), serial(w, "production", "app")])
    approve_all(w)
    asked = len(w.asked)
    e = one(w, "push", head(w))
    same("the same commit again delivers the rest", "Succeeded", e.state)
    same("the layer that has nothing to deliver is skipped", "Skipped", e.result("apply production network"))
    same("two questions, not three", asked + 2, len(w.asked))
    check("all is applied", all(serials(w).values()))
    asked, before = len(w.asked), serials(w)
    e = one(w, "push", head(w))
    same("nothing to deliver: all of production is skipped, nobody is asked", ["Succeeded", asked, ["Skipped"] * 3], [e.state, len(w.asked), [e.result(f"apply production {s}") for s in STACKS]])
    same("no state changes", before, serials(w))
    return w


def drifts(w):
    scenario("(d) a drift run that finds nothing")
    d = drift(w)
    same("it succeeds", "Succeeded", d.state)
    same("six look", 6, len([a for a in d.done() if a.startswith("drift ")]))
    same("nothing is published, no OpsItem", [[], []], [published(w), items(w)])

    scenario("(e) a file edited by hand: found, one OpsItem, updated, resolved; never applied")
    victim = w.live / "production/cluster/node-10-20-1-0-24.json"
    good = victim.read_text()
    victim.write_text('{"by": "hand"}')
    before = serials(w)
    d = drift(w)
    same("the run succeeds (the OpsItem is the news)", "Succeeded", d.state)
    same("one OpsItem, with the name of the stack", ["Drift: production/cluster Open"], [f"{i['Title']} {i['Status']}" for i in items(w)])
    told = published(w)
    same("one message", ["Drift: production/cluster"], [c["--subject"] for c in told])
    check("it names the resource, and no value", "local_file.node" in told[0]["--message"] and '"by"' not in told[0]["--message"])
    same("a second run", "Succeeded", drift(w).state)
    same("adds neither", [1, 1], [len(published(w)), len(items(w))])
    same("nothing was applied", ['{"by": "hand"}', before], [victim.read_text(), serials(w)])
    other = w.live / "production/cluster/node-10-20-2-0-24.json"
    kept = other.read_text()
    other.unlink()
    same("more of it", "Succeeded", drift(w).state)
    same("one OpsItem, told again", [1, "Drift has changed: production/cluster"], [len(items(w)), published(w)[-1]["--subject"]])
    for file, text in ((victim, good), (other, kept)):
        file.write_text(text)
        file.chmod(0o640)
    same("put back", "Succeeded", drift(w).state)
    same("resolved, and told", [["Resolved"], "Clean again: production/cluster"], [[i["Status"] for i in items(w)], published(w)[-1]["--subject"]])
    state = w.live / "state/staging/app.tfstate"
    text = state.read_text()
    state.write_text("broken")
    victim.write_text('{"by": "hand"}')
    d = drift(w)
    state.write_text(text)
    same("a detector that cannot look makes the run red", "Failed", d.state)
    same("the others are told all the same", ["Resolved", "Open"], [i["Status"] for i in items(w)])
    victim.write_text(good)
    victim.chmod(0o640)


def overlaps(w):
    scenario("(f) a second merge while the first waits for its approval: not dropped, no stale plan, no lost revert")
    w.answers.clear()
    was = image(w)
    first = w.event("push", "main", edit(w, "live/app/main.tf", was, "shop:8"))[0]
    w.go()
    second = w.event("push", "main", edit(w, "live/app/main.tf", "shop:8", was))[0]
    w.go()
    same("the first waits for its approval", "approve production app", first.waits)
    # For its turn, or for an approval: while an older one is on its way its preview cannot be certain, so it may be asked about nothing.
    check("the second waits too, and its last plan is not made yet", second.waits is not None and second.result("plan production app") is None, str(second.waits))
    w.answers[(first.id, "approve production app")] = "Approved"
    w.go()
    same("the first arrives", "shop:8", image(w))
    approve_all(w)
    w.go()
    same("the second arrives, and takes it back", was, image(w))
    same("both succeed", ["Succeeded", "Succeeded"], [first.state, second.state])

    scenario("(g) counter-example: plan in one stage, apply in the next, loses that revert, and a second plan goes stale")
    w.answers.clear()
    w.definitions["naive"] = naive(w, w.definitions[DELIVERY])
    w.start("naive", edit(w, "live/app/main.tf", was, "shop:3"))
    w.go()
    second = w.start("naive", edit(w, "live/app/main.tf", "shop:3", was))
    w.go()
    w.answers[(w.executions[1].id, "approve production app")] = "Approved"
    w.go()
    same("the revert is lost, and its execution is green", ["Succeeded", "shop:3"], [second.state, image(w)])
    third = w.start("naive", edit(w, "live/app/main.tf", was, "shop:4"))
    w.go()
    fourth = w.start("naive", edit(w, "live/app/main.tf", "shop:4", "shop:5"))
    w.go()
    for execution in (third, fourth):
        w.answers[(execution.id, "approve production app")] = "Approved"
    w.go()
    same("a stale plan is refused", ["Failed", "Failed", "shop:4"], [fourth.state, fourth.result("apply production app"), image(w)])


def naive(world, delivery):
    """The layout most people would write: plan in one stage, approve and apply in the next, SKIP in between."""
    tree = json.loads(json.dumps(delivery))
    p = tree["pipeline"]
    p["name"] = "naive"
    p.pop("triggers", None)
    stage = next(s for s in p["stages"] if any(world.about(s, a) == "apply production app" for a in s["actions"]))
    plan = next(a for a in stage["actions"] if world.about(stage, a) == "plan production app")
    apply = next(a for a in stage["actions"] if world.about(stage, a) == "apply production app")
    approve = next(a for a in stage["actions"] if world.about(stage, a) == "approve production app")
    old = plan["namespace"]
    plan["namespace"] = "Naive"
    # The approval's name stands for the plan below it in its own stage: here that is gone.
    approve["configuration"]["CustomData"] = "app"
    apply["configuration"]["EnvironmentVariables"] = apply["configuration"]["EnvironmentVariables"].replace(old, "Naive")
    rule = json.loads(json.dumps(stage["beforeEntry"]))
    rule["conditions"][0]["rules"][0]["configuration"]["Variable"] = "#{Naive.CHANGES}"
    approve["runOrder"], apply["runOrder"] = 1, 2
    p["stages"] = [p["stages"][0], {"name": "PlanProductionApp", "actions": [plan]}, {"name": "production app", "beforeEntry": rule, "actions": [approve, apply]}]
    return tree


def rights(w):
    scenario("(h) rights: each AWS call that a build made is its role's, and no role has one of these that its builds did not make")
    names = {"codepipeline list-pipeline-executions": "codepipeline:ListPipelineExecutions", "sns publish": "sns:Publish",
             "ssm describe-ops-items": "ssm:DescribeOpsItems", "ssm create-ops-item": "ssm:CreateOpsItem", "ssm update-ops-item": "ssm:UpdateOpsItem"}
    made = {(c["project"], names[c["verb"]]) for verb in names for c in w.calls(verb) if "project" in c}
    held = {(p, action) for p in w.projects for action in names.values() if TEMPLATE.allows(p, action)}
    check("made is allowed", made <= held, str(sorted(made - held)))
    check("allowed is made", held <= made, str(sorted(held - made)))


TEMPLATE = Template(next((SAMPLE / "codepipeline").glob("*.template.yaml")))


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    scenario("the runner itself")
    for text, wrong in codebuild_test.main():
        check(text, not wrong, str(wrong))
    requests()
    w = deliveries()
    drifts(w)
    overlaps(w)
    rights(w)
    print(f"codepipeline: {counts['ok']} passed, {counts['FAIL']} failed")
    return 1 if counts["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
