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

}  // namespace
}  // namespace penstock::yaml
