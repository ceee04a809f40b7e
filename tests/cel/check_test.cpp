#include <catch2/catch.hpp>
#include <tuple>

#include "support.h"

using namespace penstock;
using namespace penstock::cel;
using namespace penstock::cel::test;

namespace {

/// The type of an expression, or what is wrong with it.
std::string type(std::string_view text) {
  diag::Sink sink;
  auto expr = read(text, sink);
  if (!expr) return report(sink);
  const auto typed = check(std::move(*expr), environment(), sink);
  CHECK(typed.has_value() == (sink.errors() == 0));
  return typed ? name(typed->type) : report(sink);
}

/// What is reported of a condition.
std::string condition(std::string_view text) {
  diag::Sink sink;
  auto expr = read(text, sink);
  if (!expr) return report(sink);
  const auto checked = check_condition(std::move(*expr), environment(), sink);
  CHECK(checked.has_value() == (sink.errors() == 0));
  return report(sink);
}

}  // namespace

TEST_CASE("expressions have the types CEL gives them") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"event.kind", "string"},
      {".event.kind", "string"},
      {"vars.ANY", "string"},
      {"pull_request.labels", "list(string)"},
      {"pull_request.labels[0]", "string"},
      {"pull_request.number + 1 * 2 - 3 / 4 % 5", "int"},
      {"-pull_request.number", "int"},
      {"\"a\" + ref.branch", "string"},
      {"[1] + [2]", "list(int)"},
      {"[]", "list(dyn)"},
      {"[] + [2]", "list(int)"},
      {"[1, \"a\"]", "list(dyn)"},
      {"[[1], []]", "list(list(int))"},
      {"ref.branch == \"a\" || !pull_request.fork && 1 < 2", "bool"},
      {"\"a\" < \"b\"", "bool"},
      {"1 in [1, 2]", "bool"},
      {"\"x\" in pull_request.labels", "bool"},
      {"pull_request.fork ? 1 : 2", "int"},
      {"ref.branch.startsWith(\"a\")", "bool"},
      {"ref.branch.matches(\"^a+$\") && matches(ref.tag, r\"\\d\")", "bool"},
      {"size(ref.branch) + pull_request.labels.size()", "int"},
      {"changed(\"a\", \"b\")", "bool"},
      {"math.twice(1)", "int"},
      {"pull_request.labels.all(x, x != \"\")", "bool"},
      {"pull_request.labels.exists_one(x, x != \"\")", "bool"},
      {"pull_request.labels.map(x, size(x))", "list(int)"},
      {"pull_request.labels.map(x, x != \"\", size(x))", "list(int)"},
      {"pull_request.labels.filter(x, x != \"\")", "list(string)"},
      {"[1].all(event, event > 0)", "bool"},
      {"[1].all(event, .event.kind == \"push\")", "bool"},
  }));
  CAPTURE(text);
  CHECK(type(text) == expected);
}

TEST_CASE("a checked tree has whole names") {
  diag::Sink sink;
  const auto typed =
      check(read("event.kind == \"push\" && math.twice(1) > 1", sink).value(), environment(), sink);
  REQUIRE(typed);
  CHECK(variables(typed->expr) == std::vector<std::string>{"event.kind"});
  std::vector<std::string> calls;
  for_each(typed->expr, [&](const Expr& one) {
    if (const auto* call = std::get_if<Call>(&one.node))
      calls.push_back(call->function + (call->method ? " method" : ""));
  });
  CHECK(calls == std::vector<std::string>{"math.twice"});
  CHECK(print(typed->expr) == "event.kind == \"push\" && math.twice(1) > 1");
}

TEST_CASE("names and types that do not fit are reported where they are") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"event.knd == \"push\"",
       "      ^^^ [unknown-variable] `event.knd` is not defined (did you mean `event.kind`?)\n"},
      {"event.zzzzzz == \"push\"",
       "      ^^^^^^ [unknown-variable] `event.zzzzzz` is not defined (known are `event.kind`, "
       "`event.actor`)\n"},
      {"evnt.kind == \"push\"",
       "^^^^^^^^^ [unknown-variable] `evnt.kind` is not defined (did you mean `event.kind`?)\n"},
      {"event.kind == push",
       "              ^^^^ [unknown-variable] `push` is not defined (text stands in quotes: `\"push\"`)\n"},
      {"ref.branch == main",
       "              ^^^^ [unknown-variable] `main` is not defined (text stands in quotes: `\"main\"`)\n"},
      {"ref.branch in [main]",
       "               ^^^^ [unknown-variable] `main` is not defined (text stands in quotes: `\"main\"`)\n"},
      {"True", "^^^^ [unknown-variable] `True` is not defined (did you mean `true`?)\n"},
      {"xyzzy", "^^^^^ [unknown-variable] `xyzzy` is not defined\n"},
      {"changed == true",
       "^^^^^^^ [unknown-variable] `changed` is not defined (`changed` is a function: `changed(…)`)\n"},
      {"event.kind.a == 1", "           ^ [unknown-field] string has no field `a`\n"},
      {"ref.branch.size > 1",
       "           ^^^^ [unknown-field] string has no field `size` (`size` is a function: `.size(…)`)\n"},
      {"chnged(\"a\")",
       "^^^^^^ [unknown-function] function `chnged` is not defined (did you mean `changed`?)\n"},
      {"ref.branch.startswith(\"a\")",
       "           ^^^^^^^^^^ [unknown-function] function `startswith` is not defined (did you mean "
       "`startsWith`?)\n"},
      {"failure() && ref.branch == \"a\"",
       "^^^^^^^^^ [not-available] `failure()` cannot be used here (status functions come later)\n"},
      {"failure", "^^^^^^^ [not-available] `failure` cannot be used here (status functions come later)\n"},
      {"github.ref_name == \"a\"",
       "^^^^^^^^^^^^^^^ [not-available] `github.ref_name` cannot be used here (write `ref.branch` for the "
       "branch)\n"},
      {"ref.branch == 3",
       "           ^^ [type-mismatch] `==` cannot be used between string and int | 0-10 string | 14-15 int "
       "(write `\"3\"`)\n"},
      {"pull_request.number != \"3\"",
       "                    ^^ [type-mismatch] `!=` cannot be used between int and string | 0-19 int | 23-26 "
       "string (write `3`)\n"},
      {"pull_request.fork == \"true\"",
       "                  ^^ [type-mismatch] `==` cannot be used between bool and string | 0-17 bool | 21-27 "
       "string (write `true`)\n"},
      {"ref.branch < 3",
       "           ^ [type-mismatch] `<` cannot be used between string and int | 0-10 string | 13-14 int "
       "(write `\"3\"`)\n"},
      {"[1] < [2]",
       "    ^ [type-mismatch] `<` cannot be used between list(int) and list(int) | 0-3 list(int) | 6-9 "
       "list(int)\n"},
      {"ref.branch + 1 == \"\"",
       "           ^ [type-mismatch] `+` cannot be used between string and int | 0-10 string | 13-14 int "
       "(write `\"1\"`)\n"},
      {"true + true == true",
       "     ^ [type-mismatch] `+` cannot be used between bool and bool | 0-4 bool | 7-11 bool\n"},
      {"\"a\" - \"b\" == 1",
       "    ^ [type-mismatch] `-` cannot be used between string and string | 0-3 string | 6-9 string\n"},
      {"pull_request.fork ? 1 : \"a\"",
       "                  ^ [type-mismatch] `?:` cannot be used between int and string | 20-21 int | 24-27 "
       "string (write `\"1\"`)\n"},
      {"ref.tag && true", "^^^^^^^ [wrong-operand] `&&` needs bool, not string (write `ref.tag != \"\"`)\n"},
      {"!ref.tag", " ^^^^^^^ [wrong-operand] `!` needs bool, not string (write `ref.tag != \"\"`)\n"},
      {"pull_request.number || true",
       "^^^^^^^^^^^^^^^^^^^ [wrong-operand] `||` needs bool, not int (write `pull_request.number != 0`)\n"},
      {"pull_request.labels ? true : false",
       "^^^^^^^^^^^^^^^^^^^ [wrong-operand] `?:` needs bool, not list(string) (write "
       "`size(pull_request.labels) > 0`)\n"},
      {"-ref.branch == 1", " ^^^^^^^^^^ [wrong-operand] `-` needs int or double, not string\n"},
      {"\"a\" in ref.branch",
       "       ^^^^^^^^^^ [wrong-operand] `in` needs a list or a map, not string (write "
       "`ref.branch.contains(\"a\")`)\n"},
      {"1 in pull_request.labels",
       "  ^^ [type-mismatch] `in` cannot be used between int and list(string) | 0-1 int | 5-24 "
       "list(string)\n"},
      {"ref.branch in [\"a\", 1]", "                    ^ [wrong-operand] `in` needs string, not int\n"},
      {"ref.branch[0] == \"a\"", "^^^^^^^^^^ [wrong-operand] `[]` needs a list or a map, not string\n"},
      {"pull_request.labels[\"a\"] == \"a\"",
       "                    ^^^ [wrong-operand] `[]` needs int, not string\n"},
      {"changed(1)", "        ^ [wrong-operand] `changed` needs string, not int\n"},
      {"ref.branch.contains(1)", "                    ^ [wrong-operand] `contains` needs string, not int\n"},
      {"size(1) == 1",
       "     ^ [wrong-operand] `size` needs string or bytes or list(dyn) or map(dyn, dyn), not int\n"},
      {"ref.branch.all(x, true)", "^^^^^^^^^^ [wrong-operand] `all` needs a list or a map, not string\n"},
      {"[1].all(x, x)", "           ^ [wrong-operand] `all` needs bool, not int (write `x != 0`)\n"},
      {"changed()", "^^^^^^^ [wrong-arguments] `changed` takes 1 or more arguments\n"},
      {"math.twice(1, 2) == 1", "     ^^^^^ [wrong-arguments] `math.twice` takes 1 argument\n"},
      {"\"a\".changed()",
       "    ^^^^^^^ [wrong-arguments] `changed` takes nothing before a dot (write `changed(…)`)\n"},
      {"startsWith(ref.branch, \"a\")",
       "^^^^^^^^^^ [wrong-arguments] `startsWith` takes string before the dot (write "
       "`ref.branch.startsWith(\"a\")`)\n"},
      {"ref.branch.startsWith()", "           ^^^^^^^^^^ [wrong-arguments] `startsWith` takes 1 argument\n"},
      {"size() == 1", "^^^^ [wrong-arguments] `size` takes 1 argument\n"},
      {"ref.tag.matches(\"[a\")",
       "                ^^^^ [invalid-pattern] `[a` is not a regular expression: missing ]: [a\n"},
      {"ref.tag.matches(\"(?=a)\")",
       "                ^^^^^^^ [invalid-pattern] `(?=a)` is not a regular expression: invalid perl "
       "operator: "
       "(?= (patterns are RE2's: they "
       "do not look ahead or behind)\n"},
      {"event.kind == \"pushh\"",
       "              ^^^^^^^ [never-equal] `event.kind` is never `pushh` (did you mean `push`?)\n"},
      {"\"merge\" != event.kind",
       "^^^^^^^ [never-equal] `event.kind` is never `merge` (it is one of `push`, `tag`, `pull_request`, "
       "`schedule`, `manual`)\n"},
      {"event.kind in [\"push\", \"tags\"]",
       "                       ^^^^^^ [never-equal] `event.kind` is never `tags` (did you mean `tag`?)\n"},
      {"T{}.a == 1",
       "^^^ [not-yet] `T{…}` is not in the language yet (a map stands in braces alone: `{\"key\": "
       "value}`)\n"},
      {"has(event.kind)",
       "^^^^^^^^^^^^^^^ [wrong-arguments] `has` takes a field of a map (`event.kind` is always there; a fact "
       "that does "
       "not apply is `\"\"`)\n"},
      {"ref.branch == null",
       "           ^^ [type-mismatch] `==` cannot be used between string and null | 0-10 string | 14-18 "
       "null\n"},
      {"1.5 > 1",
       "    ^ [type-mismatch] `>` cannot be used between double and int | 0-3 double | 6-7 int (write "
       "`1.0`)\n"},
      {"ref.tag",
       "^^^^^^^ [condition-not-bool] the condition is string, not bool (write `ref.tag != \"\"`)\n"},
      {"1 + 1", "^^^^^ [condition-not-bool] the condition is int, not bool (write `1 + 1 != 0`)\n"},
      {"ref.brnch == \"a\" && event.kind == \"psh\" && changed(1)",
       "    ^^^^^ [unknown-variable] `ref.brnch` is not defined (did you mean `ref.branch`?)\n"
       "                                  ^^^^^ [never-equal] `event.kind` is never `psh` (did you mean "
       "`push`?)\n"
       "                                                   ^ [wrong-operand] `changed` needs string, not "
       "int\n"},
  }));
  CAPTURE(text);
  CHECK(condition(text) == expected);
}

TEST_CASE("a condition that cannot change is warned of, and no other") {
  const std::string never = "[constant-condition] the condition is always false (no event makes it true)\n";
  const std::string ever = "[constant-condition] the condition is always true (leave it out)\n";
  const auto [text, expected] = GENERATE_COPY(table<std::string, std::string>({
      {"event.kind == \"push\" && event.kind == \"tag\"", never},
      {"event.kind != \"push\" || event.kind != \"tag\"", ever},
      {"event.kind in [\"push\", \"tag\", \"pull_request\", \"schedule\", \"manual\"]", ever},
      {"ref.branch == \"a\" && ref.branch in [\"b\", \"c\"]", never},
      {"ref.branch != \"a\" || ref.branch != \"b\"", ever},
      {"ref.branch == \"a\" || ref.branch == \"b\"", ""},
      {"ref.branch == \"a\" && ref.branch.startsWith(\"b\")", ""},  // never true, but by more than equality
      {"pull_request.fork || !pull_request.fork", ever},
      {"pull_request.fork && ref.branch == \"a\" && !pull_request.fork", never},
      {"1 > 2", never},
      {"true", ""},
      {"false", ""},
      {"changed(\"a\")", ""},
      {"changed(\"a\") || true", ever},
      {"event.kind == \"push\"", ""},
      {"ref.branch == ref.tag", ""},
      {"pull_request.number == 1", ""},
      {"[\"push\", \"tag\"].exists(k, event.kind == k)", ""},
      {"[\"push\", \"tag\"].all(k, event.kind == k)", never},
      {"1 / 0 == 1", ""},
  }));
  CAPTURE(text);
  CHECK(condition(text) == (expected.empty() ? "" : std::string(text.size(), '^') + " " + expected));
}
