#!/usr/bin/env node
// Which jobs would a GitLab pipeline hold? Evaluates workflow:rules and the rules of each job the way GitLab does.
//
//   node list.mjs FILE [options]            FILE is a .gitlab-ci.yml; its local includes come along. JSON on stdout.
//     --event push|tag|mr|schedule|web|api|trigger|pipeline|parent_pipeline    (default push)
//     --ref NAME                            branch, tag or source branch (default main)
//     --default-branch NAME  --target NAME  (default main)
//     --var K=V  --unset K                  more variables, fewer variables
//     --changed PATH  --no-changes          changed files; neither: no diff is known, and rules:changes is true
//   node list.mjs FILE --batch < events.ndjson
//     one JSON object a line: {"event":"push","ref":"main","defaultBranch":"main","target":"main",
//     "variables":{},"unset":[],"changed":null}; every key may be left out; one answer a line
import path from "node:path";
import process from "node:process";
import readline from "node:readline";
import { execFileSync } from "node:child_process";
import { loadProject, jobsOf, expandParallel, flat } from "./load.mjs";
import { parse, evaluate, present, fnmatch } from "./expr.mjs";

const text = (x) => (x === null || x === undefined ? "" : String(x));
const plainVariables = (map) =>
  Object.fromEntries(
    Object.entries(map ?? {}).map(([k, v]) => [k, text(v && typeof v === "object" ? v.value : v)]),
  );
const slug = (s) =>
  s
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");

// The variables that are known when GitLab creates the pipeline.
export function predefined({
  event = "push",
  ref = "main",
  defaultBranch = "main",
  target = "main",
  unset = [],
}) {
  const source = { tag: "push", mr: "merge_request_event" }[event] ?? event;
  const known = {
    CI: "true",
    GITLAB_CI: "true",
    CI_PIPELINE_SOURCE: source,
    CI_DEFAULT_BRANCH: defaultBranch,
    CI_COMMIT_REF_NAME: ref,
    CI_COMMIT_REF_SLUG: slug(ref),
    CI_COMMIT_REF_PROTECTED: ref === defaultBranch && event !== "tag" ? "true" : "false",
    CI_COMMIT_TITLE: "title",
    CI_COMMIT_MESSAGE: "title",
    CI_COMMIT_BEFORE_SHA: "0".repeat(40),
    CI_PROJECT_PATH: "grp/proj",
    CI_PROJECT_NAMESPACE: "grp",
    CI_PROJECT_NAME: "proj",
    CI_SERVER_HOST: "gitlab.com",
  };
  if (event === "tag") known.CI_COMMIT_TAG = ref;
  else if (source === "merge_request_event")
    Object.assign(known, {
      CI_MERGE_REQUEST_ID: "1",
      CI_MERGE_REQUEST_IID: "1",
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: ref,
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: target,
      CI_MERGE_REQUEST_EVENT_TYPE: "detached",
      CI_OPEN_MERGE_REQUESTS: "grp/proj!1",
      CI_MERGE_REQUEST_PROJECT_PATH: "grp/proj",
      CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: "grp/proj",
    });
  else known.CI_COMMIT_BRANCH = ref;
  if (source === "schedule") known.CI_PIPELINE_SCHEDULE_DESCRIPTION = "schedule";
  for (const name of unset) delete known[name];
  return known;
}

// One rule after the other; the first that matches decides.
function matcher(repository, known, changed, errors) {
  const pushLike =
    ["push", "merge_request_event", "external_pull_request_event"].includes(known.CI_PIPELINE_SOURCE) &&
    !known.CI_COMMIT_TAG;
  const expand = (s, vars) => s.replace(/\$\{?([A-Za-z_]\w*)\}?/g, (all, n) => (n in vars ? vars[n] : all));
  const regexp = (s, vars) => new RegExp(expand(s, vars).replaceAll("\\A", "^").replaceAll("\\z", "$"));
  const globs = (c) => (Array.isArray(c) ? c : c.paths);
  let tracked;
  const files = () =>
    (tracked ??= execFileSync("git", ["-C", repository, "ls-files"], { encoding: "utf8", maxBuffer: 1 << 28 })
      .split("\n")
      .filter(Boolean));
  const changes = (c, vars) => {
    if (!c.compare_to && (changed === null || !pushLike)) return true; // no diff: tag, schedule, new branch, …
    const list = changed ?? [];
    if (c.regexp) return list.some((p) => regexp(c.regexp, vars).test(p));
    return globs(c).some((g) => list.some((p) => fnmatch(expand(g, vars), p)));
  };
  const exists = (c, vars) => {
    if (c.regexp) return files().some((p) => regexp(c.regexp, vars).test(p));
    return globs(c).some((pattern) => {
      const glob = expand(pattern, vars);
      return files().some((p) => (glob.endsWith("/") ? p.startsWith(glob) : p === glob || fnmatch(glob, p)));
    });
  };
  return (rules, vars, where) => {
    for (const rule of flat(rules)) {
      try {
        if (rule.if !== undefined && !present(evaluate(parse(rule.if), vars))) continue;
      } catch {
        errors.push(`${where}: invalid expression syntax: ${rule.if}`);
        continue;
      }
      if (rule.changes !== undefined && !changes(rule.changes, vars)) continue;
      if (rule.exists !== undefined && !exists(rule.exists, vars)) continue;
      return rule;
    }
    return null;
  };
}

export function listJobs({ root, jobs }, repository, event) {
  const known = predefined(event);
  const given = event.variables ?? {};
  const errors = [];
  const match = matcher(repository, known, event.changed ?? null, errors);

  const top = plainVariables(root.variables);
  const workflowRules = root.workflow?.rules;
  const workflowRule = workflowRules ? match(workflowRules, { ...known, ...top, ...given }, "workflow") : {};
  const created = !!workflowRule && workflowRule.when !== "never";
  const workflowVariables = plainVariables(workflowRule?.variables);

  const list = [];
  for (const [base, job] of Object.entries(jobs)) {
    const inherit = job.inherit?.variables;
    let shared = { ...top, ...workflowVariables };
    if (inherit === false) shared = {};
    else if (Array.isArray(inherit))
      shared = Object.fromEntries(Object.entries(shared).filter(([k]) => inherit.includes(k)));
    for (const cell of expandParallel(base, job)) {
      const own = { ...plainVariables(job.variables), ...cell.vars };
      const names = { CI_JOB_NAME: cell.name, CI_JOB_STAGE: text(job.stage ?? "test") };
      let rule = {};
      if (job.rules !== undefined && job.rules !== null) {
        rule = match(job.rules, { ...known, ...shared, ...own, ...names, ...given }, base);
        if (!rule || rule.when === "never") continue;
      } else {
        if (job.only || job.except) errors.push(`${base}: only/except is not evaluated here`);
        // without rules anywhere a job is for branches and tags
        if (!workflowRules && known.CI_PIPELINE_SOURCE === "merge_request_event") continue;
      }
      const when = rule.when ?? job.when ?? "on_success";
      const needs = rule.needs ?? job.needs;
      list.push({
        name: cell.name,
        base,
        stage: job.stage ?? "test",
        when,
        allow_failure: rule.allow_failure ?? job.allow_failure ?? (!job.rules && when === "manual"),
        needs:
          needs === undefined ? undefined : flat(needs).map((d) => (typeof d === "string" ? { job: d } : d)),
        variables: { ...own, ...plainVariables(rule.variables) },
        interruptible: rule.interruptible ?? job.interruptible,
        environment: typeof job.environment === "string" ? job.environment : job.environment?.name,
      });
    }
  }

  const here = new Set(list.flatMap((j) => [j.name, j.base]));
  for (const job of list)
    for (const need of job.needs ?? [])
      if (need.job && !need.pipeline && !need.project && !need.optional && !here.has(need.job))
        errors.push(
          `'${job.name}' job needs '${need.job}' job, but '${need.job}' does not exist in the pipeline`,
        );

  let reason = null;
  if (!created) reason = "workflow:rules";
  else if (errors.length) reason = "errors";
  else if (!list.length) reason = "no jobs";
  else if (list.every((j) => j.stage === ".pre" || j.stage === ".post")) reason = "only .pre/.post jobs";
  return {
    pipeline: !reason,
    ...(reason ? { reason } : {}),
    event: event.event ?? "push",
    known: { ...known, ...given },
    workflow: { matched: created, name: root.workflow?.name ?? null, variables: workflowVariables },
    jobs: created ? list : [],
    errors: created ? errors : [],
  };
}

function options(args) {
  const event = { variables: {}, unset: [] };
  let file;
  let batch = false;
  for (let i = 0; i < args.length; i++) {
    const value = () => args[++i];
    switch (args[i]) {
      case "--event":
        event.event = value();
        break;
      case "--ref":
        event.ref = value();
        break;
      case "--default-branch":
        event.defaultBranch = value();
        break;
      case "--target":
        event.target = value();
        break;
      case "--var": {
        const [, name, rest] = /^([^=]*)=(.*)$/s.exec(value());
        event.variables[name] = rest;
        break;
      }
      case "--unset":
        event.unset.push(value());
        break;
      case "--changed":
        (event.changed ??= []).push(value());
        break;
      case "--no-changes":
        event.changed = [];
        break;
      case "--batch":
        batch = true;
        break;
      default:
        if (file || args[i].startsWith("--")) return {};
        file = args[i];
    }
  }
  return { file, batch, event };
}

if (process.argv[1] && import.meta.filename === path.resolve(process.argv[1])) {
  const { file, batch, event } = options(process.argv.slice(2));
  if (!file) {
    console.error("usage: list.mjs FILE [--event E] [--ref R] [--var K=V] [--changed PATH] … | FILE --batch");
    process.exit(2);
  }
  const { body, problems } = loadProject(path.resolve(file));
  if (problems.length) {
    console.log(JSON.stringify({ errors: problems.map((p) => p.message ?? p) }));
    process.exit(1);
  }
  const project = jobsOf(body);
  const repository = path.dirname(path.resolve(file));
  if (batch) {
    for await (const line of readline.createInterface({ input: process.stdin }))
      if (line.trim()) console.log(JSON.stringify(listJobs(project, repository, JSON.parse(line))));
  } else {
    const answer = listJobs(project, repository, event);
    console.log(JSON.stringify(answer, null, 1));
    process.exit(answer.errors.length ? 1 : 0);
  }
}
