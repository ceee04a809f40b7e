#include <catch2/catch.hpp>

#include "diag/render.h"
#include "support/file_test.h"
#include "support/random_tree.h"
#include "yaml/reader.h"
#include "yaml/writer.h"

namespace penstock::yaml {
namespace {

std::vector<std::string> seeds() {
  std::vector<std::string> texts = {"a: &x [1, {b: c}]\nd: *x\ne: |\n  f\n\n  g\nh: \"i\\u00e9 j\n  k\"\n",
                                    "- a: 'b'\n  c: >-\n   d\n   e\n- !t f\n"};
  for (const auto& file : test::files_in(PENSTOCK_SOURCE_DIR "/tests/yaml")) {
    if (file.extension() == ".yaml") texts.push_back(test::read_file(file));
  }
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    test::Dice dice(seed);
    texts.push_back(write(test::random_tree(dice, {.tags = true})));
  }
  return texts;
}

std::string mutated(std::string text, test::Dice& dice) {
  static const std::vector<std::string> kPieces = {
      "\"",    "'",    "[",           "]",          "{",        "}",   ",",    ":",
      ": ",    "- ",   "-",           "?",          "? ",       "\n",  "\n  ", "\t",
      "#",     " #",   "&a ",         "*a",         "!t ",      "|",   ">",    "|2\n",
      "---\n", "...",  "%YAML 1.2\n", "%TAG ! x\n", "<<: *a\n", "\r",  "\r\n", "\xEF\xBB\xBF",
      "\xC3",  "\xFF", "~",           "null",       "\\",       "\\x", "@",    "`"};
  for (std::size_t i = 1 + dice.below(4); i > 0; --i) {
    const std::size_t at = dice.below(text.size() + 1);
    switch (dice.below(4)) {
      case 0: text.insert(at, dice.pick(kPieces)); break;
      case 1: text.erase(at, 1 + dice.below(6)); break;
      case 2: text.resize(at); break;
      default: text.insert(at, text.substr(dice.below(text.size() + 1), dice.below(20)));
    }
  }
  return text;
}

void check_reads(const std::string& text) {
  INFO(text);
  SourceManager sources;
  diag::Sink sink;
  const FileId file = sources.add("mutated.yaml", text);
  const auto node = read(sources, file, sink, {.tags = true, .merge_keys = true, .nodes = 5000});
  if (!node) REQUIRE(sink.has_errors());
  for (const diag::Diagnostic& diagnostic : sink.diagnostics()) {
    REQUIRE(diagnostic.span.begin <= diagnostic.span.end);
    REQUIRE(diagnostic.span.end <= text.size());
    for (const diag::Label& label : diagnostic.labels) REQUIRE(label.span.end <= text.size());
  }
  REQUIRE(diag::render_text(sink.diagnostics(), sources, true).empty() == sink.empty());
  diag::render_json(sink.diagnostics(), sources);
  if (node) write(preserved(*node));
}

TEST_CASE("broken texts are answered") {
  std::uint32_t seed = 0;
  for (const std::string& text : seeds()) {
    for (std::size_t i = 0; i < 150; ++i) {
      test::Dice dice(++seed);
      check_reads(mutated(text, dice));
    }
  }
}

TEST_CASE("texts that end too early are answered") {
  for (const std::string& text : seeds()) {
    for (std::size_t end = 0; end < text.size(); end += text.size() / 60 + 1)
      check_reads(text.substr(0, end));
  }
}

}  // namespace
}  // namespace penstock::yaml
