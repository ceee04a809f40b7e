// A linter of two rules, so that the sample needs no packages: what node itself refuses, and spaces at the end of a line.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const sources = ["src", "test", "tools"].flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));
let wrong = 0;
for (const file of sources) {
  execFileSync(process.execPath, ["--check", file], { stdio: "inherit" });
  readFileSync(file, "utf8").split("\n").forEach((line, index) => {
    if (/\s$/.test(line)) {
      console.error(`${file}:${index + 1}: space at the end of the line`);
      wrong += 1;
    }
  });
}
console.log(`${sources.length} files, ${wrong} findings`);
process.exitCode = wrong === 0 ? 0 : 1;
