// What is said about the targets that were asked for.
#include <catch2/catch.hpp>

#include "driver/compile.h"
#include "targets/registry.h"

using namespace penstock;

namespace {

constexpr std::string_view kPipeline =
    "pipelines:\n  ci:\n    on: { manual: {} }\n    jobs:\n      a: { steps: [{ run: make }] }\n";

std::vector<std::string> said(std::string_view head, const driver::CompileOptions& options) {
  const auto compilation = driver::compile_text("penstock.yaml", std::string(head) + std::string(kPipeline),
                                                targets::registry(), options);
  std::vector<std::string> all;
  for (const auto& one : compilation->sink.diagnostics())
    all.push_back(std::string(diag::slug(one.kind)) + ": " + one.message);
  return all;
}

}  // namespace

TEST_CASE("a target that the model does not list is named [target-not-listed]") {
  CHECK(said("penstock: project/v1\nname: shop\ntargets: { outline: {} }\n", {{"gitlab"}, false}) ==
        std::vector<std::string>{"target-not-listed: `gitlab` is not a target of this model"});
}

TEST_CASE("without a list, targets whose facts are missing are named [target-left-out]") {
  CHECK(
      said("penstock: project/v1\nname: shop\nrepository: { github: acme/shop, gitlab: acme/shop }\n", {}) ==
      std::vector<std::string>{
          "target-left-out: `codepipeline` is not generated: it needs account, region, connection"});
}

TEST_CASE("--strict makes an approximation an error [approximation]") {
  const std::string model =
      "penstock: project/v1\nname: shop\nrepository: { gitlab: acme/shop }\ntargets: { gitlab: {} "
      "}\nenvironments: { staging: {} }\n"
      "stacks:\n  a: { tool: opentofu, version: '1.12.6', path: a, backend: { bucket: state, key: a } }\n";
  const auto loose = driver::compile_text("penstock.yaml", model, targets::registry(), {});
  CHECK_FALSE(loose->sink.has_errors());
  const auto strict = driver::compile_text("penstock.yaml", model, targets::registry(), {{}, true});
  CHECK(strict->sink.has_errors());
  CHECK(strict->files.empty());
  bool found = false;
  for (const auto& one : strict->sink.diagnostics()) found = found || diag::slug(one.kind) == "approximation";
  CHECK(found);
}
