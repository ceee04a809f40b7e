// What @bufbuild/cel 0.6.1 gets wrong, by the specification or by cel-go. Each function here stands in for one of its own, with
// the reason, so that no other difference hides behind the fault.
// What cannot be replaced, generate.mjs leaves out; there,
// - operands of unary minus, of `has()` and of indexes may be of any type, and a fraction as an index throws an exception;
// - a key that can be none is an error of `in`, where cel-go says false;
// - places in text are counted in UTF-16, so characters beyond U+FFFF count twice;
// - `reverse` is missing, and so is `math`;
// - `%s` loses the sign of -0 and sorts keys by a locale, `%f` refuses whole numbers and rounds very large ones, `%e` gives `e-7`
//   where cel-go gives `e-07`;
// - years before 100 are taken for those after 1900.
import { require } from "../../judges/modules.mjs";

const { celFunc, celMethod, celList, celUint, CelScalar, listType, objectType } = require("@bufbuild/cel");
const { TimestampSchema, DurationSchema, timestampDate } = require("@bufbuild/protobuf/wkt");
const { DOUBLE, INT, STRING, UINT } = CelScalar;
const TIMESTAMP = objectType(TimestampSchema);
const DURATION = objectType(DurationSchema);

const fail = (text) => { throw new Error(text); };
const whole = (text, pattern, least, most) => {
  const value = pattern.test(text) ? BigInt(text.replace("+", "")) : fail("no number");
  return value < least || value > most ? fail("out of range") : value;
};
export const fraction = (nanos) => (nanos ? "." + String(nanos).padStart(9, "0").replace(/0+$/, "") : "");
export const timestampText = (message) => timestampDate(message).toISOString().slice(0, 19) + fraction(message.nanos) + "Z";
export const durationText = ({ seconds, nanos }) => {
  const total = seconds * 1_000_000_000n + BigInt(nanos);
  const size = total < 0n ? -total : total;
  return `${total < 0n ? "-" : ""}${size / 1_000_000_000n}${fraction(Number(size % 1_000_000_000n))}s`;
};

// As Go's strings.Replace and strings.SplitN.
function replace(text, from, to, most) {
  const parts = from === "" ? ["", ...text, ""] : text.split(from);
  const times = most < 0n ? parts.length - 1 : Math.min(Number(most), parts.length - 1);
  return parts.slice(0, times + 1).join(to) + (times + 1 < parts.length ? from + parts.slice(times + 1).join(from) : "");
}
function split(text, by, most) {
  const parts = text.split(by);
  if (most < 0n || parts.length <= most) return parts;
  return most === 0n ? [] : [...parts.slice(0, Number(most) - 1), parts.slice(Number(most) - 1).join(by)];
}

// As cel-go: an empty text is found where the search starts, and for any other it must start before the end.
const search = (find) => function (what, from) {
  const start = Number(from);
  if (start < 0 || start > this.length || (what !== "" && start === this.length)) fail("no such place");
  return BigInt(find(this, what, start));
};

export const corrections = [
  { reason: "a text that is no number becomes NaN, and an empty one 0",
    func: celFunc("double", [STRING], DOUBLE, (text) => {
      if (/^[+-]?(Inf(inity)?|inf)$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
      if (text === "NaN") return NaN;
      const value = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : fail("no number");
      return Number.isFinite(value) ? value : fail("out of range");
    }) },
  { reason: "an empty text becomes 0, and blanks and other bases are taken",
    func: celFunc("int", [STRING], INT, (text) => whole(text, /^[+-]?\d+$/, -(2n ** 63n), 2n ** 63n - 1n)) },
  { reason: "as with int()", func: celFunc("uint", [STRING], UINT, (text) => celUint(whole(text, /^\d+$/, 0n, 2n ** 64n - 1n))) },
  { reason: "an empty text is not found at the end",
    func: celMethod("indexOf", STRING, [STRING, INT], INT, search((text, what, start) => text.indexOf(what, start))) },
  { reason: "as with indexOf",
    func: celMethod("lastIndexOf", STRING, [STRING, INT], INT, search((text, what, start) => text.lastIndexOf(what, start))) },
  { reason: "the sign of zero is lost", func: celFunc("string", [DOUBLE], STRING, (value) => (Object.is(value, -0) ? "-0" : String(value))) },
  { reason: "the result must fit an int there",
    func: celFunc("_/_", [UINT, UINT], UINT, (a, b) => (b.value === 0n ? fail("division by zero") : celUint(a.value / b.value))) },
  { reason: "the quotient does not fit an int: an error in cel-go",
    func: celFunc("_%_", [INT, INT], INT, (a, b) => (b === 0n || (a === -(2n ** 63n) && b === -1n) ? fail("overflow") : a % b)) },
  { reason: "a NUL is escaped, which cel-go leaves as it is",
    func: celFunc("strings.quote", [STRING], STRING, (text) => {
      const escapes = { "\x07": "a", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v", "\\": "\\", '"': '"' };
      return `"${[...text].map((one) => (one in escapes ? "\\" + escapes[one] : one)).join("")}"`;
    }) },
  { reason: "int(duration) is not in the specification", func: celFunc("int", [DURATION], INT, () => fail("no overload")) },
  { reason: "duration(int) is not in the specification", func: celFunc("duration", [INT], DURATION, () => fail("no overload")) },
  { reason: "zeros are kept at the end: 0.250s, where cel-go has 0.25s",
    func: celFunc("string", [DURATION], STRING, ({ message }) => durationText(message)) },
  { reason: "as with durations", func: celFunc("string", [TIMESTAMP], STRING, ({ message }) => timestampText(message)) },
  { reason: "an empty text is replaced at the start only, and again and again",
    func: celMethod("replace", STRING, [STRING, STRING], STRING, function (from, to) { return replace(this, from, to, -1n); }) },
  { reason: "as above, and -1 replaces nothing",
    func: celMethod("replace", STRING, [STRING, STRING, INT], STRING, function (from, to, most) { return replace(this, from, to, most); }) },
  { reason: "what is left after the last part is dropped",
    func: celMethod("split", STRING, [STRING, INT], listType(STRING), function (by, most) { return celList(split(this, by, most)); }) },
];

// A difference that no function can correct, by what the expression has in it: {pattern, reason}.
export const differences = [
  { pattern: /-\(-\(/, reason: "a pair of signs is dropped, in parentheses too, before the first of them can overflow" },
];
