// The evaluator on GitHub's own vectors: the folder `expressions/testdata` of https://github.com/actions/languageservices, which is not
// ours to keep. PENSTOCK_GITHUB_VECTORS says where it lies; without it, tests/judges/github/expressions.mjs alone holds the evaluator to
// GitHub's.
#include <fmt/core.h>
#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/file_test.h"
#include "targets/github/simulate_evaluate.h"

using namespace penstock;
using namespace penstock::targets::github;
using nlohmann::ordered_json;

namespace {

Data evaluated(const ordered_json& vector) {
  if (vector.at("expr") == "") return {};  // no expression at all; GitHub takes it for null
  const auto expression = parse_expression(vector.at("expr").get<std::string>());
  if (!expression) return Unknown{"it is no expression", true, {}};
  Scope scope;
  if (vector.contains("contexts")) {
    const Data contexts = from_json(vector.at("contexts").dump());
    REQUIRE(contexts.object() != nullptr);
    scope.contexts = *contexts.object();
  }
  return evaluate(*expression, scope);
}

/// What the vectors call kinds; the order of `Data`.
std::string kind(const Data& value) {
  static constexpr std::array kNames = {"Null", "Boolean", "Number", "String", "Array", "Object", "error"};
  return kNames.at(value.is.index());
}

bool is_expected(const Data& value, const ordered_json& vector) {
  if (vector.contains("err")) return value.unknown() != nullptr && value.unknown()->mistake;
  const ordered_json& result = vector.at("result");
  if (kind(value) != result.at("kind")) return false;
  if (kind(value) == "Number" && result.at("value").is_string())  // NaN, Infinity
    return to_text(value) == result.at("value").get<std::string>();
  const Data wanted = result.contains("value") ? from_json(result.at("value").dump()) : Data();
  return to_json(value) == to_json(wanted);
}

}  // namespace

TEST_CASE("GitHub's vectors") {
  const char* folder = std::getenv("PENSTOCK_GITHUB_VECTORS");
  if (folder == nullptr) {
    WARN("not looked at: PENSTOCK_GITHUB_VECTORS is not set");
    return;
  }
  std::size_t seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".json") continue;
    const ordered_json groups = ordered_json::parse(test::read_file(file.path()));
    for (const auto& [group, vectors] : groups.items()) {
      for (const ordered_json& vector : vectors) {
        ++seen;
        const Data value = evaluated(vector);
        INFO(fmt::format("{}: {}: {}\n{} {}{}", file.path().filename().string(), group, vector.dump(),
                         kind(value), to_json(value),
                         value.unknown() != nullptr ? value.unknown()->why : ""));
        CHECK(is_expected(value, vector));
      }
    }
  }
  CHECK(seen == 1020);
}
