#include <catch2/catch.hpp>
#include <tuple>

#include "cel/eval.h"
#include "cel/regex.h"
#include "support.h"

using namespace penstock;
using namespace penstock::cel;
using namespace penstock::cel::test;

namespace {

std::string shown(const Value& value) {
  if (const auto* error = value.get<Error>()) return "error: " + error->message;
  return print(constant(value, {}).value());
}

Expr checked(std::string_view text) {
  diag::Sink sink;
  auto typed = check(read(text, sink).value(), environment(), sink);
  INFO(text << "\n" << report(sink));
  REQUIRE(typed);
  return std::move(typed->expr);
}

const Bindings& bindings() {
  static const Bindings all = {
      {"event.kind", {"push"}},
      {"ref.branch", {"main"}},
      {"ref.tag", {""}},
      {"pull_request.fork", {false}},
      {"pull_request.number", {std::int64_t{7}}},
      {"pull_request.labels", {std::vector<Value>{{"bug"}, {"ui"}}}},
  };
  return all;
}

Facts known() {
  Facts all = facts(bindings());
  all.call = [](std::string_view function, std::span<const Value> arguments) -> std::optional<Value> {
    if (function == "math.twice") return Value{*arguments[0].get<std::int64_t>() * 2};
    return Value{arguments.size() == 1 && *arguments[0].get<std::string>() == "src/**"};
  };
  return all;
}

std::string folded(std::string_view text, const Facts& with) { return print(fold(checked(text), with)); }

}  // namespace

TEST_CASE("checked expressions have the values CEL gives them") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"event.kind == \"push\" && ref.branch == \"main\"", "true"},
      {"ref.branch == \"Main\"", "false"},
      {"ref.branch != ref.tag", "true"},
      {"!(ref.tag != \"\")", "true"},
      {"1 + 2 * 3 - 7 / 2 % 2", "6"},
      {"-7 / 2", "-3"},
      {"-7 % 2", "-1"},
      {"-pull_request.number", "-7"},
      {"9223372036854775807 + 1", "error: the result does not fit an int"},
      {"-9223372036854775808 - 1", "error: the result does not fit an int"},
      {"-(-9223372036854775808)", "error: the result does not fit an int"},
      {"9223372036854775807 * 2", "error: the result does not fit an int"},
      {"-9223372036854775808 / -1", "error: the result does not fit an int"},
      {"1 / 0", "error: division by zero"},
      {"1 % 0", "error: division by zero"},
      {"\"a\" + \"b\"", "\"ab\""},
      {"[1] + [2, 3]", "[1, 2, 3]"},
      {"\"a\" < \"b\" && \"Z\" < \"a\" && \"z\" < \"\u00e9\"", "true"},
      {"1 <= 1 && 2 > 1 && 2 >= 2 && false < true", "true"},
      {"[1, [2]] == [1, [2]]", "true"},
      {"[1, 2] == [2, 1]", "false"},
      {"[1, \"a\"][1] == 1", "false"},
      {"\"bug\" in pull_request.labels", "true"},
      {"\"x\" in pull_request.labels", "false"},
      {"\"1\" in [1, \"1\"] + []", "true"},
      {"pull_request.labels[1]", "\"ui\""},
      {"pull_request.labels[2]", "error: the list has 2 items, no item 2"},
      {"pull_request.labels[-1]", "error: the list has 2 items, no item -1"},
      {"ref.branch.startsWith(\"ma\") && ref.branch.endsWith(\"in\") && ref.branch.contains(\"ai\")", "true"},
      {"ref.branch.startsWith(\"\") && !ref.branch.startsWith(\"main2\")", "true"},
      {"size(\"h\u00e9\U0001F600\")", "3"},
      {"\"\".size() + pull_request.labels.size()", "2"},
      {"\"v1.20\".matches(r\"^v\\d+\\.\\d+$\")", "true"},
      {"\"xab\".matches(\"a.\")", "true"},
      {"matches(\"x\", \"^y\")", "false"},
      {"\"a\".matches(\"(\" + ref.tag)", "error: `(` is not a regular expression: missing ): ("},
      {"changed(\"src/**\")", "true"},
      {"changed(\"docs/**\")", "false"},
      {"math.twice(pull_request.number)", "14"},
      {"pull_request.fork ? \"a\" : \"b\"", "\"b\""},
      {"pull_request.fork ? 1 / 0 : 2", "2"},
      {"1 / 0 == 1 ? 1 : 2", "error: division by zero"},
      // && and || need only the operand that decides, on either side
      {"1 / 0 == 1 && false", "false"},
      {"false && 1 / 0 == 1", "false"},
      {"1 / 0 == 1 || true", "true"},
      {"true || 1 / 0 == 1", "true"},
      {"1 / 0 == 1 || false", "error: division by zero"},
      {"true && 1 / 0 == 1", "error: division by zero"},
      {"!(1 / 0 == 1)", "error: division by zero"},
      {"[1 / 0] == [1]", "error: division by zero"},
      {"event.actor == \"a\"", "error: `event.actor` is not known"},
      {"event.actor == \"a\" && false", "false"},
      {"[1, 2].all(x, x > 0)", "true"},
      {"[1, 2].all(x, 1 / (x - 1) > 5)", "false"},
      {"[1, 2].all(x, 1 / (x - 1) > 0)", "error: division by zero"},
      {"[0, 1].exists(x, 1 / x > 0)", "true"},
      {"[0, 1].exists(x, 1 / x > 5)", "error: division by zero"},
      {"[].all(x, false) && ![].exists(x, true)", "true"},
      {"[1, 2, 3].exists_one(x, x > 2)", "true"},
      {"[1, 2, 3].exists_one(x, x > 1)", "false"},
      {"[0, 1].exists_one(x, 1 / x > 0)", "error: division by zero"},
      {"[1, 2].map(x, [3, 4].map(y, x * y))", "[[3, 4], [6, 8]]"},
      {"[1, 2, 3].map(x, x > 1, x * x)", "[4, 9]"},
      {"[1, 2, 3].filter(x, x != 2)", "[1, 3]"},
      {"[1].all(x, [2].all(x, x == 2) && x == 1)", "true"},
      {"[1].map(pull_request, .pull_request.number)", "[7]"},
  }));
  CAPTURE(text);
  CHECK(shown(evaluate(checked(text), known())) == expected);
  // What can be known is known by folding, too.
  if (!expected.starts_with("error")) CHECK(folded(text, known()) == expected);
}

TEST_CASE("folding keeps what is not known") {
  const Bindings push = {{"event.kind", {"push"}}};
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"event.kind == \"push\" && ref.branch == \"main\"", "ref.branch == \"main\""},
      {"event.kind == \"tag\" && ref.branch == \"main\"", "false"},
      {"ref.branch == \"main\" && event.kind == \"tag\"", "false"},
      {"event.kind == \"tag\" || ref.branch == \"main\" || changed(\"a\")",
       "ref.branch == \"main\" || changed(\"a\")"},
      {"event.kind == \"push\" ? ref.branch == \"a\" : ref.tag == \"b\"", "ref.branch == \"a\""},
      {"pull_request.fork ? event.kind : \"x\"", "pull_request.fork ? \"push\" : \"x\""},
      {"!(ref.branch == \"a\")", "ref.branch != \"a\""},
      {"!(ref.branch != \"a\")", "ref.branch == \"a\""},
      {"!!changed(\"a\")", "changed(\"a\")"},
      {"!(ref.branch < \"a\")", "!(ref.branch < \"a\")"},
      {"pull_request.fork == true", "pull_request.fork"},
      {"pull_request.fork != true", "!pull_request.fork"},
      {"false == pull_request.fork", "!pull_request.fork"},
      {"ref.branch in [\"a\"]", "ref.branch == \"a\""},
      {"ref.branch in [\"a\", \"b\"]", "ref.branch in [\"a\", \"b\"]"},
      {"ref.branch in []", "false"},
      {"pull_request.labels[0] in []", "pull_request.labels[0] in []"},
      {"ref.branch == \"a\" && ref.branch == \"a\"", "ref.branch == \"a\""},
      {"(ref.branch == \"a\" || event.kind == \"tag\") && (changed(\"a\") && true)",
       "ref.branch == \"a\" && changed(\"a\")"},
      {"ref.branch == \"release/\" + event.kind", "ref.branch == \"release/push\""},
      {"1 / 0 == 1 && ref.branch == \"a\"", "1 / 0 == 1 && ref.branch == \"a\""},
      {"1 / 0 == 1 && ref.branch == \"a\" && event.kind == \"tag\"", "false"},
      {"[\"a\", \"b\"].exists(b, ref.branch.startsWith(b))",
       "ref.branch.startsWith(\"a\") || ref.branch.startsWith(\"b\")"},
      {"[\"a\", \"b\"].all(b, ref.branch != b)", "ref.branch != \"a\" && ref.branch != \"b\""},
      {"[\"a\", \"b\"].map(b, b + ref.branch)", "[\"a\" + ref.branch, \"b\" + ref.branch]"},
      {"[\"a\", \"b\"].filter(b, b == event.kind)", "[]"},
      {"[\"a\", \"b\"].filter(b, b == ref.branch)", "[\"a\", \"b\"].filter(b, b == ref.branch)"},
      {"pull_request.labels.exists(x, x == event.kind)", "pull_request.labels.exists(x, x == \"push\")"},
  }));
  CAPTURE(text);
  CHECK(folded(text, facts(push)) == expected);
}

TEST_CASE("what folding computes stands where it was written") {
  const std::string text = "ref.branch == \"release/\" + event.kind";
  const Bindings push = {{"event.kind", {"push"}}};
  const Expr expr = fold(checked(text), facts(push));
  const Expr& right = operands(expr, Operator::Equal)->at(1);
  CHECK(text.substr(right.span.begin, right.span.end - right.span.begin) == "\"release/\" + event.kind");
  CHECK(text.substr(expr.focus.begin, 2) == "==");
}

TEST_CASE("patterns are RE2's") {
  CHECK_FALSE(pattern_error("^v[0-9]+$"));
  CHECK(pattern_error("a(?!b)"));
  CHECK(pattern_error(std::string(1, '\xff')));
  CHECK(matches("x\ny", "x.y") == false);
  CHECK(matches("x\ny", "(?s)x.y"));
}
