#!/usr/bin/env node
// Which jobs of a workflow run, before our simulator and before GitHub's own parser and evaluator (@actions/workflow-parser,
// @actions/expressions): both must say the same of every job whose condition the files decide.
//   node simulated.mjs PROGRAM FILE...      then `N passed, M failed`
// PROGRAM is built from tests/support/github_simulate.cpp; it says which events start a workflow (GitHub's filters have no judge here) and
// what the event knows. The parser says which jobs there are, what they need and when; results go from job to job as the page on status
// functions says: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
import "../modules.mjs";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { run } from "./expression.mjs";

const { FeatureFlags } = await import("@actions/expressions");
const { NoOperationTraceWriter, parseWorkflow, convertWorkflowTemplate } = await import("@actions/workflow-parser");
const { ErrorPolicy } = await import("@actions/workflow-parser/model/convert");
const { TemplateContext, TemplateValidationErrors } = await import("@actions/workflow-parser/templates/template-context");
const { getWorkflowSchema } = await import("@actions/workflow-parser/workflows/workflow-schema");

const [program, ...files] = process.argv.slice(2);
if (!program || files.length === 0) {
  console.error("usage: simulated.mjs PROGRAM FILE...");
  process.exit(2);
}

const featureFlags = new FeatureFlags({ allowBackgroundSteps: true });

// A cron that the editor finds odd says nothing about jobs.
const errorsOf = (context) => context.errors.getErrors().filter((one) => !one.rawMessage.startsWith("Invalid cron expression"));

/// The jobs of a workflow as GitHub reads it; nothing, if it refuses the file.
async function jobsOf(file) {
  const context = new TemplateContext(new TemplateValidationErrors(), getWorkflowSchema(), new NoOperationTraceWriter());
  context.state.featureFlags = featureFlags;
  const parsed = parseWorkflow({ name: file, content: fs.readFileSync(file, "utf8") }, context);
  if (!parsed.value || errorsOf(parsed.context).length > 0) return undefined;
  const template = await convertWorkflowTemplate(parsed.context, parsed.value, undefined, { errorPolicy: ErrorPolicy.TryConversion, featureFlags });
  if (errorsOf(parsed.context).length > 0) return undefined;
  return (template.jobs ?? []).map((job) => ({
    id: job.id.value,
    needs: (job.needs ?? []).map((need) => need.value),
    if: job.if?.expression ?? "success()",
  }));
}

const RESULT = { succeeded: "success", failed: "failure", skipped: "skipped", cancelled: "cancelled", refused: "failure" };

function ancestors(jobs, job, all = new Set()) {
  for (const need of job.needs) {
    if (all.has(need)) continue;
    all.add(need);
    ancestors(jobs, jobs.find((one) => one.id === need) ?? { needs: [] }, all);
  }
  return [...all];
}

/// What the judge says of a job, when what it needs has come to what we say: `true`, `false`, or why it cannot tell.
function runs(jobs, job, results, github) {
  const before = ancestors(jobs, job).map((id) => results.get(id));
  if (before.some((one) => one === undefined)) return "a job before it is not decided";
  const status = before.every((one) => one === "success") ? "success" : before.includes("failure") ? "failure" : "skipped";
  const needs = Object.fromEntries(job.needs.map((id) => [id, { result: results.get(id), outputs: {} }]));
  const judged = run({ mode: "expr", expr: job.if, context: { github, needs, inputs: {}, vars: {} }, status, definition: "job-if" });
  return judged.ok ? judged.truthy : judged.error;
}

const simulated = spawnSync(program, { input: files.join("\n") + "\n", encoding: "utf8", maxBuffer: 1 << 30 });
if (simulated.status !== 0) {
  console.error(`${program}: ${simulated.error ?? simulated.stderr}`);
  process.exit(1);
}
const counts = { read: new Set(), unread: [], refused: new Set(), runs: 0, undecided: 0, misread: 0, idle: 0 };
let passed = 0, failed = 0;
const parsed = new Map();
for (const line of simulated.stdout.trimEnd().split("\n").map((text) => JSON.parse(text))) {
  if (line.unread) {
    counts.unread.push(line.file);
    continue;
  }
  counts.read.add(line.file);
  if (line.idle) {
    ++counts.idle;
    continue;
  }
  if (!parsed.has(line.file)) parsed.set(line.file, await jobsOf(line.file));
  const jobs = parsed.get(line.file);
  if (!jobs) {
    counts.refused.add(line.file);
    continue;
  }
  ++counts.runs;
  const results = new Map(); // of all rows of a job together
  const states = new Map();
  for (const { id, state, reason } of line.jobs) {
    const result = RESULT[state];
    const known = states.has(id) ? results.get(id) : "success";
    states.set(id, { state, reason });
    results.set(id, result === undefined || known === undefined ? undefined : [result, known].find((one) => one !== "success") ?? "success");
  }
  for (const job of jobs) {
    const our = states.get(job.id);
    const wrong = (what) => {
      ++failed;
      console.log(`FAIL ${line.file}: ${line.event}${line.failing ? ` when ${line.failing} fails` : ""}: ${job.id}: ${what} (if: ${job.if})`);
    };
    if (our === undefined) {
      wrong("not there");
      continue;
    }
    // The parser takes the indentation of `if: |-` for a part of the text, which then is never empty.
    if (/format\('\s+\{0\}/.test(job.if)) {
      ++counts.misread;
      continue;
    }
    const judged = runs(jobs, job, results, line.github);
    if (our.state === "waiting" || typeof judged === "string") {
      // A mistake in the expression is one to both; what is set outside the files only we do not know.
      ++counts.undecided;
      continue;
    }
    const ran = our.state !== "skipped";
    if (ran === judged) ++passed;
    else wrong(`${our.state} (${our.reason}), and the judge says ${judged ? "it runs" : "it is skipped"}`);
  }
}
console.log(
  `github workflows: ${counts.read.size} read, ${counts.unread.length} not read, ${counts.refused.size} refused by the judge; ` +
    `${counts.runs} runs, ${counts.idle} events that start nothing, ${counts.undecided} jobs that the files do not decide, ${counts.misread} that the judge misreads`,
);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
