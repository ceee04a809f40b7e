#include <catch2/catch.hpp>
#include <tuple>

#include "support.h"

using namespace penstock;
using namespace penstock::cel;
using namespace penstock::cel::test;

namespace {

/// The parts, one behind the other: text in angle brackets, expressions in braces. Or what is reported.
std::string parts(std::string_view text) {
  diag::Sink sink;
  const auto read = parse_template(text, verbatim(FileId{}), sink);
  CHECK(read.has_value() == sink.empty());
  if (!read) return report(sink);
  std::string out;
  for (const auto& part : read->parts) {
    if (const auto* fixed = std::get_if<std::string>(&part))
      out += "<" + *fixed + ">";
    else
      out += "{" + print(std::get<Expr>(part)) + "}";
  }
  const auto again = parse_template(print(*read), verbatim(FileId{}), sink);
  REQUIRE(again);
  CHECK(fold(*again, {}) == fold(*read, {}));
  return out;
}

std::string errors(std::string_view text) {
  diag::Sink sink;
  auto read = parse_template(text, verbatim(FileId{}), sink);
  REQUIRE(read);
  const auto checked = check(std::move(*read), environment(), sink);
  CHECK(checked.has_value() == sink.empty());
  return report(sink);
}

}  // namespace

TEST_CASE("interpolations are found in text") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"plain $x ${y} {{ z }} $", "<plain $x ${y} {{ z }} $>"},
      {"${{ a }}", "{a}"},
      {"x-${{a}}-y${{ b }}", "<x->{a}<-y>{b}"},
      {"${{ a }}${{ b }}", "{a}{b}"},
      {"$${{ a }}", "<${{ a }}>"},
      {"$$${{ a }}", "<$${{ a }}>"},
      {"a$${{ b }}${{ c }}", "<a${{ b }}>{c}"},
      {"${{ '}}' + \"${{\" }}", "{\"}}\" + \"${{\"}"},
      {"${{ {1: {2: 3}}[1] }}", "{{1: {2: 3}}[1]}"},
      {"${{ {1: {2: 3}}}}", "{{1: {2: 3}}}"},
      {"a\n${{ b\n&& c }}\n", "<a\n>{b && c}<\n>"},
      {"$ ${{ a }}", "<$ >{a}"},
      {"}} ${{ a }} }}", "<}} >{a}< }}>"},
  }));
  CAPTURE(text);
  CHECK(parts(text) == expected);
}

TEST_CASE("mistakes in interpolations are all reported") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"a ${{ b",
       "  ^^^ [unclosed-interpolation] `${{` is not closed (end the expression with `}}`; write `$${{` for "
       "the characters `${{`)\n"},
      {"${{ }}", "    ^ [expression-syntax] expected an expression, found `}}`\n"},
      {"${{}}", "   ^ [expression-syntax] expected an expression, found `}}`\n"},
      {"${{ a b }} ${{ c = d }} ${{ e",
       "      ^ [expression-syntax] expected an operator or `}}`, found `b`\n"
       "                 ^ [unknown-operator] `=` is not an operator (write `==`)\n"
       "                        ^^^ [unclosed-interpolation] `${{` is not closed (end the expression with "
       "`}}`; write `$${{` for the characters "
       "`${{`)\n"},
      {"${{ 'a }} b", "    ^^^^^^^ [unclosed-text] the text is not closed (end it with `'`)\n"},
      {"${{ a } }}", "      ^ [expression-syntax] expected an operator or `}}`, found `}`\n"},
      {"${{ a && }} x", "         ^ [expression-syntax] expected an operand, found `}}`\n"},
  }));
  CAPTURE(text);
  CHECK(parts(text) == expected);
}

TEST_CASE("interpolations are checked") {
  CHECK(errors("a ${{ ref.branch }} ${{ pull_request.number }} ${{ pull_request.fork }}").empty());
  CHECK(errors("${{ pull_request.labels }}") ==
        "    ^^^^^^^^^^^^^^^^^^^ [wrong-operand] `${{ }}` needs string, int or bool, not list(string)\n");
  CHECK(errors("${{ ref.brnch }}-${{ ref.tg }}") ==
        "        ^^^^^ [unknown-variable] `ref.brnch` is not defined (did you mean `ref.branch`?)\n"
        "                         ^^ [unknown-variable] `ref.tg` is not defined (did you mean `ref.tag`?)\n");
}

TEST_CASE("what is known becomes text") {
  diag::Sink sink;
  const Bindings known = {{"a", {"x"}}, {"n", {std::int64_t{3}}}, {"yes", {true}}};
  const auto text =
      parse_template("<${{ a }}-${{ n + 1 }}-${{ yes }}> ${{ a + other }} $${{", verbatim(FileId{}), sink)
          .value();
  const Template folded = fold(text, facts(known));
  CHECK(print(folded) == "<x-4-true> ${{ \"x\" + other }} $${{");
  CHECK_FALSE(folded.constant());
  const Bindings rest = {{"other", {"y"}}};
  CHECK(fold(folded, facts(rest)).constant() == "<x-4-true> xy ${{");
  CHECK(parse_template("", verbatim(FileId{}), sink)->constant() == "");
}
