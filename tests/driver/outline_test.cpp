// The tests' own target goes the same road as the real ones: one folder, one data file, one line.
#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "driver/compile.h"
#include "lower/passes.h"
#include "targets/registry.h"

using namespace penstock;

namespace {

constexpr std::string_view kModel = R"(penstock: project/v1
name: shop
targets: { outline: {} }
environments:
  staging: {}
  production: { after: [staging], approvals: { count: 2 } }
stacks:
  network: { tool: opentofu, version: "1.12.6", path: live/network, backend: { type: local, path: "${{ environment.name }}/network" } }
  app: { tool: opentofu, version: "1.12.6", path: live/app, needs: [network], backend: { type: local, path: "${{ environment.name }}/app" } }
gates:
  rules: { kind: policy, tool: conftest, at: plan, rules: policy/ }
  secrets: { kind: secrets, tool: gitleaks, at: source }
drift: { schedule: { cron: "0 6 * * *" }, report: [issue] }
)";

constexpr std::string_view kOutline = R"(pipelines
  request
    gate secrets
    plan plan-staging-network gates=1
    plan plan-staging-app gates=1
    plan plan-production-network gates=1
    plan plan-production-app gates=1
    comment comment <plan-staging-network <plan-staging-app <plan-production-network <plan-production-app
  delivery
    gate secrets
    plan plan-staging-network <secrets gates=1
    apply apply-staging-network <plan-staging-network
    plan plan-staging-app <apply-staging-network gates=1
    apply apply-staging-app <plan-staging-app
    plan plan-production-network <apply-staging-app gates=1
    apply apply-production-network <plan-production-network approvals=2
    plan plan-production-app <apply-production-network gates=1
    apply apply-production-app <plan-production-app approvals=2
  drift
    detect detect-staging-network
    detect detect-staging-app
    detect detect-production-network
    detect detect-production-app
    report report <detect-staging-network <detect-staging-app <detect-production-network <detect-production-app
)";

}  // namespace

TEST_CASE("a target is a folder, a data file and a line") {
  const auto compilation =
      driver::compile_text("penstock.yaml", std::string(kModel), targets::registry(), {});
  for (const auto& diagnostic : compilation->sink.diagnostics()) UNSCOPED_INFO(diagnostic.message);
  REQUIRE(compilation->sink.empty());
  REQUIRE(compilation->files.size() == 2);
  CHECK(compilation->files[0].path == ".gitattributes");
  CHECK(compilation->files[1].path == "outline.txt");
  CHECK(compilation->files[1].text == kOutline);
}

// A pass that a target's file does not answer would be left out in silence. (The outline, which lacks nothing, need not answer.)
TEST_CASE("the data file of each target says of each pass whether it is needed") {
  std::vector<std::string_view> features;
  for (const lower::Pass& pass : lower::passes()) features.push_back(pass.feature);
  std::ranges::sort(features);
  std::size_t targets = 0;
  for (const targets::Target* target : targets::registry()) {
    if (target->name == "outline") continue;
    INFO(target->name);
    ++targets;
    std::vector<std::string_view> answered = target->facts.keys("features");
    std::ranges::sort(answered);
    CHECK(answered == features);
    for (const std::string_view feature : answered) {
      const std::string_view answer = target->facts.get(fmt::format("features.{}", feature));
      CHECK((answer == "true" || answer == "false"));
    }
  }
  CHECK(targets == 3);
}
