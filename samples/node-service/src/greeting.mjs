export function greeting(name) {
  const who = String(name ?? "").trim();
  return `Hello, ${who === "" ? "world" : who}.`;
}
