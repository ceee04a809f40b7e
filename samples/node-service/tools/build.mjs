// Puts what runs into dist/, with a manifest that says what is in it.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
cpSync("src", "dist/src", { recursive: true });
const files = readdirSync("dist/src").sort();
const manifest = Object.fromEntries(files.map((name) => [name, createHash("sha256").update(readFileSync(`dist/src/${name}`)).digest("hex")]));
writeFileSync("dist/manifest.json", `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`dist: ${files.length} files`);
