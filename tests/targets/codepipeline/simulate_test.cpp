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
  auto arrivals = usual_events();
  arrivals.push_back({plan::manual("any", "main"), "live-infra-delivery"});
  expect_events("live-infra", std::move(arrivals));
}

TEST_CASE("node-service tests, and publishes a tag but not a start by hand") {
  auto arrivals = usual_events();
  arrivals.push_back({plan::manual("any", "main"), "node-service-ci-tag"});
  expect_events("node-service", std::move(arrivals));
}

namespace {

/// The jobs of one pipeline `ci` that run, in their order.
std::string ran(const std::any& tree, const run::Arrival& arrival) {
  TestWorld world;
  std::string all;
  const auto runs = targets::codepipeline::simulate(tree, {&arrival, 1}, world);
  for (const run::Job& job : runs.front().jobs) {
    if (job.works && job.state == run::State::Succeeded)
      all += (all.empty() ? "" : " ") + job.address.substr(job.address.rfind('/') + 1);
    if (job.state == run::State::Waiting) all += " ?";
  }
  return all;
}

std::string model_with(const std::string& on, const std::string& jobs) {
  return "penstock: project/v1\nname: demo\nrepository: { github: acme/demo }\ntargets:\n  codepipeline: { "
         "account: "
         "\"999988887777\", region: eu-west-1, connection: "
         "\"arn:aws:codeconnections:eu-west-1:999988887777:connection/00000000-0000-0000-0000-000000000000\" "
         "}\n"
         "pipelines:\n  ci:\n    on: " +
         on + "\n    jobs:\n" + jobs;
}

}  // namespace

TEST_CASE("conditions on the branch run the jobs that the model says") {
  const Files files = compiled_text(model_with("{ push: {} }", R"(
      literal: { when: 'ref.branch != "#{a.b}"', steps: [{ run: make }] }
      some: { when: 'ref.branch.startsWith("release/") || ref.branch in ["main", "dev"]', steps: [{ run: make }] }
      digits: { when: 'ref.branch.matches("^v[0-9]+$")', steps: [{ run: make }] }
      neither: { when: '!(ref.branch.contains("x") && ref.branch.endsWith("y"))', steps: [{ run: make }] }
      both: { when: 'ref.branch != "main" && ref.branch.contains("a")', steps: [{ run: make }] }
)"));
  CHECK(ran(files.tree, {plan::push("main")}) == "Literal Some Neither");
  CHECK(ran(files.tree, {plan::push("Main")}) == "Literal Neither Both");
  CHECK(ran(files.tree, {plan::push("release/a")}) == "Literal Some Neither Both");
  CHECK(ran(files.tree, {plan::push("v12")}) == "Literal Digits Neither");
  CHECK(ran(files.tree, {plan::push("xy")}) == "Literal");
  CHECK(ran(files.tree, {plan::push("#{a.b}")}) == "Neither Both");
}

TEST_CASE("each kind of event starts its own pipeline") {
  const Files files =
      compiled_text(model_with("{ push: { branches: [main] }, tag: { names: [\"v*\"] }, pull_request: {}, "
                               "manual: {}, schedule: [{ cron: \"0 6 * * 1-5\", timezone: UTC }] }",
                               R"(
      always: { steps: [{ run: make }] }
      tagged: { when: 'event.kind == "tag" && ref.tag.startsWith("v1")', steps: [{ run: make }] }
      asked: { when: 'pull_request.target == "main"', steps: [{ run: make }] }
      nightly: { when: 'event.kind == "schedule" && ref.branch == "main"', steps: [{ run: make }] }
)"));
  CHECK(ran(files.tree, {plan::push("main")}) == "Always");
  CHECK(ran(files.tree, {plan::push("other")}).empty());
  CHECK(ran(files.tree, {plan::tag("v1.0")}) == "Always Tagged");
  CHECK(ran(files.tree, {plan::tag("v2")}) == "Always");
  CHECK(ran(files.tree, {plan::tag("w1")}).empty());
  CHECK(ran(files.tree, {plan::pull_request("a", "main")}) == "Always Asked");
  CHECK(ran(files.tree, {plan::pull_request("main", "a")}) == "Always");
  CHECK(ran(files.tree, {plan::schedule("", "main"), "cron(0 6 ? * MON-FRI *) UTC"}) == "Always Nightly");
  CHECK(ran(files.tree, {plan::manual("", "main"), "demo-ci-manual"}) == "Always");
  CHECK(ran(files.tree, {plan::manual("", "main"), "demo-ci-tag"}).empty());
}
