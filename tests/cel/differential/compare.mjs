// Random expressions, evaluated by our engine and by npm @bufbuild/cel: the same value, or both an error.
//   node compare.mjs PROGRAM COUNT SEED     PROGRAM is cel_conformance; the last line is `N passed, M failed`
// Each expression is also checked and folded: it has the same value then. known.mjs says what @bufbuild/cel gets wrong.
import process from "node:process";
import { execFileSync } from "node:child_process";
import { require } from "../../judges/modules.mjs";
import { Generator, bindings, variables } from "./generate.mjs";
import { corrections, differences, durationText, timestampText } from "./known.mjs";

const { run, celUint, isCelUint, isCelError, isCelList, isCelMap, isCelType } = require("@bufbuild/cel");
const { strings } = require("@bufbuild/cel/ext");
const { create } = require("@bufbuild/protobuf");
const { TimestampSchema, DurationSchema } = require("@bufbuild/protobuf/wkt");

const [program, count, seed] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

function input(of) {
  const [[kind, data]] = Object.entries(of);
  switch (kind) {
    case "int": return BigInt(data);
    case "uint": return celUint(BigInt(data));
    case "bytes": return new Uint8Array(Buffer.from(data, "base64"));
    case "list": return data.map(input);
    case "map": return new Map(data.map(([key, value]) => [input(key), input(value)]));
    case "timestamp": return create(TimestampSchema, { seconds: BigInt(Math.floor(Date.parse(data) / 1000)), nanos: ((Date.parse(data) % 1000) + 1000) % 1000 * 1e6 });
    case "duration": {
      const number = Number(data.slice(0, -1));
      return create(DurationSchema, { seconds: BigInt(Math.trunc(number)), nanos: Math.round((number % 1) * 1e9) });
    }
    default: return data;
  }
}

function message({ desc, message }) {
  return desc.typeName.endsWith("Timestamp") ? ["timestamp", timestampText(message)] : ["duration", durationText(message)];
}

function number(value) {
  return Object.is(value, -0) ? "-0" : Number.isFinite(value) ? value : String(value);
}

// Of what @bufbuild/cel gives.
function theirs(value) {
  if (value === null) return ["null", null];
  if (typeof value === "bigint") return ["int", String(value)];
  if (typeof value === "number") return ["double", number(value)];
  if (typeof value === "string") return ["string", value];
  if (typeof value === "boolean") return ["bool", value];
  if (value instanceof Uint8Array) return ["bytes", Buffer.from(value).toString("base64")];
  if (isCelUint(value)) return ["uint", String(value.value)];
  if (isCelType(value)) return ["type", value.name];
  if (isCelList(value)) return ["list", [...value].map(theirs)];
  if (isCelMap(value)) return ["map", [...value.entries()].map(([key, one]) => JSON.stringify([theirs(key), theirs(one)])).sort()];
  return message(value);
}
function ours(of) {
  const [[kind, data]] = Object.entries(of);
  if (kind === "list") return [kind, data.map(ours)];
  if (kind === "map") return [kind, data.map((entry) => JSON.stringify(entry.map(ours))).sort()];
  return [kind, data];
}

const values = Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, input(value)]));
const funcs = [...strings, ...corrections.map((one) => one.func)];
function judge(expr) {
  try {
    const value = run(expr, values, { funcs });
    return isCelError(value) ? "error" : JSON.stringify(theirs(value));
  } catch {
    return "error";
  }
}

const kBatch = 2000;
let good = 0, failed = 0, errors = 0;
const complain = (expr, text) => {
  failed += 1;
  if (failed <= 50) console.log(`${expr}\n    ${text}`);
};
for (let begin = 0; begin < count; begin += kBatch) {
  const exprs = [];
  for (let i = begin; i < Math.min(count, begin + kBatch); ++i) exprs.push(new Generator(seed * 1_000_003 + i).expression());
  const cases = exprs.flatMap((expr) => [{ expr, bindings, check: false }, { expr, bindings, variables, check: true }]);
  const results = execFileSync(program, { input: cases.map((one) => JSON.stringify(one)).join("\n"), maxBuffer: 1 << 29 })
    .toString().trim().split("\n").map((line) => JSON.parse(line));
  const shown = (result) => (result.value ? JSON.stringify(ours(result.value)) : "error");
  exprs.forEach((expr, i) => {
    const [plain, checked] = [results[2 * i], results[2 * i + 1]];
    const mine = shown(plain);
    if (plain.stage === "parse") return complain(expr, `we cannot read it: ${plain.error}`);
    if (checked.stage !== "check" && shown(checked) !== mine) return complain(expr, `${mine}, but once checked ${shown(checked)}`);
    if (checked.folded) return complain(expr, `${mine}, but folded ${JSON.stringify(checked.folded)}`);
    const other = judge(expr);
    if (mine !== other) {
      const excuse = differences.find(({ pattern }) => pattern.test(expr));
      if (!excuse) return complain(expr, `${mine}${plain.error ? ` (${plain.error})` : ""}, not ${other}`);
      excuse.count = (excuse.count ?? 0) + 1;
    }
    good += 1;
    errors += mine === "error" ? 1 : 0;
  });
}
for (const { pattern, reason, count: times } of differences) if (times) console.log(`known ${times} times: ${pattern.source}: ${reason}`);
console.log(`${count} random expressions from seed ${seed}, ${errors} of them errors`);
console.log(`${good} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
