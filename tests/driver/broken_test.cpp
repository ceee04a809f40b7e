// Models with mistakes: what is reported, where, and nothing else. The files say it themselves (tests/support/file_test.h).
#include <catch2/catch.hpp>

#include "driver/compile.h"
#include "support/file_test.h"
#include "targets/registry.h"

using namespace penstock;

TEST_CASE("broken models say what is wrong, where, and what to write") {
  const auto files = test::files_in(PENSTOCK_SOURCE_DIR "/tests/broken", "fail_");
  REQUIRE(files.size() >= 40);
  for (const auto& file : files) {
    INFO(file.filename().string());
    const auto check = [](SourceManager& sources, FileId id, diag::Sink& sink) {
      const auto compilation = driver::compile_text(std::string(sources.name(id)),
                                                    std::string(sources.text(id)), targets::registry(), {});
      for (auto& diagnostic : compilation->sink.diagnostics()) sink.add(std::move(diagnostic));
    };
    CHECK(test::problems_of(file, check) == "");
  }
}
