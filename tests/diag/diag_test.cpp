#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "diag/render.h"
#include "diag/sink.h"
#include "support/file_test.h"

namespace penstock::diag {
namespace {

PENSTOCK_MESSAGE(DuplicateKey, "key `{}` is written twice", std::string);
PENSTOCK_MESSAGE(TabIndent, "a tab");

struct Fixture {
  SourceManager sources;
  Sink sink;
  FileId file = sources.add("a.yaml", "name: é\nname: b\n\tx: y\n");
};

TEST_CASE("diagnostics come in the order of the files, each once") {
  Fixture f;
  const FileId other = f.sources.add("b.yaml", "x");
  report(f.sink, {other, 0, 1}, kTabIndent);
  report(f.sink, {f.file, 9, 13}, kDuplicateKey, "name");
  report(f.sink, {f.file, 0, 4}, kTabIndent);
  report(f.sink, {f.file, 9, 13}, kDuplicateKey, "name");
  report(f.sink, {f.file, 9, 13}, kDuplicateKey, "other");
  const auto all = f.sink.diagnostics();
  REQUIRE(all.size() == 4);
  CHECK(all[0].span.begin == 0);
  CHECK(all[1].message == "key `name` is written twice");
  CHECK(all[2].message == "key `other` is written twice");
  CHECK(all[3].span.file == other);
  CHECK(f.sink.has_errors());
}

TEST_CASE("people see the line underlined, the other half, and the help") {
  Fixture f;
  build(f.sink, {f.file, 9, 13}, kDuplicateKey, "name")
      .label({f.file, 0, 4}, "first written here")
      .help("delete one")
      .help("")
      .emit();
  CHECK(render_text(f.sink.diagnostics(), f.sources, false) ==
        R"(a.yaml:2:1: error: key `name` is written twice [duplicate-key]
2 | name: b
  | ^^^^
1 | name: é
  | ---- first written here
help: delete one

)");
}

TEST_CASE("underlines stand below what they mean") {
  SourceManager sources;
  Sink sink;
  const FileId file = sources.add("a.yaml", "\té: \x1b[31m日本 x\r\nlast");
  report(sink, {file, 10, 16}, kTabIndent);
  report(sink, {file, 20, 24}, kTabIndent);
  report(sink, {file, 24, 24}, kTabIndent);
  CHECK(render_text(sink.diagnostics(), sources, false) ==
        "a.yaml:1:11: error: a tab [tab-indent]\n1 | \té: ?[31m日本 x\n  | \t        ^^\n\n"
        "a.yaml:2:1: error: a tab [tab-indent]\n2 | last\n  | ^^^^\n\n"
        "a.yaml:2:5: error: a tab [tab-indent]\n2 | last\n  |     ^\n\n");
}

TEST_CASE("colours are only added") {
  Fixture f;
  report(f.sink, {f.file, 0, 4}, kTabIndent);
  std::string colored = render_text(f.sink.diagnostics(), f.sources, true);
  CHECK(colored.find("\033[1;31m") != std::string::npos);
  for (std::size_t at = 0; (at = colored.find('\033')) != std::string::npos;)
    colored.erase(at, colored.find('m', at) + 1 - at);
  CHECK(colored == render_text(f.sink.diagnostics(), f.sources, false));
}

TEST_CASE("programs get JSON") {
  Fixture f;
  build(f.sink, {f.file, 9, 13}, kDuplicateKey, "name")
      .label({f.file, 0, 4}, "first")
      .help("delete one")
      .emit();
  const auto json = nlohmann::json::parse(render_json(f.sink.diagnostics(), f.sources));
  REQUIRE(json.size() == 1);
  CHECK(json[0]["code"] == "duplicate-key");
  CHECK(json[0]["severity"] == "error");
  CHECK(json[0]["message"] == "key `name` is written twice");
  CHECK(json[0]["help"] == nlohmann::json::array({"delete one"}));
  CHECK(json[0]["place"] ==
        nlohmann::json{{"file", "a.yaml"}, {"line", 2}, {"column", 1}, {"end_line", 2}, {"end_column", 5}});
  CHECK(json[0]["labels"][0]["text"] == "first");
  CHECK(nlohmann::json::parse(render_json({}, f.sources)).empty());
}

TEST_CASE("GitHub gets commands that nothing can break out of") {
  SourceManager sources;
  Sink sink;
  const FileId file = sources.add("a:b,c.yaml", "x");
  build(sink, {file, 0, 1}, kDuplicateKey, "50%\n::set-output name=a::b").help("h").emit();
  CHECK(render_github(sink.diagnostics(), sources) ==
        "::error file=a%3Ab%2Cc.yaml,line=1,col=1,title=duplicate-key::key `50%25%0A::set-output name=a::b` "
        "is written twice%0Ahelp: h\n");
}

TEST_CASE("kinds are found by slug") {
  CHECK(find_kind("duplicate-key") == Kind::DuplicateKey);
  CHECK_FALSE(find_kind("no-such-kind"));
  CHECK(slug(Kind::TabIndent) == "tab-indent");
}

/// The comparison of files with their marks must itself notice everything.
std::string compared(const std::string& text, std::vector<Span> spans, const std::string& name = "a.yaml") {
  return test::problems_of_text(name, text, [&](SourceManager&, FileId file, Sink& sink) {
    for (Span span : spans) {
      span.file = file;
      build(sink, span, kDuplicateKey, "x").label({file, 0, 1}, "here").help("do").emit();
    }
  });
}

TEST_CASE("marks in files are compared exactly") {
  const std::string mark = "error[duplicate-key]: key `x` is written twice\n";
  CHECK(compared("é: x\n#  ^ " + mark, {{{}, 4, 5}}) == "");
  CHECK(compared("abc\n#^^ " + mark, {{{}, 0, 3}}) == "");
  CHECK(compared("abc\n# " + mark.substr(0, 20) + " 1:1: " + mark.substr(22), {{{}, 0, 3}}) == "");
  CHECK(compared("abc\n# " + mark.substr(0, 20) + " 1:1-3: " + mark.substr(22), {{{}, 0, 3}}) == "");
  CHECK(compared("abc\n#^^ " + mark + "# help: do\n#- label: here\n", {{{}, 0, 3}}).find("label") !=
        std::string::npos);
  CHECK(compared("a: b\n#  ^ " + mark + "#  help: do\n", {{{}, 3, 4}}) == "");
  CHECK(compared("abc\n#^^ " + mark + "# help: other\n", {{{}, 0, 3}}) != "");
  CHECK(compared("abc\n#^ " + mark, {{{}, 0, 3}}) != "");
  CHECK(compared("abcd\n# ^ " + mark, {{{}, 0, 3}}) != "");
  CHECK(compared("abc\n#^^ " + mark, {}) != "");
  CHECK(compared("abc\n", {{{}, 0, 3}}) != "");
  CHECK(compared("abc\nabc\n#^^ " + mark, {{{}, 0, 3}}) != "");
  CHECK(compared("abc\n#^^ " + mark, {{{}, 0, 3}, {{}, 4, 5}}) != "");
  CHECK(compared("abc\n#^^ warning[duplicate-key]: key `x` is written twice\n", {{{}, 0, 3}}) != "");
  CHECK(compared("abc\n#^^ error[tab-indent]: key `x` is written twice\n", {{{}, 0, 3}}) != "");
  CHECK(compared("abc\n#^^ error[duplicate-key]: key `x` is written\n", {{{}, 0, 3}}) != "");
  CHECK(compared("abc\n", {}, "fail_a.yaml") != "");
  CHECK(compared("abc\n", {}) == "");
}

}  // namespace
}  // namespace penstock::diag
