#!/usr/bin/env node
// Random expressions, before our evaluator and GitHub's own (@actions/expressions): both must say the same.
//   node expressions.mjs PROGRAM [COUNT [SEED]]      then `N passed, M failed`
// PROGRAM is built from tests/support/github_expressions.cpp. What the two of GitHub's evaluators do differently is not asked: the order
// of letters outside ASCII, numbers of more than 15 digits, two escaped quotes in one text, and a mistake in a branch of `case` that is
// not taken (the service is lazy, the editor's evaluator is not); and `success` with names of jobs, which no page documents.
import { spawnSync } from "node:child_process";
import { run } from "./expression.mjs";

const [program, count = "20000", seed = "1"] = process.argv.slice(2);
if (!program) {
  console.error("usage: expressions.mjs PROGRAM [COUNT [SEED]]");
  process.exit(2);
}

let state = Number(seed) >>> 0;
function random(below) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}
const pick = (list) => list[random(list.length)];

const TEXTS = [
  "", "main", "Main", "MAIN", "refs/heads/main", "refs/tags/v1.2", "v1", "true", "false", "TRUE", "null", "0", "1", "01", " 1 ", "1.5", "-1", "1e2",
  "0x1f", "0o17", "0x", "Infinity", "-Infinity", "NaN", " ", "a b", "success", "failure", "skipped", "{0}", "{{0}}", "{", "}", "it's", "ü", "Ü", "push",
  "[1,2]", '{"a":1}', '["x","Y"]', '"text"', "[", "+1", ".5", "5.", "1 2", "é", "É",
];
const NUMBERS = ["0", "1", "-1", "1.5", "2", "10", "0x1f", "0o17", "1e2", "-0", "+2", ".5", "5.", "NaN", "Infinity", "-Infinity", "100", "3"];
const NAMES = ["github", "needs", "inputs", "GitHub", "NEEDS", "matrix", "vars"];
const FIELDS = ["ref", "REF", "event", "result", "outputs", "build", "test", "deploy-it", "n", "list", "flag", "nothing", "missing", "_x", "a", "b", "head"];

function context() {
  const value = (depth) => {
    switch (random(depth > 2 ? 5 : 8)) {
      case 0: return null;
      case 1: return random(2) === 1;
      case 2: return pick([0, 1, -1, 1.5, 2, 31, 100]);
      case 3: case 4: return pick(TEXTS);
      case 5: return Array.from({ length: random(4) }, () => value(depth + 1));
      default: return object(depth + 1);
    }
  };
  const object = (depth) => {
    const made = {};
    for (let i = random(5); i > 0; --i) {
      const name = pick(FIELDS);
      if (!Object.keys(made).some((one) => one.toLowerCase() === name.toLowerCase())) made[name] = value(depth);
    }
    return made;
  };
  const needs = {};
  for (const job of ["build", "test", "deploy-it"]) {
    if (random(3) > 0) needs[job] = { result: pick(["success", "failure", "skipped", "cancelled"]), outputs: random(2) ? { a: pick(TEXTS) } : {} };
  }
  return { github: object(0), needs, inputs: object(0), matrix: object(0), vars: object(0) };
}

const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
const space = () => pick(["", "", "", " ", "  ", "\n"]);

function expression(depth) {
  if (depth <= 0 || random(6) === 0) return leaf();
  const below = () => expression(depth - 1 - random(2));
  switch (random(13)) {
    case 0: case 1: return `${below()}${space()}==${space()}${below()}`;
    case 2: return `${below()} != ${below()}`;
    case 3: return `${below()} ${pick(["<", "<=", ">", ">="])} ${below()}`;
    case 4: return `${below()}${space()}&&${space()}${below()}`;
    case 5: return `${below()}${space()}||${space()}${below()}`;
    case 6: return `!${pick(["", " "])}${random(2) ? leaf() : `(${below()})`}`;
    case 7: return `(${space()}${below()}${space()})`;
    case 8: case 9: return call(below);
    case 10: return `${pick(NAMES)}${path(below)}`;
    case 11: return `(${below()})${path(below)}`;
    default: return leaf();
  }
}

function path(below) {
  let text = "";
  for (let i = random(4); i > 0; --i) {
    text += pick([() => `.${pick(FIELDS)}`, () => `.${pick(FIELDS)}`, () => ".*", () => "[*]", () => `[${quoted(pick(FIELDS))}]`, () => `[${pick(NUMBERS)}]`, () => `[${below()}]`])();
  }
  return text;
}

function call(below) {
  switch (random(12)) {
    case 0: return `contains(${below()}, ${below()})`;
    case 1: return `Contains(${pick(NAMES)}.*.${pick(FIELDS)}, ${quoted(pick(TEXTS))})`;
    case 2: return `startsWith(${below()},${below()})`;
    case 3: return `ENDSWITH(${below()}, ${below()})`;
    case 4: return `format(${quoted(pick(["{0}", "{0}-{1}", "x", "{{{0}}}", "{1}", "{0}}", "{a}", "}}", "{2}", "{ 0}"]))}, ${below()}${random(2) ? `, ${below()}` : ""})`;
    case 5: return `join(${below()}${random(2) ? `, ${below()}` : ""})`;
    case 6: return `toJSON(${below()})`;
    case 7: return `fromJSON(${random(2) ? quoted(pick(TEXTS)) : `toJson(${below()})`})`;
    case 8: return `case(${below()} == ${below()}, ${leaf()}, ${leaf()})`;
    case 9: return `case(${pick(["true", "false", leaf()])}, ${leaf()}, ${pick(["true", "false", "1"])}, ${leaf()}, ${leaf()})`;
    case 10: return pick(["success()", "failure()", "cancelled()", "always()", "!cancelled()", "nope()", "contains('a')", "join()", "always(1)"]);
    default: return `contains(needs.*.result, ${quoted(pick(["success", "failure", "Skipped"]))})`;
  }
}

function leaf() {
  switch (random(8)) {
    case 0: case 1: case 2: return quoted(pick(TEXTS));
    case 3: return pick(NUMBERS);
    case 4: return pick(["true", "false", "null"]);
    default: return `${pick(NAMES)}${path(() => quoted(pick(FIELDS)))}`;
  }
}

/// Now and then a letter is lost or gained: both must refuse, or both must not.
function spoiled(text) {
  const at = random(text.length + 1);
  return random(2) ? text.slice(0, at) + text.slice(at + 1) : text.slice(0, at) + pick(["'", "(", ")", "=", "!", ".", "*", "]", "&", "|", ",", "x", "1", "-", " "]) + text.slice(at);
}

const cases = Array.from({ length: Number(count) }, (_, id) => {
  let expr = expression(1 + random(5));
  if (random(20) === 0) expr = spoiled(expr);
  return { id, mode: random(4) === 0 ? "if" : "expr", expr, context: context(), status: pick(["success", "success", "failure", "cancelled"]) };
}).filter((one) => one.expr.trim() !== "").filter((one) => !(one.expr.match(/''/g)?.length > 1 && /[^(, =]''[^),\] ]/.test(one.expr)));

const ours = spawnSync(program, { input: cases.map((one) => JSON.stringify(one)).join("\n") + "\n", encoding: "utf8", maxBuffer: 1 << 30 });
if (ours.status !== 0) {
  console.error(`${program}: ${ours.error ?? ours.stderr}`);
  process.exit(1);
}
const lines = ours.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));

function difference(judge, our, one) {
  if (judge.ok !== our.ok) {
    const lazy = judge.stage === "eval" && /case\(/i.test(one.expr);
    // The editor takes a comma behind the last argument, and `{0` with anything up to the next brace; the service refuses both.
    const wide = judge.ok && (/,\s*\)/.test(one.expr) || /\{\d[^}]/.test(one.expr));
    if (lazy || wide) return null;
    return judge.ok ? `refused: ${our.error}` : `not refused: ${judge.error}`;
  }
  if (!judge.ok) return null;
  if (judge.kind !== our.kind) return `${our.kind} instead of ${judge.kind}`;
  if (judge.truthy !== our.truthy) return `truthy ${our.truthy}`;
  if (judge.string !== our.string) return `${our.string} instead of ${judge.string}`;
  const nested = judge.kind === "Array" || judge.kind === "Dictionary";
  const json = JSON.stringify(judge.value);
  if (nested && !/"(NaN|-?Infinity)"/.test(json) && json !== JSON.stringify(JSON.parse(our.json))) return `${our.json} instead of ${json}`;
  return null;
}

let passed = 0, failed = 0, evaluated = 0;
const kinds = {};
cases.forEach((one, i) => {
  const judge = run(one);
  if (judge.ok) {
    ++evaluated;
    kinds[judge.kind] = (kinds[judge.kind] ?? 0) + 1;
  }
  const differs = difference(judge, lines[i], one);
  if (differs === null) return void ++passed;
  ++failed;
  if (failed <= 20) console.log(`FAIL ${one.mode} ${JSON.stringify(one.expr)}: ${differs}\n     with ${JSON.stringify(one.context)} after ${one.status}`);
});
console.log(`github expressions: ${evaluated} evaluated, ${cases.length - evaluated} refused; ${JSON.stringify(kinds)}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
