#include <catch2/catch.hpp>
#include <tuple>

#include "support.h"

using namespace penstock;
using namespace penstock::cel;
using namespace penstock::cel::test;

namespace {

/// The tree with all its parentheses, to see how it was read.
std::string shape(const Expr& expr) {
  const auto all = [](const std::vector<Expr>& exprs) {
    std::string out;
    for (const Expr& one : exprs) out += " " + shape(one);
    return out;
  };
  if (const auto* node = std::get_if<Operation>(&expr.node))
    return "(" + std::string(symbol(node->op)) + all(node->operands) + ")";
  if (const auto* node = std::get_if<Call>(&expr.node))
    return "(call " + std::string(node->method ? "." : "") + node->function + all(node->arguments) + ")";
  if (const auto* node = std::get_if<Select>(&expr.node))
    return std::string(node->test ? "(has" : "(get") + all(node->operand) + " " + node->field + ")";
  if (const auto* node = std::get_if<Comprehension>(&expr.node))
    return "(" + std::string(name(node->macro)) + " " + node->variable + all(node->parts) + ")";
  if (const auto* node = std::get_if<List>(&expr.node)) return "[" + all(node->items) + " ]";
  return print(expr);
}

std::string shape(std::string_view text) {
  diag::Sink sink;
  const auto expr = read(text, sink);
  return expr ? shape(*expr) : report(sink);
}

template <class T>
std::optional<T> value(std::string_view text) {
  diag::Sink sink;
  const auto expr = read(text, sink);
  if (!expr) return std::nullopt;
  const T* found = literal<T>(*expr);
  return found ? std::optional<T>(*found) : std::nullopt;
}

std::string errors(std::string_view text) {
  diag::Sink sink;
  const auto expr = read(text, sink);
  CHECK(expr.has_value() == sink.empty());
  return report(sink);
}

}  // namespace

TEST_CASE("operators bind as in CEL") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"a || b && c || d", "(|| a (&& b c) d)"},
      {"a && (b && c)", "(&& a b c)"},
      {"(a || b) && c", "(&& (|| a b) c)"},
      {"a == b && c != d", "(&& (== a b) (!= c d))"},
      {"a < b == c", "(== (< a b) c)"},
      {"a in b == c", "(== (in a b) c)"},
      {"a + b * c - d / e % f", "(- (+ a (* b c)) (% (/ d e) f))"},
      {"a - b - c", "(- (- a b) c)"},
      {"a - (b - c)", "(- a (- b c))"},
      {"a ? b : c ? d : e", "(?: a b (?: c d e))"},
      {"a || b ? c : d", "(?: (|| a b) c d)"},
      {"!a && b", "(&& (! a) b)"},
      {"!!a", "(! (! a))"},
      {"!a.b", "(! (get a b))"},
      {"-a.b", "(- (get a b))"},
      {"-1", "-1"},
      {"- 1", "-1"},
      {"--1", "(- (- 1))"},
      {"4--4", "(- 4 -4)"},
      {"!-1", "(! -1)"},
      {"-(1)", "(- 1)"},
      {"a.b.c", "(get (get a b) c)"},
      {"a[b][c]", "([] ([] a b) c)"},
      {"a.b(c).d", "(get (call .b a c) d)"},
      {"f(a, b)", "(call f a b)"},
      {"f()", "(call f)"},
      {".a.b", "(get .a b)"},
      {"[1, 2, 3,]", "[ 1 2 3 ]"},
      {"[]", "[ ]"},
      {"has(a.b)", "(has a b)"},
      {"has(a, b)", "(call has a b)"},
      {"a.all(x, x > 0)", "(all x a (> x 0))"},
      {"a.exists(x, y)", "(exists x a y)"},
      {"a.exists_one(x, y)", "(exists_one x a y)"},
      {"a.map(x, y)", "(map x a y)"},
      {"a.map(x, y, z)", "(map x a y z)"},
      {"a.filter(x, y)", "(filter x a y)"},
      {"a.map(x)", "(call .map a x)"},
      {"all(x, y)", "(call all x y)"},
      {"a.`b-c`.d", "(get (get a b-c) d)"},
      {"a // comment && b\n || c", "(|| a c)"},
      {"{1: 'a', 2u: b\"c\",}", "{1: \"a\", 2u: b\"c\"}"},
      {"{}", "{}"},
      {"a.B{c: 1, `in`: 2,}", "a.B{c: 1, `in`: 2}"},
      {"A{}", "A{}"},
      {"a.as.while()", "(call .while (get a as))"},
      {"not", "not"},
      {"not.b == and", "(== (get not b) and)"},
  }));
  CAPTURE(text);
  CHECK(shape(text) == expected);
}

TEST_CASE("literals have the values CEL gives them") {
  CHECK(value<std::int64_t>("0") == 0);
  CHECK(value<std::int64_t>("9223372036854775807") == INT64_MAX);
  CHECK(value<std::int64_t>("-9223372036854775808") == INT64_MIN);
  CHECK(value<std::int64_t>("0xfF") == 255);
  CHECK(value<std::int64_t>("-0x8000000000000000") == INT64_MIN);
  CHECK(value<std::int64_t>("007") == 7);
  CHECK(value<std::uint64_t>("18446744073709551615u") == UINT64_MAX);
  CHECK(value<std::uint64_t>("0xFFU") == 255);
  CHECK(value<double>("1.5") == 1.5);
  CHECK(value<double>("-1e3") == -1000);
  CHECK(value<double>(".5E-1") == 0.05);
  CHECK(value<double>("1e-999") == 0);
  CHECK(value<bool>("true") == true);
  CHECK(value<Null>("null") == Null{});
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {R"("a'b")", "a'b"},
      {R"('a"b')", "a\"b"},
      {R"("a\"b\n\t\\\x41\101\u00e9\U0001F600\?\`")", "a\"b\n\t\\AA\u00e9\U0001F600?`"},
      {R"("\xff")", "\u00ff"},
      {R"(r"a\n")", "a\\n"},
      {R"(R'\')", "\\"},
      {"\"\"\"a\n\"b\" \\\" \"\"\"", "a\n\"b\" \" "},
      {"'''it's'''", "it's"},
      {"r'''\\d'''", "\\d"},
      {"\"\"", ""},
      {"\"\"\"\"\"\"", ""},
  }));
  CAPTURE(text);
  CHECK(value<std::string>(text) == expected);
  CHECK(value<Bytes>(R"(b"\xff\377é")") == Bytes{"\xff\xff\u00e9"});
  CHECK(value<Bytes>(R"(br"\x")") == Bytes{"\\x"});
}

TEST_CASE("each mistake is reported once, where it is") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"", "^ [expression-syntax] expected an operand, found nothing\n"},
      {"a &&", "    ^ [expression-syntax] expected an operand, found the end\n"},
      {"a b", "  ^ [expression-syntax] expected an operator or the end, found `b`\n"},
      {"a)", " ^ [expression-syntax] expected an operator or the end, found `)`\n"},
      {"(a", "  ^ [expression-syntax] expected an operator or `)`, found the end | 0-1 opened here\n"},
      {"f(a,)", "    ^ [expression-syntax] expected an argument, found `)`\n"},
      {"[a", "  ^ [expression-syntax] expected an operator or `]`, found the end | 0-1 opened here\n"},
      {"a[1", "   ^ [expression-syntax] expected an operator or `]`, found the end | 1-2 opened here\n"},
      {"a ? b", "     ^ [expression-syntax] expected `:` and the other value, found the end\n"},
      {"a.", "  ^ [expression-syntax] expected a name behind the dot, found the end\n"},
      {"a.true", "  ^^^^ [expression-syntax] expected a name behind the dot, found `true`\n"},
      {"a = 'x'", "  ^ [unknown-operator] `=` is not an operator (write `==`)\n"},
      {"a === b", "  ^^^ [unknown-operator] `===` is not an operator (write `==`)\n"},
      {"a !== b", "  ^^^ [unknown-operator] `!==` is not an operator (write `!=`)\n"},
      {"a <> b", "  ^^ [unknown-operator] `<>` is not an operator (write `!=`)\n"},
      {"a => b", "  ^^ [unknown-operator] `=>` is not an operator (write `>=`)\n"},
      {"a & b | c",
       "  ^ [unknown-operator] `&` is not an operator (write `&&`)\n"
       "      ^ [unknown-operator] `|` is not an operator (write `||`)\n"},
      {"a and b or c",
       "  ^^^ [unknown-operator] `and` is not an operator (write `&&`)\n"
       "        ^^ [unknown-operator] `or` is not an operator (write `||`)\n"},
      {"a AND not b",
       "  ^^^ [unknown-operator] `AND` is not an operator (write `&&`)\n"
       "      ^^^ [unknown-operator] `not` is not an operator (write `!`)\n"},
      {"not (a)", "^^^ [unknown-operator] `not` is not an operator (write `!`)\n"},
      {"a not in b", "  ^^^^^^ [unknown-operator] `not in` is not an operator (write `!(… in …)`)\n"},
      {"a =~ 'x'",
       "  ^^ [expression-syntax] expected an operator or the end, found `=~` (write "
       "`text.matches(\"pattern\")`)\n"},
      {"a ?? b",
       "  ^^ [expression-syntax] expected an operator or the end, found `??` (write `condition ? value : "
       "other`)\n"},
      {"a contains 'x'",
       "  ^^^^^^^^ [expression-syntax] expected an operator or the end, found `contains` (`contains` is "
       "called on a text: "
       "`text.contains(\"part\")`)\n"},
      {"${{ a }}",
       "^^^ [expression-syntax] expected an operand, found `${{` (the whole value is an expression already: "
       "leave out `${{` and "
       "`}}`)\n"},
      {"$CI_TAG",
       "^ [expression-syntax] expected an operand, found `$` (variables stand by name, without `$`: "
       "`vars.NAME`)\n"},
      {"a.?b",
       "  ^ [expression-syntax] expected a name behind the dot, found `?` (optional values (`.?`, `[?`) are "
       "not in the language)\n"},
      {"a;",
       " ^ [expression-syntax] expected an operator or the end, found `;` (one expression stands here, "
       "without `;`)\n"},
      {"for", "^^^ [expression-syntax] expected a name, found `for` (`for` is reserved by the language)\n"},
      {"!-a",
       " ^ [expression-syntax] expected an operand, found `-` (put what is negated into parentheses)\n"},
      {"a == \u201cx\u201d && b = c",
       "     ^^^ [typographic-quote] `\u201c` does not quote text (write `\"`)\n"
       "                  ^ [unknown-operator] `=` is not an operator (write `==`)\n"},
      {"a == \"x", "     ^^ [unclosed-text] the text is not closed (end it with `\"`)\n"},
      {"a == 'x\n'", "     ^^ [unclosed-text] the text is not closed (end it with `'`)\n"},
      {"'''x'", "^^^^^ [unclosed-text] the text is not closed (end it with `'''`)\n"},
      {"'\\", "^^ [unclosed-text] the text is not closed (end it with `'`)\n"},
      {"\"a\\d\"",
       "  ^^ [invalid-escape] `\\d` is not an escape (write `\\\\` for a backslash, or put `r` before the "
       "text: `r\"\\d+\"`)\n"},
      {"'\\ud800'",
       " ^^^^^^ [invalid-escape] `\\ud800` is not an escape (write `\\\\` for a backslash, or put `r` before "
       "the text: `r\"\\d+\"`)\n"},
      {"b'\\u0041'",
       "  ^^^^^^ [invalid-escape] `\\u0041` is not an escape (write `\\\\` for a backslash, or put `r` "
       "before "
       "the text: `r\"\\d+\"`)\n"},
      {"'\\400'",
       " ^^ [invalid-escape] `\\4` is not an escape (write `\\\\` for a backslash, or put `r` before the "
       "text: `r\"\\d+\"`)\n"},
      {"12abc", "^^^^^ [invalid-number] `12abc` is not a number\n"},
      {"9223372036854775808",
       "^^^^^^^^^^^^^^^^^^^ [invalid-number] `9223372036854775808` is not an int of 64 bits\n"},
      {"-9223372036854775809",
       "^^^^^^^^^^^^^^^^^^^^ [invalid-number] `-9223372036854775809` is not an int of 64 bits\n"},
      {"18446744073709551616u",
       "^^^^^^^^^^^^^^^^^^^^^ [invalid-number] `18446744073709551616u` is not a uint of 64 bits\n"},
      {"1e999", "^^^^^ [invalid-number] `1e999` is not a double of 64 bits\n"},
      {"has(a)", "    ^ [macro-argument] `has` needs a field, such as `a.b`\n"},
      {"a.all(1, b)", "      ^ [macro-argument] `all` needs the name of a variable first\n"},
      {"a.filter(b.c, b)", "         ^^^ [macro-argument] `filter` needs the name of a variable first\n"},
      {"f(){}", "   ^ [expression-syntax] expected an operator or the end, found `{`\n"},
      {"{a}", "  ^ [expression-syntax] expected `:` and the value, found `}`\n"},
      {"A{1: 2}", "  ^ [expression-syntax] expected a field's name or `}`, found `1`\n"},
      {"a.`b$c`", "  ^^^^^ [expression-syntax] expected a name behind the dot, found ``b$c``\n"},
      {"a\xC2\xA0== b",
       " ^^ [expression-syntax] expected an operator or the end, found `\xC2\xA0` (this is a no-break space, "
       "which only looks like a space)\n"},
  }));
  CAPTURE(text);
  CHECK(errors(text) == expected);
}

TEST_CASE("every node knows its place") {
  diag::Sink sink;
  const std::string text = "(a.b == 'x')  && f(c)[1] in [d]";
  const Expr expr = read(text, sink).value();
  const auto at = [&](Span span) { return text.substr(span.begin, span.end - span.begin); };
  CHECK(at(expr.span) == text);
  CHECK(at(expr.focus) == "&&");
  std::vector<std::string> places;
  for_each(expr, [&](const Expr& one) { places.push_back(at(one.span) + "~" + at(one.focus)); });
  CHECK(places == std::vector<std::string>{text + "~&&", "a.b == 'x'~==", "a.b~b", "a~a", "'x'~'x'",
                                           "f(c)[1] in [d]~in", "f(c)[1]~[1]", "f(c)~f", "c~c", "1~1",
                                           "[d]~[d]", "d~d"});
}

TEST_CASE("places go through the map of the caller") {
  diag::Sink sink;
  const Positions shifted = [](std::size_t begin, std::size_t end) {
    return Span{FileId{7}, static_cast<std::uint32_t>(100 + 2 * begin),
                static_cast<std::uint32_t>(100 + 2 * end)};
  };
  const Expr expr = parse("a && b", shifted, sink).value();
  CHECK(expr.span == Span{FileId{7}, 100, 112});
  CHECK(expr.focus == Span{FileId{7}, 104, 108});
  CHECK_FALSE(parse("a = ", shifted, sink));
  CHECK(sink.diagnostics().front().span == Span{FileId{7}, 104, 106});
}

TEST_CASE("size and depth are bounded") {
  const auto nested = [](std::size_t depth, std::string_view open, std::string_view close) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += open;
    text += "a";
    for (std::size_t i = 0; i < depth; ++i) text += close;
    return text;
  };
  const auto slugs = [](const std::string& text) {
    diag::Sink sink;
    const auto expr = read(text, sink);
    CHECK(expr.has_value() == sink.empty());
    std::string all;
    for (const auto& one : sink.diagnostics())
      all += "[" + std::string(diag::slug(one.kind)) + "] " + one.message;
    return all;
  };
  const std::string deep = "[expression-too-large] the expression is nested more than 64 deep";
  const std::string high = "[expression-too-large] the expression is a tree more than 256 high";
  CHECK(slugs(nested(64, "(", ")")).empty());
  CHECK(slugs(nested(65, "(", ")")) == deep);
  CHECK(slugs(nested(64, "f(", ")")).empty());
  CHECK(slugs(nested(65, "[", "]")) == deep);
  CHECK(slugs(nested(65, "{1: ", "}")) == deep);
  CHECK(slugs(nested(65, "x[", "]")) == deep);
  CHECK(slugs(nested(65, "b ? c : ", "")) == deep);
  CHECK(slugs(nested(100'000 / 4, "(", "")) == deep);
  CHECK(slugs(nested(255, "!", "")).empty());
  CHECK(slugs(nested(256, "!", "")) == high);
  CHECK(slugs(nested(60'000, "-", "")) == high);
  CHECK(slugs(nested(255, "a + ", "")).empty());
  CHECK(slugs(nested(256, "a + ", "")) == high);
  CHECK(slugs(nested(20'000, "", ".b")) == high);
  CHECK(slugs(nested(10'000, "", "[0]")) == high);
  CHECK(slugs(nested(10'000, "a && ", "")).empty());
  CHECK(slugs("'" + std::string(70'000, 'x') + "'") ==
        "[expression-too-large] the expression is longer than 65536 bytes");
  std::string words;
  for (int i = 0; i < 66; ++i) words += "not ";
  CHECK(slugs(words + "a").find("deep") != std::string::npos);
}

TEST_CASE("no text crashes the reader") {
  constexpr std::string_view pieces[] = {
      "a",  ".",   "(",   ")",    "[",  "]",   "{",  "}",    "\"",   "'",      "\\", "`",      "$",   "${{",
      "}}", "1",   "0x",  "1e",   "u",  "-",   "!",  "&",    "|",    "=",      "<",  "?",      ":",   ",",
      "in", "not", "and", "has(", "r'", "b\"", "\n", "\xff", "\xC2", "\u201c", "//", "all(x,", "'''", "\0"};
  std::uint32_t state = 1;
  const auto next = [&](std::size_t below) {
    state = state * 1664525U + 1013904223U;
    return (state >> 8) % below;
  };
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = next(12); i > 0; --i) text += pieces[next(std::size(pieces))];
    diag::Sink sink;
    const auto expr = read(text, sink);
    REQUIRE(expr.has_value() == sink.empty());
    if (!expr) continue;
    const auto again = read(print(*expr), sink);
    INFO(text << "  →  " << print(*expr));
    REQUIRE(again);
    REQUIRE(*again == *expr);
  }
}
