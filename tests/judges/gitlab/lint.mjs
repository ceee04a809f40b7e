#!/usr/bin/env node
// node lint.mjs FILE...      FILE is a .gitlab-ci.yml; its local includes come along
// GitLab's schema of the file (ajv), and the checks of GitLab that the schema cannot make. One finding per line as JSON.
import "../modules.mjs";
import fs from "node:fs";
import process from "node:process";
import { finding } from "../modules.mjs";
import { loadProject, jobsOf, expandParallel, flat } from "./load.mjs";
import { parse } from "./expr.mjs";

const Ajv = (await import("ajv")).default;
const addFormats = (await import("ajv-formats")).default;
const ajv = new (Ajv.default ?? Ajv)({ strict: false, allErrors: true, verbose: false });
(addFormats.default ?? addFormats)(ajv);
for (const f of ["regex", "uri", "uri-reference"]) ajv.addFormat(f, true); // values hold $VARIABLES
const validate = ajv.compile(JSON.parse(fs.readFileSync(process.env.GITLAB_CI_SCHEMA, "utf8")));

// Keys GitLab accepts but its own editor schema (August 2026) does not know: taken out before the schema check, reported as warnings.
function strip(doc, W) {
  const d = structuredClone(doc),
    drop = (o, k, where) => {
      if (o && typeof o === "object" && k in o) {
        delete o[k];
        W.push(`${where}: '${k}' is accepted by GitLab but unknown to its JSON schema`);
      }
    };
  if (d.spec) for (const k of ["include", "component", "description"]) drop(d.spec, k, "spec");
  for (const i of flat(d.include)) drop(i, "cache", "include");
  for (const [n, j] of Object.entries(d))
    if (j && typeof j === "object" && !Array.isArray(j)) {
      drop(j, "dast_configuration", n);
      drop(j.artifacts, "public", n);
      for (const k of ["api_fuzzing", "coverage_fuzzing", "performance"]) drop(j.artifacts?.reports, k, n);
      if (j.needs?.pipeline) drop(j, "needs", n);
      if (Array.isArray(j.inherit?.default))
        for (const k of ["hooks", "id_tokens", "identity"]) {
          const a = j.inherit.default,
            i = a.indexOf(k);
          if (i >= 0) {
            a.splice(i, 1);
            W.push(`${n}: inherit:default '${k}' is accepted by GitLab but unknown to its JSON schema`);
          }
        }
    }
  return d;
}
const RESERVED = new Set([
  "image",
  "services",
  "stages",
  "types",
  "before_script",
  "after_script",
  "variables",
  "cache",
  "include",
  "true",
  "false",
  "nil",
  "pages:deploy",
]);
const BRIDGE = new Set([
  "trigger",
  "extends",
  "stage",
  "only",
  "except",
  "rules",
  "variables",
  "inherit",
  "allow_failure",
  "when",
  "needs",
  "resource_group",
  "environment",
  "interruptible",
  "parallel",
]);

function bestErrors(errs) {
  // oneOf/anyOf noise: keep the deepest instance paths
  const real = errs.filter((e) => !["oneOf", "anyOf", "allOf", "if", "not"].includes(e.keyword));
  const list = real.length ? real : errs,
    max = Math.max(...list.map((e) => e.instancePath.split("/").length));
  return [
    ...new Set(
      list
        .filter(
          (e) =>
            e.instancePath.split("/").length >= max - 1 ||
            (e.keyword === "additionalProperties" && e.instancePath.split("/").length === 2),
        )
        .map(
          (e) =>
            `${e.instancePath || "/"} ${e.message}${e.params?.additionalProperty ? ` '${e.params.additionalProperty}'` : ""}${e.params?.allowedValues ? ` (${e.params.allowedValues.join("|")})` : ""}`,
        ),
    ),
  ];
}
function schemaDoc(doc, E, W) {
  // one job at a time, so one bad job does not hide the others
  const seen = new Set(),
    run = (d) => {
      if (!validate(d))
        for (const m of bestErrors(validate.errors)) {
          if (seen.has(m)) continue;
          seen.add(m);
          E.push(`schema: ${m}`);
        }
    };
  for (const [k, v] of Object.entries(strip(doc, W))) run({ [k]: v });
}
function lint(file) {
  const E = [],
    W = [];
  const { header, body, problems, hints } = loadProject(file);
  E.push(...problems);
  W.push(...(hints ?? []));
  if (!body) return { errors: E, warnings: W };
  if (header) {
    schemaDoc(header, E, W);
    if (Object.keys(header).some((k) => k !== "spec")) E.push("header: only `spec` is allowed");
  }
  let root, jobs;
  try {
    ({ root, jobs } = jobsOf(body));
  } catch (e) {
    E.push(e.message);
    return { errors: E, warnings: W };
  }
  const interp = /\$\[\[/.test(fs.readFileSync(file, "utf8"));
  if (!interp || header) schemaDoc(root, E, W);
  const stages = [
    ".pre",
    ...flat(root.stages ?? ["build", "test", "deploy"]).filter((s) => s !== ".pre" && s !== ".post"),
    ".post",
  ];
  const names = new Map();
  for (const [n, j] of Object.entries(jobs)) {
    names.set(n, n);
    try {
      for (const x of expandParallel(n, j)) names.set(x.name, n);
    } catch {
      /* schema reports */
    }
  }
  const hasInclude = root.include !== undefined,
    st = (j) => stages.indexOf(j.stage ?? "test");
  const ifs = (rules, where) => {
    for (const r of flat(rules))
      if (r && typeof r === "object") {
        if (typeof r.if === "string") {
          try {
            parse(r.if);
          } catch (e) {
            E.push(`${where}: rules:if invalid expression syntax: ${r.if} (${e.message})`);
          }
        }
        if (r.if === true || r.if === false || typeof r.if === "number")
          E.push(`${where}: rules:if must be a string`);
        for (const k of ["changes", "exists"]) {
          const a = Array.isArray(r[k]) ? r[k] : r[k]?.paths;
          if (a?.length > 50) E.push(`${where}: rules:${k} has more than 50 entries`);
        }
        if (r.allow_failure !== undefined && typeof r.allow_failure !== "boolean")
          E.push(`${where}: rules:allow_failure must be a boolean (exit_codes only at job level)`);
        if (r.start_in && r.when !== "delayed") E.push(`${where}: start_in without when: delayed`);
        if (r.when === "delayed" && !r.start_in) E.push(`${where}: when: delayed without start_in`);
        if (!["if", "changes", "exists", "when"].some((k) => k in r))
          W.push(`${where}: rule without if/changes/exists/when`);
      }
  };
  ifs(root.workflow?.rules, "workflow");
  for (const i of flat(root.include)) if (i && typeof i === "object") ifs(i.rules, "include");
  let normal = 0;
  for (const [n, j] of Object.entries(jobs)) {
    const bridge = j.trigger !== undefined;
    if (RESERVED.has(n)) E.push(`${n}: reserved job name`);
    if (n.length > 255) E.push(`${n.slice(0, 30)}...: name longer than 255`);
    for (const x of names)
      if (x[1] === n && x[0].length > 255) E.push(`${n}: expanded parallel name longer than 255`);
    if (
      !bridge &&
      !(hasInclude && [root[n]?.extends].flat().some((x) => x && !root[x])) &&
      j.script === undefined &&
      j.run === undefined &&
      !j.needs?.pipeline
    )
      E.push(`${n}: must have script, run or trigger`);
    if (j.run !== undefined && ["script", "before_script", "after_script"].some((k) => k in j))
      E.push(`${n}: run cannot be combined with script/before_script/after_script`);
    if (bridge) {
      for (const k of Object.keys(j))
        if (!BRIDGE.has(k)) E.push(`${n}: key ${k} is not allowed in a trigger job`);
      if (j.script) E.push(`${n}: script and trigger are mutually exclusive`);
    }
    if (typeof j.stage === "string" && !/\$/.test(j.stage) && st(j) < 0 && !hasInclude)
      E.push(`${n}: chosen stage ${j.stage} does not exist; available stages are ${stages.join(", ")}`);
    if (j.stage !== ".pre" && j.stage !== ".post") normal++;
    if (j.when === "never") E.push(`${n}: when: never only inside rules`);
    if (j.when === "delayed" && !j.start_in) E.push(`${n}: when: delayed without start_in`);
    if (j.rules !== undefined) {
      if (Array.isArray(j.rules) && !j.rules.length) W.push(`${n}: rules: [] means the job is never added`);
      for (const k of ["only", "except", "start_in"])
        if (j[k] !== undefined && j[k] !== null) E.push(`${n}: key may not be used with \`rules\`: ${k}`);
      ifs(j.rules, n);
      const last = flat(j.rules).at(-1);
      if (!root.workflow?.rules && last && Object.keys(last).join() === "when" && last.when !== "never")
        W.push(
          `${n}: final bare \`when\` without workflow:rules can start branch and merge request pipelines for one push`,
        );
    }
    const N = [...flat(j.needs), ...flat(j.rules).flatMap((r) => flat(r?.needs))]
      .map((x) => (typeof x === "string" ? { job: x } : x))
      .filter((x) => x && !x.pipeline && !x.project);
    if (flat(j.needs).length > 50) E.push(`${n}: needs has more than 50 entries`);
    if (flat(j.needs).filter((x) => x?.project).length > 5) E.push(`${n}: more than 5 cross-project needs`);
    for (const x of N) {
      const base = names.get(x.job);
      if (!base) {
        if (!x.optional && !hasInclude) E.push(`${n}: undefined need: ${x.job}`);
        continue;
      }
      if (base === n) E.push(`${n}: needs itself`);
      if (st(jobs[base]) > st(j)) E.push(`${n}: need ${x.job} is not defined in current or prior stages`);
    }
    for (const d of flat(j.dependencies)) {
      const base = names.get(d);
      if (!base) {
        if (!hasInclude) E.push(`${n}: undefined dependency: ${d}`);
        continue;
      }
      if (!j.needs && st(jobs[base]) >= st(j)) E.push(`${n}: dependency ${d} is not defined in prior stages`);
      if (N.length && !N.some((x) => x.job === d))
        E.push(`${n}: dependencies the ${d} should be part of needs`);
    }
    if (j.parallel?.matrix) {
      const c = expandParallel(n, j);
      if (c.length > 200) E.push(`${n}: parallel:matrix makes ${c.length} jobs (max 200)`);
      if (new Set(c.map((x) => x.name)).size < c.length)
        E.push(`${n}: parallel:matrix makes identical job names`);
    }
    const env = typeof j.environment === "string" ? { name: j.environment } : j.environment;
    if (env?.name && !/^[a-zA-Z0-9_\/${}. -]+$/.test(env.name))
      E.push(
        `${n}: environment name may hold only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces`,
      );
    if (env?.name && /^\/|\/$/.test(env.name)) E.push(`${n}: environment name cannot start or end with '/'`);
    if (env?.on_stop) {
      const s = jobs[env.on_stop],
        se = s && (typeof s.environment === "string" ? { name: s.environment } : s.environment);
      if (!s) {
        if (!hasInclude) E.push(`${n}: on_stop job ${env.on_stop} is not defined`);
      } else if (!se) E.push(`${n}: on_stop job ${env.on_stop} needs an environment`);
      else {
        if (se.name !== env.name) E.push(`${n}: on_stop job ${env.on_stop} has different environment name`);
        if (se.action !== "stop") E.push(`${n}: on_stop job ${env.on_stop} needs action: stop`);
      }
    }
    if (j.resource_group && !/^[a-zA-Z0-9_\/${}. -]+$/.test(j.resource_group))
      E.push(`${n}: resource_group has refused characters`);
    if (Array.isArray(j.cache) && j.cache.length > 4) E.push(`${n}: more than 4 caches`);
    if (flat(j.tags).length >= 50) E.push(`${n}: 50 or more tags`);
    for (const k of ["script", "before_script", "after_script"])
      for (const c of flat(j[k]))
        if (typeof c !== "string")
          E.push(`${n}: ${k} item ${JSON.stringify(c)} is not a string (quote a command that holds ': ')`);
    if (j.artifacts?.expose_as && !j.artifacts.paths)
      E.push(`${n}: artifacts:expose_as needs artifacts:paths`);
  }
  for (const n of Object.keys(jobs)) {
    const seen = new Set(),
      walk = (x, t) => {
        if (t.includes(x)) {
          E.push(`needs cycle: ${[...t.slice(t.indexOf(x)), x].join(" -> ")}`);
          return true;
        }
        if (seen.has(x)) return;
        seen.add(x);
        for (const y of flat(jobs[x]?.needs)) {
          const b = names.get(typeof y === "string" ? y : y?.job);
          if (b && walk(b, [...t, x])) return true;
        }
      };
    if (walk(n, [])) break;
  }
  if (!Object.keys(jobs).length && !hasInclude) E.push("jobs config should contain at least one visible job");
  else if (!normal && !hasInclude) W.push("only .pre/.post jobs: GitLab creates no pipeline");
  return { errors: [...new Set(E)], warnings: [...new Set(W)] };
}

const files = process.argv.slice(2);
if (!files.length) {
  console.error("usage: lint.mjs FILE...");
  process.exit(2);
}
for (const file of files) {
  const { errors, warnings } = lint(file);
  const say = (level) => (found) => {
    const { file: at, message } = typeof found === "string" ? { file, message: found } : found;
    finding(
      at,
      message.startsWith("schema:") ? "schema" : message.startsWith("YAML") ? "yaml" : "semantics",
      message,
      { level },
    );
  };
  errors.forEach(say("error"));
  warnings.forEach(say("warning"));
}
