// Pulls GitLab's editor JSON schema (app/assets/javascripts/editor/schema/ci.json) out of the
// gitlab-ci-local bundle, where it is inlined as one JS object literal, and prints it as JSON.
import fs from "node:fs";
import vm from "node:vm";
const src = fs.readFileSync(process.argv[2], "utf8");
const mark = src.search(
  /\$schema:"http:\/\/json-schema\.org\/draft-07\/schema#",\$id:"https:\/\/gitlab\.com\/\.gitlab-ci\.yml"/,
);
if (mark < 0) {
  console.error("schema literal not found: bundle layout changed");
  process.exit(2);
}
let i = src.lastIndexOf("{", mark),
  start = i,
  depth = 0,
  q = null;
for (; i < src.length; i++) {
  const c = src[i];
  if (q) {
    if (c === "\\") i++;
    else if (c === q) q = null;
    continue;
  }
  if (c === '"' || c === "'" || c === "`") q = c;
  else if (c === "{") depth++;
  else if (c === "}" && --depth === 0) break;
}
const schema = vm.runInNewContext("(" + src.slice(start, i + 1) + ")");
// JSON round trip drops the VM realm; !0/!1 literals are evaluated by then.
process.stdout.write(JSON.stringify(schema, null, 1) + "\n");
