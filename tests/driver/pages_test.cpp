// The examples of docs/diagnostics are compiled: the first shows the mistake, the later ones are the cure.
#include <catch2/catch.hpp>

#include <algorithm>

#include "diag/kind.h"
#include "driver/compile.h"
#include "support/file_test.h"
#include "targets/registry.h"

using namespace penstock;

namespace {

std::vector<std::string> examples(const std::string& page) {
  std::vector<std::string> all;
  const std::string begin = "```yaml\n", end = "```";
  for (std::size_t at = 0; (at = page.find(begin, at)) != std::string::npos;) {
    at += begin.size();
    const std::size_t close = page.find(end, at);
    all.push_back(page.substr(at, close - at));
    at = close + end.size();
  }
  return all;
}

bool reports(const std::string& model, diag::Kind kind) {
  const auto compilation = driver::compile_text("penstock.yaml", model, targets::registry(), {});
  const auto diagnostics = compilation->sink.diagnostics();
  return std::ranges::any_of(diagnostics, [&](const diag::Diagnostic& one) { return one.kind == kind; });
}

}  // namespace

TEST_CASE("each page shows its mistake and its cure") {
  for (const auto& path : test::files_in(PENSTOCK_SOURCE_DIR "/docs/diagnostics")) {
    const std::string slug = path.stem().string();
    if (slug == "README") continue;
    INFO(slug);
    const auto kind = diag::find_kind(slug);
    REQUIRE(kind);
    const auto models = examples(test::read_file(path));
    for (std::size_t i = 0; i < models.size(); ++i) {
      INFO("example " << i + 1);
      CHECK(reports(models[i], *kind) == (i == 0));
    }
  }
}
