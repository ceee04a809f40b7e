// What `penstock eval` prints, and how it says what is wrong.
#include "driver/eval.h"

#include <catch2/catch.hpp>
#include <tuple>

#include "diag/render.h"

using namespace penstock;

namespace {

constexpr std::string_view kData =
    "name: shop\nports: [80, 443]\nratio: 1.5\nquoted: '7'\nlive: true\nnothing: null\nowner: { team: core, "
    "\"on call\": ann }\n";

/// The value, or what is reported of the expression.
std::string evaluated(std::string expression, std::optional<std::string> data = std::string(kData)) {
  SourceManager sources;
  diag::Sink sink;
  const FileId text = sources.add("expression", std::move(expression));
  std::optional<FileId> file;
  if (data) file = sources.add("data.yaml", std::move(*data));
  const auto value = driver::evaluate(sources, text, file, sink);
  CHECK(value.has_value() != sink.has_errors());
  return value ? *value : diag::render_text(sink.diagnostics(), sources, false);
}

}  // namespace

TEST_CASE("the value of an expression is written as the language writes it") {
  const auto [expression, expected] = GENERATE(table<std::string, std::string>({
      {"1 + 2", "3"},
      {"name + '!'", "\"shop!\""},
      {"ports.map(p, p + 1)", "[81, 444]"},
      {"ratio * 2.0", "3.0"},
      {"quoted", "\"7\""},
      {"live && nothing == null", "true"},
      {"owner", R"({"team": "core", "on call": "ann"})"},
      {"owner['on call'].upperAscii()", "\"ANN\""},
      {"has(owner.mail) ? owner.mail : 'none'", "\"none\""},
      {"{1: 2u, 'a': [b'x', 1.0 / 0.0]}", R"({1: 2u, "a": [b"x", double("Infinity")]})"},
      {"timestamp('2024-02-29T00:00:00Z') + duration('36h')", "timestamp(\"2024-03-01T12:00:00Z\")"},
      {"type(ratio)", "double"},
  }));
  CAPTURE(expression);
  CHECK(evaluated(expression) == expected);
}

TEST_CASE("without data there are no variables") {
  CHECK(evaluated("size('abc')", std::nullopt) == "3");
  CHECK(evaluated("nmae", "name: 1\n") ==
        "expression:1:1: error: `nmae` is not defined [unknown-variable]\n1 | nmae\n  | ^^^^\n"
        "help: did you mean `name`?\n\n");
}

TEST_CASE("what fails is shown where it stands [bad-condition] [wrong-type]") {
  CHECK(
      evaluated("1 + ports[2]") ==
      "expression:1:5: error: the expression has no value: the list has 2 items, no item 2 [bad-condition]\n"
      "1 | 1 + ports[2]\n  |     ^^^^^^^^\n\n");
  CHECK(
      evaluated("1", "- a\n").starts_with("data.yaml:1:1: error: the data is not a mapping [wrong-type]\n"));
  CHECK(evaluated("1", "a: [\n").starts_with("data.yaml:"));
}
