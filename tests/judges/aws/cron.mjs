#!/usr/bin/env node
// cron.mjs - POSIX/vixie 5-field cron -> AWS cron(...) conversion, with brute-force proof.
//   node cron.mjs "<posix>"                      convert (exit 1 when not expressible)
//   node cron.mjs --vixie "<posix>"              leading-* rule of vixie cron for dom/dow (GitHub, crond)
//   node cron.mjs --check "<posix>" "<aws>"...   prove the union of AWS expressions fires exactly like posix (2024-2031)
//   node cron.mjs --fuzz N                       N random expressions through convert + proof
//   node cron.mjs --selftest
import path from "node:path";
import { fileURLToPath } from "node:url";
const MON = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  DAY = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MACRO = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};
const R = { minute: [0, 59], hour: [0, 23], dom: [1, 31], month: [1, 12], dow: [0, 7] };

function posixField(s, name) {
  const [lo, hi] = R[name],
    set = new Set();
  const num = (t) => {
    const u = t.toUpperCase();
    if (name === "month" && MON.includes(u)) return MON.indexOf(u) + 1;
    if (name === "dow" && DAY.includes(u)) return DAY.indexOf(u);
    if (!/^\d+$/.test(t)) throw new Error(`bad ${name} value "${t}"`);
    const n = Number(t);
    if (n < lo || n > hi) throw new Error(`${name} ${n} outside ${lo}-${hi}`);
    return n;
  };
  for (const part of s.split(",")) {
    const m = part.match(/^([^/]+)(?:\/(\d+))?$/);
    if (!m) throw new Error(`bad ${name} "${part}"`);
    const step = m[2] === undefined ? 1 : Number(m[2]);
    if (step < 1) throw new Error(`bad step in ${name}`);
    let a, b;
    if (m[1] === "*") {
      a = lo;
      b = name === "dow" ? 6 : hi;
    } else if (m[1].includes("-")) {
      const [x, y] = m[1].split("-");
      a = num(x);
      b = num(y);
      if (name === "dow" && b === 0 && a > 0) b = 7;
      if (a > b) throw new Error(`descending range in ${name} "${part}"`);
    } else {
      a = num(m[1]);
      b = m[2] === undefined ? a : name === "dow" ? 6 : hi;
    }
    for (let i = a; i <= b; i += step) set.add(name === "dow" ? i % 7 : i);
  }
  const n = name === "dow" ? 7 : hi - lo + 1;
  return { set, full: set.size === n, star: s[0] === "*", bare: s === "*" };
}
export function parsePosix(expr) {
  const e = MACRO[expr.trim().toLowerCase()] ?? expr.trim();
  const f = e.split(/\s+/);
  if (f.length !== 5) throw new Error(`posix cron has 5 fields, found ${f.length}`);
  const [minute, hour, dom, month, dow] = ["minute", "hour", "dom", "month", "dow"].map((n, i) =>
    posixField(f[i], n),
  );
  return { minute, hour, dom, month, dow };
}
// posix: both fields restricted (not a bare *) -> OR.   vixie: a field that begins with * counts as unrestricted -> AND.
export function posixDay(c, dom, month, dow, vixie) {
  if (!c.month.set.has(month)) return false;
  const a = c.dom.set.has(dom),
    b = c.dow.set.has(dow);
  const both = vixie ? !c.dom.star && !c.dow.star : !c.dom.bare && !c.dow.bare;
  return both ? a || b : a && b;
}
// ---- emit: '*' | s/k (to the end of the field) | ranges and singles
function emit(set, lo, hi, { step = true, name } = {}) {
  const v = [...set].sort((a, b) => a - b);
  if (v.length === hi - lo + 1) return "*";
  if (step && v.length > 2) {
    const k = v[1] - v[0];
    if (k > 1 && v.every((x, i) => x === v[0] + i * k) && v.at(-1) + k > hi) return `${v[0]}/${k}`;
  }
  const out = [];
  for (let i = 0; i < v.length;) {
    let j = i;
    while (j + 1 < v.length && v[j + 1] === v[j] + 1) j++;
    const n = (x) => (name ? name(x) : String(x));
    out.push(j - i >= 2 ? `${n(v[i])}-${n(v[j])}` : j > i ? `${n(v[i])},${n(v[j])}` : n(v[i]));
    i = j + 1;
  }
  return out.join(",");
}
export function convert(expr, { vixie = false } = {}) {
  const c = parsePosix(expr);
  const mi = emit(c.minute.set, 0, 59),
    h = emit(c.hour.set, 0, 23),
    mo = emit(c.month.set, 1, 12);
  const dom = emit(c.dom.set, 1, 31),
    dow = emit(new Set([...c.dow.set].map((x) => x + 1)), 1, 7, { step: false, name: (x) => DAY[x - 1] });
  const A = (d) => `cron(${mi} ${h} ${d} ${mo} ? *)`,
    B = (w) => `cron(${mi} ${h} ? ${mo} ${w} *)`;
  const or = vixie ? !c.dom.star && !c.dow.star : !c.dom.bare && !c.dow.bare;
  let r;
  if (or) r = c.dom.full || c.dow.full ? [A("*")] : [A(dom), B(dow)];
  else if (c.dow.full) r = [A(dom)];
  else if (c.dom.full) r = [B(dow)];
  else
    throw new Error(
      "needs day-of-month AND day-of-week: AWS cron cannot say that; run on one of them and test the other in the job",
    );
  for (const x of r) if (x.length > 256) throw new Error("longer than 256 characters");
  return r;
}
// ---- AWS matcher
export function parseAws(expr) {
  const m = expr.trim().match(/^cron\((.*)\)$/);
  const f = (m ? m[1] : expr).trim().split(/\s+/);
  if (f.length !== 6) throw new Error("aws cron has 6 fields");
  if ((f[2] === "?") === (f[4] === "?"))
    throw new Error("exactly one of day-of-month and day-of-week must be ?");
  const num = (t, names, base) => {
    const u = t.toUpperCase();
    if (names?.includes(u)) return names.indexOf(u) + base;
    if (!/^\d+$/.test(t)) throw new Error("bad value " + t);
    return Number(t);
  };
  const field = (s, lo, hi, names, base) => {
    if (s === "*" || s === "?") return null;
    const set = new Set();
    for (const p of s.split(",")) {
      const [r, st] = p.split("/");
      const k = st === undefined ? 1 : Number(st);
      let a, b;
      if (r === "*") {
        a = lo;
        b = hi;
      } else if (r.includes("-")) {
        const [x, y] = r.split("-");
        a = num(x, names, base);
        b = num(y, names, base);
      } else {
        a = num(r, names, base);
        b = st === undefined ? a : hi;
      }
      if (a < lo || b > hi) throw new Error("out of range " + p);
      if (a <= b) for (let i = a; i <= b; i += k) set.add(i);
      else {
        for (let i = a; i <= hi; i += k) set.add(i);
        for (let i = lo; i <= b; i += k) set.add(i);
      }
    }
    return set;
  };
  const special = /[LW#]/i;
  const MONX = MON;
  const domS = special.test(f[2]) ? f[2].toUpperCase() : null,
    dowS = special.test(f[4].replace(/SUN|MON|TUE|WED|THU|FRI|SAT/gi, "D")) ? f[4].toUpperCase() : null;
  return {
    minute: field(f[0], 0, 59),
    hour: field(f[1], 0, 23),
    dom: domS ? null : field(f[2], 1, 31),
    domS,
    month: field(f[3], 1, 12, MONX, 1),
    dow: dowS ? null : field(f[4], 1, 7, DAY, 1),
    dowS,
    year: field(f[5], 1970, 2199),
  };
}
const dim = (y, m) => new Date(Date.UTC(y, m, 0)).getUTCDate();
export function awsDay(c, y, month, dom, dow0) {
  if (c.year && !c.year.has(y)) return false;
  if (c.month && !c.month.has(month)) return false;
  const last = dim(y, month),
    wd = (d) => new Date(Date.UTC(y, month - 1, d)).getUTCDay();
  if (c.dom && !c.dom.has(dom)) return false;
  if (c.dow && !c.dow.has(dow0 + 1)) return false;
  if (c.domS)
    return c.domS.split(",").some((s) => {
      if (s === "L") return dom === last;
      let m;
      if ((m = s.match(/^L-(\d+)$/))) return dom === last - Number(m[1]);
      const near = (t) => {
        const w = wd(t);
        if (w === 6) return t > 1 ? t - 1 : t + 2;
        if (w === 0) return t < last ? t + 1 : t - 2;
        return t;
      };
      if (s === "LW") return dom === near(last);
      if ((m = s.match(/^(\d+)W$/))) return Number(m[1]) <= last && dom === near(Number(m[1]));
      return Number(s) === dom;
    });
  if (c.dowS)
    return c.dowS.split(",").some((s) => {
      const n = (t) => (DAY.includes(t) ? DAY.indexOf(t) + 1 : Number(t));
      let m;
      if (s === "L") return dow0 === 6;
      if ((m = s.match(/^(\w+)L$/))) return dow0 + 1 === n(m[1]) && dom + 7 > last;
      if ((m = s.match(/^(\w+)#(\d)$/))) return dow0 + 1 === n(m[1]) && Math.ceil(dom / 7) === Number(m[2]);
      return dow0 + 1 === n(s);
    });
  return true;
}
// union of aws == posix ?  returns {equal, doubled, counter}
export function prove(posix, awsList, { vixie = false, from = 2024, to = 2031 } = {}) {
  const c = parsePosix(posix),
    A = awsList.map(parseAws);
  let doubled = 0,
    fires = 0;
  const tod = (a, h, m) => (!a.hour || a.hour.has(h)) && (!a.minute || a.minute.has(m));
  const times = [];
  for (let h = 0; h < 24; h++)
    for (let m = 0; m < 60; m++)
      times.push([h, m, c.hour.set.has(h) && c.minute.set.has(m), A.map((a) => tod(a, h, m))]);
  const memo = new Map();
  for (let d = Date.UTC(from, 0, 1); d < Date.UTC(to + 1, 0, 1); d += 864e5) {
    const t = new Date(d),
      y = t.getUTCFullYear(),
      mo = t.getUTCMonth() + 1,
      dom = t.getUTCDate(),
      dow = t.getUTCDay();
    const pd = posixDay(c, dom, mo, dow, vixie),
      ad = A.map((a) => awsDay(a, y, mo, dom, dow));
    const key = pd + "|" + ad;
    let r = memo.get(key);
    if (!r) {
      r = { bad: null, dbl: 0, n: 0 };
      for (const [h, m, pt, at] of times) {
        const p = pd && pt,
          n = ad.filter((x, i) => x && at[i]).length;
        if (p !== n > 0) {
          r.bad ??= [h, m, p];
        }
        if (n > 1) r.dbl++;
        if (p) r.n++;
      }
      memo.set(key, r);
    }
    if (r.bad)
      return {
        equal: false,
        counter: `${t.toISOString().slice(0, 10)} ${r.bad[0]}:${String(r.bad[1]).padStart(2, "0")} posix=${r.bad[2]}`,
      };
    doubled += r.dbl;
    fires += r.n;
  }
  return { equal: true, doubled, fires };
}
function selftest() {
  const T = [
    ["*/15 * * * *", ["cron(0/15 * * * ? *)"]],
    ["0 3 * * *", ["cron(0 3 * * ? *)"]],
    ["30 4 1,15 * *", ["cron(30 4 1,15 * ? *)"]],
    ["0 9 * * 1-5", ["cron(0 9 ? * MON-FRI *)"]],
    ["0 0 * * 0", ["cron(0 0 ? * SUN *)"]],
    ["0 0 * * 7", ["cron(0 0 ? * SUN *)"]],
    ["0 0 * * 5-7", ["cron(0 0 ? * SUN,FRI,SAT *)"]],
    ["30 4 1,15 * 5", ["cron(30 4 1,15 * ? *)", "cron(30 4 ? * FRI *)"]],
    ["5-59/10 8-18 * JAN-MAR mon", ["cron(5/10 8-18 ? 1-3 MON *)"]],
    ["0 */5 * * *", ["cron(0 0/5 * * ? *)"]],
    ["@weekly", ["cron(0 0 ? * SUN *)"]],
    ["0 12 * * */2", ["cron(0 12 ? * SUN,TUE,THU,SAT *)"]],
    ["0 12 1-31 * 1", ["cron(0 12 * * ? *)"]],
  ];
  let bad = 0;
  for (const [p, w] of T) {
    const g = convert(p);
    const ok = JSON.stringify(g) === JSON.stringify(w) && prove(p, g).equal;
    if (!ok) {
      bad++;
      console.log("FAIL", p, g, prove(p, g));
    }
  }
  try {
    convert("0 0 */2 * 1", { vixie: true });
    bad++;
    console.log("FAIL vixie AND should be refused");
  } catch {
    /* expected */
  }
  if (prove("0 0 * * 1", ["cron(0 0 ? * 1 *)"]).equal) {
    bad++;
    console.log("FAIL numbering shift not caught");
  }
  console.log(`${T.length + 2 - bad} passed, ${bad} failed`);
  return bad;
}
if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const a = process.argv.slice(2);
  const vixie = a.includes("--vixie");
  const b = a.filter((x) => x !== "--vixie");
  try {
    if (b[0] === "--selftest") process.exit(selftest() ? 1 : 0);
    else if (b[0] === "--check") {
      const r = prove(b[1], b.slice(2), { vixie });
      console.log(JSON.stringify(r));
      process.exit(r.equal ? 0 : 1);
    } else if (b[0] === "--fuzz") {
      let s = 12345;
      const rnd = (n) => (s = (s * 1103515245 + 12345) & 0x7fffffff) % n;
      const fld = (lo, hi) => {
        const k = rnd(6);
        const x = lo + rnd(hi - lo + 1),
          y = x + rnd(hi - x + 1);
        return k < 2
          ? "*"
          : k === 2
            ? `${x}`
            : k === 3
              ? `${x}-${y}`
              : k === 4
                ? `*/${1 + rnd(hi - lo)}`
                : `${x},${y}`;
      };
      let ok = 0,
        refused = 0;
      const N = Number(b[1] || 200);
      for (let i = 0; i < N; i++) {
        const p = [fld(0, 59), fld(0, 23), fld(1, 31), fld(1, 12), fld(0, 7)].join(" ");
        for (const v of [false, true]) {
          let g;
          try {
            g = convert(p, { vixie: v });
          } catch {
            refused++;
            continue;
          }
          const r = prove(p, g, { vixie: v });
          if (!r.equal) {
            console.log("FAIL", p, v, g, r);
            process.exit(1);
          }
          ok++;
        }
      }
      console.log(`${ok} passed, 0 failed, ${refused} skipped`);
    } else {
      const g = convert(b[0], { vixie });
      console.log(g.join("\n"));
      const r = prove(b[0], g, { vixie });
      if (g.length > 1)
        console.log(`# two schedules; ${r.doubled} coinciding firings 2024-2031 of ${r.fires}`);
      process.exit(r.equal ? 0 : 1);
    }
  } catch (e) {
    console.error(String(e.message));
    process.exit(1);
  }
}
