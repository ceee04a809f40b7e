// Where the judges' npm packages come from: scripts/judges installs them outside of the project, $ORACLE_NODE_MODULES says where.
// Imported before them, so `import("yaml")` of any script here finds them there.
import path from "node:path";
import process from "node:process";
import { createRequire, register } from "node:module";
import { pathToFileURL } from "node:url";

if (!process.env.ORACLE_NODE_MODULES) {
  console.error("the judges are not there: run scripts/judges, then `. ~/.cache/judges/env.sh`");
  process.exit(2);
}
const modules = path.resolve(process.env.ORACLE_NODE_MODULES);
export const require = createRequire(path.join(modules, "..", "judge.cjs"));

// The @actions packages are published for bundlers: they import ".json" without the attribute that Node.js demands.
// Their workflow schema (release 0.3.61) is corrected: `cache-mode` is missing at workflow, job and call level, and
// "repository-dispatch-string" carries the constant "branch_protection_rule", so `on: repository_dispatch` would be refused.
register(
  "data:text/javascript," +
    encodeURIComponent(`
      const parent = ${JSON.stringify(pathToFileURL(path.join(modules, "..", "judge.mjs")).href)};
      const ours = ${JSON.stringify(pathToFileURL(import.meta.dirname).href)};
      export async function resolve(specifier, context, next) {
        const bare = !/^([./]|[a-z]+:)/.test(specifier);
        if (bare && context.parentURL?.startsWith(ours)) context = {...context, parentURL: parent};
        const found = await next(specifier, context);
        return found.url.endsWith(".json") ? {...found, importAttributes: {type: "json"}} : found;
      }
      export async function load(url, context, next) {
        const loaded = await next(url, context);
        if (!url.endsWith("/workflow-v1.0.min.json")) return loaded;
        const schema = JSON.parse(new TextDecoder().decode(loaded.source));
        const definitions = schema.definitions;
        if (!definitions["cache-mode"]) {
          definitions["cache-mode"] = {"allowed-values": ["read", "write", "write-only", "none"]};
          for (const name of ["workflow-root", "workflow-root-strict", "job-factory", "workflow-job"])
            definitions[name].mapping.properties["cache-mode"] = "cache-mode";
        }
        definitions["repository-dispatch-string"].string.constant = "repository_dispatch";
        return {...loaded, source: JSON.stringify(schema)};
      }`),
);

// What every judge prints: one finding per line, as JSON. tests/judges/run reads it.
export function finding(file, rule, message, { line = 0, level = "error" } = {}) {
  console.log(JSON.stringify({ file, line, rule, level, message }));
}
