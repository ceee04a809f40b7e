#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "diag/render.h"
#include "support/random_tree.h"
#include "yaml/reader.h"
#include "yaml/writer.h"

namespace penstock::yaml {
namespace {

std::string show(const Node& node) {
  return fmt::format("kind {} tag `{}` text `{}`", static_cast<int>(node.kind), node.tag, node.text);
}

/// Where the tree that was read differs from the one that was written; empty when it does not.
std::string difference(const Node& written, const Node& read, const std::string& path) {
  if (written.kind != read.kind || written.tag != read.tag || written.text != read.text) {
    return fmt::format("{}: wrote {}, read {}", path, show(written), show(read));
  }
  const bool typed = as_bool(read) || as_integer(read);
  if (read.is_scalar() && written.tag.empty() && typed != (written.style == Style::Literal))
    return fmt::format("{}: `{}` changed its type", path, read.text);
  if (written.items.size() != read.items.size() || written.entries.size() != read.entries.size())
    return path + ": number of values";
  for (std::size_t i = 0; i < written.items.size(); ++i) {
    if (std::string found = difference(written.items[i], read.items[i], fmt::format("{}[{}]", path, i));
        !found.empty())
      return found;
  }
  for (std::size_t i = 0; i < written.entries.size(); ++i) {
    const std::string below = fmt::format("{}.{}", path, written.entries[i].key.text);
    if (written.entries[i].key.text != read.entries[i].key.text) return below + ": key";
    if (std::string found = difference(written.entries[i].value, read.entries[i].value, below);
        !found.empty())
      return found;
  }
  return {};
}

std::string round_trip(const Node& tree) {
  SourceManager sources;
  diag::Sink sink;
  const std::string text = write(tree, {"a header"});
  if (!text.ends_with('\n')) return "no line end at the end";
  const auto read_back = read(sources, sources.add("written.yaml", text), sink, {.tags = true});
  if (!read_back || !sink.empty()) return diag::render_text(sink.diagnostics(), sources, false) + text;
  const std::string found = difference(tree, *read_back, "");
  return found.empty() ? found : found + "\n" + text;
}

TEST_CASE("what is written reads back the same") {
  for (std::uint32_t seed = 0; seed < 1500; ++seed) {
    test::Dice dice(seed);
    const std::string found = round_trip(test::random_tree(dice, {.tags = true}));
    INFO("seed " << seed);
    REQUIRE(found == "");
  }
}

TEST_CASE("strings of known trouble read back in every place") {
  for (const std::string& text : test::troubled_texts()) {
    INFO(text);
    const Node pair = mapping({{text, string(text)}}, true);
    CHECK(round_trip(string(text)) == "");
    CHECK(round_trip(quoted(text)) == "");
    CHECK(round_trip(block(text)) == "");
    CHECK(round_trip(mapping({{text, string(text)}, {"b", block(text)}, {"c", string("d")}})) == "");
    CHECK(round_trip(sequence({string(text), block(text), sequence({block(text)}), string("end")})) == "");
    CHECK(round_trip(sequence({string(text), quoted(text), pair}, true)) == "");
    CHECK(round_trip(tagged("!Sub", string(text))) == "");
    CHECK(round_trip(mapping({{"k", with_trail(string(text), text)},
                              {"l", with_lead(with_blank(string("x")), {text, "y"})}})) == "");
  }
}

TEST_CASE("no line that we lay out ends in a blank") {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    test::Dice dice(seed);
    const std::string text = write(test::random_tree(dice));
    INFO(text);
    if (text.find('|') != std::string::npos) continue;  // a block's lines are the author's
    CHECK(text.find(" \n") == std::string::npos);
  }
}

/// Every place a reader gives must be exact: each span holds the text it claims, and lies inside that of its parent.
class SpanLaw {
 public:
  explicit SpanLaw(const SourceManager& sources) : sources_(sources) {}

  void check(const Node& node) {
    REQUIRE(node.span.begin <= node.span.end);
    if (node.is_scalar()) check_scalar(node);
    for (const Node& item : node.items) check_child(node, item);
    for (const Entry& entry : node.entries) {
      check_child(node, entry.key);
      check_child(node, entry.value);
      REQUIRE(entry.key.span.end <= entry.value.span.begin);
    }
  }

 private:
  void check_child(const Node& node, const Node& child) {
    REQUIRE(node.span.begin <= child.span.begin);
    REQUIRE(child.span.end <= node.span.end);
    check(child);
  }

  void check_scalar(const Node& node) {
    const std::string_view text = sources_.text(node.span);
    INFO(text);
    if (node.style == Style::Quoted && node.tag.empty()) {
      REQUIRE(text.size() >= 2);
      REQUIRE((text.front() == '"' || text.front() == '\''));
      REQUIRE(text.front() == text.back());
    }
    if (node.style == Style::Block) REQUIRE((text.front() == '|' || text.front() == '>'));
    if (node.text.empty()) return;
    const Positions positions(sources_, node);
    std::uint32_t last = node.span.begin;
    for (std::size_t i = 0; i < node.text.size(); ++i) {
      const Span at = positions.span(i, i + 1);
      REQUIRE(at.begin >= last);
      REQUIRE(at.end > at.begin);
      last = at.begin;
      const std::string_view written = sources_.text(at);
      const bool verbatim = written == node.text.substr(i, 1);
      const bool escape = written.front() == '\\' || written == "''";
      const bool folded = written.find('\n') != std::string_view::npos;
      INFO("character " << i << " is written " << written);
      REQUIRE((verbatim || escape || folded));
    }
    REQUIRE(positions.span(0, node.text.size()).begin >= node.span.begin);
  }

  const SourceManager& sources_;
};

TEST_CASE("spans are exact") {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    test::Dice dice(seed);
    SourceManager sources;
    diag::Sink sink;
    const FileId file = sources.add("written.yaml", write(test::random_tree(dice)));
    INFO(sources.text(file));
    const auto node = read(sources, file, sink);
    REQUIRE(node);
    SpanLaw(sources).check(*node);
  }
}

TEST_CASE("spans are exact in texts that we would not write") {
  static const std::string kText = R"(%YAML 1.2
# a comment
--- # another
plain: some words
   that go on

   and on
single: 'it''s

  two lines  '
double: "an \u00e9 and \
  a \"fold\"
  with   blanks

  in it\n"
? explicit
: value
folded: >-
  one
  two

  three
    deeper

  four
kept: |+

  text

indented: |2
    two more
   one more
flow: [a, "b", 'c' , {d: e, f: , "g":h}, i: j, k ,]
nested:
- - a
  -
  - b: c
    d:
- ~
- null
empty:
quoted key's: x
"in quotes": y
)";
  for (const std::string& end : {std::string("\n"), std::string("\r\n")}) {
    std::string text;
    for (const char c : kText) text += c == '\n' ? end : std::string(1, c);
    for (const std::string mark : {"", "\xEF\xBB\xBF"}) {
      SourceManager sources;
      diag::Sink sink;
      const FileId file = sources.add("written.yaml", mark + text);
      const auto node = read(sources, file, sink);
      INFO(diag::render_text(sink.diagnostics(), sources, false));
      REQUIRE(node);
      SpanLaw(sources).check(*node);
      CHECK(node->find("plain")->text == "some words that go on\nand on");
      CHECK(node->find("single")->text == "it's\ntwo lines  ");
      CHECK(node->find("double")->text == "an é and a \"fold\" with   blanks\nin it\n");
      CHECK(node->find("explicit")->text == "value");
      CHECK(node->find("folded")->text == "one two\nthree\n  deeper\n\nfour");
      CHECK(node->find("kept")->text == "\ntext\n\n");
      CHECK(node->find("indented")->text == "  two more\n one more\n");
      CHECK(node->find("flow")->items.size() == 6);
      CHECK(node->find("nested")->items.size() == 3);
    }
  }
}

}  // namespace
}  // namespace penstock::yaml
