// YAML loading close to GitLab's (Psych, so YAML 1.1): !reference, merge keys, header document, extends, local includes.
import "../modules.mjs";
import path from "node:path";
import fs from "node:fs";

const YAML = await import("yaml");
export class Ref {
  constructor(p) {
    this.path = p;
  }
}
const refTag = {
  tag: "!reference",
  collection: "seq",
  nodeClass: undefined,
  resolve(seq) {
    return new Ref(seq.items.map((i) => String(i.value ?? i)));
  },
};
// Psych: yes/no/on/off/true/false are booleans, y/n are strings; dates are refused (kept as text here, reported in load()).
const bool = (v, re) => ({
  identify: (x) => x === v,
  default: true,
  tag: "tag:yaml.org,2002:bool",
  test: re,
  resolve: () => v,
  stringify: () => String(v),
});
const psych = (tags) =>
  tags
    .filter((t) => !/:(bool|timestamp)$/.test(t.tag ?? ""))
    .concat(bool(true, /^(?:yes|true|on)$/i), bool(false, /^(?:no|false|off)$/i), refTag);
export const GLOBAL_KEYS = new Set([
  "default",
  "include",
  "stages",
  "types",
  "variables",
  "workflow",
  "image",
  "services",
  "before_script",
  "after_script",
  "cache",
  "spec",
  "$schema",
]);

export function load(file) {
  const text = fs.readFileSync(file, "utf8"),
    problems = [];
  const docs = YAML.parseAllDocuments(text, {
    version: "1.1",
    merge: true,
    customTags: psych,
    uniqueKeys: false,
    strict: true,
  });
  for (const d of docs) for (const e of d.errors) problems.push(`YAML: ${e.message.split("\n")[0]}`);
  if (problems.length) return { problems };
  if (docs.length > 2) return { problems: ["YAML: more than two documents (header + configuration)"] };
  let header = null,
    body;
  const js = docs.map((d) => d.toJS({ maxAliasCount: -1, mapAsMap: false }));
  if (js.length === 2) {
    [header, body] = js;
  } else body = js[0];
  if (js.length === 1 && body && Object.keys(body).length === 1 && body.spec) {
    header = body;
    body = {};
  }
  const hints = [];
  for (const d of docs)
    YAML.visit(d, {
      Pair(_, p) {
        const k = p.key && p.key.value,
          s = p.value && p.value.source;
        if (p.key && p.key.type === "PLAIN" && typeof k === "boolean")
          problems.push(`YAML 1.1: unquoted key '${p.key.source}' is the boolean ${k} in GitLab`);
        if (p.value && p.value.type === "PLAIN" && typeof s === "string") {
          if (/^\d{4}-\d\d?-\d\d?([Tt ].*)?$/.test(s))
            problems.push(`YAML: unquoted date '${s}' is refused by GitLab's loader (quote it)`);
          else if (/^(y|Y)?(yes|no|on|off)$/i.test(s))
            hints.push(`YAML 1.1: '${k}: ${s}' is a boolean in GitLab (quote it)`);
          else if (/^0[0-7]+$/.test(s)) hints.push(`YAML 1.1: '${k}: ${s}' is octal in GitLab (quote it)`);
          else if (/^[1-9][0-9]*(:[0-5]?[0-9])+$/.test(s))
            hints.push(`YAML 1.1: '${k}: ${s}' is a base-60 number in GitLab (quote it)`);
        }
      },
    });
  return { header, body: body ?? {}, problems, hints };
}
// A configuration with its local includes merged in, as GitLab does: the included first, then over them the file itself.
// What is included from elsewhere stays in `include`.
export function loadProject(file, root = path.dirname(file), seen = []) {
  if (seen.includes(file))
    return { body: {}, problems: [`include: ${file} includes itself`], hints: [], files: [] };
  const loaded = load(file);
  if (!loaded.body) return { ...loaded, files: [file] };
  let merged = {};
  const files = [],
    elsewhere = [],
    problems = loaded.problems.map((message) => ({ file, message })),
    hints = (loaded.hints ?? []).map((message) => ({ file, message }));
  for (const entry of flat(loaded.body.include)) {
    const local = typeof entry === "string" ? entry : entry?.local;
    if (typeof local !== "string" || /^https?:/.test(local) || /[*$]/.test(local)) {
      elsewhere.push(entry);
      continue;
    }
    const at = path.join(root, local);
    if (!fs.existsSync(at)) {
      problems.push({ file, message: `include: local file \`${local}\` does not exist` });
      continue;
    }
    const inner = loadProject(at, root, [...seen, file]);
    problems.push(...inner.problems.map((p) => (typeof p === "string" ? { file: at, message: p } : p)));
    hints.push(...(inner.hints ?? []));
    files.push(...inner.files);
    if (inner.body?.include !== undefined) elsewhere.push(...flat(inner.body.include));
    const { include: _, ...rest } = inner.body ?? {};
    merged = deepMerge(merged, rest);
  }
  const { include: _, ...own } = loaded.body;
  const body = deepMerge(merged, own);
  if (elsewhere.length) body.include = elsewhere;
  return { header: loaded.header, body, problems, hints, files: [...files, file] };
}

export function deref(root, v, depth = 0) {
  if (depth > 10) throw new Error("!reference nested deeper than 10");
  if (v instanceof Ref) {
    let c = root;
    for (const k of v.path) {
      if (c instanceof Ref) c = deref(root, c, depth + 1);
      c = c?.[k];
    }
    if (c === undefined && root.include !== undefined) return []; // may live in an included file
    if (c === undefined) throw new Error(`!reference [${v.path.join(", ")}] could not be found`);
    return deref(root, c, depth + 1);
  }
  if (Array.isArray(v))
    return v.flatMap((x) => {
      const y = deref(root, x, x instanceof Ref ? depth + 1 : depth);
      return x instanceof Ref && Array.isArray(y) ? y : [y];
    });
  if (v && typeof v === "object")
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, deref(root, x, depth)]));
  return v;
}
const isMap = (x) => x && typeof x === "object" && !Array.isArray(x);
export function deepMerge(a, b) {
  const r = { ...a };
  for (const [k, v] of Object.entries(b)) r[k] = isMap(r[k]) && isMap(v) ? deepMerge(r[k], v) : v;
  return r;
}
export function extend(root, name, depth = 0, seen = []) {
  const j = root[name];
  if (!isMap(j)) return j;
  if (seen.includes(name)) throw new Error(`${name}: circular dependency detected in \`extends\``);
  if (depth > 10) throw new Error(`${name}: nesting too deep in \`extends\``);
  const ps = j.extends === undefined ? [] : [j.extends].flat();
  let acc = {};
  for (const p of ps) {
    if (!isMap(root[p]) && root.include !== undefined) continue;
    if (!isMap(root[p])) throw new Error(`${name}: unknown keys in \`extends\` (${p})`);
    acc = deepMerge(acc, extend(root, p, depth + 1, [...seen, name]));
  }
  const { extends: _, ...own } = j;
  return deepMerge(acc, own);
}
export const flat = (v) => (v === undefined || v === null ? [] : Array.isArray(v) ? v.flatMap(flat) : [v]);
export function jobsOf(body) {
  const root = deref(body, body),
    out = {};
  for (const n of Object.keys(root)) {
    if (n.startsWith(".") || GLOBAL_KEYS.has(n) || !isMap(root[n])) continue;
    out[n] = extend(root, n);
  }
  return { root, jobs: out };
}
export function expandParallel(name, job) {
  const p = job.parallel;
  if (p === undefined) return [{ name, vars: {} }];
  if (typeof p === "number")
    return Array.from({ length: p }, (_, i) => ({
      name: `${name} ${i + 1}/${p}`,
      vars: { CI_NODE_INDEX: `${i + 1}`, CI_NODE_TOTAL: `${p}` },
    }));
  const combos = [];
  for (const m of p.matrix ?? []) {
    let acc = [{}];
    for (const [k, v] of Object.entries(m))
      acc = acc.flatMap((a) => [v].flat().map((x) => ({ ...a, [k]: String(x) })));
    combos.push(...acc);
  }
  return combos.map((vars, i) => ({
    name: `${name}: [${Object.values(vars).join(", ")}]`,
    vars: { ...vars, CI_NODE_INDEX: `${i + 1}`, CI_NODE_TOTAL: `${combos.length}` },
  }));
}
