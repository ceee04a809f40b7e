#!/usr/bin/env node
// Extra oracle: JSON-schema validation with the SchemaStore github-workflow
// schema (draft-07), copied in data/ (SchemaStore/schemastore, Apache-2.0,
// snapshot 2026-08-07). Structural only, but it already knows parallel steps,
// concurrency.queue, schedule.timezone, environment.deployment, new scopes.
//   node oracle-schema.mjs [--schema FILE] FILE...      exit 0/1/2
import fs from "node:fs";
import { createRequire } from "node:module";
import YAML from "yaml";
const require = createRequire(import.meta.url);
const Ajv = require("ajv");
const addFormats = require("ajv-formats");
const a = process.argv.slice(2);
let schemaFile = new URL("./data/schemastore-github-workflow.json", import.meta.url);
if (a[0] === "--schema") {
  a.shift();
  schemaFile = a.shift();
}
if (!a.length) {
  console.error("usage: oracle-schema.mjs [--schema FILE] FILE...");
  process.exit(2);
}
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
const schema = JSON.parse(fs.readFileSync(schemaFile, "utf8"));
// Newer than the snapshot: cache-mode (2026-09-10) and two permission scopes.
const cacheMode = { type: "string", enum: ["read", "write", "write-only", "none"] };
schema.properties["cache-mode"] ??= cacheMode;
for (const k of ["normalJob", "reusableWorkflowCallJob"])
  schema.definitions[k].properties["cache-mode"] ??= cacheMode;
schema.definitions["permissions-event"].properties["vulnerability-alerts"] ??= {
  type: "string",
  enum: ["read", "none"],
};
schema.definitions["permissions-event"].properties["copilot-requests"] ??= {
  type: "string",
  enum: ["write", "none"],
};
const check = ajv.compile(schema);
let bad = false;
for (const f of a) {
  // YAML 1.2 core, like GitHub: "on" stays a string key; no merge keys.
  const doc = YAML.parse(fs.readFileSync(f, "utf8"), { version: "1.2", merge: false });
  if (check(doc)) continue;
  bad = true;
  for (const e of check.errors)
    console.log(`${f}: ${e.instancePath || "/"} ${e.message} ${JSON.stringify(e.params)}`);
}
process.exit(bad ? 1 : 0);
