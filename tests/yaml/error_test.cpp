#include <catch2/catch.hpp>

#include "support/file_test.h"
#include "yaml/reader.h"

namespace penstock::yaml {
namespace {

TEST_CASE("files say what is wrong in them") {
  const auto files = test::files_in(PENSTOCK_SOURCE_DIR "/tests/yaml", "fail_");
  REQUIRE(files.size() > 20);
  for (const auto& file : files) {
    INFO(file);
    CHECK(test::problems_of(file, [](SourceManager& sources, FileId id, diag::Sink& sink) {
            read(sources, id, sink);
          }) == "");
  }
}

/// The fenced `yaml` blocks of a page.
std::vector<std::string> examples(const std::string& page) {
  std::vector<std::string> blocks;
  for (std::size_t at = 0; (at = page.find("\n```yaml\n", at)) != std::string::npos;) {
    at += 9;
    blocks.push_back(page.substr(at, page.find("\n```\n", at) + 1 - at));
  }
  return blocks;
}

bool reports(const std::string& text, std::string_view slug) {
  SourceManager sources;
  diag::Sink sink;
  read(sources, sources.add("example.yaml", text), sink);
  for (const diag::Diagnostic& diagnostic : sink.diagnostics()) {
    if (diag::slug(diagnostic.kind) == slug) return true;
  }
  return !sink.empty() && slug.empty();
}

TEST_CASE("pages show the mistake and its cure") {
  for (const std::string slug :
       {"invalid-utf8",   "invalid-character", "tab-indent",       "yaml-syntax",    "duplicate-key",
        "too-deep",       "too-large",         "unexpected-tag",   "many-documents", "unclosed-quote",
        "unknown-escape", "unclosed-bracket",  "text-after-value", "unquoted-colon", "unquoted-indicator",
        "bad-indent",     "empty-item",        "complex-key",      "merge-key",      "unknown-anchor"}) {
    const auto blocks =
        examples(test::read_file(std::string(PENSTOCK_SOURCE_DIR "/docs/diagnostics/") + slug + ".md"));
    INFO(slug);
    REQUIRE((blocks.size() > 1 || slug == "invalid-utf8"));  // a page is UTF-8 itself
    for (const std::string& block : blocks) {
      INFO(block);
      CHECK(reports(block, &block == blocks.data() ? slug : "") == (&block == blocks.data()));
    }
  }
}

}  // namespace
}  // namespace penstock::yaml
