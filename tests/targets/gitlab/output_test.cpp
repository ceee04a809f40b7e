// Models of this folder, and exactly what they become: the files, the report and the checklist. `PENSTOCK_UPDATE=1` rewrites the
// expected outputs; the difference is read before it is committed.
#include <catch2/catch.hpp>

#include <fmt/core.h>

#include <cstdlib>
#include <fstream>

#include "base/text.h"
#include "diag/render.h"
#include "support/file_test.h"
#include "targets/gitlab/emitted.h"
#include "yaml/reader.h"

using namespace penstock;

namespace {

using test::compiled;
using test::models;

bool is_ours(const targets::OutputFile& file) { return file.path.starts_with(".gitlab"); }

std::string output(const driver::Compilation& compilation) {
  std::string out;
  for (const targets::OutputFile& file : compilation.files) {
    if (is_ours(file)) out += fmt::format("=== {}\n{}", file.path, file.text);
  }
  out += "=== fidelity\n";
  for (const plan::Fidelity& entry : compilation.report.fidelity()) {
    out += fmt::format("{}: {}{}{}\n", entry.construct, plan::name(entry.grade),
                       entry.how.empty() ? "" : ": ", entry.how);
  }
  out += "=== set-up\n";
  for (const plan::SetupItem& item : compilation.report.items()) {
    out += item.title + "\n";
    for (const std::string& value : item.values) out += "  " + value + "\n";
  }
  return out;
}

void expect(const std::filesystem::path& file, const std::string& actual) {
  if (std::getenv("PENSTOCK_UPDATE") != nullptr) std::ofstream(file, std::ios::binary) << actual;
  REQUIRE(std::filesystem::exists(file));
  CHECK(actual == test::read_file(file));
}

/// What is left of a file when it is read and written again: everything but its comments.
std::string without_comments(const std::string& text) {
  std::string out;
  bool block = false;
  std::size_t indent = 0;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (block && begin != std::string_view::npos && begin <= indent) block = false;
    if (!block && begin != std::string_view::npos && line[begin] == '#') continue;
    if (!block && (line.ends_with("|") || line.ends_with("|-"))) {
      block = true;
      indent = begin;
    }
    out += line;
    out += '\n';
  }
  return out;
}

}  // namespace

TEST_CASE("models become exactly these files") {
  for (const auto& model : models()) {
    INFO(model);
    const auto compilation = compiled(model);
    INFO(diag::render_text(compilation->sink.diagnostics(), compilation->sources, false));
    REQUIRE_FALSE(compilation->sink.has_errors());
    expect(std::filesystem::path(model).replace_extension(".out"), output(*compilation));
  }
}

TEST_CASE("what GitLab cannot say is refused at the author's line") {
  for (const auto& model : test::files_in(test::kFolder, "fail_")) {
    INFO(model);
    CHECK(test::problems_of(model, [](SourceManager& sources, FileId file, diag::Sink& sink) {
            const auto compilation = compiled(std::filesystem::path(test::kFolder) /
                                              std::filesystem::path(sources.name(file)).filename());
            for (const diag::Diagnostic& diagnostic : compilation->sink.diagnostics()) sink.add(diagnostic);
          }) == "");
  }
}

TEST_CASE("what was written is read, and written again the same") {
  for (const auto& model : models()) {
    INFO(model);
    const auto compilation = compiled(model);
    SourceManager sources;
    diag::Sink sink;
    std::vector<targets::InputFile> read;
    std::vector<std::string> written;
    for (const targets::OutputFile& file : compilation->files) {
      if (!is_ours(file)) continue;
      auto document = yaml::read(sources, sources.add(file.path, file.text), sink);
      REQUIRE(document.has_value());
      read.push_back({file.path, std::move(*document)});
      written.push_back(without_comments(file.text));
    }
    const auto again = targets::gitlab::print(targets::gitlab::read(read, sink));
    CHECK(sink.empty());
    REQUIRE(again.size() == written.size());
    REQUIRE_FALSE(written.empty());
    for (std::size_t i = 0; i < again.size(); ++i) CHECK(without_comments(again[i].text) == written[i]);
  }
}
