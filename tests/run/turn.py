"""turn.py GROUP LOG < PREVIEW: what is still to come of a pipeline in a resource group, one job a line.

GitLab's documented queue, mode oldest_first: a newer pipeline gets the turn only when no older one has a job of the group in
`created`, `scheduled` or `waiting_for_resource`. A manual job whose needs are done is in none of these: it does not hold the turn.
PREVIEW is what gitlab-ci-local shows of a delivery; the jobs that LOG says passed are done."""
import re
import sys

import yaml

group, log = sys.argv[1:]
text = sys.stdin.read()
jobs = {name: job for name, job in yaml.safe_load(text[text.index("---"):]).items() if isinstance(job, dict) and "script" in job}
with open(log) as file:
    done = set(re.findall(r"^ *PASS +(\S+)", file.read(), re.M))
for name, job in jobs.items():
    if job.get("resource_group") != group or name in done:
        continue
    needs = [need["job"] if isinstance(need, dict) else need for need in job.get("needs", [])]
    manual = "manual" in [job.get("when")] + [rule.get("when") for rule in job.get("rules", [])]
    if not (manual and all(need in done for need in needs)):
        print(name)
