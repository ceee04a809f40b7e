#!/usr/bin/env node
// Reads YAML as version 1.2 says (npm yaml, core schema): one line of JSON per file, {file, value} or {file, error}.
// Tags of CloudFormation and GitLab are kept as {"!Tag": value}; a file of several documents is a list.
//   node yaml_read.mjs FILE...
import fs from "node:fs";
import process from "node:process";
import "./modules.mjs";

const YAML = await import("yaml");

const kept = (tag) => /^![A-Za-z]/.test(tag ?? "");
function value(node, document) {
  const target = YAML.isAlias(node) ? node.resolve(document) : node;
  const plain = YAML.isMap(target)
    ? Object.fromEntries(target.items.map((pair) => [key(pair.key), value(pair.value, document)]))
    : YAML.isSeq(target)
      ? target.items.map((item) => value(item, document))
      : (target?.value ?? null);
  return kept(target?.tag) ? { [target.tag]: plain } : plain;
}
const key = (node) => (typeof node?.value === "string" ? node.value : JSON.stringify(node?.value ?? null));

for (const file of process.argv.slice(2)) {
  const documents = YAML.parseAllDocuments(fs.readFileSync(file, "utf8"), {
    version: "1.2",
    merge: false,
    logLevel: "silent",
  });
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length) console.log(JSON.stringify({ file, error: errors[0].message.split("\n")[0] }));
  else {
    const values = documents.map((document) => value(document.contents, document));
    console.log(JSON.stringify({ file, value: values.length === 1 ? values[0] : values }));
  }
}
