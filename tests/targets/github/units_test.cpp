// GitHub's expressions and filters by themselves.
#include <catch2/catch.hpp>

#include "support/written.h"
#include "targets/github/expression.h"
#include "targets/github/patterns.h"

using namespace penstock;
using namespace penstock::targets::github;

namespace {

std::string reprinted(std::string_view text) {
  const auto expression = parse_expression(text);
  return expression ? print(*expression) : "not an expression";
}

model::Glob glob(const std::string& text) {
  test::Written written(text);
  auto parsed = model::parse_glob(written.value(), written.sink());
  REQUIRE(parsed.has_value());
  return std::move(*parsed);
}

std::string filters(const std::string& text) {
  const auto all = patterns(glob(text));
  return all ? join(*all, " ") : "cannot be said";
}

}  // namespace

TEST_CASE("expressions are printed with the parentheses they need") {
  for (const char* text : {
           "github.ref == 'refs/heads/main'",
           "!cancelled() && (needs.a.result == 'success' || github.event_name != 'push')",
           "!(a == b)",
           "(a && b) || c",
           "(a == b) == c",
           "contains(needs.*.result, 'it''s')",
           "fromJSON('[1, 2]')[0].name",
           "1.5 < 2",
           "null",
       }) {
    const std::string once = reprinted(text);
    INFO(text);
    CHECK(reprinted(once) == once);
    CHECK(parse_expression(once) == parse_expression(text));
  }
  CHECK(reprinted("a&&b||c") == "(a && b) || c");
  CHECK(reprinted("((a || b))&& !(c)") == "(a || b) && !c");
  CHECK(reprinted("a == (b == c)") == "a == (b == c)");
}

TEST_CASE("what is not an expression is not read") {
  for (const char* text : {"", "a ==", "'open", "f(", "a b", "a[", "(a", "&& a", "a.", "!"}) {
    INFO(text);
    CHECK_FALSE(parse_expression(text).has_value());
  }
  CHECK_FALSE(parse_expression(std::string(200, '(') + "a" + std::string(200, ')')).has_value());
}

TEST_CASE("builders fold constants") {
  const Expression a = path("github.a"), b = path("github.b");
  CHECK(print(all_of({literal(true), a, all_of({b, a})})) == "github.a && github.b");
  CHECK(print(all_of({a, literal(false)})) == "false");
  CHECK(print(any_of({a, literal(true)})) == "true");
  CHECK(print(any_of({})) == "false");
  CHECK(print(negation(all_of({equal(a, b), a}))) == "github.a != github.b || !github.a");
  CHECK(print(negation(negation(a))) == "github.a");
  CHECK(needed_jobs(*parse_expression("needs.a.result == needs.b-c.outputs.x && needs.*.result")) ==
        std::vector<std::string>{"a", "b-c"});
  CHECK(has_status_function(*parse_expression("a && !cancelled()")));
  CHECK_FALSE(has_status_function(*parse_expression("a.always")));
}

TEST_CASE("globs are converted, not copied") {
  CHECK(filters("main") == "main");
  CHECK(filters("release/*") == "release/*");
  CHECK(filters("src/**") == "src/**");
  CHECK(filters("**/*.md") == "**/*.md");
  CHECK(filters("a/**/b") == "a/**/b");
  CHECK(filters("v[0-9]*") == "v[0-9]*");
  CHECK(filters("{docs,site}/*.{md,txt}") == "docs/*.md docs/*.txt site/*.md site/*.txt");
  CHECK(filters("c++") == "c\\+\\+");
  CHECK(filters("a[+]b") == "a\\+b");
  CHECK(filters("v?") == "cannot be said");
  CHECK(filters("v[!0-9]") == "cannot be said");
  CHECK(filters("v[a-z_]") == "cannot be said");
}

TEST_CASE("in a filter what excludes comes last") {
  CHECK(filter({glob("!wip/**"), glob("main")}).patterns == std::vector<std::string>{"main", "!wip/**"});
  CHECK(filter({glob("!wip/**")}).patterns == std::vector<std::string>{"**", "!wip/**"});
  CHECK(filter({}).patterns == std::vector<std::string>{"**"});
}

TEST_CASE("a pathspec is the path itself, not what lies below it") {
  CHECK(pathspecs(glob("Makefile")) == std::vector<std::string>{"Makefil[e]"});
  CHECK(pathspecs(glob("docs/**")) == std::vector<std::string>{"docs/**"});
  CHECK(pathspecs(glob("{a,b}/?.c")) == std::vector<std::string>{"a/?.c", "b/?.c"});
  CHECK(pathspecs(glob("[!a-c]x")) == std::vector<std::string>{"[!a-c]x"});
  CHECK(pathspecs(glob("[]*]")) == std::vector<std::string>{"[\\]\\*]"});
}
