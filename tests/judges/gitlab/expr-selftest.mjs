import { truthful, fnmatch, parse } from "./expr.mjs";
const V = { P: "my variable", E: "", PATH1: "a/path/x", re: "/^my/", bad: "nope", W: "  " };
const T = [
  ["$P", 1],
  ["$E", 0],
  ["$U", 0],
  ["$W", 0],
  ['$P == "my variable"', 1],
  ["$E == null", 0],
  ["$U == null", 1],
  ['$E == ""', 1],
  ['$U == ""', 0],
  ["$P =~ /^my/", 1],
  ["$P =~ /^MY/i", 1],
  ["$P !~ /^x/", 1],
  ["$U =~ /abc/", 0],
  ["$U !~ /abc/", 1],
  ["$P =~ $re", 1],
  ["$P =~ $U", 0],
  ["$P !~ $U", 1],
  ["$PATH1 =~ /a\\/path/", 1],
  ["$E && $P", 1],
  ["$E || $P", 0],
  ["$U || $P", 1],
  ["$U && $P", 0],
  ["$P && $E", 0],
  ['$P == "x" || $P && $U', 0],
  ['($P || $U) && $E == ""', 1],
  ["!$U", 1],
  ["!$P", 0],
  ['!"false"', 0],
  ['!($P == "x")', 1],
  ["!$U && $P", 1],
  ['"my" =~ "my variable"', 1],
  ['"my variable" =~ "my"', 0],
  ["$P == true", 0],
  ["$P == 'my variable' && $P != null", 1],
];
let bad = 0;
const eq = (n, a, b) => {
  if (a !== b) {
    bad++;
    console.log("FAIL", n, a, b);
  }
};
for (const [e, w] of T) eq(e, truthful(e, V), !!w);
for (const e of ["$A =", "$A == ", "(", "$A $B", "${A}", "$A =~ /./", "$A == 1", "$A and $B", "$A =~ /(/"]) {
  let err = false;
  try {
    truthful(e, V);
  } catch {
    err = true;
  }
  eq("must fail: " + e, err, true);
}
const big = (n) => Array.from({ length: n }, (_, i) => (i % 2 ? "||" : "$A")).join(" ");
eq(
  "99 tokens",
  (() => {
    try {
      parse(big(99));
      return true;
    } catch {
      return false;
    }
  })(),
  true,
);
eq(
  "101 tokens",
  (() => {
    try {
      parse(big(101));
      return true;
    } catch {
      return false;
    }
  })(),
  false,
);
for (const [g, p, w] of [
  ["**/*", "a/b/c.rb", 1],
  ["**/*", "c.rb", 1],
  ["*.md", "a/x.md", 0],
  ["docs/**/*", "docs/a/b", 1],
  ["docs/**/*", "docs/a", 1],
  ["docs/*", "docs/a/b", 0],
  ["*.{rb,py}", "x.py", 1],
  ["**/.env", ".env", 1],
  ["a/**", "a/b/c", 0],
  ["a/**", "a/b", 1],
  ["[ab].c", "b.c", 1],
  ["src/**/*.{c,h}", "src/m/n/x.h", 1],
  ["Dockerfile", "Dockerfile", 1],
  ["**/Dockerfile", "x/Dockerfile", 1],
  ["*", ".hid", 1],
])
  eq(`${g} ~ ${p}`, fnmatch(g, p), !!w);
console.log(`${T.length + 9 + 2 + 15 - bad} passed, ${bad} failed`);
process.exit(bad ? 1 : 0);
