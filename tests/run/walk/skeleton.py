"""skeleton.py SAMPLE WORK: the smallest model walks on CodePipeline too."""
import json
import sys

import scenarios as s

s.STACKS = ["site"]


def main():
    s.WORK.mkdir(parents=True, exist_ok=True)
    s.scenario("walking-skeleton")
    w = s.fresh("skeleton")
    e = s.one(w, "pull_request", s.head(w))
    s.same("a pull request is planned", ["Succeeded", ["source", "plan staging site"]], [e.state, e.done()])
    s.check("and nothing is applied", s.untouched(w))
    e = s.one(w, "push", s.head(w))
    s.same("a push is delivered", ["Succeeded", ["source", "plan staging site", "apply staging site"]], [e.state, e.done()])
    page = w.live / "site/index.html"
    s.check("the page stands", page.is_file() and "It walks" in page.read_text())
    before = json.loads((w.live / "state/site.tfstate").read_text())["serial"]
    e = s.one(w, "push", s.head(w))
    s.same("the same again changes nothing", ["Succeeded", before], [e.state, json.loads((w.live / "state/site.tfstate").read_text())["serial"]])
    return 1 if s.counts["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
