#!/usr/bin/env node
// Judges every `uses:` against what is known of published actions: a 40-digit commit, the comment naming the tag of that
// commit, known inputs, required inputs given, outputs that exist. An action that the catalog does not hold is passed over.
//   node catalog.mjs CATALOG.json FILE...      one finding per line as JSON
// The catalog is data of others and not part of the project: tests/judges/run looks for it under $PENSTOCK_SHARED.
import fs from "node:fs";
import process from "node:process";
import { finding } from "../modules.mjs";

const YAML = await import("yaml");
const [catalogFile, ...files] = process.argv.slice(2);
if (!files.length) {
  console.error("usage: catalog.mjs CATALOG.json FILE...");
  process.exit(2);
}
const { actions } = JSON.parse(fs.readFileSync(catalogFile, "utf8"));
const catalog = new Map(actions.map((entry) => [entry.action.toLowerCase(), entry]));

function checkStep(file, doc, lines, step, outputs) {
  const uses = step.get?.("uses", true);
  const reference = String(uses?.value ?? "");
  if (!uses || /^(\.\/|\$\/|docker:)/.test(reference)) return;
  const say = (rule, message) => finding(file, rule, message, { line: lines.linePos(uses.range[0]).line });
  const parts = /^([^/@]+\/[^/@]+)((?:\/[^@]+)?)@(.+)$/.exec(reference);
  if (!parts) return say("form", `malformed reference ${reference}`);
  const [, action, sub, ref] = parts;
  if (!/^[0-9a-f]{40}$/.test(ref)) say("pin", `${action} is not pinned to a commit`);
  const entry = catalog.get(action.toLowerCase());
  if (!entry) return;
  const release = [entry, entry.newer_seen, entry.previous].find((known) => known?.sha === ref);
  if (!release) say("pin", `${action}@${ref} is not a commit of a known release`);
  else if ((uses.comment ?? "").trim().split(/\s/)[0] !== release.tag)
    say("comment", `${action}: the comment should be "# ${release.tag}"`);
  const meta = entry.meta?.[sub ? sub.slice(1) : "."];
  if (!meta) return;
  if (step.get("id")) outputs[String(step.get("id")).toLowerCase()] = meta;
  const inputs = Object.fromEntries(Object.entries(meta.inputs ?? {}).map(([k, v]) => [k.toLowerCase(), v]));
  const given = YAML.isMap(step.get("with"))
    ? step.get("with").items.map((i) => String(i.key.value).toLowerCase())
    : [];
  const special = meta.using === "docker" ? ["args", "entrypoint"] : [];
  for (const name of given)
    if (!(name in inputs) && !special.includes(name)) say("input", `${action}${sub}: unknown input ${name}`);
  for (const [name, input] of Object.entries(inputs))
    if (input.required && input.default === undefined && !given.includes(name))
      say("input", `${action}${sub}: required input ${name} is missing`);
}

for (const file of files) {
  const lines = new YAML.LineCounter();
  const doc = YAML.parseDocument(fs.readFileSync(file, "utf8"), { lineCounter: lines, merge: false });
  const runs = doc.get("runs"); // an action
  const jobs = YAML.isMap(runs) ? [runs] : (doc.get("jobs")?.items ?? []).map((pair) => pair.value);
  for (const job of jobs) {
    const outputs = {};
    for (const item of job?.get?.("steps")?.items ?? [])
      checkStep(file, doc, lines, YAML.isAlias(item) ? item.resolve(doc) : item, outputs);
    for (const [, id, name] of JSON.stringify(job?.toJS?.(doc) ?? null).matchAll(
      /steps\.([A-Za-z_][\w-]*)\.outputs\.([A-Za-z_][\w-]*)/g,
    )) {
      const known = outputs[id.toLowerCase()]?.outputs;
      if (known?.length && !known.some((x) => x.toLowerCase() === name.toLowerCase()))
        finding(file, "output", `steps.${id}.outputs.${name} is not an output of that action`);
    }
  }
}
