#!/usr/bin/env node
// Our simulator of GitLab before independent judges of GitLab's rules: expr.mjs for expressions and patterns, list.mjs for the jobs that
// a pipeline is created with (which judges.py in turn holds against gitlab-ci-local on every emitted file).
//   node simulate.mjs PROGRAM [--count N] [--seed N] [--verbose] [FOLDER|CORPUS]...    then `N passed, M failed`
// PROGRAM is built from tests/support/gitlab_simulate.cpp. A FOLDER holds a .gitlab-ci.yml, a CORPUS a MANIFEST.tsv of real files. What the
// judge leaves out is counted, not judged: `only` and `except`, and what depends on facts that neither has.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { execFileSync, spawnSync } from "node:child_process";
import { fnmatch, truthful } from "./expr.mjs";
import { jobsOf, loadProject } from "./load.mjs";
import { listJobs, predefined } from "./list.mjs";

const [program, ...rest] = process.argv.slice(2);
if (!program) {
  console.error("usage: simulate.mjs PROGRAM [--count N] [--seed N] [--verbose] [FOLDER|CORPUS]...");
  process.exit(2);
}
let count = 20000, state = 1, verbose = false;
const roots = [];
for (let i = 0; i < rest.length; i++) {
  if (rest[i] === "--count") count = Number(rest[++i]);
  else if (rest[i] === "--seed") state = Number(rest[++i]) >>> 0;
  else if (rest[i] === "--verbose") verbose = true;
  else roots.push(rest[i]);
}

function random(below) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}
const pick = (list) => list[random(list.length)];

let passed = 0, failed = 0;
function expect(holds, what, ours, theirs) {
  if (holds) passed++;
  else {
    failed++;
    if (failed <= 50 || verbose) console.log(`FAIL ${what}: ours ${JSON.stringify(ours)}, the judge's ${JSON.stringify(theirs)}`);
  }
}

// One process answers all questions.
function ask(questions) {
  const input = questions.map((one) => JSON.stringify(one)).join("\n");
  const { stdout, status } = spawnSync(program, { input, encoding: "utf8", maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

// --- expressions

const NAMES = ["A", "B", "EMPTY", "BLANK", "UNDEFINED", "PATTERN", "FLAGGED", "ODD", "TRUE", "TAG"];
const VARIABLES = {
  A: "main", B: "feature/x", EMPTY: "", BLANK: " \t", PATTERN: "/^ma/", FLAGGED: "/^MA/i", ODD: "/(/", TRUE: "true", TAG: "v1.2.3",
};
const TEXTS = ["", "main", "MAIN", "feature/x", "a main b", " ", "true", "v1.2.3", "/^ma/", "it's", "x/y"];
const PATTERNS = [
  "/^main$/", "/main/", "/^MA/i", "/^feature\\/.*$/", "/^v\\d+\\.\\d+/", "/^(main|release\\/.+)$/", "/.*/", "/a.b/s", "/x$/m", "/\\s+/", "/^$/", "/a+?/U",
];
const WRONG = ["/./", "/x/", "/(/", "/(?=a)b/", "$", "=", "& &", "foo", "12", "${A}", '"open', "/open"];

function operand(depth) {
  const kind = random(depth > 3 ? 8 : 11);
  if (kind < 4) return `$${pick(NAMES)}`;
  if (kind < 6) {
    const text = pick(TEXTS);
    return text.includes("'") || random(2) ? `"${text}"` : `'${text}'`;
  }
  if (kind === 6) return "null";
  if (kind === 7) return pick(["true", "false"]); // what a pattern is as a text, on the left of `=~`, no page says
  if (kind === 8) return `!${operand(depth + 1)}`;
  return `(${expression(depth + 1)})`;
}
function comparison(depth) {
  const kind = random(6);
  if (kind === 0) return operand(depth);
  if (kind < 4) return `${operand(depth)} ${pick(["==", "!="])} ${operand(depth)}`;
  return `${operand(depth)} ${pick(["=~", "!~"])} ${random(5) ? pick(PATTERNS) : operand(depth)}`;
}
function expression(depth = 0) {
  let text = comparison(depth);
  for (let i = random(4); i > 0; --i) text += pick([" && ", " || ", "&&", "||"]) + comparison(depth);
  return text;
}
function broken() {
  const text = expression();
  const at = random(text.length + 1);
  return random(2) ? text.slice(0, at) + pick(WRONG) + text.slice(at) : text.slice(0, at) + text.slice(at + 1 + random(2));
}

function judge_expressions() {
  const questions = Array.from({ length: count }, (_, i) => ({ expression: i % 5 === 4 ? broken() : expression(), variables: VARIABLES }));
  ask(questions).forEach((ours, i) => {
    let theirs;
    try {
      theirs = { holds: truthful(questions[i].expression, VARIABLES) };
    } catch {
      theirs = { error: true };
    }
    expect("error" in ours === "error" in theirs && ours.holds === theirs.holds, questions[i].expression, ours, theirs);
  });
}

// --- patterns of paths

const PARTS = ["a", "src", "*", "**", "?", "[a-c]", "[^a]", "*.js", "{a,b}", "{src,lib/**}", ".x", "x*y", "**a", "a**", "{a,{b,c}}.js", "\\*", "ü", "[!x]*"];
const FOLDERS = ["a", "b", "src", "lib", ".x", "xzy", "a.js", "b.js", "c.js", "ü", "*", "aa", ""];
function judge_patterns() {
  const questions = Array.from({ length: count }, () => ({
    pattern: Array.from({ length: 1 + random(4) }, () => pick(PARTS)).join("/"),
    path: Array.from({ length: 1 + random(4) }, () => pick(FOLDERS)).filter(Boolean).join("/"),
  }));
  ask(questions).forEach((ours, i) => {
    const { pattern, path: name } = questions[i];
    const theirs = fnmatch(pattern, name);
    expect(ours.matches === theirs, `${pattern} and ${name}`, ours.matches, theirs);
  });
}

// --- files

const EVENTS = [
  { event: "push", ref: "main" },
  { event: "push", ref: "topic", changed: ["README.md", "src/main.c"] },
  { event: "push", ref: "main", changed: [] },
  { event: "mr", ref: "topic", target: "main" },
  { event: "mr", ref: "topic", target: "other", changed: ["doc/index.md"] },
  { event: "tag", ref: "v1.2.3" },
  { event: "schedule", ref: "main" },
  { event: "web", ref: "main" },
];
// What list.mjs says of a pipeline besides what the event says, and what it leaves undefined.
const SAID = ["CI_COMMIT_TITLE", "CI_COMMIT_MESSAGE", "CI_PROJECT_PATH", "CI_PROJECT_NAMESPACE", "CI_PROJECT_NAME", "CI_SERVER_HOST"];
const IDS = { CI_MERGE_REQUEST_PROJECT_ID: "1", CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "1" };

const figures = { files: 0, unread: 0, unjudged: 0, events: 0, jobs: 0, undecided: 0, refused: 0, elsewhere: 0 };
const spaced = (name) => name.replace(/,\s+/g, ",");

const refusals = new Map();
function is_refused(file) {
  if (!refusals.has(file)) {
    const { stdout } = spawnSync(process.execPath, [path.join(import.meta.dirname, "lint.mjs"), file], { encoding: "utf8", maxBuffer: 1 << 28 });
    if (verbose) console.log(`refused ${file}: ${stdout.split("\n")[0]}`);
    refusals.set(file, stdout.trim() !== "");
  }
  return refusals.get(file);
}

// Where the judge refuses to go on, there must be no pipeline either.
function also_refused(name, loaded, folder, message) {
  const texts = loaded.files.map((one) => [path.relative(folder, one), fs.readFileSync(one, "utf8")]);
  const question = { event: "push", ref: "main", target: "main", changed: null, settings: {}, variables: {} };
  const [read, ours] = ask([{ files: texts.reverse() }, question]);
  if (!read.read) return;
  figures.refused++;
  expect(ours.jobs.length === 0, `${name}, pipeline`, ours.jobs.map((job) => job.name), message);
}

function judge_project(name, folder) {
  const file = path.join(folder, ".gitlab-ci.yml");
  let project, loaded;
  try {
    loaded = loadProject(file);
    if (!loaded.body || loaded.problems.length) throw new Error(JSON.stringify(loaded.problems));
    project = jobsOf(loaded.body);
  } catch (error) {
    figures.unjudged++;
    if (verbose) console.log(`not judged ${name}: ${error.message}`);
    if (/extends|!reference/.test(error.message) && loaded?.body.include === undefined) also_refused(name, loaded, folder, error.message);
    return;
  }
  const texts = loaded.files.map((one) => [path.relative(folder, one), fs.readFileSync(one, "utf8")]);
  texts.sort(([a], [b]) => (b === ".gitlab-ci.yml") - (a === ".gitlab-ci.yml"));
  const questions = EVENTS.map((event) => {
    const known = predefined(event);
    const settings = { "default_branch ": "main", [`protected ${event.ref}`]: known.CI_COMMIT_REF_PROTECTED };
    for (const one of SAID) settings[`variable ${one}`] = known[one];
    return { event: event.event, ref: event.ref, target: event.target ?? "main", changed: event.changed ?? null, settings,
      variables: event.event === "schedule" ? { CI_PIPELINE_SCHEDULE_DESCRIPTION: "schedule" } : {} };
  });
  const [read, ...answers] = ask([{ files: texts }, ...questions]);
  if (!read.read) {
    figures.unread++;
    if (verbose) console.log(`not read ${name}`);
    return;
  }
  figures.files++;
  if (loaded.body.include !== undefined) figures.elsewhere++;
  const skipped = new Set(Object.entries(project.jobs).filter(([, job]) => job.only || job.except).map(([job]) => job));
  EVENTS.forEach((event, i) => {
    let theirs;
    try {
      theirs = listJobs(project, folder, { ...event, variables: event.event === "mr" ? IDS : {} });
    } catch (error) {
      if (verbose) console.log(`not judged ${name}: ${error.message}`);
      return;
    }
    const ours = answers[i];
    const what = `${name}, ${event.event} ${event.ref}`;
    const stated = ours.idle.find(([of]) => of === "pipeline")?.[1];
    if (stated?.startsWith("cannot be simulated")) return void figures.undecided++;
    figures.events++;
    const real = theirs.errors.filter((error) => !error.endsWith("only/except is not evaluated here"));
    const created = theirs.workflow.matched && !real.length;
    // A configuration that GitLab refuses as a whole: the judge of files says so too.
    if (stated && created && theirs.pipeline && is_refused(file)) return void figures.refused++;
    // What the judge misses may come with a file that is not there.
    if (real.length && ours.jobs.some((job) => job.reason.startsWith("cannot be simulated"))) return void figures.undecided++;
    if (!created) return expect(ours.jobs.length === 0, `${what}, pipeline`, ours.jobs.map((job) => job.name), real[0] ?? theirs.reason);
    const wanted = new Map(theirs.jobs.map((job) => [spaced(job.name), job]));
    const all = [...wanted.values()].filter((job) => !skipped.has(job.base));
    if (stated && all.length === 0) return expect(true);
    // A need of a job that only `only` decides about is no business of the judge.
    if (stated && skipped.size && /needs|no job|only jobs/.test(stated)) return void figures.undecided++;
    if (stated) return expect(!theirs.pipeline, `${what}, pipeline`, stated, theirs.jobs.map((job) => job.name));
    const there = new Map(ours.jobs.map((job) => [spaced(job.name), job]));
    for (const job of new Set([...wanted.keys(), ...there.keys()])) {
      const mine = there.get(job), his = wanted.get(job);
      const base = his?.base ?? Object.keys(project.jobs).find((one) => job === one || job.startsWith(`${one} `) || job.startsWith(`${one}: `));
      if (skipped.has(base) || mine?.reason.startsWith("cannot be simulated")) {
        figures.undecided++;
        continue;
      }
      figures.jobs++;
      const button = mine?.gates.includes("button") ?? false;
      expect(!!mine === !!his && (!his || (his.when === "manual") === button), `${what}, ${job}`, mine ?? "absent", his?.when ?? "absent");
    }
  });
}

function corpus(folder) {
  const lines = fs.readFileSync(path.join(folder, "MANIFEST.tsv"), "utf8").trimEnd().split("\n").map((line) => line.split("\t"));
  const byRepository = new Map();
  for (const [file, repository, , , original, kind] of lines) {
    if (!file.startsWith("gitlab/")) continue;
    if (!byRepository.has(repository)) byRepository.set(repository, []);
    byRepository.get(repository).push({ file, original, kind });
  }
  const work = fs.mkdtempSync(path.join(os.tmpdir(), "gitlab-"));
  try {
    for (const [repository, files] of byRepository) {
      // Every file on its own as the main one; the others stand where they stand.
      files.forEach(({ file, original }, number) => {
        const root = path.join(work, `${repository.replaceAll("/", "__")}-${number}`);
        for (const one of files) {
          fs.mkdirSync(path.dirname(path.join(root, one.original)), { recursive: true });
          fs.copyFileSync(path.join(folder, one.file), path.join(root, one.original));
        }
        if (original !== ".gitlab-ci.yml") fs.copyFileSync(path.join(folder, file), path.join(root, ".gitlab-ci.yml"));
        execFileSync("git", ["-C", root, "init", "-q"]);
        execFileSync("git", ["-C", root, "add", "-A"]);
        judge_project(file, root);
        fs.rmSync(root, { recursive: true });
      });
    }
  } finally {
    fs.rmSync(work, { recursive: true });
  }
}

judge_expressions();
judge_patterns();
for (const root of roots) {
  if (fs.existsSync(path.join(root, "MANIFEST.tsv"))) corpus(root);
  else judge_project(path.basename(root), path.resolve(root));
}
if (roots.length) console.log(Object.entries(figures).map(([what, number]) => `${what} ${number}`).join(", "));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
