// The tests of the CEL specification, from npm @bufbuild/cel-spec: those of the language itself and of the extensions `strings`
// and `math`, against our engine. `types` compares the types that our checker finds with those of cel-go's.
//   node suite.mjs PROGRAM [--verbose]      PROGRAM is cel_conformance; the last line is `N passed, M failed`
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { execFileSync } from "node:child_process";
import { require } from "../../judges/modules.mjs";

const [program, ...options] = process.argv.slice(2);
const { tests: suite } = require("@bufbuild/cel-spec/testdata/conformance.js");

const core =
  "basic comparisons conversions fields fp_math integer_math lists logic macros namespace parse plumbing string timestamps";
const profiles = { ...Object.fromEntries(core.split(" ").map((name) => [name, "core"])), string_ext: "strings", math_ext: "math" };

// What has messages of protobuf in it, or enumerations, which come with them. Timestamps and durations are values of the language.
const own = /google\.protobuf\.(Timestamp|Duration)(?!Value|\w)/g;
const hasMessages = (test) => /TestAllTypes|cel\.expr\.conformance|google\.protobuf\.\w/.test(JSON.stringify(test).replace(own, ""))
  || /^(cel\.expr|google\.protobuf)/.test(test.container ?? "");

function value(of) {
  const [[kind, data]] = Object.entries(of);
  switch (kind) {
    case "nullValue": return { null: null };
    case "boolValue": return { bool: data };
    case "int64Value": return { int: String(data) };
    case "uint64Value": return { uint: String(data) };
    case "doubleValue": return { double: Object.is(data, -0) ? "-0" : data };
    case "stringValue": return { string: data };
    case "bytesValue": return { bytes: data };
    case "typeValue": return { type: data };
    case "listValue": return { list: (data.values ?? []).map(value) };
    case "mapValue": return { map: (data.entries ?? []).map((one) => [value(one.key), value(one.value)]) };
    case "objectValue": return { [data["@type"].endsWith("Duration") ? "duration" : "timestamp"]: data.value };
    default: throw new Error(`a value of kind ${kind}`);
  }
}

function type(of) {
  const [[kind, data]] = Object.entries(of);
  const names = { INT64: "int", UINT64: "uint", DOUBLE: "double", BOOL: "bool", STRING: "string", BYTES: "bytes" };
  const known = { TIMESTAMP: "timestamp", DURATION: "duration" };
  switch (kind) {
    case "primitive": return names[data];
    case "wellKnown": return known[data];
    case "messageType": return data.endsWith(".Duration") ? "duration" : "timestamp";
    case "null": return "null_type";
    case "dyn": return "dyn";
    case "listType": return ["list", type(data.elemType)];
    case "mapType": return ["map", type(data.keyType), type(data.valueType)];
    default: throw new Error(`a type of kind ${kind}`);
  }
}

const base64 = (text) => Buffer.from(text, "base64").toString("base64");
// Maps have no order, and bytes may be written in two ways.
function canonical(of) {
  const [[kind, data]] = Object.entries(of);
  if (kind === "list") return JSON.stringify(["list", data.map(canonical)]);
  if (kind === "map") return JSON.stringify(["map", data.map((entry) => entry.map(canonical)).sort()]);
  return JSON.stringify([kind, kind === "bytes" ? base64(data) : data]);
}

function* all(suites, path = []) {
  for (const one of suites) {
    for (const test of one.tests ?? []) yield { path: [...path, one.name], ...test };
    yield* all(one.suites ?? [], [...path, one.name]);
  }
}

const cases = [];
const others = {};
for (const { path, original, type: found, error } of all(suite.suites)) {
  const profile = profiles[path[0]];
  if (!profile || hasMessages(original)) {
    const name = profile ? "messages" : path[0];
    others[name] = (others[name] ?? 0) + 1;
    continue;
  }
  const test = { expr: original.expr, check: !original.disableCheck, container: original.container ?? "", variables: {}, bindings: {} };
  for (const { name, ident } of original.typeEnv ?? []) test.variables[name] = type(ident.type);
  for (const [name, bound] of Object.entries(original.bindings ?? {})) test.bindings[name] = value(bound.value);
  const fails = original.evalError !== undefined;
  const expected = fails ? null : value(original.value ?? original.typedResult?.result ?? { boolValue: true });
  cases.push({ id: [...path, original.name].join("/"), profile, test, fails, expected, type: found, refused: Boolean(error) });
}

const results = execFileSync(program, { input: cases.map((one) => JSON.stringify(one.test)).join("\n"), maxBuffer: 1 << 28 })
  .toString().trim().split("\n").map((line) => JSON.parse(line));
if (results.length !== cases.length) throw new Error(`${results.length} answers to ${cases.length} questions`);

const exceptions = new Map(
  fs.readFileSync(path.join(import.meta.dirname, "exceptions.txt"), "utf8").split("\n")
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => { const at = line.indexOf(": "); return [line.slice(0, at), line.slice(at + 2)]; }),
);

// What is wrong with a result, or nothing.
function wrong({ fails, expected, refused }, result) {
  if (result.folded) return `folding gives ${JSON.stringify(result.folded)}`;
  if (fails) {
    if (result.value) return `${JSON.stringify(result.value)}, not an error`;
    return result.stage === "evaluate" || refused ? "" : `refused by ${result.stage}: ${result.error}`;
  }
  if (result.error !== undefined) return `${result.stage}: ${result.error}`;
  return canonical(result.value) === canonical(expected) ? "" : `${JSON.stringify(result.value)}, not ${JSON.stringify(expected)}`;
}

const counts = {};
const failures = [];
function judge(profile, id, problem, expr) {
  const count = (counts[profile] ??= { good: 0, all: 0, excepted: 0 });
  count.all += 1;
  if (exceptions.has(id)) {
    count.excepted += problem ? 1 : 0;
    if (!problem) failures.push(`${id}: passes, and is listed in exceptions.txt`);
    exceptions.delete(id);
  } else if (problem) {
    failures.push(`${id}: ${expr}\n    ${problem}`);
  } else {
    count.good += 1;
  }
}
cases.forEach((one, i) => judge(one.profile, one.id, wrong(one, results[i]), one.test.expr));
cases.forEach((one, i) => {
  const found = results[i].type;
  if (one.type && one.test.check && found) judge("types", `types/${one.id}`, found === one.type ? "" : `${found}, not ${one.type}`, one.test.expr);
});
for (const id of exceptions.keys()) failures.push(`${id}: is listed in exceptions.txt, and is no test`);

for (const failure of failures) console.log(failure);
for (const [profile, { good, all, excepted }] of Object.entries(counts))
  console.log(`${profile}: ${good} of ${all}${excepted ? `, ${excepted} listed as exceptions` : ""}`);
if (options.includes("--verbose")) console.log(`not in the language: ${JSON.stringify(others)}`);
const good = Object.values(counts).reduce((sum, one) => sum + one.good + one.excepted, 0);
console.log(`${good} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
