// GitLab rules:if expression engine, written from the behaviour of lib/gitlab/ci/pipeline/expression
// (18.11+: unary !, booleans, inputs). RE2 matching through re2js.
import "../modules.mjs";
import path from "node:path";
import process from "node:process";

const { RE2JS } = await import("re2js");

export class ExprError extends Error {}
const MAX_TOKENS = 100; // the loop of 100 scans must end at end-of-string: 99 tokens fit
const L = [
  // first match wins, in this order
  ["open", /\(/y],
  ["close", /\)/y],
  ["input", /\$\[\[\s*inputs\.(\w+)\s*\]\]/y],
  ["var", /\$(\w+)/y],
  ["str", /"(.*?)"|'(.*?)'/y],
  ["pat", /\/(?:[^/]|\\\/)+[^\\]\/[ismU]*/y],
  ["null", /null/y],
  ["bool", /\b(?:true|false)\b/y],
  ["==", /==/y],
  ["=~", /=~/y],
  ["!=", /!=/y],
  ["!~", /!~/y],
  ["&&", /&&/y],
  ["||", /\|\|/y],
  ["!", /!/y],
];
const PREC = { "==": 10, "!=": 10, "=~": 10, "!~": 10, "&&": 11, "||": 12, "!": 1, open: 901, close: 900 };
const BIN = new Set(["==", "!=", "=~", "!~", "&&", "||"]);

export function tokenize(s) {
  const out = [];
  let p = 0;
  for (let n = 0; n < MAX_TOKENS; n++) {
    while (p < s.length && /\s/.test(s[p])) p++;
    if (p >= s.length) return out;
    let hit = null;
    for (const [t, re] of L) {
      re.lastIndex = p;
      const m = re.exec(s);
      if (m) {
        hit = { t, text: m[0], m };
        break;
      }
    }
    if (!hit) throw new ExprError(`Unknown lexeme found at ${p}: ${s.slice(p, p + 12)}`);
    p += hit.text.length;
    out.push(hit);
  }
  throw new ExprError("Too many tokens!");
}

function regexp(value) {
  // "/.../flags" -> RE2 or throw
  const m = /^\/(.*)\/([ismU]*)$/s.exec(value.replaceAll("\\/", "/"));
  if (!m) throw new ExprError("Invalid regular expression!");
  try {
    return RE2JS.compile((m[2] ? `(?${m[2]})` : "") + m[1]);
  } catch {
    throw new ExprError("Invalid regular expression!");
  }
}
class Rx {
  constructor(v) {
    this.re = regexp(v);
  }
  hit(t) {
    return this.re.matcher(t).find();
  }
}

function leaf(tok) {
  switch (tok.t) {
    case "input":
      return { k: "input", name: tok.m[1] };
    case "var":
      return { k: "var", name: tok.m[1] };
    case "str":
      return { k: "str", v: tok.m[1] ?? tok.m[2] ?? "" };
    case "pat":
      return { k: "pat", v: new Rx(tok.text) };
    case "null":
      return { k: "null" };
    case "bool":
      return { k: "bool", v: tok.text === "true" };
  }
}

export function parse(s) {
  const toks = tokenize(s);
  if (!toks.length) throw new ExprError("empty expression");
  const rpn = [],
    ops = [],
    top = () => ops[ops.length - 1];
  const consume = (t) => {
    const o = top();
    return o && PREC[t] >= PREC[o.t];
  };
  for (const t of toks) {
    if (BIN.has(t.t)) {
      while (consume(t.t)) rpn.push(ops.pop());
      ops.push(t);
    } else if (t.t === "open" || t.t === "!") ops.push(t);
    else if (t.t === "close") {
      while (consume("close")) rpn.push(ops.pop());
      if (!top()) throw new ExprError("Unmatched parenthesis");
      if (top().t === "open") ops.pop();
    } else rpn.push(t);
  }
  rpn.push(...ops.reverse());
  const st = [];
  for (const t of rpn) {
    if (BIN.has(t.t)) {
      const r = st.pop(),
        l = st.pop();
      if (!l || !r) throw new ExprError("Invalid operand");
      st.push({ k: t.t, l, r });
    } else if (t.t === "!") {
      const o = st.pop();
      if (!o) throw new ExprError("Invalid operand");
      st.push({ k: "!", o });
    } else if (t.t === "open") throw new ExprError("Unprocessable token found in parse tree");
    else st.push(leaf(t));
  }
  if (st.length !== 1)
    throw new ExprError(st.length ? "Unreachable nodes in parse tree" : "Empty parse tree");
  return st[0];
}

export const present = (v) =>
  !(v === null || v === undefined || v === false || (typeof v === "string" && /^[\s]*$/.test(v)));
const rubyTrue = (v) => v !== null && v !== undefined && v !== false; // "" is TRUE for && and ||
function scan(left, right) {
  // right: Rx or string; a string that is no /re/ means substring-of
  let r = right;
  if (typeof r === "string") {
    try {
      r = /\/(?:[^/]|\\\/)*\//.test(r) ? new Rx(r) : r;
    } catch (e) {
      if (!(e instanceof ExprError)) throw e;
    }
  }
  const text = left === null || left === undefined ? "" : String(left);
  return r instanceof Rx ? r.hit(text) : String(r).includes(text);
}
export function evaluate(n, vars, inputs = {}) {
  switch (n.k) {
    case "var":
      return Object.hasOwn(vars, n.name) ? vars[n.name] : null;
    case "input":
      return Object.hasOwn(inputs, n.name) ? inputs[n.name] : null;
    case "str":
    case "pat":
    case "bool":
      return n.v;
    case "null":
      return null;
    case "!":
      return !present(evaluate(n.o, vars, inputs));
    case "&&": {
      const l = evaluate(n.l, vars, inputs);
      return rubyTrue(l) ? evaluate(n.r, vars, inputs) : l;
    }
    case "||": {
      const l = evaluate(n.l, vars, inputs);
      return rubyTrue(l) ? l : evaluate(n.r, vars, inputs);
    }
    case "==":
      return evaluate(n.l, vars, inputs) === evaluate(n.r, vars, inputs);
    case "!=":
      return evaluate(n.l, vars, inputs) !== evaluate(n.r, vars, inputs);
    case "=~": {
      const r = evaluate(n.r, vars, inputs);
      return rubyTrue(r) ? scan(evaluate(n.l, vars, inputs), r) : false;
    }
    case "!~": {
      const r = evaluate(n.r, vars, inputs);
      return rubyTrue(r) ? !scan(evaluate(n.l, vars, inputs), r) : true;
    }
  }
}
export const truthful = (s, vars, inputs) => present(evaluate(parse(s), vars, inputs));

// Ruby File.fnmatch?(glob, path, FNM_PATHNAME | FNM_DOTMATCH | FNM_EXTGLOB): EXTGLOB is brace alternation only,
// "**/" crosses directories, any other "*" and "?" stop at "/", dot files match.
function braces(g) {
  let d = 0,
    a = -1,
    cuts = [];
  for (let i = 0; i < g.length; i++) {
    const c = g[i];
    if (c === "\\") {
      i++;
      continue;
    }
    if (c === "{") {
      if (d++ === 0) {
        a = i;
        cuts = [i];
      }
    } else if (c === "," && d === 1) cuts.push(i);
    else if (c === "}" && d && --d === 0) {
      cuts.push(i);
      const pre = g.slice(0, a),
        post = g.slice(i + 1);
      return cuts.slice(0, -1).flatMap((x, j) => braces(pre + g.slice(x + 1, cuts[j + 1]) + post));
    }
  }
  return [g];
}
function globRe(g) {
  let r = "";
  for (let i = 0; i < g.length; i++) {
    const c = g[i];
    if (g.startsWith("**/", i) && (i === 0 || g[i - 1] === "/")) {
      r += "(?:[^/]+/)*";
      i += 2;
      while (g.startsWith("**/", i + 1)) i += 3;
    } else if (c === "*") {
      r += "[^/]*";
      while (g[i + 1] === "*") i++;
    } else if (c === "?") r += "[^/]";
    else if (c === "[") {
      const e = g.indexOf("]", i + 2);
      if (e < 0) {
        r += "\\[";
        continue;
      }
      let b = g.slice(i + 1, e);
      const neg = b[0] === "^" || b[0] === "!";
      if (neg) b = b.slice(1);
      r += "(?!/)[" + (neg ? "^" : "") + b.replace(/[\\\]]/g, "\\$&") + "]";
      i = e;
    } else if (c === "\\" && i + 1 < g.length) r += g[++i].replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    else r += c.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  }
  return new RegExp("^" + r + "$", "s");
}
export const fnmatch = (glob, p) => braces(glob).some((g) => globRe(g).test(p));

if (process.argv[1] && import.meta.filename === path.resolve(process.argv[1])) {
  const [expr, ...kv] = process.argv.slice(2),
    vars = {};
  for (const x of kv) {
    const i = x.indexOf("=");
    vars[x.slice(0, i)] = x.slice(i + 1);
  }
  try {
    const v = evaluate(parse(expr), vars);
    console.log(JSON.stringify({ value: v instanceof Rx ? "<regexp>" : v, truthful: present(v) }));
  } catch (e) {
    console.log(JSON.stringify({ error: e.message }));
    process.exit(1);
  }
}
