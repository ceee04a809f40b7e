#include <catch2/catch.hpp>

#include "diag/render.h"
#include "yaml/reader.h"
#include "yaml/writer.h"

namespace penstock::yaml {
namespace {

/// A text that was read, and what was said about it.
struct Reading {
  explicit Reading(const std::string& text, const ReadOptions& options = {}) {
    node = read(sources, sources.add("a.yaml", text), sink, options);
  }
  std::string said() const { return diag::render_text(sink.diagnostics(), sources, false); }
  std::string_view text(const Node& at) const { return sources.text(at.span); }
  const Node& operator[](std::string_view key) const {
    const Node* found = node ? node->find(key) : nullptr;
    REQUIRE(found != nullptr);
    return *found;
  }

  SourceManager sources;
  diag::Sink sink;
  std::optional<Node> node;
};

TEST_CASE("an empty file is null") {
  for (const char* text : {"", "\n\n", "# nothing\n", "---\n", "---\n...\n", "\xEF\xBB\xBF", "null\n", "~"}) {
    INFO(text);
    const Reading reading(text);
    CHECK(reading.said() == "");
    REQUIRE(reading.node);
    CHECK(reading.node->is_null());
  }
}

TEST_CASE("a value that is not there stands behind its colon or dash") {
  const Reading reading("a:   # comment\nb:\n  -\n  - x\nnull: {c: , d}\n");
  CHECK(reading["a"].span.begin == 2);
  CHECK(reading["b"].items[0].is_null());
  CHECK(reading["b"].items[0].span.begin == 21);
  CHECK(reading["null"].find("c")->is_null());
  CHECK(reading["null"].find("d")->is_null());
}

TEST_CASE("scalars as the core schema takes them") {
  const auto node = [](const char* text) { return *Reading(text).node; };
  CHECK(as_bool(node("true")) == true);
  CHECK(as_bool(node("False")) == false);
  for (const char* text : {"yes", "on", "tRue", "\"true\"", "!!str true", "1", "|\n  true"})
    CHECK_FALSE(as_bool(node(text)));
  CHECK(as_integer(node("12")) == 12);
  CHECK(as_integer(node("-0012")) == -12);
  CHECK(as_integer(node("+7")) == 7);
  CHECK(as_integer(node("0x1F")) == 31);
  CHECK(as_integer(node("0o17")) == 15);
  for (const char* text :
       {"1.0", "1e3", "'1'", "1_000", "0b1", "12:30", "+-1", "0x-1", "0x", "99999999999999999999", "a", "-"})
    CHECK_FALSE(as_integer(node(text)));
  CHECK(is_plain(node("a")));
  CHECK_FALSE(is_plain(node("'a'")));
  CHECK(node("NULL").is_null());
  CHECK(node("nULL").is_scalar());
}

TEST_CASE("a tree that was read is written with the types it had") {
  const Reading reading(
      "a: true\nb: \"true\"\nc: 0x1F\nd: 3.10\ne: '3.10'\nf: .inf\ng: text\nh: ~\non: 1e3\n");
  CHECK(write(preserved(*reading.node)) ==
        "a: true\nb: \"true\"\nc: 0x1F\nd: 3.10\ne: \"3.10\"\nf: .inf\ng: text\nh:\n\"on\": 1e3\n");
}

TEST_CASE("aliases are what they stand for, and stand where they are written") {
  const Reading reading("a: &x [1, {b: &y two}]\nc: *x\nd: *y\n*y : e\n");
  CHECK(reading.said() == "");
  CHECK(reading.text(reading["c"]) == "*x");
  CHECK(reading["c"].items[1].find("b")->text == "two");
  CHECK(reading.text(*reading["c"].items[1].find("b")) == "two");
  CHECK(reading.text(reading["d"]) == "*y");
  CHECK(reading["d"].text == "two");
  CHECK(reading["two"].text == "e");
  CHECK(reading.sources.text(span_within(reading.sources, reading["d"], 1, 2)) == "*y");
}

TEST_CASE("an anchor may be given again") {
  const Reading reading("a: &x 1\nb: *x\nc: &x 2\nd: *x\n");
  CHECK(reading["b"].text == "1");
  CHECK(reading["d"].text == "2");
}

TEST_CASE("merge keys take in entries, and what is written wins") {
  const std::string text =
      "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {d: 5, <<: [*y, *x], c: 6}\n\"<<\": z\n";
  const Reading reading(text, {.merge_keys = true});
  CHECK(reading.said() == "");
  CHECK(write(reading["z"]) == "d: \"5\"\nb: \"3\"\na: \"1\"\nc: \"6\"\n");
  CHECK(reading["<<"].text == "z");
  const Reading refused("x: {<<: y}\n", {.merge_keys = true});
  CHECK(refused.said() ==
        "a.yaml:1:9: error: `<<` takes in mappings only [merge-key]\n1 | x: {<<: y}\n  |         ^\n\n");
}

TEST_CASE("tags are kept where they are wanted") {
  const Reading reading(
      "a: !Sub |\n  x\nb: [!Ref y, !GetAtt z.w]\nc:\n- !Sub |\n  two\n\n   lines\n- &k >-\n  one\n  line\n- "
      "*k\nd: !If\n- e\nf: !Null\ng: !<tag:x,1> h\n",
      {.tags = true});
  CHECK(reading.said() == "");
  CHECK(reading["a"].tag == "!Sub");
  CHECK(reading["a"].text == "x\n");
  CHECK(reading["b"].items[1].tag == "!GetAtt");
  CHECK(reading["c"].items[0].text == "two\n\n lines\n");
  CHECK(reading["c"].items[0].tag == "!Sub");
  CHECK(reading["c"].items[1].text == "one line");
  CHECK(reading["c"].items[2].text == "one line");
  CHECK(reading["d"].tag == "!If");
  CHECK(reading["d"].items.size() == 1);
  CHECK(reading["f"].is_null());
  CHECK(reading["f"].tag == "!Null");
  CHECK(reading["g"].tag == "!<tag:x,1>");
  CHECK(reading.text(reading["a"]) == "|\n  x");
}

TEST_CASE("several documents are read where they are wanted") {
  SourceManager sources;
  diag::Sink sink;
  const FileId file =
      sources.add("a.yaml", "%YAML 1.2\n---\na: &x b\n...\n# between\n---\n- c\n--- |\n d\n---\n");
  const std::vector<Node> documents = read_all(sources, file, sink, {.many_documents = true});
  CHECK(sink.empty());
  REQUIRE(documents.size() == 4);
  CHECK(documents[0].find("a")->text == "b");
  CHECK(documents[1].items[0].text == "c");
  CHECK(documents[2].text == "d\n");
  CHECK(documents[3].is_null());
}

TEST_CASE("an anchor belongs to its document") {
  SourceManager sources;
  diag::Sink sink;
  read_all(sources, sources.add("a.yaml", "a: &x b\n---\nc: *x\n"), sink, {.many_documents = true});
  CHECK(diag::render_text(sink.diagnostics(), sources, false)
            .find("anchor `x` is not defined [unknown-anchor]") != std::string::npos);
}

TEST_CASE("twins are kept where they are allowed, and the first stays where they are not") {
  CHECK(Reading("a: 1\na: 2\n", {.unique_keys = false}).node->entries.size() == 2);
  const Reading reading("a: 1\nb: 2\na: 3\n");
  REQUIRE(reading.node);
  CHECK(reading.node->entries.size() == 2);
  CHECK(reading["a"].text == "1");
}

TEST_CASE("what is too big is refused quickly") {
  std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 40; ++i) {
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 9; ++k) laughs += (k == 0 ? "*a" : ",*a") + std::to_string(i - 1);
    laughs += "]\n";
  }
  CHECK(Reading(laughs).said().find("[too-large]") != std::string::npos);
  for (const char* opening : {"[", "{a: ", "- ", "? "}) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += opening;
    const Reading reading(deep);
    INFO(opening);
    CHECK_FALSE(reading.node);
    CHECK(reading.sink.errors() == 1);
  }
  CHECK(Reading("abcd", {.bytes = 3}).said() ==
        "a.yaml:1:1: error: the file has more than 3 bytes [too-large]\n1 | abcd\n  | ^\n\n");
  CHECK(Reading("[a, b]", {.nodes = 2}).said().find("[too-large]") != std::string::npos);
  CHECK(Reading("[a, b]", {.nodes = 3}).said() == "");
  CHECK(Reading("[[a]]", {.depth = 1}).said().find("[too-deep]") != std::string::npos);
  CHECK(Reading("[[a]]", {.depth = 2}).said() == "");
}

TEST_CASE("files of UTF-16 are told from others") {
  using namespace std::string_literals;
  CHECK(Reading("\xFF\xFE"
                "a\0:\0"s)
            .said()
            .find("it looks like UTF-16: save it as UTF-8") != std::string::npos);
  CHECK(Reading("a\0:\0 \0b\0"s).said().find("it looks like UTF-16: save it as UTF-8") != std::string::npos);
}

TEST_CASE("a mark and CRLF move nothing") {
  const Reading reading(
      "\xEF\xBB\xBF"
      "a: b\r\nc: |\r\n  d\r\n  e\r\nf: *x\r\n");
  CHECK(reading.said().starts_with("a.yaml:5:4: error: anchor `x` is not defined"));
  const Reading first(
      "\xEF\xBB\xBF"
      "a: *x\n");
  CHECK(first.said().starts_with("a.yaml:1:4: "));
  CHECK(Reading("a: |\r\n  d\r\n  e\r\n")["a"].text == "d\ne\n");
}

TEST_CASE("tabs may separate") {
  const Reading reading("a:\tb\t# c\n\t\n\t# d\ne: [\n\tf,\n\tg]\n");
  CHECK(reading.said() == "");
  CHECK(reading["a"].text == "b");
  CHECK(reading["e"].items.size() == 2);
}

}  // namespace
}  // namespace penstock::yaml
