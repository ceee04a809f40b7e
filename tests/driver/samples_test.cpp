// Every sample is compiled for every target, and what comes out is checked in: a review shows what a change does.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

#include "driver/compile.h"
#include "targets/registry.h"
#include "yaml/reader.h"

using namespace penstock;
using namespace penstock::driver;

namespace {

std::vector<std::string> samples() {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(PENSTOCK_SOURCE_DIR "/samples")) {
    if (std::filesystem::exists(entry.path() / "penstock.yaml")) all.push_back(entry.path().string());
  }
  std::ranges::sort(all);
  return all;
}

}  // namespace

TEST_CASE("samples are up to date, and two runs give the same bytes") {
  REQUIRE(samples().size() >= 3);
  for (const std::string& folder : samples()) {
    INFO(folder << ": run penstock -C " << folder << " generate, and read the diff");
    const FileDisk disk(folder);
    auto first = compile(disk, targets::registry(), {});
    auto second = compile(disk, targets::registry(), {});
    REQUIRE(first);
    REQUIRE_FALSE((*first)->sink.has_errors());
    const auto manifest = read_manifest(disk);
    REQUIRE(manifest);
    REQUIRE(manifest->has_value());
    CHECK(to_json(**manifest) == to_json((*first)->manifest));
    CHECK(to_json((*first)->manifest) == to_json((*second)->manifest));
    const auto difference = compare(disk, (*first)->files, *manifest, false);
    REQUIRE(difference);
    for (const Change& change : difference->changes) {
      INFO(change.path);
      CHECK(false);
    }
  }
}

TEST_CASE("what a target wrote, it reads back") {
  for (const std::string& folder : samples()) {
    const auto compiled = compile(FileDisk(folder), targets::registry(), {});
    REQUIRE(compiled);
    for (const targets::Target* target : targets::registry()) {
      if (target->read == nullptr) continue;
      INFO(folder << " " << target->name);
      SourceManager sources;
      diag::Sink sink;
      std::vector<targets::InputFile> inputs;
      for (const OutputFile& file : (*compiled)->files) {
        const bool yaml_file = file.path.ends_with(".yml") || file.path.ends_with(".yaml");
        if (!yaml_file) continue;
        yaml::ReadOptions options;
        options.tags = true;
        auto document = yaml::read(sources, sources.add(file.path, file.text), sink, options);
        REQUIRE(document);
        inputs.push_back({file.path, std::move(*document)});
      }
      const std::any tree = target->read(inputs, sink);
      CHECK_FALSE(sink.has_errors());
      REQUIRE(tree.has_value());
    }
  }
}
