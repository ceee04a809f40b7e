#!/usr/bin/env node
// Parses and evaluates GitHub Actions expressions with GitHub's own
// TypeScript implementation (@actions/expressions, MIT).
//
// One-shot:
//   node expression.mjs [--mode expr|if|template] [--context ctx.json]
//        [--status success|failure|cancelled] [--definition NAME] 'EXPR'
// Batch (fast; one process for thousands of cases):
//   node expression.mjs --batch < cases.ndjson > results.ndjson
//   each input line:  {"id":1,"mode":"expr","expr":"github.ref == 'x'",
//                      "context":{"github":{"ref":"X"}},"status":"success",
//                      "hashFiles":{"**/go.sum":"abc"},"definition":"step-if"}
//
// modes:
//   expr      EXPR is the text between ${{ and }}
//   if        EXPR is an `if:` value; one surrounding ${{ }} is stripped and
//             success() && (...) is added when no status function is called
//   template  EXPR is a whole YAML scalar with any number of ${{ }} segments;
//             result is the interpolated value (a lone ${{ }} keeps its type)
//
// definition: optional name of a schema definition (e.g. step-if, job-if,
//   string-steps-context, run-name, strategy, runs-on ...). When given, only
//   the contexts and special functions that workflow-v1.0.json allows there
//   are known to the parser. When absent: every context present in "context"
//   plus the twelve standard ones, and always/success/failure/cancelled/hashFiles.
//
// result: {"ok":true,"kind":"Boolean","value":true,"string":"true","truthy":true}
//      or {"ok":false,"stage":"lex|parse|eval","error":"..."}
import "../modules.mjs";
import fs from "node:fs";
import readline from "node:readline";
import { pathToFileURL } from "node:url";

const { Lexer, Parser, Evaluator, data } = await import("@actions/expressions");
const { truthy } = await import("@actions/expressions/result");
const { getWorkflowSchema } = await import("@actions/workflow-parser/workflows/workflow-schema");
const { splitAllowedContext } = await import("@actions/workflow-parser/templates/allowed-context");

const STANDARD_CONTEXTS = [
  "github",
  "env",
  "vars",
  "job",
  "jobs",
  "steps",
  "runner",
  "secrets",
  "strategy",
  "matrix",
  "needs",
  "inputs",
];
const STATUS = ["always", "success", "failure", "cancelled"];
const KIND = Object.fromEntries(
  Object.entries(data.Kind)
    .filter(([k]) => isNaN(+k))
    .map(([k, v]) => [v, k]),
);

const toData = (v) => JSON.parse(JSON.stringify(v ?? {}), data.reviver);

function plain(v) {
  switch (v.kind) {
    case data.Kind.Null:
      return null;
    case data.Kind.Boolean:
    case data.Kind.String:
      return v.value;
    case data.Kind.Number:
      return Number.isFinite(v.value) ? v.value : String(v.value);
    case data.Kind.Array:
      return v.values().map(plain);
    default:
      return Object.fromEntries(v.pairs().map((p) => [p.key, plain(p.value)]));
  }
}

function runtimeFunctions(c) {
  const status = c.status ?? "success";
  const bool = (b) => new data.BooleanData(b);
  const mk = (name, minArgs, maxArgs, call) => ({ name, minArgs, maxArgs, call });
  return [
    mk("always", 0, 0, () => bool(true)),
    mk("success", 0, Number.MAX_SAFE_INTEGER, () => bool(status === "success")),
    mk("failure", 0, Number.MAX_SAFE_INTEGER, () => bool(status === "failure")),
    mk("cancelled", 0, 0, () => bool(status === "cancelled")),
    mk("hashFiles", 1, 255, (...a) => {
      const key = a.map((x) => x.coerceString()).join(",");
      return new data.StringData(c.hashFiles?.[key] ?? "");
    }),
  ];
}

function environment(c) {
  const all = runtimeFunctions(c);
  if (!c.definition) {
    const names = new Set([...STANDARD_CONTEXTS, ...Object.keys(c.context ?? {})]);
    return { contexts: [...names], functions: all };
  }
  const def = getWorkflowSchema().definitions[c.definition];
  if (!def) throw new Error(`no schema definition '${c.definition}'`);
  const { namedContexts, functions } = splitAllowedContext(def.readerContext ?? []);
  const allowed = new Map(functions.map((f) => [f.name.toLowerCase(), f]));
  return {
    contexts: namedContexts,
    functions: all
      .filter((f) => allowed.has(f.name.toLowerCase()))
      .map((f) => ({ ...f, ...allowed.get(f.name.toLowerCase()), call: f.call })),
  };
}

class StageError extends Error {
  constructor(stage, cause) {
    super(cause.message);
    this.stage = stage;
  }
}
const at = (stage, fn, expr) => {
  try {
    return fn();
  } catch (e) {
    if (e instanceof StageError) throw e;
    // ExpressionError carries a 0-based column; the service prints it 1-based.
    if (e.pos && !e.message.includes("Located at position"))
      e.message += `. Located at position ${e.pos.column + 1} within expression: ${expr}`;
    throw new StageError(stage, e);
  }
};

function parse(expr, env) {
  const lexed = at("lex", () => new Lexer(expr).lex(), expr);
  return at("parse", () => new Parser(lexed.tokens, env.contexts, env.functions).parse(), expr);
}

function evaluate(expr, env, c) {
  const tree = parse(expr, env);
  if (!tree) return new data.Null(); // empty expression
  const ctx = toData(c.context);
  for (const n of env.contexts) if (ctx.get(n) === undefined) ctx.add(n, new data.Dictionary());
  return at("eval", () =>
    new Evaluator(tree, ctx, new Map(env.functions.map((f) => [f.name.toLowerCase(), f]))).evaluate(),
  );
}

// Does the tree call a status function? (names inside strings do not count)
function callsStatus(expr) {
  const { tokens } = at("lex", () => new Lexer(expr).lex(), expr);
  return tokens.some(
    (t, i) =>
      STATUS.includes(t.lexeme.toLowerCase()) &&
      tokens[i + 1]?.lexeme === "(" &&
      tokens[i - 1]?.lexeme !== ".",
  );
}

// Same scan as GitHub's TemplateReader: "'" toggles string state inside ${{ }}.
export function splitTemplate(raw) {
  const seg = [];
  let i = 0,
    start = raw.indexOf("${{");
  while (i < raw.length) {
    if (start < 0) {
      seg.push({ lit: raw.slice(i) });
      break;
    }
    if (i < start) {
      seg.push({ lit: raw.slice(i, start) });
      i = start;
      continue;
    }
    let end = -1,
      inStr = false;
    for (i += 3; i < raw.length; i++) {
      if (raw[i] === "'") inStr = !inStr;
      else if (!inStr && raw[i] === "}" && raw[i - 1] === "}") {
        end = i++;
        break;
      }
    }
    if (end < 0)
      throw new StageError(
        "parse",
        new Error(
          "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} sequence was not found.",
        ),
      );
    const text = raw.slice(start + 3, end - 1).trim();
    if (!text) throw new StageError("parse", new Error("An expression was expected"));
    seg.push({ expr: text });
    start = raw.indexOf("${{", i);
  }
  return seg;
}

export function run(c) {
  try {
    const env = environment(c);
    let v;
    if (c.mode === "template") {
      const seg = splitTemplate(c.expr);
      if (seg.length === 1 && seg[0].expr) v = evaluate(seg[0].expr, env, c);
      else if (!seg.some((s) => s.expr)) v = new data.StringData(c.expr);
      else {
        // GitHub rewrites mixed scalars to one format() call before parsing.
        const esc = (s) => s.replaceAll("'", "''").replaceAll("{", "{{").replaceAll("}", "}}");
        let n = 0;
        const fmt = seg.map((s) => (s.expr ? `{${n++}}` : esc(s.lit))).join("");
        v = evaluate(
          `format('${fmt}'${seg
            .filter((s) => s.expr)
            .map((s) => ", " + s.expr)
            .join("")})`,
          env,
          c,
        );
      }
    } else if (c.mode === "if") {
      // Whole value one ${{ }} => that expression. Mixed text => a string
      // built by format(): always truthy unless empty (zizmor unsound-condition).
      let e = c.expr;
      if (e.includes("${{")) {
        const seg = splitTemplate(e);
        if (seg.length === 1) e = seg[0].expr;
        else {
          const esc = (s) => s.replaceAll("'", "''").replaceAll("{", "{{").replaceAll("}", "}}");
          let n = 0;
          e = `format('${seg.map((s) => (s.expr ? `{${n++}}` : esc(s.lit))).join("")}'${seg
            .filter((s) => s.expr)
            .map((s) => ", " + s.expr)
            .join("")})`;
        }
      }
      if (!e.trim()) e = "success()";
      else if (!callsStatus(e)) e = `success() && (${e})`;
      v = new data.BooleanData(truthy(evaluate(e, env, c)));
    } else v = evaluate(c.expr, env, c);
    return {
      id: c.id,
      ok: true,
      kind: KIND[v.kind],
      value: plain(v),
      string: v.coerceString(),
      truthy: truthy(v),
    };
  } catch (e) {
    return { id: c.id, ok: false, stage: e.stage ?? "setup", error: e.message };
  }
}

async function main() {
  const c = { mode: "expr" };
  let batch = false;
  const a = process.argv.slice(2);
  for (let i = 0; i < a.length; i++) {
    if (a[i] === "--batch") batch = true;
    else if (a[i] === "--mode") c.mode = a[++i];
    else if (a[i] === "--context") c.context = JSON.parse(fs.readFileSync(a[++i], "utf8"));
    else if (a[i] === "--status") c.status = a[++i];
    else if (a[i] === "--definition") c.definition = a[++i];
    else c.expr = a[i];
  }
  if (batch) {
    for await (const line of readline.createInterface({ input: process.stdin })) {
      if (line.trim()) console.log(JSON.stringify(run(JSON.parse(line))));
    }
  } else if (c.expr === undefined) {
    console.error(
      "usage: expression.mjs [--mode expr|if|template] [--context FILE] [--status S] [--definition D] EXPR | --batch",
    );
    process.exit(2);
  } else {
    const r = run(c);
    console.log(JSON.stringify(r));
    process.exit(r.ok ? 0 : 1);
  }
}
if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
