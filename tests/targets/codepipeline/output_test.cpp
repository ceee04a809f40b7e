// Models of this folder, and exactly what they become: the files, the report and the checklist. `PENSTOCK_UPDATE=1` rewrites the
// expected outputs; the difference is read before it is committed.
#include <catch2/catch.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "diag/render.h"
#include "driver/compile.h"
#include "support/file_test.h"
#include "targets/codepipeline/files.h"
#include "targets/codepipeline/target.h"
#include "yaml/reader.h"

using namespace penstock;

namespace {

constexpr const char* kFolder = PENSTOCK_SOURCE_DIR "/tests/targets/codepipeline";

std::unique_ptr<driver::Compilation> compiled(const std::filesystem::path& file) {
  static const targets::Target* const kTargets[] = {&targets::codepipeline::kTarget};
  return driver::compile_text("penstock.yaml", test::read_file(file), kTargets, {});
}

bool is_ours(const targets::OutputFile& file) { return file.path.starts_with("codepipeline/"); }

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

std::vector<std::filesystem::path> models() {
  std::vector<std::filesystem::path> all;
  for (const auto& file : test::files_in(kFolder)) {
    if (file.extension() == ".yaml" && !file.filename().string().starts_with("fail_")) all.push_back(file);
  }
  REQUIRE(all.size() >= 6);
  return all;
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

TEST_CASE("what CodePipeline cannot say is refused at the author's line") {
  const auto models = test::files_in(kFolder, "fail_");
  REQUIRE_FALSE(models.empty());
  for (const auto& model : models) {
    INFO(model);
    CHECK(test::problems_of(model, [](SourceManager& sources, FileId file, diag::Sink& sink) {
            const auto compilation = compiled(std::filesystem::path(kFolder) /
                                              std::filesystem::path(sources.name(file)).filename());
            for (const diag::Diagnostic& diagnostic : compilation->sink.diagnostics()) sink.add(diagnostic);
          }) == "");
  }
}

TEST_CASE("what was written is read, and written again byte for byte") {
  for (const auto& model : models()) {
    INFO(model);
    const auto compilation = compiled(model);
    SourceManager sources;
    diag::Sink sink;
    std::vector<targets::InputFile> documents;
    std::vector<targets::OutputFile> written;
    for (const targets::OutputFile& file : compilation->files) {
      if (!is_ours(file)) continue;
      written.push_back(file);
      yaml::ReadOptions options;
      options.tags = true;
      auto document = yaml::read(sources, sources.add(file.path, file.text), sink, options);
      REQUIRE(document.has_value());
      documents.push_back({file.path, std::move(*document)});
    }
    const std::any tree = targets::codepipeline::read(documents, sink);
    INFO(diag::render_text(sink.diagnostics(), sources, false));
    REQUIRE(sink.empty());
    std::vector<targets::OutputFile> again = targets::codepipeline::print(tree);
    std::ranges::sort(again, {}, &targets::OutputFile::path);
    std::ranges::sort(written, {}, &targets::OutputFile::path);
    REQUIRE(again.size() == written.size());
    for (std::size_t i = 0; i < again.size(); ++i) {
      CHECK(again[i].path == written[i].path);
      CHECK(again[i].text == written[i].text);
    }
  }
}
