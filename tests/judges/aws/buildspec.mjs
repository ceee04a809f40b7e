#!/usr/bin/env node
// Judges CodeBuild buildspecs (0.2): keys, types, names, limits, runtimes of the image.
//   node buildspec.mjs [--image aws/codebuild/standard:7.0] [--lambda] [--fleet] FILE...      one finding per line as JSON
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { finding } from "../modules.mjs";

const YAML = await import("yaml");

// image key -> runtime -> versions (docs, 2026-08)
const A5 = {
  dotnet: "6.0 8.0 10.0",
  golang: "1.20 1.21 1.22 1.23 1.24 1.25 1.26",
  java: "corretto8 corretto11 corretto17 corretto21 corretto25",
  nodejs: "18 20 22 24 26",
  php: "8.2 8.3 8.4 8.5",
  python: "3.9 3.10 3.11 3.12 3.13 3.14",
  ruby: "3.1 3.2 3.3 3.4 4.0",
};
const A6 = {
  dotnet: "8.0 10.0",
  golang: "1.24 1.25 1.26",
  java: A5.java,
  nodejs: "22 24 26",
  php: A5.php,
  python: "3.10 3.11 3.12 3.13 3.14",
  ruby: "3.3 3.4 4.0",
  rust: "1.97",
};
export const RUNTIMES = {
  "amazonlinux-x86_64-standard:5.0": A5,
  "standard:7.0": A5,
  "amazonlinux-x86_64-standard:6.0": A6,
  "standard:8.0": A6,
  "amazonlinux-aarch64-standard:3.0": {
    ...A5,
    nodejs: "18 20 22 24",
    php: "8.1 8.2 8.3 8.4 8.5",
    rust: "1.94",
  },
  "amazonlinux-aarch64-standard:4.0": { ...A6, nodejs: "22 24", rust: "1.94" },
};
const FORMATS = [
  "CUCUMBERJSON",
  "JUNITXML",
  "NUNITXML",
  "NUNIT3XML",
  "TESTNGXML",
  "VISUALSTUDIOTRX",
  "CLOVERXML",
  "COBERTURAXML",
  "JACOCOXML",
  "SIMPLECOV",
];
const isObj = (v) => v && typeof v === "object" && !Array.isArray(v),
  yes = (v) => [true, false, "yes", "no", "true", "false"].includes(v);
export function checkBuildspec(b, { image, lambda, fleet } = {}) {
  const out = [],
    err = (p, m) => out.push({ level: "error", code: "BS", path: p, message: m }),
    warn = (p, m) => out.push({ level: "warning", code: "BSW", path: p, message: m });
  if (!isObj(b)) {
    err("", "not a mapping");
    return out;
  }
  const keys = (o, p, list) => {
    for (const k of Object.keys(o))
      if (!list.includes(k)) err(`${p}/${k}`, `unknown key (allowed: ${list.join(", ")})`);
  };
  const obj = (v, p) => {
    if (v === undefined) return null;
    if (!isObj(v)) {
      err(p, "expected mapping");
      return null;
    }
    return v;
  };
  const strs = (v, p, what = "command") => {
    if (!Array.isArray(v)) {
      if (typeof v === "string") return;
      err(p, `expected list of ${what}s`);
      return;
    }
    v.forEach((x, i) => {
      if (typeof x !== "string" && typeof x !== "number")
        err(`${p}/${i}`, `${what} must be a scalar (an unquoted ": " turns it into a mapping)`);
    });
  };
  keys(b, "", ["version", "run-as", "env", "proxy", "batch", "phases", "reports", "artifacts", "cache"]);
  if (b.version === undefined) err("/version", "required");
  else if (![0.1, 0.2, "0.1", "0.2"].includes(b.version)) err("/version", `0.1 or 0.2, found ${b.version}`);
  else if (Number(b.version) === 0.1) warn("/version", "0.1 runs each command in its own shell");
  const names = new Set();
  const env = obj(b.env, "/env");
  if (env) {
    keys(env, "/env", [
      "shell",
      "variables",
      "parameter-store",
      "exported-variables",
      "secrets-manager",
      "git-credential-helper",
    ]);
    if (env.shell !== undefined && !["bash", "/bin/sh", "powershell.exe", "cmd.exe"].includes(env.shell))
      err("/env/shell", `bash | /bin/sh | powershell.exe | cmd.exe, found ${env.shell}`);
    for (const s of ["variables", "parameter-store", "secrets-manager"])
      for (const [k, v] of Object.entries(obj(env[s], "/env/" + s) || {})) {
        if (/^CODEBUILD_/.test(k)) err(`/env/${s}/${k}`, "prefix CODEBUILD_ is reserved");
        if (names.has(k)) warn(`/env/${s}/${k}`, "variable defined twice");
        names.add(k);
        if (isObj(v) || Array.isArray(v)) err(`/env/${s}/${k}`, "scalar expected");
        else if (s === "variables" && typeof v !== "string") warn(`/env/variables/${k}`, "quote the value");
      }
    for (const [k, v] of Object.entries(isObj(env["secrets-manager"]) ? env["secrets-manager"] : {})) {
      const parts = String(v).startsWith("arn:") ? String(v).split(":").slice(6) : String(v).split(":");
      if (parts.length > 4) err(`/env/secrets-manager/${k}`, "secret-id:json-key:version-stage:version-id");
      if (parts[2] && parts[3])
        err(`/env/secrets-manager/${k}`, "version-stage and version-id exclude each other");
    }
    if (env["exported-variables"] !== undefined) {
      strs(env["exported-variables"], "/env/exported-variables", "name");
      for (const n of [].concat(env["exported-variables"])) {
        if (/^AWS_/.test(n)) err("/env/exported-variables", `${n}: names starting AWS_ cannot be exported`);
        for (const s of ["secrets-manager", "parameter-store"])
          if (env[s]?.[n] !== undefined)
            err("/env/exported-variables", `${n} comes from ${s} and cannot be exported`);
      }
    }
    if (env["git-credential-helper"] !== undefined && !yes(env["git-credential-helper"]))
      err("/env/git-credential-helper", "yes | no");
  }
  const px = obj(b.proxy, "/proxy");
  if (px) {
    keys(px, "/proxy", ["upload-artifacts", "logs"]);
  }
  const ph = obj(b.phases, "/phases");
  if (b.phases === undefined && !b.batch) err("/phases", "required");
  if (ph) {
    keys(ph, "/phases", ["install", "pre_build", "build", "post_build"]);
    for (const [n, x] of Object.entries(ph)) {
      const p = "/phases/" + n;
      if (!isObj(x)) {
        err(p, "expected mapping");
        continue;
      }
      keys(x, p, [
        "run-as",
        "on-failure",
        "commands",
        "finally",
        "steps",
        ...(n === "install" ? ["runtime-versions"] : []),
      ]);
      if (x["on-failure"] !== undefined) {
        if (!/^(ABORT|CONTINUE|RETRY(-\d{1,3})?(-.+)?)$/i.test(String(x["on-failure"])))
          err(p + "/on-failure", "ABORT | CONTINUE | RETRY[-count][-regex]");
        const c = String(x["on-failure"]).match(/^RETRY-(\d+)/i);
        if (c && Number(c[1]) > 100) err(p + "/on-failure", "retry count 0..100");
        if (lambda || fleet) err(p + "/on-failure", "not supported on Lambda compute or reserved capacity");
      }
      if (x.commands !== undefined) strs(x.commands, p + "/commands");
      else if (n !== "install") err(p, "commands required");
      else if (!x["runtime-versions"] && !x.finally) err(p, "commands or runtime-versions required");
      if (x.finally !== undefined) strs(x.finally, p + "/finally");
      const rv = x["runtime-versions"];
      if (rv !== undefined) {
        if (!isObj(rv) || !Object.keys(rv).length) err(p + "/runtime-versions", "at least one runtime");
        else {
          const tbl =
            image && RUNTIMES[image.replace("aws/codebuild/", "").replace("amazonlinux2-", "amazonlinux-")];
          for (const [r, v] of Object.entries(rv)) {
            const s = String(v);
            if (!tbl) continue;
            if (!tbl[r]) err(`${p}/runtime-versions/${r}`, `image ${image} has no runtime ${r}`);
            else if (s !== "latest" && !s.startsWith("$")) {
              const vs = tbl[r].split(" ");
              const ok =
                vs.includes(s) ||
                vs.some((y) => s === y + ".x" || (s.endsWith(".x") && y.startsWith(s.slice(0, -1))));
              if (!ok) err(`${p}/runtime-versions/${r}`, `${s} not in ${image}: ${vs.join(", ")}`);
              if (typeof v === "number")
                warn(
                  `${p}/runtime-versions/${r}`,
                  `quote it: YAML reads ${v} as a number (3.10 becomes 3.1)`,
                );
            }
          }
        }
      }
    }
  }
  for (const [g, x] of Object.entries(obj(b.reports, "/reports") || {})) {
    const p = "/reports/" + g;
    if (!isObj(x)) {
      err(p, "expected mapping");
      continue;
    }
    keys(x, p, ["files", "base-directory", "discard-paths", "file-format"]);
    if (!x.files) err(p, "files required");
    else strs(x.files, p + "/files", "path");
    if (x["file-format"] && !FORMATS.includes(String(x["file-format"]).toUpperCase()))
      err(p + "/file-format", `one of ${FORMATS.join(", ")}`);
  }
  if (isObj(b.reports) && Object.keys(b.reports).length > 5) err("/reports", "at most 5 report groups");
  const artKeys = [
    "files",
    "name",
    "discard-paths",
    "base-directory",
    "exclude-paths",
    "enable-symlinks",
    "s3-prefix",
  ];
  const art = obj(b.artifacts, "/artifacts");
  if (art) {
    keys(art, "/artifacts", [...artKeys, "secondary-artifacts"]);
    if (art.files === undefined) {
      if (art["secondary-artifacts"])
        warn("/artifacts", "documented as required even with only secondary artifacts");
      else err("/artifacts", "files required");
    } else strs(art.files, "/artifacts/files", "path");
    for (const [k, x] of Object.entries(
      obj(art["secondary-artifacts"], "/artifacts/secondary-artifacts") || {},
    )) {
      const p = "/artifacts/secondary-artifacts/" + k;
      if (!/^[A-Za-z0-9_-]{1,100}$/.test(k))
        err(p, "identifier must be usable as a CodePipeline artifact name");
      if (!isObj(x) || !x.files) err(p, "files required");
      else {
        keys(x, p, artKeys);
        strs(x.files, p + "/files", "path");
      }
    }
  }
  const ca = obj(b.cache, "/cache");
  if (ca) {
    keys(ca, "/cache", ["key", "fallback-keys", "action", "paths"]);
    if (!ca.paths) err("/cache/paths", "required");
    else strs(ca.paths, "/cache/paths", "path");
    if (ca["fallback-keys"]) {
      if (!ca.key) warn("/cache/fallback-keys", "ignored without key");
      if (ca["fallback-keys"].length > 5) err("/cache/fallback-keys", "at most 5");
    }
    if (ca.action && !["restore", "save"].includes(ca.action)) err("/cache/action", "restore | save");
    if (lambda) err("/cache", "Lambda compute has no cache");
  }
  const ba = obj(b.batch, "/batch");
  if (ba) {
    const kinds = ["build-graph", "build-list", "build-matrix", "build-fanout"];
    keys(ba, "/batch", ["fast-fail", ...kinds]);
    const have = kinds.filter((k) => ba[k] !== undefined);
    if (have.length !== 1) err("/batch", `exactly one of ${kinds.join(", ")}`);
    if (ba["fast-fail"] !== undefined && typeof ba["fast-fail"] !== "boolean")
      err("/batch/fast-fail", "boolean");
    const envKeys = ["compute-type", "fleet", "image", "privileged-mode", "type", "variables"];
    for (const kind of ["build-graph", "build-list"])
      if (ba[kind] !== undefined) {
        if (!Array.isArray(ba[kind]) || !ba[kind].length) {
          err("/batch/" + kind, "non-empty list");
          continue;
        }
        const ids = new Map();
        ba[kind].forEach((t, i) => {
          const p = `/batch/${kind}/${i}`;
          if (!isObj(t)) return err(p, "mapping");
          keys(t, p, [
            "identifier",
            "buildspec",
            "debug-session",
            "env",
            "ignore-failure",
            ...(kind === "build-graph" ? ["depend-on"] : []),
          ]);
          if (!t.identifier) err(p, "identifier required");
          else {
            if (!/^[A-Za-z0-9_]{1,128}$/.test(t.identifier))
              err(p, "identifier: use [A-Za-z0-9_] (becomes part of artifact and environment names)");
            if (ids.has(t.identifier)) err(p, "duplicate identifier");
            ids.set(t.identifier, t["depend-on"] || []);
          }
          if (t.env) {
            keys(t.env, p + "/env", envKeys);
            if (t.env["compute-type"] && t.env.fleet)
              err(p + "/env", "compute-type and fleet exclude each other");
          }
        });
        for (const [id, d] of ids)
          for (const x of d) if (!ids.has(x)) err("/batch/" + kind, `${id} depends on unknown ${x}`);
        const st = {};
        const dfs = (n) => {
          st[n] = 1;
          for (const m of ids.get(n) || []) {
            if (st[m] === 1) err("/batch/" + kind, `cycle through ${m}`);
            else if (!st[m] && ids.has(m)) dfs(m);
          }
          st[n] = 2;
        };
        [...ids.keys()].forEach((n) => st[n] || dfs(n));
      }
    const mx = ba["build-matrix"];
    if (mx) {
      if (!isObj(mx)) err("/batch/build-matrix", "mapping");
      else {
        keys(mx, "/batch/build-matrix", ["static", "dynamic"]);
        if (mx.static) {
          keys(mx.static, "/batch/build-matrix/static", ["ignore-failure", "env"]);
          if (mx.static.env)
            keys(mx.static.env, "/batch/build-matrix/static/env", ["privileged-mode", "type"]);
        }
        if (!mx.dynamic) err("/batch/build-matrix", "dynamic required");
        else {
          keys(mx.dynamic, "/batch/build-matrix/dynamic", ["buildspec", "env"]);
          if (mx.dynamic.env)
            keys(mx.dynamic.env, "/batch/build-matrix/dynamic/env", ["compute-type", "image", "variables"]);
          for (const [k, v] of Object.entries(mx.dynamic.env?.variables || {}))
            if (!Array.isArray(v)) err("/batch/build-matrix/dynamic/env/variables/" + k, "list of values");
        }
      }
    }
    const fo = ba["build-fanout"];
    if (fo) {
      keys(fo, "/batch/build-fanout", ["parallelism", "ignore-failure"]);
      if (!Number.isInteger(fo.parallelism) || fo.parallelism < 1)
        err("/batch/build-fanout/parallelism", "positive integer required");
    }
  }
  return out;
}
export function parseBuildspec(text) {
  const document = YAML.parseDocument(text, { version: "1.1" });
  if (document.errors.length) throw document.errors[0];
  return document.toJS();
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const options = {};
  const files = [];
  const args = process.argv.slice(2);
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--image") options.image = args[++i];
    else if (args[i].startsWith("--")) options[args[i].slice(2)] = true;
    else files.push(args[i]);
  }
  if (!files.length) {
    console.error("usage: buildspec.mjs [--image IMAGE] [--lambda] [--fleet] FILE...");
    process.exit(2);
  }
  for (const file of files) {
    let findings;
    try {
      findings = checkBuildspec(parseBuildspec(fs.readFileSync(file, "utf8")), options);
    } catch (e) {
      findings = [{ level: "error", code: "PARSE", path: "", message: String(e.message).split("\n")[0] }];
    }
    for (const { level, code, path: at, message } of findings)
      finding(file, code, `${at}: ${message}`, { level });
  }
}
