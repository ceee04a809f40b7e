// Random expressions, from a seed: mostly well typed, sometimes not, with values near the edges of their types.

export class Random {
  constructor(seed) { this.state = seed >>> 0; }
  next() {  // mulberry32
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  below(count) { return Math.floor(this.next() * count); }
  pick(all) { return all[this.below(all.length)]; }
  chance(odds) { return this.next() < odds; }
}

// The variables that expressions read, as tests/cel/conformance/driver.cpp takes them.
export const bindings = {
  i: { int: "7" },
  u: { uint: "3" },
  d: { double: -1.5 },
  s: { string: "a-ß€b" },
  y: { bytes: "AP9h" },
  b: { bool: true },
  n: { null: null },
  l: { list: [{ int: "1" }, { int: "2" }, { int: "3" }] },
  ls: { list: [{ string: "a" }, { string: "bb" }, { string: "" }] },
  m: { map: [[{ string: "a" }, { int: "1" }], [{ string: "b" }, { int: "2" }]] },
  t: { timestamp: "2024-02-29T12:30:45.5Z" },
  r: { duration: "5400.25s" },
};
export const variables = {
  i: "int", u: "uint", d: "double", s: "string", y: "bytes", b: "bool", n: "null_type", l: ["list", "int"], ls: ["list", "string"],
  m: ["map", "string", "int"], t: "timestamp", r: "duration",
};

const leaves = {
  int: ["0", "1", "-1", "2", "5", "10", "63", "i", "9223372036854775807", "-9223372036854775808", "9007199254740993", "0x1F"],
  uint: ["0u", "1u", "2u", "7u", "u", "18446744073709551615u", "0xFFu"],
  double: ["0.0", "1.0", "-0.0", "0.5", "-2.5", "3.75", "1e3", "1e-7", "1e300", "5e-324", "d", "9007199254740992.0", "0.1"],
  string: ['""', '"a"', '"b"', '"ab"', '"hello world"', "'é'", '"€x"', "r'\\d'", '"a,b,,c"', '"7"', '"-12"', '"1.5"', '"true"', "s", '"  x "', '"A-Z"', '"\\n\\t"'],
  bytes: ['b""', 'b"a"', 'b"\\xff\\x00"', "b'é'", "y"],
  bool: ["true", "false", "b"],
  null: ["null", "n"],
  timestamp: ['timestamp("2024-02-29T12:30:45Z")', 'timestamp("1969-12-31T23:59:59.25Z")', 'timestamp("2023-12-31T23:30:00+01:00")', 't', 'timestamp("0200-01-01T00:00:00Z")', 'timestamp("9999-12-31T23:59:59Z")'],
  duration: ['duration("0s")', 'duration("90s")', 'duration("-1.5s")', 'duration("1h30m")', 'duration("250ms")', "r", 'duration("2400h")'],
  list_int: ["[]", "[1]", "[1, 2, 3]", "[3, -1, 2]", "l"],
  list_string: ["[]", '["a"]', '["b", "a", "ab"]', "ls"],
  map: ["{}", '{"a": 1}', '{"a": 1, "b": 2, "c": 3}', "m"],
};
const zoned = [...leaves.timestamp.filter((one) => !one.includes("0200")), '(t + duration("4000h"))', '(t - duration("90m"))'];
const kinds = Object.keys(leaves);
const zones = ['"UTC"', '"Europe/Berlin"', '"America/New_York"', '"Asia/Kathmandu"', '"+02:00"', '"-09:30"'];
const compared = ["int", "uint", "double", "string", "bytes", "bool", "timestamp", "duration"];
const numbers = ["int", "uint", "double"];
const patterns = ['"a+"', '"^[a-c]*$"', 'r"\\d+"', '"(x|b)"', '"^.$"', '"["'];

export class Generator {
  constructor(seed) { this.random = new Random(seed); }

  expression() { return this.random.chance(0.05) ? this.ill_typed(3) : this.make(this.random.pick(kinds), 1 + this.random.below(4)); }

  make(kind, depth) {
    if (depth <= 0 || this.random.chance(0.15)) return this.random.pick(leaves[kind]);
    return this.random.pick(this[kind](depth - 1))();
  }

  // Values of two kinds that meet in an operator: mostly an error.
  ill_typed(depth) {
    const operator = this.random.pick(["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||"]);
    return `(dyn(${this.make(this.random.pick(kinds), depth)}) ${operator} dyn(${this.make(this.random.pick(kinds), depth)}))`;
  }
  // Ways to come to any kind: a condition, an item, a value.
  anyway(kind, depth) {
    const of = (one) => this.make(one, depth);
    return [() => `(${of("bool")} ? ${of(kind)} : ${of(kind)})`, () => `[${of(kind)}, ${of(kind)}][${this.random.pick(["0", "1", of("int")])}]`,
      () => `{"k": ${of(kind)}, "j": ${of(kind)}}${this.random.pick([".k", '["j"]', `[${of("string")}]`])}`];
  }

  int(depth) {
    const of = (kind) => this.make(kind, depth);
    const binary = () => `(${of("int")} ${this.random.pick(["+", "-", "*", "/", "%"])} ${of("int")})`;
    const part = this.random.pick(["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds"]);
    return [binary, binary, binary, () => `-(${of("int")})`, () => `size(${of(this.random.pick(["string", "bytes", "list_int", "list_string", "map"]))})`,
      () => `int(${of(this.random.pick(["uint", "double", "string", "timestamp", "int"]))})`,
      () => `${of("timestamp")}.${part}()`, () => `${this.random.pick(zoned)}.${part}(${this.random.pick(zones)})`,
      () => `${of("duration")}.${this.random.pick(["getHours", "getMinutes", "getSeconds", "getMilliseconds"])}()`,
      () => `${of("string")}.${this.random.pick(["indexOf", "lastIndexOf"])}(${of("string")}${this.random.chance(0.3) ? ", " + of("int") : ""})`,
      () => `${of("map")}[${of("string")}]`, () => `${of("list_int")}[${this.random.pick(["0.0", "1.0", "9.0", of("int"), of("uint")])}]`, ...this.anyway("int", depth)];
  }
  uint(depth) {
    const of = (kind) => this.make(kind, depth);
    const binary = () => `(${of("uint")} ${this.random.pick(["+", "-", "*", "/", "%"])} ${of("uint")})`;
    return [binary, binary, () => `uint(${of(this.random.pick(["int", "double", "string", "uint"]))})`, ...this.anyway("uint", depth)];
  }
  double(depth) {
    const of = (kind) => this.make(kind, depth);
    const binary = () => `(${of("double")} ${this.random.pick(["+", "-", "*", "/"])} ${of("double")})`;
    return [binary, binary, () => `-(${of("double")})`, () => `double(${of(this.random.pick(["int", "uint", "string", "double"]))})`, ...this.anyway("double", depth)];
  }
  string(depth) {
    const of = (kind) => this.make(kind, depth);
    const small = () => this.random.pick(["-1", "0", "1", "2", "3", of("int")]);
    return [() => `(${of("string")} + ${of("string")})`, () => `(${of("string")} + ${of("string")})`,
      () => `string(${of(this.random.pick(["int", "uint", "double", "bool", "bytes", "timestamp", "duration", "string"]))})`,
      () => `${of("string")}.${this.random.pick(["lowerAscii", "upperAscii", "trim"])}()`,
      () => `${of("string")}.charAt(${small()})`, () => `${of("string")}.substring(${small()}${this.random.chance(0.5) ? ", " + small() : ""})`,
      () => `${of("string")}.replace(${of("string")}, ${of("string")}${this.random.chance(0.3) ? ", " + small() : ""})`,
      () => `${of("list_string")}.join(${this.random.chance(0.5) ? of("string") : ""})`, () => `strings.quote(${of("string")})`,
      () => `"${this.random.pick(["%s", "<%s>%%", "%d", "%x", "%X", "%o", "%b"])}".format([${of(this.random.pick(["int", "uint", "string", "bool", "bytes", "list_int"]))}])`,
      () => `"${this.random.pick(["%.2f", "%f", "%.0f"])}".format([${this.random.pick(["0.5", "-2.5", "3.75", "1e3", "0.1", "1e-7", "d", "d * d"])}])`,
      ...this.anyway("string", depth)];
  }
  bytes(depth) {
    const of = (kind) => this.make(kind, depth);
    return [() => `(${of("bytes")} + ${of("bytes")})`, () => `bytes(${of("string")})`, ...this.anyway("bytes", depth)];
  }
  null(depth) { return this.anyway("null", depth); }
  bool(depth) {
    const of = (kind) => this.make(kind, depth);
    const order = () => this.random.pick(["<", "<=", ">", ">="]);
    const comparison = () => {
      const kind = this.random.pick(compared);
      return `(${of(kind)} ${order()} ${of(kind)})`;
    };
    const mixed = () => `(dyn(${of(this.random.pick(numbers))}) ${this.random.pick(["<", "<=", ">", ">=", "==", "!="])} ${of(this.random.pick(numbers))})`;
    const equality = () => {
      const kind = this.random.pick(kinds);
      return `(${of(kind)} ${this.random.pick(["==", "!="])} ${of(kind)})`;
    };
    const quantifier = () => `${of("list_int")}.${this.random.pick(["all", "exists", "exists_one"])}(x, x ${this.random.pick(["<", ">", "==", "!="])} ${of("int")} ${this.random.pick(["", `|| ${of("bool")}`, `&& 1 / x > ${of("int")}`])})`;
    return [() => this.ill_typed(depth), comparison, comparison, mixed, equality, equality, () => `(${of("bool")} && ${of("bool")})`, () => `(${of("bool")} || ${of("bool")})`,
      () => `!${of("bool")}`, quantifier, quantifier, () => `${of("map")}.exists(k, k == ${of("string")})`, () => `(${of("string")} in ${of(this.random.pick(["map", "list_string"]))})`,
      () => `(${of("int")} in ${of("list_int")})`, () => `has(${of("map")}.${this.random.pick(["a", "z"])})`, () => `bool(${of("string")})`,
      () => `${of("string")}.${this.random.pick(["startsWith", "endsWith", "contains"])}(${of("string")})`, () => `${of("string")}.matches(${this.random.pick(patterns)})`,
      () => `(type(${of(this.random.pick(kinds))}) == ${this.random.pick(["int", "uint", "double", "string", "bytes", "bool", "list", "map", "null_type", "type(type)"])})`,
      ...this.anyway("bool", depth)];
  }
  timestamp(depth) {
    const of = (kind) => this.make(kind, depth);
    return [() => `(${of("timestamp")} + ${of("duration")})`, () => `(${of("timestamp")} - ${of("duration")})`, () => `(${of("duration")} + ${of("timestamp")})`,
      () => `timestamp(string(${of("timestamp")}))`, ...this.anyway("timestamp", depth)];
  }
  duration(depth) {
    const of = (kind) => this.make(kind, depth);
    return [() => `(${of("duration")} + ${of("duration")})`, () => `(${of("duration")} - ${of("duration")})`, () => `(${of("timestamp")} - ${of("timestamp")})`,
      () => `duration(string(${of("duration")}))`, ...this.anyway("duration", depth)];
  }
  list_int(depth) {
    const of = (kind) => this.make(kind, depth);
    return [() => `(${of("list_int")} + ${of("list_int")})`, () => `${of("list_int")}.map(x, x ${this.random.pick(["+", "*", "-", "/"])} ${of("int")})`,
      () => `${of("list_int")}.filter(x, x ${this.random.pick(["<", ">", "!="])} ${of("int")})`, () => `${of("list_int")}.map(x, x > ${of("int")}, x * x)`,
      () => `[${of("int")}, ${of("int")}]`, () => `${of("list_string")}.map(x, size(x))`, ...this.anyway("list_int", depth)];
  }
  list_string(depth) {
    const of = (kind) => this.make(kind, depth);
    return [() => `(${of("list_string")} + ${of("list_string")})`, () => `${of("list_string")}.map(x, x + ${of("string")})`,
      () => `${of("string")}.split(${of("string")}${this.random.chance(0.4) ? ", " + this.random.pick(["-1", "0", "1", "2", "3"]) : ""})`,
      () => `${of("list_string")}.filter(x, x.contains(${of("string")}))`, () => `[${of("string")}, ${of("string")}]`,
      () => `${of("map")}.map(k, k + ${of("string")})`, ...this.anyway("list_string", depth)];
  }
  map(depth) {
    const of = (kind) => this.make(kind, depth);
    return [() => `{${of("string")}: ${of("int")}, ${of("string")}: ${of("int")}}`, () => `{"a": ${of("int")}}`, ...this.anyway("map", depth)];
  }
}
