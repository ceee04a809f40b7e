#!/usr/bin/env node
// Judges GitHub Actions workflows and actions the way GitHub's own TypeScript implementation does.
//
//   node workflow.mjs [--dump] FILE...
//
// Layers (all from the actions/languageservices monorepo, MIT):
//   1. @actions/workflow-parser  parseWorkflow()            YAML and schema
//   2. @actions/workflow-parser  convertWorkflowTemplate()  needs graph, ids, cron, containers,
//      inputs and secrets of the reusable workflows of the same repository
//   3. @actions/languageservice  validate()                 expressions, contexts allowed where, arity, form of `uses`,
//      conditions that are always true, inputs of actions of the same repository
// An action.yml goes through the third layer, which knows them.
// Prints one finding per line as JSON; --dump prints instead what was understood: events, jobs, needs, conditions, steps.
import "../modules.mjs";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { finding } from "../modules.mjs";

const { FeatureFlags } = await import("@actions/expressions");
const { NoOperationTraceWriter, parseWorkflow, convertWorkflowTemplate } =
  await import("@actions/workflow-parser");
const { ErrorPolicy } = await import("@actions/workflow-parser/model/convert");
const { fileIdentifier } = await import("@actions/workflow-parser/workflows/file-reference");
const { TemplateContext, TemplateValidationErrors } =
  await import("@actions/workflow-parser/templates/template-context");
const { getWorkflowSchema } = await import("@actions/workflow-parser/workflows/workflow-schema");
const { validate } = await import("@actions/languageservice");
const { TextDocument } = await import("vscode-languageserver-textdocument");

// Parallel steps are on github.com since 2026-06-25, but behind a flag in this release of the packages.
const featureFlags = new FeatureFlags({ allowBackgroundSteps: true });

const SEVERITY = { 1: "error", 2: "warning", 3: "info", 4: "hint" };

// Resolves "./…" and "$/…" in the repository of the file. What lies elsewhere is not fetched: the library then says
// "Unable to find reusable workflow", which is left out below.
function repositoryFiles(root) {
  return {
    async getFileContent(ref) {
      if (ref.repository !== undefined) throw new Error("remote reference");
      return { name: fileIdentifier(ref), content: fs.readFileSync(path.join(root, ref.path), "utf8") };
    },
  };
}

async function check(file) {
  const content = fs.readFileSync(file, "utf8");
  const isAction = /(^|\/)action\.ya?ml$/.test(file);
  const root = path.resolve(file).replace(/\/\.github\/.*$/, "");
  const fileProvider = repositoryFiles(root);
  const seen = new Set();
  const out = [];
  const add = (layer, level, message, line) => {
    const key = `${line}:${message}`;
    if (seen.has(key) || message === "Unable to find reusable workflow") return;
    seen.add(key);
    out.push({ layer, level, line, message });
  };

  const template = isAction ? undefined : await understand(file, content, fileProvider, add);

  // A URI of its own for each call keeps the package's parse cache from mixing two documents.
  const uri = pathToFileURL(`${path.resolve(file)}`).href.replace(/\/([^/]*)$/, `/${Math.random()}/$1`);
  for (const d of await validate(TextDocument.create(uri, "yaml", 1, content), {
    fileProvider,
    featureFlags,
  })) {
    // here lines count from 0
    add("language-service", SEVERITY[d.severity ?? 1], d.message, d.range.start.line + 1);
  }
  return { findings: out.sort((a, b) => a.line - b.line), template };
}

// The first two layers: what GitHub makes of the workflow.
async function understand(name, content, fileProvider, add) {
  const context = new TemplateContext(
    new TemplateValidationErrors(),
    getWorkflowSchema(),
    new NoOperationTraceWriter(),
  );
  context.state.featureFlags = featureFlags; // must be set before parsing
  const parsed = parseWorkflow({ name, content }, context);
  const schemaErrors = parsed.context.errors.getErrors().length;
  const template =
    parsed.value &&
    (await convertWorkflowTemplate(parsed.context, parsed.value, fileProvider, {
      errorPolicy: ErrorPolicy.TryConversion,
      fetchReusableWorkflowDepth: 1,
      maxReusableWorkflowDepth: 10,
      featureFlags,
    }));
  parsed.context.errors.getErrors().forEach((e, i) => {
    add(i < schemaErrors ? "schema" : "convert", "error", e.rawMessage, e.range?.start?.line ?? 0);
  });
  return template;
}

const summary = (template) => ({
  events: Object.keys(template?.events ?? {}),
  jobs: (template?.jobs ?? []).map((j) => ({
    id: j.id.value,
    type: j.type,
    needs: (j.needs ?? []).map((n) => n.value),
    if: j.if?.expression,
    steps: j.steps?.map((s) => ({ id: s.id, if: s.if?.expression })),
  })),
});

const dump = process.argv.includes("--dump");
const files = process.argv.slice(2).filter((a) => a !== "--dump");
if (!files.length) {
  console.error("usage: workflow.mjs [--dump] FILE...");
  process.exit(2);
}
for (const file of files) {
  const { findings, template } = await check(file);
  if (dump) console.log(JSON.stringify({ file, findings, ...summary(template) }));
  else for (const { layer, level, line, message } of findings) finding(file, layer, message, { line, level });
}
