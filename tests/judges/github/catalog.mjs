#!/usr/bin/env node
// Extra oracle: checks every "uses" of a workflow against data/actions-catalog.json:
// 40-hex SHA, "# tag" comment that belongs to that SHA, known inputs, required
// inputs given, outputs that exist. Unknown actions are only reported with --strict.
//   node oracle-catalog.mjs [--strict] FILE...        exit 0/1/2
import fs from "node:fs";
import YAML from "yaml";
const a = process.argv.slice(2);
const strict = a[0] === "--strict" && !!a.shift();
if (!a.length) {
  console.error("usage: oracle-catalog.mjs [--strict] FILE...");
  process.exit(2);
}
const cat = new Map(
  JSON.parse(fs.readFileSync(new URL("./data/actions-catalog.json", import.meta.url), "utf8")).actions.map(
    (e) => [e.action.toLowerCase(), e],
  ),
);
let bad = 0;
const say = (f, line, msg) => {
  bad++;
  console.log(`${f}:${line}: ${msg}`);
};
for (const f of a) {
  const lc = new YAML.LineCounter();
  const doc = YAML.parseDocument(fs.readFileSync(f, "utf8"), { lineCounter: lc, merge: false });
  YAML.visit(doc, {
    Pair(_, p) {
      if (p.key?.value !== "jobs" || !YAML.isMap(p.value)) return;
      for (const { value: job } of p.value.items) {
        const outs = {}; // step id -> catalog entry
        for (const st of job.get?.("steps")?.items ?? []) {
          const s = YAML.isAlias(st) ? st.resolve(doc) : st;
          const uses = s.get?.("uses", true);
          if (!uses) continue;
          const line = lc.linePos(uses.range[0]).line,
            v = String(uses.value);
          if (v.startsWith("./") || v.startsWith("$/") || v.startsWith("docker://")) continue;
          const m = /^([^/@]+\/[^/@]+)((?:\/[^@]+)?)@(.+)$/.exec(v);
          if (!m) {
            say(f, line, `malformed uses ${v}`);
            continue;
          }
          const [, action, sub, ref] = m;
          if (!/^[0-9a-f]{40}$/.test(ref)) say(f, line, `${action} is not pinned to a commit SHA`);
          const e = cat.get(action.toLowerCase());
          if (!e) {
            if (strict) say(f, line, `${action} is not in the catalog`);
            continue;
          }
          const known = [
            [e.sha, e.tag],
            [e.newer_seen?.sha, e.newer_seen?.tag],
            [e.previous?.sha, e.previous?.tag],
          ];
          const tag = known.find(([sha]) => sha === ref)?.[1];
          if (!tag) say(f, line, `${action}@${ref} is not a catalog SHA`);
          else if ((uses.comment ?? "").trim().split(/\s/)[0] !== tag)
            say(f, line, `${action}: comment should be "# ${tag}"`);
          const meta = e.meta?.[sub ? sub.slice(1) : "."];
          if (!meta) {
            if (strict) say(f, line, `${action}${sub}: no metadata`);
            continue;
          }
          const id = s.get("id");
          if (id) outs[String(id).toLowerCase()] = meta;
          const inputs = Object.fromEntries(
            Object.entries(meta.inputs ?? {}).map(([k, x]) => [k.toLowerCase(), x]),
          );
          const given = YAML.isMap(s.get("with"))
            ? s.get("with").items.map((i) => String(i.key.value).toLowerCase())
            : [];
          const docker = meta.using === "docker" ? ["args", "entrypoint"] : [];
          for (const g of given)
            if (!(g in inputs) && !docker.includes(g)) say(f, line, `${action}${sub}: unknown input ${g}`);
          for (const [k, x] of Object.entries(inputs))
            if (x.required && x.default === undefined && !given.includes(k))
              say(f, line, `${action}${sub}: required input ${k} missing`);
        }
        const text = YAML.stringify(job);
        for (const [, id, o] of text.matchAll(/steps\.([A-Za-z_][\w-]*)\.outputs\.([A-Za-z_][\w-]*)/g)) {
          const meta = outs[id.toLowerCase()];
          if (meta?.outputs?.length && !meta.outputs.some((x) => x.toLowerCase() === o.toLowerCase()))
            say(f, 0, `steps.${id}.outputs.${o} is not an output of that action`);
        }
      }
      return YAML.visit.SKIP;
    },
  });
}
process.exit(bad ? 1 : 0);
