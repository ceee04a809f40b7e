// What an evaluation may cost, and what is known only when it runs.
#include <catch2/catch.hpp>
#include <tuple>

#include "cel/eval.h"
#include "cel/total.h"
#include "support.h"

using namespace penstock;
using namespace penstock::cel;
using namespace penstock::cel::test;

namespace {

/// A map and a list that only turn out when it runs, beside the facts of pipelines.
Environment dynamic() {
  Environment all = environment();
  all.variables.push_back({"data", types::kDyn});
  all.variables.push_back({"later", types::kDyn});
  return all;
}

const Bindings& bindings() {
  static const Bindings all = {
      {"data",
       {Entries{{{"name"}, {"shop"}}, {{"ports"}, {Values{{std::int64_t{80}}, {std::uint64_t{443}}}}}}}},
  };
  return all;
}

Expr checked(std::string_view text) {
  diag::Sink sink;
  auto typed = check(read(text, sink).value(), dynamic(), sink);
  INFO(text << "\n" << report(sink));
  REQUIRE(typed);
  return std::move(typed->expr);
}

std::string shown(const Value& value) {
  const auto* error = value.get<Error>();
  return error ? "error: " + error->message : print(value);
}

std::string evaluated(std::string_view text) { return shown(evaluate(checked(text), facts(bindings()))); }

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

/// `[[x].map(y, …)[0]].map(y, …)[0]`: what is made is handed on, again and again.
std::string chained(const std::string& first, const std::string& step, int times) {
  std::string text = first;
  for (int i = 0; i < times; ++i) text = "[" + text + "].map(y, " + step + ")[0]";
  return text;
}

constexpr std::string_view kTooMuch = "error: the expression needs more than 1000000 steps";

}  // namespace

TEST_CASE("an evaluation ends, whatever it would make") {
  const std::string ten = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 0]";
  const auto text =
      GENERATE_COPY(chained("\"0123456789\"", "y + y", 40), chained("b\"0123456789\"", "y + y", 40),
                    chained("[1]", "y + y", 40), chained("\"ab\"", "y.replace(\"\", y)", 20),
                    chained("[\"a\", \"b\"]", "y.map(z, y.join(y.join(\"-\")))", 20),
                    // shared, so cheap to make, and too large to look at
                    chained("[1]", "[y, y]", 40),
                    "size([" + chained("[1]", "[y, y]", 40) + "].filter(x, dyn(x) == [1])) == 0",
                    "string(" + chained("[1]", "[y, y]", 40) + " == " + chained("[2]", "[y, y]", 40) + ")",
                    "\"%s\".format([" + chained("[1]", "[y, y]", 40) + "])",
                    ten + ".all(a, " + ten + ".all(b, " + ten + ".all(c, " + ten + ".all(d, " + ten +
                        ".all(e, " + ten + ".all(f, a + b + c + d + e + f >= 0))))))");
  CAPTURE(text);
  CHECK(evaluated(text) == kTooMuch);
  // Folding ends, too, and changes nothing.
  const Expr expr = checked(text);
  CHECK(shown(evaluate(fold(expr, {}), {})) == kTooMuch);
}

TEST_CASE("what decides does not hide that the budget is spent") {
  CHECK(evaluated("size(" + chained("[1]", "y + y", 40) + ") == 0 || true") == kTooMuch);
  CHECK(shown(evaluate(checked("1 + 1"), {}, 2)) == "error: the expression needs more than 2 steps");
}

TEST_CASE("values that are known only when it runs") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"data.name", "\"shop\""},
      {"data[\"name\"].size()", "4"},
      {"data.ports.map(p, p == 80 || p == 443)", "[true, true]"},
      {"data.ports[1] < 444.5", "true"},
      {"has(data.owner) || has(data.name)", "true"},
      {"data.owner", "error: the map has no key \"owner\""},
      {"data.name.first", "error: string has no field `first`"},
      {"data && true", "error: `&&` does not work on such values"},
      {"data.ports[0] == 80 || data", "true"},
      {"data.exists(key, key == \"ports\")", "true"},
      {"{\"a\": 1, \"a\": 2}", "error: the map has the key \"a\" twice"},
      {"{1: 1, dyn(1u): 2}", "error: the map has the key 1u twice"},
      {"later.name == \"x\"", "error: `later` is not known"},
      {"later || true", "true"},
  }));
  CAPTURE(text);
  CHECK(evaluated(text) == expected);
}

TEST_CASE("folding makes no value of what is no bool") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"later == true", "later == true"},
      {"!!later", "!!later"},
      {"later && true", "later && true"},
      {"[later].all(x, x == true)", "[later].all(x, x == true)"},
      {"{\"a\": later}.a", "{\"a\": later}.a"},
      {"{\"a\": ref.branch, \"b\": 1}[\"b\"] == 1", "{\"a\": ref.branch, \"b\": 1}[\"b\"] == 1"},
      {"{\"a\": 1, \"b\": 2}.b == 2", "true"},
      {"int(\"7\") + 1 == 8", "true"},
      {"int(\"x\") == 1", "int(\"x\") == 1"},
      {"timestamp(\"2024-01-01T00:00:00Z\") < timestamp(\"2025-01-01T00:00:00Z\")",
       "timestamp(\"2024-01-01T00:00:00Z\") < timestamp(\"2025-01-01T00:00:00Z\")"},
  }));
  CAPTURE(text);
  CHECK(print(fold(checked(text), {})) == expected);
}

TEST_CASE("an unknown value outweighs one that failed") {
  const Facts known = {[](std::string_view) { return Value{Error{"asked later", {}, true}}; }, {}};
  const auto value = [&](std::string_view text) { return shown(evaluate(checked(text), known)); };
  CHECK(value("1 / 0 == 1 && later") == "error: asked later");
  CHECK(value("later || 1 / 0 == 1") == "error: asked later");
  CHECK(value("[1 / 0, later]") == "error: asked later");
  CHECK(value("later && false") == "false");
}

TEST_CASE("the first part that can fail is found") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"ref.branch == \"a\" && ref.tag.matches(\"^v\")", ""},
      {"ref.branch + \"x\" == ref.tag + ref.branch", ""},
      {"ref.branch.split(\"/\").exists(part, part == \"x\" + ref.tag)", ""},
      {"pull_request.labels + [\"a\"] == []", ""},
      {"size(ref.branch) > 3", ""},
      {"size(ref.branch) + 1 > 3", "size(ref.branch) + 1"},
      {"ref.branch.split(\"/\")[1] == \"x\"", "ref.branch.split(\"/\")[1]"},
      {"ref.tag.matches(ref.branch)", "ref.tag.matches(ref.branch)"},
      {"int(ref.tag) > 1", "int(ref.tag)"},
      {"later == 1", "later"},
      {"{ref.tag: 1}.size() == 1", "{ref.tag: 1}"},
  }));
  CAPTURE(text);
  const Expr expr = checked(text);
  const Expr* part = fallible(expr, dynamic());
  CHECK((part ? print(*part) : "") == expected);
}

TEST_CASE("deep and long expressions are refused before they are evaluated") {
  diag::Sink sink;
  CHECK_FALSE(read(repeated("[", 200) + repeated("]", 200), sink));
  CHECK_FALSE(read(repeated("1 + ", 20'000) + "1", sink));
  CHECK(sink.errors() == 2);
}
