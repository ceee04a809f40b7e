// What CodePipeline makes of the files of the samples, read back from their bytes: which actions run for which event, and in which order.
// `PENSTOCK_UPDATE=1` rewrites what is expected; the difference is read before it is committed.
#include "targets/codepipeline/simulate.h"

#include <catch2/catch.hpp>

#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "simulate_support.h"
#include "support/file_test.h"

using namespace penstock;
using namespace penstock::test;

namespace {

/// The outputs that conditions read: a preview finds something to deliver.
TestWorld with_changes() {
  TestWorld world;
  world.works = [](std::size_t, const run::Job& job) {
    if (!job.address.ends_with("/Preview")) return run::Result{};
    return run::Result{0,
                       {{"DELIVER_NETWORK", "true"}, {"DELIVER_CLUSTER", "false"}, {"DELIVER_APP", "true"}}};
  };
  return world;
}

void expect_events(const std::string& sample, std::vector<run::Arrival> arrivals) {
  const Files files = compiled_sample(sample);
  for (const run::Entry& entry : targets::codepipeline::entries(files.tree))
    arrivals.push_back({plan::schedule("any", "main"), entry.name});
  std::string actual;
  for (const run::Arrival& arrival : arrivals) {
    actual += fmt::format("=== {}{}\n{}", plan::to_text(arrival.event),
                          arrival.entry.empty() ? "" : ", " + arrival.entry,
                          story(files.tree, arrival, with_changes()));
  }
  const std::filesystem::path file =
      fmt::format(PENSTOCK_SOURCE_DIR "/tests/targets/codepipeline/events/{}.out", sample);
  if (std::getenv("PENSTOCK_UPDATE") != nullptr) std::ofstream(file, std::ios::binary) << actual;
  REQUIRE(std::filesystem::exists(file));
  CHECK(actual == read_file(file));
}

std::vector<run::Arrival> usual_events() {
  return {{plan::push("main")},
          {plan::push("other")},
          {plan::tag("v1")},
          {plan::pull_request("topic", "main")},
          {plan::pull_request("topic", "other")},
          {plan::pull_request_from_fork("topic", "main")}};
}

}  // namespace

TEST_CASE("the walking skeleton plans a request and delivers a push") {
  auto arrivals = usual_events();
  arrivals.push_back({plan::manual("any", "main"), "walking-skeleton-delivery"});
  expect_events("walking-skeleton", std::move(arrivals));
}

TEST_CASE("live-infra plans a request, delivers a push stage by stage, and looks for drift by the clock") {
  expect_events("live-infra", usual_events());
}

TEST_CASE("node-service tests, and publishes a tag but not a start by hand") {
  auto arrivals = usual_events();
  arrivals.push_back({plan::manual("any", "main"), "node-service-ci-tag"});
  expect_events("node-service", std::move(arrivals));
}
